"""A time zone as a calendar file describes it: a rule for each clock change, which every calendar program reads, or
each change by itself where a zone knows no rule."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar import Timezone

_YEARS = 10
"""So many years are looked at; a rule must hold in all of them."""
_LAST = -1
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class _Change:
    """A clock change: ``onset`` is by the clock before it; offsets are those before and after."""

    onset: datetime
    before: timedelta
    after: timedelta
    name: str
    is_summer: bool


def timezone(zone: ZoneInfo, year: int) -> Timezone:
    """The zone from the beginning of ``year`` on."""
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

    made = Timezone()
    made.add("tzid", zone.key)
    start = datetime(year, 1, 1, tzinfo=zone)
    parts = [(_Change(start.replace(tzinfo=None), _offset(start), _offset(start), start.tzname() or "", False), "")]
    changes = list(_changes(zone, year))
    for kind in (True, False):
        mine = [change for change in changes if change.is_summer is kind]
        rule = _rule(mine)
        parts += [(mine[0], rule)] if rule else [(change, "") for change in mine]
    for change, rule in parts:
        part = TimezoneDaylight() if change.is_summer else TimezoneStandard()
        part.add("dtstart", change.onset)
        part.add("tzoffsetfrom", change.before)
        part.add("tzoffsetto", change.after)
        part.add("tzname", change.name)
        if rule:
            part.add("rrule", vRecur.from_ical(rule))
        made.add_component(part)
    return made


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def _changes(zone: ZoneInfo, year: int) -> Iterator[_Change]:
    """The changes of the years that are looked at."""
    low, end, day = datetime(year, 1, 1, tzinfo=UTC), datetime(year + _YEARS, 1, 1, tzinfo=UTC), timedelta(days=1)
    while low < end:
        high = low + day
        before, after = (_offset(moment.astimezone(zone)) for moment in (low, high))
        if before != after:
            first, last = low, high
            while last - first > timedelta(minutes=1):
                middle = first + (last - first) // 2
                first, last = (middle, last) if _offset(middle.astimezone(zone)) == before else (first, middle)
            at = last.replace(second=0, microsecond=0)
            then = at.astimezone(zone)
            yield _Change((at + before).replace(tzinfo=None), before, after, then.tzname() or "", bool(then.dst()))
        low = high


def _rule(changes: list[_Change]) -> str:
    """The yearly rule that all the changes follow, blank where there is none."""
    if len(changes) != _YEARS or len({change.onset.year for change in changes}) != _YEARS:
        return ""
    shapes = {(one.onset.month, one.onset.weekday(), one.onset.time(), one.before, one.after) for one in changes}
    places = set.intersection(*(_places(change.onset) for change in changes))
    if len(shapes) != 1 or not places:
        return ""
    onset = changes[0].onset
    return f"FREQ=YEARLY;BYMONTH={onset.month};BYDAY={min(places)}{_DAYS[onset.weekday()]}"


def _places(onset: datetime) -> set[int]:
    """Which of its weekday it is in its month: the first (1), …, perhaps the last (-1)."""
    place = (onset.day - 1) // 7 + 1
    is_last = onset.day + 7 > calendar.monthrange(onset.year, onset.month)[1]
    return {place, _LAST} if is_last else {place}
