"""Which slots of which jobs are due: a pure function of the jobs, the clock and what the ledger remembers.

A slot is a planned instant, written in UTC, so that the two hours of the same name in the night of a clock change are
two slots. Cron expressions mean local time, as Debian's cron does: a time that a clock change skips comes right after
it, one that it repeats comes once.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpisheets.core.close import Close
from kpisheets.core.period import FIRST_DAY, LAST_DAY, Calendar
from kpisheets.core.working import working_days

if TYPE_CHECKING:
    from holidays import HolidayBase

_DAY = timedelta(days=1)
_LOOKS_BACK = (timedelta(hours=1), _DAY, 8 * _DAY, 35 * _DAY, 400 * _DAY)
"""The latest slot is looked for in the last hour first, then further back: an expression may fire every minute."""
_MOST_MISSED = 1000


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do at times, so long ``ahead`` of them: ``key`` is its name in the ledger (``sync``, ``report
    weekly``, ``agenda monthly``, ``remind``)."""

    key: str
    schedule: str
    ahead: timedelta = timedelta(0)

    @property
    def written(self) -> str:
        """Its times in words."""
        minutes = int(self.ahead.total_seconds()) // 60
        hours = f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
        return f"{self.schedule}, {hours} ahead" if minutes else self.schedule

    @property
    def report(self) -> str:
        """The name of the report that it sends; blank where it sends none."""
        kind, _, name = self.key.partition(" ")
        return name if kind == "report" else ""


@dataclass(frozen=True)
class Rules:
    """How slots are counted. ``country`` is an ISO 3166 code (``FR``, ``DE-BY``) or blank: every Monday to Friday is a
    working day then, but for ``holidays``. A slot older than ``max_late`` is not worked on any more."""

    calendar: Calendar
    country: str = ""
    holidays: tuple[date, ...] = ()
    every: timedelta = timedelta(minutes=15)
    max_late: timedelta = timedelta(days=7)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.calendar.timezone)

    @cached_property
    def working_days(self) -> HolidayBase:
        return working_days(self.country, self.holidays)


@dataclass(frozen=True, slots=True)
class Due:
    """A job's latest slot, to be worked on now, or ``too_late`` for that. ``missed`` are the slots before it, the
    oldest first, at which no run took place."""

    job: Job
    slot: datetime
    too_late: bool = False
    missed: tuple[datetime, ...] = ()


def due(
    jobs: Iterable[Job], now: datetime, last_run: datetime | None, known: Mapping[str, str], rules: Rules
) -> list[Due]:
    """What became due since the last run (aware instants). ``known``: the schedules by which that run went.

    A job's latest slot is due if it lies after the last run. A job that is new, or has another schedule than then,
    begins after the last run too: what the new schedule says of the past was never promised to anybody. Before the
    very first run there is no such limit. A clock that was put back makes nothing due.
    """
    found = []
    for job in jobs:
        latest = _latest(job, now, last_run, rules)
        if latest is None:
            continue
        too_late = now - latest > rules.max_late
        if last_run is None:
            if not too_late:
                found.append(Due(job, latest))
            continue
        # Between two runs as they are meant to follow each other, several slots of a fine schedule are one.
        outage = now - last_run > 2 * rules.every and known.get(job.key) == job.written
        missed = itertools.takewhile(latest.__gt__, slots(job, last_run, rules)) if outage else ()
        found.append(Due(job, latest, too_late, tuple(itertools.islice(missed, _MOST_MISSED))))
    return found


def upcoming(job: Job, now: datetime, rules: Rules, number: int) -> list[datetime]:
    """The next slots after ``now``, in local time."""
    return list(itertools.islice(times(job, now, rules), number))


def times(job: Job, after: datetime, rules: Rules) -> Iterator[datetime]:
    """The slots after an instant, in local time."""
    return (slot.astimezone(rules.zone) for slot in slots(job, after, rules))


def _latest(job: Job, now: datetime, after: datetime | None, rules: Rules) -> datetime | None:
    """The latest slot in the span from ``after`` (excluded) to ``now`` (included)."""
    for span in _LOOKS_BACK:
        start = now - span if after is None else max(now - span, after)
        found = None
        for slot in itertools.takewhile(lambda slot: slot <= now, slots(job, start, rules)):
            found = slot
        if found is not None or start == after:
            return found
    return None


def slots(job: Job, after: datetime, rules: Rules) -> Iterator[datetime]:
    """The job's slots after an instant, in UTC, ascending."""
    close = Close.read(job.schedule)
    after += job.ahead
    local = after.astimezone(rules.zone)
    found = _cron(job.schedule, local) if close is None else _closes(close, local, rules)
    last = after.astimezone(UTC)
    for slot in found:
        instant = slot.astimezone(UTC)
        if instant > last:
            yield instant - job.ahead
            last = instant


def _cron(expression: str, after: datetime) -> Iterator[datetime]:
    from cronsim import CronSim

    return CronSim(expression, after)


def _closes(close: Close, after: datetime, rules: Rules) -> Iterator[datetime]:
    # Holidays in a row, and a weekend, may put a period's close behind the end of the next one.
    day = after.date() - timedelta(days=4 * close.days + 21)
    period = rules.calendar.previous(rules.calendar.period(close.frequency, max(day, FIRST_DAY + 400 * _DAY)))
    while period.end < LAST_DAY - 400 * _DAY:
        day = period.end if close.days == 0 else rules.working_days.get_nth_working_day(period.last_day, close.days)
        local = datetime.combine(day, close.at, rules.zone)
        # A time that the clock change of that night skips becomes the one right after it.
        yield local.astimezone(UTC)
        period = rules.calendar.next(period)
