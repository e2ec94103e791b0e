"""Review meetings and the due dates of actions as one calendar file (iCalendar, RFC 5545)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kpisheets.core.meeting import Meeting
from kpisheets.core.summary import Action
from kpisheets.reports.agenda import add_actions, begun
from kpisheets.reports.rows import clean
from kpisheets.reports.zone import timezone
from kpisheets.templates import Language

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Held:
    """When a meeting is held: ``starts`` are aware, in the project's zone, ascending. With a ``rule`` the first of them
    recurs by it; without, they are all there is."""

    meeting: Meeting
    minutes: int
    starts: Sequence[datetime]
    rule: Mapping[str, list[str]] | None = None


def calendar(
    meetings: Iterable[Held],
    actions: Iterable[Action],
    words: Language,
    *,
    project: str,
    workbook: str,
    now: datetime,
) -> bytes:
    """Every meeting and every action that has a due date. Each keeps its UID, so that a calendar that reads the file
    again moves what moved. ``now`` is the aware moment of writing. BadConfig where the package for it is missing."""
    meetings = tuple(meetings)
    zone = next(
        (start.tzinfo for held in meetings for start in held.starts if isinstance(start.tzinfo, ZoneInfo)), None
    )
    made = begun(project, words.word("meeting.calendar"))
    from icalendar import Event

    for held in meetings:
        for start in held.starts[:1] if held.rule else held.starts:
            event, kept = Event(), "" if held.rule else _bucket(held, start)
            event.add("uid", f"{_digest(project, held.meeting.value, kept)}@kpisheets")
            event.add("dtstamp", now.astimezone(UTC))
            # A program that knows the event takes what has a higher number than before.
            event.add("sequence", max(0, int((now - _EPOCH).total_seconds()) // 60))
            event.add("dtstart", start)
            event.add("dtend", start + timedelta(minutes=held.minutes))
            if held.rule:
                event.add("rrule", dict(held.rule))
            event.add("summary", clean(f"{words.word(f'meeting.{held.meeting.value}')}: {project}"))
            event.add("description", words.word("report.workbook", workbook=clean(workbook)))
            made.add_component(event)
    add_actions(made, actions, words, project=project, now=now)
    if zone is not None and zone.key != "UTC":
        made.subcomponents.insert(0, timezone(zone, now.year - 1))
    return bytes(made.to_ical())


def _bucket(held: Held, start: datetime) -> str:
    """What one of several meetings is known by, whatever its day: the week, month or quarter that it falls into, with a
    number where that holds several."""

    def label(moment: datetime) -> str:
        week = moment.isocalendar()
        return {
            Meeting.WEEKLY: f"{week.year}-W{week.week:02d}",
            Meeting.MONTHLY: f"{moment:%Y-%m}",
            Meeting.QUARTERLY: f"{moment.year}-Q{(moment.month + 2) // 3}",
        }[held.meeting]

    mine = [other for other in held.starts if label(other) == label(start)]
    place = mine.index(start)
    return f"{label(start)} {place}" if place else label(start)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(("meeting", *parts)).encode("utf-8", "surrogatepass")).hexdigest()[:28]
