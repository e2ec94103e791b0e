"""How far a KPI was from its target, and what an action changed, in the words of a report."""

from __future__ import annotations

from kpisheets.core.kpi import Direction, Kpi, Number, judge
from kpisheets.core.summary import Line
from kpisheets.core.unit import Measure, Unit
from kpisheets.reports.numbers import Writer, differ
from kpisheets.reports.rows import clean, written
from kpisheets.templates import Language


def gap(kpi: Kpi, period: str, actual: Number, target: Number | None, currency: str, words: Language) -> str:
    """Such as “worse by €210.00 (12 %)”; of a Range KPI “above the range by 2 d”."""
    row = written(Line(kpi, period, actual, target, judge(kpi, actual, target)), currency, words, compact=False)
    return f"{row.gap} ({row.gap_share})" if row.gap_share else row.gap


def effect(kpi: Kpi, before: Number, after: Number, currency: str, words: Language) -> str:
    """Such as “€1,790.00 → €2,100.00: better by €310.00”. A Range KPI is better where it is nearer to its range."""
    writer, unit = Writer.of(words), Unit.read(clean(kpi.unit), currency)
    first, second = writer.pair(before, after, unit)
    moved = _outside(kpi, before) - _outside(kpi, after)
    if not differ(before, after) or not moved:
        said = words.word("action_unchanged")
    else:
        size = writer.points(moved) if unit.measure is Measure.SHARE else writer.gap(moved, unit)
        said = words.word("better_by" if moved > 0 else "worse_by", gap=size)
    return f"{first} → {second}{words.word('report.pace_colon')} {said}"


def _outside(kpi: Kpi, value: Number) -> float:
    """How far a value is on the bad side, up to a constant for Higher and Lower."""
    number = float(value)
    if kpi.direction is not Direction.RANGE:
        return -number if kpi.direction is Direction.HIGHER else number
    below = float(kpi.low) - number if kpi.low is not None else 0.0
    above = number - float(kpi.high) if kpi.high is not None else 0.0
    return max(below, above, 0.0)
