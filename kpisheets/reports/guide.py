"""The Guide tab in words: how to read a KPI, where its figures come from, what a meeting goes through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kpisheets.core.kpi import Kpi, Number, aims
from kpisheets.core.meeting import Meeting, Part, budget
from kpisheets.core.unit import Unit
from kpisheets.reports.numbers import Writer, differ
from kpisheets.reports.rows import clean
from kpisheets.templates import Language

_NAMED = 12
"""KPIs that a meeting's line names."""


def reading(kpi: Kpi, target: Number | None, currency: str, words: Language) -> str:
    """Such as “Higher is better. Met at 25 or more, at risk down to 23.75.”"""
    better = words.word(f"guide.{kpi.direction.value.lower()}")
    low, high = aims(kpi, target)
    if low is None and high is None:
        return f"{better} {words.word('guide.no_target')}"
    writer, unit, slack = Writer.of(words), Unit.read(clean(kpi.unit), currency), float(kpi.tolerance)
    risk_low = None if low is None else float(low) - slack * abs(float(low))
    risk_high = None if high is None else float(high) + slack * abs(float(high))
    met, risk = (
        _bounded(*(None if bound is None else writer.bound(bound, unit) for bound in bounds))
        for bounds in ((low, high), (risk_low, risk_high))
    )
    said = words.word(f"guide.met_{met[0]}", **met[1])
    if any(differ(bound, risk) for bound, risk in ((low, risk_low), (high, risk_high))):
        said = f"{said}, {words.word(f'guide.risk_{risk[0]}', **risk[1])}"
    return f"{better} {said}."


def _bounded(low: str | None, high: str | None) -> tuple[str, Mapping[str, str]]:
    if low is not None and high is not None:
        return "between", {"low": low, "high": high}
    return ("from", {"bound": low or ""}) if high is None else ("to", {"bound": high})


def figure(source: str, words: Language) -> str:
    """Where actuals come from: ``source`` is a metric with its source (``shop.revenue``), blank where people type."""
    if source:
        return words.word("guide.from_source", source=source)
    return words.word("guide.by_hand", tab=words.tabs["tracking"])


def ritual(meeting: Meeting, kpis: Sequence[Kpi], most: int, words: Language) -> str:
    """What a meeting goes through, and how long: as if a quarter of its KPIs had changed, a half were not met, and a
    sixth waited for a decision."""
    if not kpis:
        return words.word("guide.no_ritual")
    number = len(kpis)
    counts = {
        Part.SUCCESSES: 1,
        Part.CHANGES: -(-number // 4),
        Part.KPIS: -(-number // 2),
        Part.DECISIONS: -(-number // 6),
        Part.ACTIONS: -(-number // 6),
        Part.REVIEW: -(-number // 4) if meeting is Meeting.QUARTERLY else 0,
    }
    minutes = budget(counts, most)
    parts = "; ".join(
        f"{words.word(f'meeting.part_{part.value}')} ({words.word('meeting.minutes', n=spent)})"
        for part, spent in minutes.items()
    )
    names = ", ".join(clean(kpi.name) for kpi in kpis[:_NAMED]) + (", …" if number > _NAMED else "")
    said = words.word("guide.ritual", minutes=sum(minutes.values()), n=number, names=names, parts=parts)
    return said.replace("….", "…")
