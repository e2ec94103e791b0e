"""Metrics that differ by one word: ``kpi = 'k001'``, ``kpi = 'k002'``, …

A conditional aggregate for each of hundreds of such metrics looks at every record hundreds of times. Grouped by the
column, one pass answers them all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from kpisheets.connectors.asking.expression import equalities
from kpisheets.connectors.base import Refused
from kpisheets.core.metric import Metric

FEWEST = 8
"""So many words make a family. For fewer a conditional aggregate each is as quick, and reads better."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A metric as one of a family: ``shape`` measures the records whose column holds ``word``.

    Metrics of one shape are equal but for the word; a shape has no name of its own.
    """

    shape: Metric
    word: str


@dataclass(frozen=True, slots=True)
class Family:
    """Metrics over one table and date that each ask for another word of one column."""

    column: str
    members: Mapping[Metric, Choice]

    @property
    def shapes(self) -> list[Metric]:
        return list(dict.fromkeys(choice.shape for choice in self.members.values()))

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(choice.word for choice in self.members.values()))


def families(metrics: Iterable[Metric], *, reads: str, today: date) -> list[Family]:
    """The families among these metrics; what belongs to none is answered alone."""
    found: defaultdict[tuple[str, str, str], dict[Metric, Choice]] = defaultdict(dict)
    for metric in metrics:
        if not metric.filter.strip():
            continue
        try:
            tests = equalities(metric, reads=reads, today=today)
        except Refused:
            continue  # read alone, it says what is wrong
        for column, word, rest in tests:
            shape = replace(metric, name="", where="", filter=rest)
            place = (metric.table.casefold(), metric.date.casefold(), column.casefold())
            found[place].setdefault(metric, Choice(shape, word))
    made: list[Family] = []
    taken: set[Metric] = set()
    # A metric that tests two columns goes with the more numerous of the two families.
    for (_, _, column), members in sorted(found.items(), key=lambda item: -len(item[1])):
        mine = {metric: choice for metric, choice in members.items() if metric not in taken}
        family = Family(column, mine)
        if len(family.words) >= FEWEST:
            made.append(family)
            taken |= mine.keys()
    return made
