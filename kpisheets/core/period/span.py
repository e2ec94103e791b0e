"""A period: a span of whole days that has a frequency and a label."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

FIRST_DAY = date(1900, 3, 1)
"""Before this day spreadsheet programs disagree about serial numbers (the 1900 leap-year error)."""
LAST_DAY = date(9998, 12, 31)


class Frequency(StrEnum):
    """How often a KPI is measured. The value is the canonical (English) word of the ``KPIs`` tab."""

    DAILY = "Daily"
    WEEKLY = "Weekly"
    MONTHLY = "Monthly"
    QUARTERLY = "Quarterly"
    YEARLY = "Yearly"


@dataclass(frozen=True, slots=True)
class Period:
    """A span of whole local days: ``start`` inclusive, ``end`` exclusive."""

    frequency: Frequency
    start: date
    end: date
    label: str

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    def elapsed(self, as_of: date) -> float:
        """The share of whole days that had ended when ``as_of`` began: 0 before the period, 1 once it is over."""
        return min(max((as_of - self.start).days / self.days, 0.0), 1.0)

    def ended(self, as_of: date) -> bool:
        return self.end <= as_of

    def __str__(self) -> str:
        return self.label
