"""The project's calendar: which period a day belongs to, and which one a text names, in its fiscal years and time zone.

Written forms: ``2026-10-05``, ``2026-W42`` (ISO 8601 week), ``2026-10``, ``2026-Q4``, ``2026``. Where the fiscal
year starts in another month than January, quarters and years are written ``FY2027-Q1`` and ``FY2027``. In a calendar of
whole weeks so are weeks and months: ``FY2027-W14``, ``FY2027-P04``. A fiscal year bears the number of the calendar year
in which it ends, or, ``named_by_start``, of that in which it starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kpisheets.core.period.labels import Written, read
from kpisheets.core.period.span import FIRST_DAY, LAST_DAY, Frequency, Period
from kpisheets.core.period.weeks import WeekYears


@dataclass(frozen=True, slots=True)
class Calendar:
    """``fiscal_year_start`` is the month in which its fiscal year starts (1 to 12), ``timezone`` an IANA name.

    With ``week_years`` years consist of whole weeks, and the month in which they start follows from these.
    """

    fiscal_year_start: int = 1
    timezone: str = "UTC"
    week_years: WeekYears | None = None
    named_by_start: bool = False

    def period(self, frequency: Frequency, day: date) -> Period:
        """The period of that frequency that contains ``day``. ValueError outside 1900-03-01 … 9998-12-31."""
        if isinstance(day, datetime):
            day = day.date()
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValueError(f"{day.isoformat()} is outside the years that a spreadsheet can hold")
        if frequency is Frequency.DAILY:
            return Period(frequency, day, day + timedelta(days=1), day.isoformat())
        if self.week_years is not None:
            year = self.week_years.year_of(day)
            week, month, quarter = self.week_years.numbers(year, day)
            number = {Frequency.WEEKLY: week, Frequency.MONTHLY: month, Frequency.QUARTERLY: quarter}.get(frequency, 0)
            return self._of_weeks(self.week_years, frequency, year, number)
        match frequency:
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
        typed = text.strip()
        found = read(typed)
        if found is None:
            example = self.period(frequency or Frequency.MONTHLY, date(2026, 10, 5)).label
            raise ValueError(f"“{typed}” is not a period such as {example}")
        try:
            period = self._parsed(found)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"“{typed}” is not a period: {error}") from None
        if frequency in (None, found.frequency):
            return period
        if found.frequency is Frequency.DAILY and frequency is not None:
            return self.period(frequency, period.start)
        raise ValueError(f"“{typed}” is {found.frequency.value.lower()}, the KPI is {frequency.value.lower()}")

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

    def instant(self, day: date, *, last: bool = False) -> datetime:
        """The UTC instant at which the local ``day`` begins: the first one, or the ``last``, where a clock change
        repeats midnight."""
        first, second = (
            datetime.combine(day, time(fold=fold), ZoneInfo(self.timezone)).astimezone(UTC) for fold in (0, 1)
        )
        # Where a clock change skips midnight the second reading lies before the change.
        return max(first, second) if last else first

    def bounds(self, period: Period) -> tuple[datetime, datetime]:
        """The UTC instants at which the period begins (included) and ends (excluded)."""
        return self.instant(period.start), self.instant(period.end)

    def _year_start(self, day: date) -> date:
        year = day.year if day.month >= self.fiscal_year_start else day.year - 1
        return date(year, self.fiscal_year_start, 1)

    def _year_label(self, first: date) -> str:
        return f"{first.year}" if self.fiscal_year_start == 1 else f"FY{first.year + (not self.named_by_start)}"

    def _of_weeks(self, years: WeekYears, frequency: Frequency, year: int, number: int) -> Period:
        """A period of the year that ends in ``year``."""
        label = f"FY{year - self._before(years)}"
        match frequency:
            case Frequency.WEEKLY:
                return Period(frequency, *years.week(year, number), f"{label}-W{number:02d}")
            case Frequency.MONTHLY:
                return Period(frequency, *years.month_of(year, number), f"{label}-P{number:02d}")
            case Frequency.QUARTERLY:
                return Period(frequency, *years.quarter(year, number), f"{label}-Q{number}")
        return Period(frequency, years.start(year), years.end(year), label)

    def _before(self, years: WeekYears) -> int:
        """How many years before its end a year is named: one that ends with December begins with its own January."""
        return int(self.named_by_start and years.month != 12)

    def _parsed(self, found: Written) -> Period:
        if found.frequency is Frequency.DAILY:
            return self.period(found.frequency, date(found.year, found.number, found.day))
        if found.frequency is Frequency.QUARTERLY and not 1 <= found.number <= 4:
            raise ValueError("a year has quarters 1 to 4")
        if self.week_years is not None:
            if found.frequency is Frequency.MONTHLY and not found.lettered:
                raise ValueError("its periods are no months, so write a period such as FY2027-P03, or a day")
            if not found.fiscal:
                raise ValueError(f"the fiscal year has whole weeks, so write FY{found.year}")
            year = found.year + self._before(self.week_years)
            period = self._of_weeks(self.week_years, found.frequency, year, found.number)
            return self.period(found.frequency, period.start)
        match found.frequency:
            case Frequency.WEEKLY if found.fiscal:
                raise ValueError(f"weeks are those of ISO 8601, so write {found.year}-W{found.number:02d}")
            case Frequency.WEEKLY:
                return self.period(found.frequency, date.fromisocalendar(found.year, found.number, 1))
            case Frequency.MONTHLY if found.lettered:
                raise ValueError("write a month such as 2026-10")
            case Frequency.MONTHLY:
                return self.period(found.frequency, date(found.year, found.number, 1))
            case Frequency.QUARTERLY:
                start = self._fiscal_start(found)
                return self.period(found.frequency, _add_months(start, 3 * (found.number - 1)))
        return self.period(found.frequency, self._fiscal_start(found))

    def _fiscal_start(self, found: Written) -> date:
        if self.fiscal_year_start == 1:
            return date(found.year, 1, 1)
        if not found.fiscal:
            raise ValueError(f"the fiscal year starts in month {self.fiscal_year_start}, so write FY{found.year}")
        return date(found.year - (not self.named_by_start), self.fiscal_year_start, 1)


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)
