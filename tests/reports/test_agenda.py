"""The due dates of actions as a calendar file, read back by another library than the one that wrote it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpisheets.core.summary import Action
from kpisheets.reports.agenda import agenda
from kpisheets.templates import language
from tests.reports import hostile

vobject: Any = pytest.importorskip("vobject")
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
EN = language("en")
TEXT, DUE = "Call, then write; twice", date(2026, 12, 4)
CALL = Action("revenue", "Revenue", "2026-10", "worse by 20", action=TEXT, owner="Ann", due=DUE)


def events(*actions: Action) -> list[Any]:
    made = agenda(actions, EN, project="Acme", now=NOW)
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))
    return list(vobject.readOne(made.decode()).contents.get("vevent", []))


def test_an_action_is_a_day_in_the_calendar() -> None:
    [event] = events(CALL, Action("cost", "Cost", "2026-10", "worse by 3"))  # one without a date is none
    assert event.summary.value == "Revenue: Call, then write; twice"
    assert (event.dtstart.value, event.dtend.value) == (date(2026, 12, 4), date(2026, 12, 5))
    assert event.description.value.splitlines()[0] == "October 2026, worse by 20"
    assert "Ann" in event.description.value


def test_an_action_that_moves_stays_the_same_event() -> None:
    moved = Action("revenue", "Sales", "2026-10", "", "", "Visit", "Bob", None, date(2027, 1, 8))
    other = Action("revenue", "Revenue", "2026-11", "", "", "Visit", "Bob", None, date(2027, 1, 8))
    first, second, third = (event.uid.value for event in events(CALL, moved, other))
    assert first == second != third


texts = st.one_of(st.sampled_from(hostile.TEXTS), st.text(max_size=120))


@settings(max_examples=60)
@given(st.lists(st.tuples(texts, texts, texts, st.dates(date(1970, 1, 1), date(9000, 1, 1))), max_size=4))
def test_whatever_people_type_makes_one_event_each(typed: list[tuple[str, str, str, date]]) -> None:
    actions = [Action("k", name, "2026-10", "", cause, text, "Ann", None, due) for name, cause, text, due in typed]
    found = events(*actions)
    assert [event.dtstart.value for event in found] == [due for *_, due in typed]
    known = {"uid", "dtstamp", "dtstart", "dtend", "summary", "description", "transp"}
    assert all({*event.contents} <= known for event in found)


def test_a_missing_package_is_named_with_its_command() -> None:
    code = (
        "import sys; sys.modules['icalendar'] = None\n"
        "from kpisheets.reports.agenda import agenda, can_agenda\n"
        "from kpisheets.templates import language\n"
        "from datetime import datetime, UTC\n"
        "agenda((), language('en'), project='p', now=datetime.now(UTC))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'pip install "kpisheets[calendar]"' in done.stderr
