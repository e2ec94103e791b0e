"""What changed in closed periods and waits for a person, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kpisheets.core.summary import Waiting
from kpisheets.core.unit import Unit
from kpisheets.reports.dates import period_words
from kpisheets.reports.numbers import Writer
from kpisheets.reports.rows import clean
from kpisheets.templates import Language

LISTED = 20
"""So many are listed where there is room: a source that moves all its dates would fill pages."""


@dataclass(frozen=True, slots=True)
class Late:
    """``said`` has the two numbers, without name and period."""

    name: str
    period: str
    said: str


@dataclass(frozen=True, slots=True)
class AfterClose:
    """``title`` is blank where nothing waits; ``hints`` say how each kind is accepted."""

    title: str
    items: tuple[Late, ...]
    hints: tuple[str, ...]

    def more(self, listed: int, words: Language) -> str:
        """That there are others; blank where all are listed."""
        left = len(self.items) - listed
        return words.word("report.more", n=left) if left > 0 else ""


def written(waiting: Sequence[Waiting], currency: str, words: Language, *, compact: bool) -> AfterClose:
    if not waiting:
        return AfterClose("", (), ())
    kinds = dict.fromkeys("target" if one.is_target else "actual" for one in waiting)
    return AfterClose(
        title=words.word("late.title"),
        items=tuple(_item(one, currency, words, compact=compact) for one in waiting),
        hints=tuple(words.word(f"late.accept_{kind}") for kind in kinds),
    )


def _item(one: Waiting, currency: str, words: Language, *, compact: bool) -> Late:
    unit = Unit.read(clean(one.kpi.unit), currency)
    kept, says = Writer.of(words).pair(one.kept, one.says, unit, compact=compact)
    said = words.word("late.target" if one.is_target else "late.actual", kept=kept, says=says)
    return Late(clean(one.kpi.name) or clean(one.kpi.id), period_words(one.period, words), said)
