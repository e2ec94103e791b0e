"""What is proposed for a KPI and a year, with what a person compares it with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kpisheets.core.kpi import Direction, Kpi, Number, RollUp
from kpisheets.core.period import Calendar, Period
from kpisheets.core.targets.phasing import Curve, Method, Phasing, phased
from kpisheets.core.targets.rounding import fitting, step_of
from kpisheets.core.targets.season import full_years, periods_of, shape
from kpisheets.core.tracking import Tracking
from kpisheets.core.unit import Unit
from kpisheets.core.values import is_number


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is asked for: see ``Phasing``. ``working`` counts the working days of a period; ``step`` is None where the
    unit decides."""

    kpi: Kpi
    year: Period
    method: Method
    working: Callable[[date, date], int]
    total: Decimal | None = None
    goal: Decimal | None = None
    baseline: Decimal | None = None
    curve: Curve = Curve.LINEAR
    step: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A period's: ``before`` is the actual of the same period a year earlier, ``target`` what its row says now."""

    period: Period
    value: Decimal
    before: Number | None
    target: Number | None


def propose(tracking: Tracking, calendar: Calendar, asked: Proposal) -> tuple[Proposed, ...]:
    """The year's periods in order. ValueError, in words for a person, where it cannot be done."""
    kpi = asked.kpi
    if kpi.direction is Direction.RANGE:
        raise ValueError(f"{kpi.id} is to stay within bounds, and these stand in KPIs")
    _check(asked)
    periods = periods_of(calendar, kpi, asked.year)
    if not periods:
        raise ValueError(f"{kpi.id} is not active in {asked.year.label}")
    actuals, targets = _numbers(tracking, kpi, "actual"), _numbers(tracking, kpi, "target")
    years = full_years(calendar, kpi, asked.year, {label: Fraction(value) for label, value in actuals.items()})
    typical = asked.total / len(periods) if asked.total is not None else asked.goal or Decimal(0)
    how = Phasing(
        asked.method,
        kpi.roll_up,
        asked.step or step_of(Unit.read(kpi.unit, asked.currency), typical),
        asked.total,
        asked.goal,
        _baseline(asked, calendar, actuals, years),
        asked.curve,
        _weights(asked, periods, years),
    )
    if asked.step and asked.total is not None and fitting(asked.step, asked.total) != asked.step:
        raise ValueError(f"{asked.total} cannot be written in steps of {asked.step}")
    earlier = periods_of(calendar, kpi, calendar.previous(asked.year))
    same = dict(zip(periods, earlier, strict=False))
    return tuple(
        Proposed(
            period,
            value,
            actuals.get(same[period].label) if period in same else None,
            targets.get(period.label),
        )
        for period, value in zip(periods, phased(how, len(periods)), strict=True)
    )


def _check(asked: Proposal) -> None:
    adds_up, kpi = asked.kpi.roll_up is RollUp.SUM, asked.kpi
    if (asked.total is None) == (asked.goal is None):
        raise ValueError("say either the year's total or the level that is aimed at")
    if asked.total is not None and not adds_up:
        raise ValueError(f"{kpi.id} does not add up (its Roll-up is {kpi.roll_up.value}): give a goal, not a total")


def _numbers(tracking: Tracking, kpi: Kpi, field: str) -> dict[str, Decimal]:
    value = tracking.draft.value
    found = {}
    for label, (period, row) in tracking.periods().get(kpi.id, {}).items():
        number = value(row, field)
        whole = field != "actual" or (period.ended(tracking.moment.as_of) and not tracking.is_partial(row, period))
        if is_number(number) and period.frequency is kpi.frequency and whole:
            found[label] = Decimal(str(number))
    return found


def _baseline(
    asked: Proposal,
    calendar: Calendar,
    actuals: Mapping[str, Decimal],
    years: tuple[tuple[Fraction, ...], ...],
) -> Decimal | None:
    """Where growth begins: as said, or what adds up at the mean of the last full year, a level at its last figure."""
    if asked.baseline is not None or asked.method is not Method.GROWTH:
        return asked.baseline
    if asked.kpi.roll_up is RollUp.SUM:
        if not years:
            raise ValueError("there is no full year to begin with: say from where")
        mean = sum(years[0], Fraction(0)) / len(years[0])
        return Decimal(mean.numerator) / Decimal(mean.denominator)
    known = [label for label in actuals if calendar.parse(label, asked.kpi.frequency).end <= asked.year.start]
    if not known:
        raise ValueError("there is no figure to begin with: say from where")
    return actuals[max(known, key=lambda label: calendar.parse(label, asked.kpi.frequency).start)]


def _weights(
    asked: Proposal, periods: tuple[Period, ...], years: tuple[tuple[Fraction, ...], ...]
) -> tuple[Fraction, ...]:
    if asked.method is Method.WORKING_DAYS:
        return tuple(Fraction(asked.working(period.start, period.last_day)) for period in periods)
    if asked.method is not Method.SEASONAL:
        return ()
    if not years:
        raise ValueError(
            f"{asked.kpi.id} has no full year of figures before {asked.year.label} to take the season from"
        )
    return shape(years, len(periods))
