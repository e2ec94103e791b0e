"""``[meetings.NAME]`` and ``[reminders]``: when people meet about the KPIs, and who is told before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from kpisheets.config.schedule import duration, when
from kpisheets.config.texts import addresses
from kpisheets.core.meeting import MINUTES, Meeting
from kpisheets.toml.document import Document, Table, quoted, suggestion

MEETING_KEYS = ("schedule", "minutes", "to", "ahead")
REMINDER_KEYS = ("schedule",)
_SCHEDULES: Mapping[Meeting, str] = MappingProxyType(
    {
        Meeting.WEEKLY: "0 9 * * MON",
        Meeting.MONTHLY: "close+5 09:00",
        Meeting.QUARTERLY: "close+10 quarterly 09:00",
    }
)
_AHEAD, _MOST_AHEAD = timedelta(hours=2), timedelta(days=14)
_SHORTEST, _LONGEST = 10, 480


@dataclass(frozen=True, slots=True)
class MeetingSettings:
    """``[meetings.NAME]``. ``schedule``: when it begins, as reports say it; ``minutes``: how long it takes; ``to``: who
    is mailed its agenda, so long ``ahead``."""

    meeting: Meeting
    schedule: str
    minutes: int
    to: tuple[str, ...] = ()
    ahead: timedelta = _AHEAD


@dataclass(frozen=True, slots=True)
class ReminderSettings:
    """``[reminders]``. ``schedule``: when owners are reminded; blank where they are only when asked."""

    schedule: str = ""


def default(meeting: Meeting) -> MeetingSettings:
    """A meeting of which the file says nothing."""
    return MeetingSettings(meeting, _SCHEDULES[meeting], MINUTES[meeting])


def meetings(document: Document) -> dict[Meeting, MeetingSettings]:
    """The meetings that the file names, what is wrong with them recorded in the document."""
    found = (_meeting(table, document) for table in document.sections("meetings", MEETING_KEYS))
    return {one.meeting: one for one in found if one is not None}


def reminders(document: Document) -> ReminderSettings:
    table = document.section("reminders", REMINDER_KEYS)
    return ReminderSettings(when(table, "schedule", table.text("schedule")))


def _meeting(table: Table, document: Document) -> MeetingSettings | None:
    try:
        meeting = Meeting(table.name)
    except ValueError:
        mend = suggestion(table.name, [one.value for one in Meeting])
        document.refuse(("meetings", table.name), f"unknown meeting {quoted(table.name)}", mend)
        return None
    usual = default(meeting)
    form = f"a number of minutes, {_SHORTEST} to {_LONGEST}"
    return MeetingSettings(
        meeting,
        schedule=when(table, "schedule", table.text("schedule") or usual.schedule),
        minutes=table.whole("minutes", usual.minutes, _SHORTEST, _LONGEST, form),
        to=addresses(table, "to"),
        ahead=duration(table, "ahead", _AHEAD, _MOST_AHEAD),
    )
