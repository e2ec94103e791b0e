"""Periods: what they are (span), years of whole weeks (weeks), how they are written (labels), and the calendar."""

from kpisheets.core.period.calendar import Calendar
from kpisheets.core.period.labels import is_label
from kpisheets.core.period.span import FIRST_DAY, LAST_DAY, Frequency, Period
from kpisheets.core.period.weeks import PATTERNS, WeekYears

__all__ = ["FIRST_DAY", "LAST_DAY", "PATTERNS", "Calendar", "Frequency", "Period", "WeekYears", "is_label"]
