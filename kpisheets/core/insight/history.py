"""A KPI's past as values: its closed periods, and after how many of them a season returns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from kpisheets.core.period import Frequency, Period

SEASONS: Mapping[Frequency, int] = {
    Frequency.DAILY: 7,
    Frequency.WEEKLY: 52,
    Frequency.MONTHLY: 12,
    Frequency.QUARTERLY: 4,
    Frequency.YEARLY: 1,
}
"""After how many periods a season returns; of days it is the week."""


class Past(NamedTuple):
    """A closed period and its actual, in the KPI's unit. A sync makes one for each row, hence a tuple."""

    period: Period
    actual: float


def middle(period: Period) -> date:
    """The day that says to which year a week belongs, as ISO 8601 has it."""
    return period.start + timedelta(days=(period.days - 1) // 2)
