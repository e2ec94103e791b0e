"""What a KPI is and how a number is judged against its target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kpisheets.core.period import Frequency, Period

Number = Decimal | float | int

JUDGING_DIGITS = 9
"""Differences are rounded to this many decimals before they are judged: 0.3 − 0.1·0.3 is then 0.27 in every engine."""


class Direction(StrEnum):
    HIGHER = "Higher"
    LOWER = "Lower"
    RANGE = "Range"


class RollUp(StrEnum):
    """How a KPI's values combine over time."""

    SUM = "Sum"
    AVERAGE = "Average"
    LAST = "Last"
    RATIO = "Ratio"


class Status(StrEnum):
    MET = "met"
    AT_RISK = "at_risk"
    MISSED = "missed"
    NO_DATA = "no_data"
    NO_TARGET = "no_target"
    IN_PROGRESS = "in_progress"


@dataclass(frozen=True, slots=True)
class Kpi:
    """A row of the ``KPIs`` tab. ``tolerance`` is a fraction (0.1 is 10 %); ``low``/``high`` bound a Range KPI."""

    id: str
    name: str
    objective: str = ""
    department: str = ""
    owner: str = ""
    owner_email: str = ""
    unit: str = ""
    direction: Direction = Direction.HIGHER
    frequency: Frequency = Frequency.MONTHLY
    metric: str = ""
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    tolerance: Decimal = Decimal(0)
    roll_up: RollUp = RollUp.SUM
    active_from: date | None = None
    active_to: date | None = None
    definition: str = ""
    recommendation: str = ""

    def is_active(self, period: Period) -> bool:
        """Whether the KPI is measured in that period: the period overlaps ``active_from`` … ``active_to``."""
        return (self.active_from is None or period.end > self.active_from) and (
            self.active_to is None or period.start <= self.active_to
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status; for a period in progress also what the pace so far says (``None`` on its first day)."""

    status: Status
    so_far: Status | None = None

    @property
    def judged(self) -> Status:
        """Met, at risk or missed where a judgement exists, provisional or not; else the status itself."""
        return self.so_far or self.status


def aims(kpi: Kpi, target: Number | None) -> tuple[Number | None, Number | None]:
    """What an actual should not fall below, and not rise above; None on a side where nothing is aimed at."""
    match kpi.direction:
        case Direction.HIGHER:
            return target, None
        case Direction.LOWER:
            return None, target
        case Direction.RANGE:
            return kpi.low, kpi.high


def judge(kpi: Kpi, actual: Number | None, target: Number | None, *, elapsed: float = 1.0) -> Verdict:
    """Judge one actual.

    Higher is met when a ≥ t and at risk when a ≥ t − p·|t|; Lower mirrors it; Range is met inside [low, high] and at
    risk within p of the nearer bound. ``elapsed`` below 1 is a period in progress: provisional, and for a Sum roll-up
    judged against the target times the elapsed share.
    """
    if actual is None:
        return Verdict(Status.NO_DATA)
    if kpi.direction is Direction.RANGE:
        if kpi.low is None and kpi.high is None:
            return Verdict(Status.NO_TARGET)
    elif target is None:
        return Verdict(Status.NO_TARGET)
    share = pace(kpi.roll_up, elapsed)
    judged = _judged(kpi, float(actual), None if target is None else float(target) * share, share)
    if elapsed >= 1:
        return Verdict(judged)
    return Verdict(Status.IN_PROGRESS, judged if elapsed > 0 else None)


def pace(roll_up: RollUp, elapsed: float) -> float:
    """The part of a period's target that is due once ``elapsed`` of it has passed: all of it unless values add up."""
    return elapsed if roll_up is RollUp.SUM else 1.0


def _judged(kpi: Kpi, actual: float, target: float | None, share: float) -> Status:
    tolerance = float(kpi.tolerance)
    # Each measure is the headroom (negative: short of it) and the slack that the tolerance allows.
    measures: list[tuple[float, float]] = []
    if kpi.direction is Direction.RANGE:
        if kpi.low is not None:
            low = float(kpi.low) * share
            measures.append((actual - low, tolerance * abs(low)))
        if kpi.high is not None:
            high = float(kpi.high) * share
            measures.append((high - actual, tolerance * abs(high)))
    elif target is not None:
        headroom = actual - target if kpi.direction is Direction.HIGHER else target - actual
        measures.append((headroom, tolerance * abs(target)))
    if all(round(headroom, JUDGING_DIGITS) >= 0 for headroom, _ in measures):
        return Status.MET
    if all(round(headroom + slack, JUDGING_DIGITS) >= 0 for headroom, slack in measures):
        return Status.AT_RISK
    return Status.MISSED


def variance(actual: Number | None, target: Number | None) -> float | None:
    """Actual minus target; ``None`` where either is missing."""
    return None if actual is None or target is None else float(actual) - float(target)


def variance_share(actual: Number | None, target: Number | None) -> float | None:
    """Variance as a fraction of |target|; ``None`` where either is missing or the target is zero."""
    if actual is None or target is None or float(target) == 0:
        return None
    return (float(actual) - float(target)) / abs(float(target))


def off_range(kpi: Kpi, actual: Number | None) -> float | None:
    """How far the actual is below a Range KPI's range (negative) or above it, 0 within it; ``None`` where there is no
    actual or no range."""
    if actual is None or kpi.direction is not Direction.RANGE or (kpi.low is None and kpi.high is None):
        return None
    if kpi.low is not None and round(below := float(actual) - float(kpi.low), JUDGING_DIGITS) < 0:
        return below
    if kpi.high is not None and round(above := float(actual) - float(kpi.high), JUDGING_DIGITS) > 0:
        return above
    return 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One sub-period's contribution to a longer one. Ratios carry their parts; the rest carry ``value`` alone."""

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None


def roll_up(kind: RollUp, parts: Iterable[Measured]) -> Decimal | None:
    """Combine sub-periods, in time order: ``None`` where there is nothing to combine or a ratio's denominator is zero.

    A ratio is the ratio of the sums, never an average of ratios.
    """
    found = list(parts)
    if kind is RollUp.RATIO:
        pairs = [(p.numerator, p.denominator) for p in found if p.numerator is not None and p.denominator is not None]
        denominator = sum((d for _, d in pairs), Decimal(0))
        return sum((n for n, _ in pairs), Decimal(0)) / denominator if denominator else None
    values = [part.value for part in found if part.value is not None]
    if not values:
        return None
    match kind:
        case RollUp.SUM:
            return sum(values, Decimal(0))
        case RollUp.AVERAGE:
            return sum(values, Decimal(0)) / len(values)
        case RollUp.LAST:
            return values[-1]
