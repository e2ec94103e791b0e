"""When a sync happens, and what that says of a period: running, ended, closed, read to its end or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from kpisheets.core.period import Period
from kpisheets.core.workbook import Value

_DAY = timedelta(days=1)
_ROUNDING = timedelta(seconds=2)
"""A day that is complete is stamped with its last second, and a spreadsheet keeps moments as fractions of a day."""


@dataclass(frozen=True, slots=True)
class Moment:
    """``now`` (local, naive) is for stamps, ``today`` for which periods exist, ``as_of`` for how far a period has
    elapsed (the report date that a person chose, or today), ``grace`` the days until an ended period closes.
    ``closed_before`` is what ``closed_until`` was at the last run; None where no run is known."""

    now: datetime
    today: date
    as_of: date
    grace: int
    closed_before: date | None = None

    @property
    def closed_until(self) -> date:
        """Periods that ended by this day are closed, if they were read to their end."""
        return self.today - timedelta(days=self.grace)

    def was_closed(self, period: Period, stamp: Value) -> bool:
        """Whether the last run found the period closed, when its figure was known as of ``stamp``."""
        return period.end <= self.was_closed_until and reaches(stamp, period.end)

    @property
    def was_closed_until(self) -> date:
        return self.closed_until if self.closed_before is None else min(self.closed_before, self.closed_until)

    def is_closed(self, period: Period, stamp: Value) -> bool:
        """Whether a period's figure, known as of ``stamp``, is settled but for restatements."""
        return period.end <= self.closed_until and reaches(stamp, period.end)

    def is_partial(self, period: Period, stamp: Value) -> bool:
        """Whether a figure lacks days that it is to be judged by: its pace is unknown, and it is provisional.

        An ended period must have been read to its end. A running one may be a day behind, since many sources are filled
        at night.
        """
        if period.end <= self.as_of:
            return not reaches(stamp, period.end)
        return period.start <= self.as_of and not reaches(stamp, self.as_of - _DAY)


def reaches(stamp: Value, day: date) -> bool:
    """Whether what is known as of ``stamp`` goes up to the beginning of ``day``; a figure without a stamp does."""
    if not isinstance(stamp, datetime) or stamp.date() >= day:
        return True
    return stamp + _ROUNDING >= datetime.combine(day, time())


def stamp_of(watermark: datetime | date | None, now: datetime) -> datetime:
    """The stamp of what a source gave at the local moment ``now``: up to when it says that it is complete, if it does.

    ``watermark`` is a local moment, or the last day that is complete.
    """
    if watermark is None:
        return now
    if not isinstance(watermark, datetime):
        watermark = datetime.combine(watermark, time(23, 59, 59))
    return min(watermark.replace(microsecond=0), now)


def report_date(observed_value: Value, today: date) -> date:
    """The report date that a person set in the Control tab, else today."""
    if isinstance(observed_value, date):
        return observed_value.date() if hasattr(observed_value, "date") else observed_value
    if isinstance(observed_value, str):
        try:
            return date.fromisoformat(observed_value.strip())
        except ValueError:
            return today
    return today
