"""Meetings as a calendar file: two libraries that did not write it read it, and say when meetings are held."""

from __future__ import annotations

import io
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from kpisheets.core.meeting import Meeting
from kpisheets.core.period import Calendar
from kpisheets.reports.calendar import Held, calendar
from kpisheets.schedule import Job, Rules, rule, times
from kpisheets.templates import language
from tests.reports.test_agenda import CALL

icalendar: Any = pytest.importorskip("icalendar")
vobject: Any = pytest.importorskip("vobject")
PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
RULES = Rules(Calendar(timezone="Europe/Paris"), country="FR")


def held(schedule: str, meeting: Meeting = Meeting.WEEKLY, many: int = 200) -> Held:
    starts = [*itertools.islice(times(Job("meeting", schedule), NOW, RULES), many)]
    return Held(meeting, 45, starts, rule(schedule))


def written(*meetings: Held) -> bytes:
    return calendar(
        meetings, (CALL,), language("en"), project="Acme; Söhne", workbook="https://example.org/a,b", now=NOW
    )


def occurrences(made: bytes, until: datetime) -> list[datetime]:
    """When dateutil says that the meetings of the file are held, as instants."""
    found: list[datetime] = []
    for event in icalendar.Calendar.from_ical(made).walk("VEVENT"):
        start = event.decoded("dtstart")
        if "rrule" in event:
            rules = rrulestr(event["rrule"].to_ical().decode(), dtstart=start)
            found += [at.astimezone(UTC) for at in itertools.takewhile(lambda at: at <= until, rules)]
        elif isinstance(start, datetime):
            found.append(start.astimezone(UTC))
    return found


weekdays = st.lists(st.sampled_from(["MON", "TUE", "4", "FRI", "7", "0"]), min_size=1, max_size=3, unique=True)
schedules = st.tuples(
    st.integers(0, 59),
    st.integers(4, 23),  # not in the hour that clock changes skip
    st.one_of(
        weekdays.map(lambda days: f"* * {','.join(days)}"),
        st.sampled_from(
            ["* * *", "* * MON-FRI", "15 * *", "L * *", "5 1,4,7,10 *", "* * TUE#2", "* JAN,JUL MON#1", "1-3 6 *"]
        ),
    ),
).map(lambda found: f"{found[0]} {found[1]} {found[2]}")


@settings(max_examples=20)
@given(schedules)
def test_a_calendar_program_holds_the_meetings_that_the_schedule_says(schedule: str) -> None:
    until = NOW + timedelta(days=400)
    one = held(schedule, many=500)
    wanted = [at.astimezone(UTC) for at in itertools.takewhile(lambda at: at <= until, one.starts)]
    made = written(one)
    assert wanted
    assert b"RRULE" in made
    assert occurrences(made, until) == wanted


@pytest.mark.parametrize("schedule", ["close+5 09:00", "*/20 9 * * MON", "0 9 1 * MON", "0 9,15 * * *", "0 9 * 1 *"])
def test_what_no_rule_can_say_is_a_meeting_each(schedule: str) -> None:
    assert rule(schedule) is None
    one = held(schedule, Meeting.MONTHLY, 12)
    made = written(one)
    assert b"RRULE" not in made[made.index(b"BEGIN:VEVENT") :]
    assert occurrences(made, datetime.max.replace(tzinfo=UTC)) == [at.astimezone(UTC) for at in one.starts]
    events = icalendar.Calendar.from_ical(made).walk("VEVENT")
    assert len({event["uid"] for event in events}) == 12 + 1


def test_the_zone_and_the_length_are_right() -> None:
    found = icalendar.Calendar.from_ical(written(held("0 9 * * MON"), held("close+5 09:00", Meeting.MONTHLY, 8)))
    assert not found.errors
    meetings = [event for event in found.walk("VEVENT") if isinstance(event.decoded("dtstart"), datetime)]
    for event in meetings:
        start = event.decoded("dtstart")
        assert (start.hour, start.minute, start.tzinfo.key) == (9, 0, "Europe/Paris")
        assert event.decoded("dtend") - start == timedelta(minutes=45)
    offsets = {event.decoded("dtstart").utcoffset() for event in meetings}
    assert offsets == {timedelta(hours=1), timedelta(hours=2)}  # winter and summer


def test_a_file_read_again_moves_what_moved() -> None:
    first, later = (
        icalendar.Calendar.from_ical(
            calendar((held(text, which, 6),), (), language("en"), project="Acme", workbook="", now=now)
        ).walk("VEVENT")
        for text, which, now in (
            ("close+5 09:00", Meeting.MONTHLY, NOW),
            ("close+7 14:00", Meeting.MONTHLY, NOW + timedelta(days=1)),
        )
    )
    assert [event["uid"] for event in first] == [event["uid"] for event in later]
    assert [event.decoded("dtstart") for event in first] != [event.decoded("dtstart") for event in later]
    assert all(int(event["sequence"]) < int(moved["sequence"]) for event, moved in zip(first, later, strict=True))


@pytest.mark.parametrize(
    "name", ["Europe/Paris", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "Africa/Casablanca"]
)
def test_the_clock_changes_of_the_file_are_those_of_the_zone(name: str) -> None:
    zone = ZoneInfo(name)
    starts = [datetime(2026, 12, 7, 9, tzinfo=zone)]
    made = written(Held(Meeting.MONTHLY, 60, starts)).decode()
    event = vobject.readOne(made).vevent_list[0]
    assert event.dtstart.value.astimezone(UTC) == starts[0].astimezone(UTC)
    text = made[made.index("BEGIN:VTIMEZONE") : made.index("END:VTIMEZONE") + 13]
    assert ("RRULE" in text) == (name not in ("Asia/Kolkata", "Africa/Casablanca"))
    read = tz.tzical(io.StringIO(text)).get()
    hour = datetime(2025, 1, 1, 12)  # noqa: DTZ001 - local
    while hour.year < 2034:
        assert hour.replace(tzinfo=read).utcoffset() == hour.replace(tzinfo=zone).utcoffset(), hour
        hour += timedelta(days=1)
