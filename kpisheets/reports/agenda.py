"""The due dates of actions as a calendar file (iCalendar, RFC 5545): a day-long event each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING

from kpisheets.core.summary import Action
from kpisheets.errors import BadConfig
from kpisheets.reports.rows import clean
from kpisheets.reports.todo import written
from kpisheets.templates import Language

if TYPE_CHECKING:
    from icalendar import Calendar


def can_agenda() -> bool:
    """Whether the package for it is there; nothing is imported."""
    return find_spec("icalendar") is not None


def agenda(actions: Iterable[Action], words: Language, *, project: str, now: datetime) -> bytes:
    """Every action that has a due date. An action keeps its UID, so that a calendar that reads the file again moves
    its event. ``now`` is the aware moment of writing. BadConfig where the package for it is missing."""
    made = begun(project, words.word("actions_title"))
    add_actions(made, actions, words, project=project, now=now)
    return bytes(made.to_ical())


def begun(project: str, title: str) -> Calendar:
    """A calendar without events. BadConfig where the package for it is missing."""
    try:
        from icalendar import Calendar
    except ImportError as error:
        mend = 'install it: pip install "kpisheets[calendar]"'
        raise BadConfig("a calendar file needs a package more (icalendar is missing)", mend=mend) from error
    made = Calendar()
    made.add("prodid", "-//kpisheets//actions//")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", clean(f"{project}: {title}"))
    return made


def add_actions(made: Calendar, actions: Iterable[Action], words: Language, *, project: str, now: datetime) -> None:
    """An event for each action that has a due date."""
    from icalendar import Event

    for action in actions:
        if action.due is None:
            continue
        told, event = written(action, action.due, words), Event()
        event.add("uid", f"{_identity(project, action)}@kpisheets")
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", action.due)
        event.add("dtend", action.due + timedelta(days=1))
        event.add("summary", f"{told.name}: {told.action}" if told.action and told.name != told.action else told.name)
        event.add("description", "\n".join(part for part in (told.gap, clean(action.cause), told.who) if part))
        event.add("transp", "TRANSPARENT")
        made.add_component(event)


def _identity(project: str, action: Action) -> str:
    """Of the gap; of its own text where a person began the row."""
    told = (action.kpi, action.period) if action.kpi and action.period else (action.name, action.action)
    return hashlib.sha256("\0".join((project, *told)).encode("utf-8", "surrogatepass")).hexdigest()[:28]
