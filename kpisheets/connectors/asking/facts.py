"""From the rows of a query to facts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any

from kpisheets.connectors.asking.expression import Measure
from kpisheets.connectors.asking.plan import Layout, period_of
from kpisheets.core.metric import Asked, Fact
from kpisheets.core.period import Calendar, Frequency, Period

Row = tuple[Any, ...]
_RATIO = Context(prec=28)


class Answer:
    """The rows of a query: by frequency, by word where it tells words apart (see ``choices``), in time order."""

    def __init__(self, rows: Sequence[Row], layout: Layout, calendar: Calendar) -> None:
        self.layout = layout
        self._rows: dict[tuple[str, int | None], dict[date | str, Row]] = {}
        by_word, found = layout.by_word, self._rows
        for row in rows:
            found.setdefault((row[0], row[-1] if by_word else None), {})[row[1]] = row
        records: dict[str, int] = {}
        starts: dict[str, set[date | str]] = {}
        for (frequency, _), by_start in found.items():
            starts.setdefault(frequency, set()).update(by_start)
            records[frequency] = records.get(frequency, 0) + sum(int(row[2]) for row in by_start.values())
        self.records = max(records.values(), default=0)
        """How many records the query read."""
        self._periods: dict[str, list[tuple[date | str, Period]]] = {
            frequency: [(start, period_of(calendar, Frequency(frequency), start)) for start in sorted(known)]
            for frequency, known in starts.items()
        }

    def rows(self, frequency: Frequency, word: int | None, nothing: Callable[[], Row]) -> Iterator[tuple[Period, Row]]:
        """Every period in which the table has records; ``nothing`` gives the row of a word that none of them has."""
        mine = self._rows.get((frequency.value, word), {})
        for start, period in self._periods.get(frequency.value, ()):
            yield period, mine.get(start) or nothing()


def facts_of(
    one: Asked,
    measure: Measure,
    layout: Layout,
    rows: Iterator[tuple[Period, Row]],
    now: datetime,
    complain: Callable[[str], None],
) -> list[Fact]:
    """The facts that answer one question. TypeError, in words, where the source gives what is no number."""
    first, last = one.first.start if one.first else date.min, one.last.start
    places, count = [layout.at(output) for output in measure.outputs], layout.at(measure.count)
    alone, kpi, isfinite = places[0] if len(places) == 1 else None, one.kpi, math.isfinite
    facts = []
    for period, row in rows:
        if not first <= period.start <= last:
            continue
        # Nearly every fact of nearly every source: `number` says the same of it, at three times the cost.
        plain = row[alone] if alone is not None else None
        if type(plain) is Decimal and plain.is_finite():
            facts.append(Fact(kpi, period, plain, int(row[count]), now))
            continue
        if type(plain) is float and isfinite(plain):
            facts.append(Fact(kpi, period, Decimal(format(plain, ".15g")), int(row[count]), now))
            continue
        values = []
        for place in places:
            try:
                values.append(number(row[place]))
            except ValueError as error:
                complain(f"{period}: {error}")
                values.append(None)
        if len(values) == 1:
            facts.append(Fact(one.kpi, period, values[0], int(row[count]), now))
            continue
        numerator, denominator = values
        value = ratio(numerator, denominator)
        facts.append(Fact(one.kpi, period, value, int(row[count]), now, numerator, denominator))
    return facts


def ratio(numerator: Decimal | None, denominator: Decimal | None) -> Decimal | None:
    """Their quotient to 28 digits; None where there is no numerator, or no denominator but 0."""
    return _RATIO.divide(numerator, denominator) if numerator is not None and denominator else None


def number(value: object) -> Decimal | None:
    """An engine's number as a Decimal. In words: ValueError for NaN and infinities, TypeError for what is no number.

    A float keeps 15 significant digits, as a spreadsheet cell does: the order in which an engine's threads add up
    floats changes what comes after them, and must not look like a restatement.
    """
    if type(value) is float and math.isfinite(value):
        return Decimal(format(value, ".15g"))
    match value:
        case float():
            found = Decimal(value)
        case None:
            return None
        case bool():
            return Decimal(int(value))
        case Decimal():
            found = value
        case int():
            return Decimal(value)
        case _:
            raise TypeError(f"the source gives “{str(value)[:40]}”, which is not a number")
    if found.is_nan():
        raise ValueError("the source gives NaN (not a number)")
    if found.is_infinite():
        raise ValueError("the source gives an infinite number, perhaps a division by zero")
    return found
