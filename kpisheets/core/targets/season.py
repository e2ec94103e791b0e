"""The shape of a KPI's past years, and the periods of a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from kpisheets.core.insight.history import middle
from kpisheets.core.kpi import Kpi
from kpisheets.core.period import Calendar, Period

YEARS = 3
"""So many full years are looked at, the last ones."""


def periods_of(calendar: Calendar, kpi: Kpi, year: Period) -> tuple[Period, ...]:
    """The KPI's periods in a year, as long as it is active. A week belongs where its middle lies."""
    first, last = (calendar.period(kpi.frequency, day) for day in (year.start, year.last_day))
    return tuple(
        period
        for period in calendar.span(first, last)
        if year.start <= middle(period) < year.end and kpi.is_active(period)
    )


def full_years(
    calendar: Calendar, kpi: Kpi, year: Period, actuals: Mapping[str, Fraction]
) -> tuple[tuple[Fraction, ...], ...]:
    """The actuals of the years before ``year`` that lack no period, the latest first, at most ``YEARS``.

    A year that has not ended yet is passed over; before it, one that lacks a figure ends the look back.
    """
    found: list[tuple[Fraction, ...]] = []
    before = calendar.previous(year)
    for back in range(YEARS + 1):
        values = [actuals.get(period.label) for period in periods_of(calendar, kpi, before)]
        known = tuple(value for value in values if value is not None)
        if known and len(known) == len(values):
            found.append(known)
        elif back:
            break
        before = calendar.previous(before)
    return tuple(found[:YEARS])


def shape(years: Sequence[Sequence[Fraction]], count: int) -> tuple[Fraction, ...]:
    """The mean share of each of ``count`` periods in its year. Where a year has a period less, its last one counts for
    the next too, as a 52nd week does for a 53rd. ValueError where a year adds up to nothing."""
    found = [Fraction(0)] * count
    for values in years:
        mean = sum(values, Fraction(0)) / len(values)
        if mean <= 0:
            raise ValueError("a past year adds up to nothing, so it tells no season")
        for at in range(count):
            found[at] += values[min(at, len(values) - 1)] / mean
    return tuple(value / len(years) for value in found)
