"""Years of whole weeks (4-4-5, 4-5-4, 5-4-4): 52 weeks, and 53 where the year's last weekday asks for one more.

Each quarter has three periods of so many weeks. The 53rd week belongs to the last period of the year, as in the
National Retail Federation's 4-5-4 calendar (https://nrf.com/resources/4-5-4-calendar).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

PATTERNS = {"4-4-5": (4, 4, 5), "4-5-4": (4, 5, 4), "5-4-4": (5, 4, 4)}
WEEKS_OF_QUARTER = 13
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WeekYears:
    """How years of whole weeks are laid out.

    ``weeks``: of a quarter's three periods. A year ends on the last ``weekday`` (0 is Monday) of ``month``, or with
    ``nearest`` on the one nearest to that month's last day, which may lie in the next month. A year is known here by
    the calendar year of that month.
    """

    weeks: tuple[int, int, int]
    month: int
    weekday: int
    nearest: bool = False

    def end(self, year: int) -> date:
        """The day after the last one of a year."""
        return _last_day(self.month, self.weekday, self.nearest, year) + timedelta(days=1)

    def start(self, year: int) -> date:
        return self.end(year - 1)

    def year_of(self, day: date) -> int:
        """The year that holds a day."""
        year = day.year - 1
        while self.end(year) <= day:
            year += 1
        return year

    def number_of_weeks(self, year: int) -> int:
        """52 or 53."""
        return (self.end(year) - self.start(year)) // _WEEK

    def week(self, year: int, number: int) -> tuple[date, date]:
        """The bounds of a week, the end excluded. ValueError where the year has none of that number."""
        weeks = self.number_of_weeks(year)
        if not 1 <= number <= weeks:
            raise ValueError(f"that year has weeks 1 to {weeks}")
        start = self.start(year) + (number - 1) * _WEEK
        return start, start + _WEEK

    def month_of(self, year: int, number: int) -> tuple[date, date]:
        """The bounds of one of the year's 12 periods."""
        if not 1 <= number <= 12:
            raise ValueError("a year has periods 1 to 12")
        quarter, place = divmod(number - 1, 3)
        start = self.start(year) + (quarter * WEEKS_OF_QUARTER + sum(self.weeks[:place])) * _WEEK
        return start, self.end(year) if number == 12 else start + self.weeks[place] * _WEEK

    def quarter(self, year: int, number: int) -> tuple[date, date]:
        start = self.start(year) + (number - 1) * WEEKS_OF_QUARTER * _WEEK
        return start, self.end(year) if number == 4 else start + WEEKS_OF_QUARTER * _WEEK

    def numbers(self, year: int, day: date) -> tuple[int, int, int]:
        """Week, period and quarter of the year that hold a day of it."""
        week = (day - self.start(year)) // _WEEK
        quarter = min(week // WEEKS_OF_QUARTER, 3)
        first, second, _ = self.weeks
        place = week - quarter * WEEKS_OF_QUARTER
        return week + 1, quarter * 3 + (place >= first) + (place >= first + second) + 1, quarter + 1


@cache
def _last_day(month: int, weekday: int, nearest: bool, year: int) -> date:
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    back = (last.weekday() - weekday) % 7
    # Three days back are nearer than four days on.
    return last + timedelta(days=7 - back) if nearest and back > 3 else last - timedelta(days=back)
