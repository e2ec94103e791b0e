"""Periods: days, ISO weeks, months, quarters and years, in a fiscal calendar and a time zone.

Written forms: ``2026-10-05``, ``2026-W42`` (ISO 8601 week), ``2026-10``, ``2026-Q4``, ``2026``. Where the fiscal
year starts in another month than January, quarters and years are written ``FY2027-Q1`` and ``FY2027``; a fiscal
year bears the number of the calendar year in which it ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

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


_FORMS = (
    (Frequency.DAILY, re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")),
    (Frequency.WEEKLY, re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)),
    (Frequency.MONTHLY, re.compile(r"(\d{4})-(\d{1,2})")),
    (Frequency.QUARTERLY, re.compile(r"(FY)?(\d{4})-?Q([1-4])", re.IGNORECASE)),
    (Frequency.YEARLY, re.compile(r"(FY)?(\d{4})", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The project's calendar: the month in which its fiscal year starts (1–12) and its time zone (IANA name)."""

    fiscal_year_start: int = 1
    timezone: str = "UTC"

    def period(self, frequency: Frequency, day: date) -> Period:
        """The period of that frequency that contains ``day``. ValueError outside 1900-03-01 … 9998-12-31."""
        if isinstance(day, datetime):
            day = day.date()
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValueError(f"{day.isoformat()} is outside the years that a spreadsheet can hold")
        match frequency:
            case Frequency.DAILY:
                return Period(frequency, day, day + timedelta(days=1), day.isoformat())
            case Frequency.WEEKLY:
                monday = day - timedelta(days=day.weekday())
                year, week, _ = day.isocalendar()
                return Period(frequency, monday, monday + timedelta(days=7), f"{year}-W{week:02d}")
            case Frequency.MONTHLY:
                start = day.replace(day=1)
                return Period(frequency, start, _add_months(start, 1), f"{start:%Y-%m}")
            case Frequency.QUARTERLY:
                first = self._year_start(day)
                number = ((day.year - first.year) * 12 + day.month - first.month) // 3
                start = _add_months(first, 3 * number)
                return Period(frequency, start, _add_months(start, 3), f"{self._year_label(first)}-Q{number + 1}")
            case Frequency.YEARLY:
                first = self._year_start(day)
                return Period(frequency, first, _add_months(first, 12), self._year_label(first))

    def parse(self, text: str | date, frequency: Frequency | None = None) -> Period:
        """The period that a text or a date names.

        A date is the period of ``frequency`` (default daily) that contains it; so is a day's text when another
        frequency is asked for. ValueError, in words for a person, when the text names none or one of another frequency.
        """
        if isinstance(text, date):
            return self.period(frequency or Frequency.DAILY, text)
        written = text.strip()
        for found, form in _FORMS:
            match = form.fullmatch(written)
            if match is None:
                continue
            try:
                period = self._parsed(found, match)
            except ValueError as error:
                raise ValueError(f"“{written}” is not a period: {error}") from None
            if frequency in (None, found):
                return period
            if found is Frequency.DAILY and frequency is not None:
                return self.period(frequency, period.start)
            raise ValueError(f"“{written}” is {found.value.lower()}, the KPI is {frequency.value.lower()}")
        example = self.period(frequency or Frequency.MONTHLY, date(2026, 10, 5)).label
        raise ValueError(f"“{written}” is not a period such as {example}")

    def next(self, period: Period) -> Period:
        return self.period(period.frequency, period.end)

    def previous(self, period: Period) -> Period:
        return self.period(period.frequency, period.start - timedelta(days=1))

    def span(self, first: Period, last: Period) -> Iterator[Period]:
        """Every period from ``first`` to ``last``, both included; none when ``last`` comes before ``first``."""
        period = first
        while period.start <= last.start:
            yield period
            period = self.next(period)

    def today(self, now: datetime) -> date:
        """The local date at the aware instant ``now``."""
        return now.astimezone(ZoneInfo(self.timezone)).date()

    def instant(self, day: date) -> datetime:
        """The UTC instant at which the local ``day`` begins (the first one, where a clock change repeats midnight)."""
        return datetime.combine(day, time(), ZoneInfo(self.timezone)).astimezone(UTC)

    def bounds(self, period: Period) -> tuple[datetime, datetime]:
        """The UTC instants at which the period begins (included) and ends (excluded)."""
        return self.instant(period.start), self.instant(period.end)

    def _year_start(self, day: date) -> date:
        year = day.year if day.month >= self.fiscal_year_start else day.year - 1
        return date(year, self.fiscal_year_start, 1)

    def _year_label(self, first: date) -> str:
        return f"{first.year}" if self.fiscal_year_start == 1 else f"FY{first.year + 1}"

    def _parsed(self, frequency: Frequency, match: re.Match[str]) -> Period:
        match frequency:
            case Frequency.DAILY:
                return self.period(frequency, date(int(match[1]), int(match[2]), int(match[3])))
            case Frequency.WEEKLY:
                return self.period(frequency, date.fromisocalendar(int(match[1]), int(match[2]), 1))
            case Frequency.MONTHLY:
                return self.period(frequency, date(int(match[1]), int(match[2]), 1))
            case Frequency.QUARTERLY:
                start = self._fiscal_start(bool(match[1]), int(match[2]))
                return self.period(frequency, _add_months(start, 3 * (int(match[3]) - 1)))
            case Frequency.YEARLY:
                return self.period(frequency, self._fiscal_start(bool(match[1]), int(match[2])))

    def _fiscal_start(self, fiscal: bool, year: int) -> date:
        if self.fiscal_year_start == 1:
            return date(year, 1, 1)
        if not fiscal:
            raise ValueError(f"the fiscal year starts in month {self.fiscal_year_start}, so write FY{year}")
        return date(year - 1, self.fiscal_year_start, 1)


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)
