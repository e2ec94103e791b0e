"""The page of a meeting, from a workbook as people keep it: printed, written, mailed, put into a calendar."""

from __future__ import annotations

import email
import email.policy
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.people.small import Small
from tests.people.test_reminders import fill, run

icalendar: Any = pytest.importorskip("icalendar")


@pytest.fixture(scope="module")
def began(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """March 2026: February's revenue is far below its target, and an action is open about it."""
    made = Small.begun(tmp_path_factory.mktemp("agenda") / "small")
    fill(made, "kpi_tracking", lambda it: it == "revenue|2026-02", "key", target=90_000)
    made.sync()
    return made


@pytest.fixture
def small(began: Small, tmp_path: Path) -> Small:
    return began.copied(tmp_path / "small")


def test_it_is_read_from_the_workbook_and_changes_nothing(small: Small) -> None:
    found = json.loads(run(small, "agenda", "--json").stdout)
    assert found["meeting"] == "monthly"
    assert small.project().meeting().begins == datetime(2026, 4, 7, 9, tzinfo=UTC)  # the fifth working day
    assert {one["kpi"]: one["lacks"] for one in found["decisions"]} == {"revenue": ["cause", "action", "owner", "due"]}
    due = datetime(2026, 3, 9)  # noqa: DTZ001 - a cell
    wanted = {"cause": "fair", "action": "Call", "owner": "Ann", "due": due}
    fill(small, "kpi_actions", lambda it: it == "revenue|2026-02", "key", **wanted)
    found = json.loads(run(small, "agenda", "--format", "json", "--meeting", "monthly").stdout)
    assert found["decisions"] == []
    assert [(one["action"], one["overdue"]) for one in found["actions"]] == [("Call", True)]
    assert "Call. Ann, due 9 March 2026, overdue" in " ".join(run(small, "agenda").stdout.split())
    assert small.project().meeting("monthly").actions[0].owner == "Ann"
    before = small.path.read_bytes()
    run(small, "agenda", "-o", str(small.folder / "page.html"), "--format", "html")
    assert "Monthly KPI meeting" in (small.folder / "page.html").read_text("utf-8")
    assert small.path.read_bytes() == before


def test_it_is_mailed_to_who_is_invited_or_to_one(small: Small) -> None:
    nobody = run(small, "agenda", "--send")
    assert (nobody.exit_code, "[meetings.monthly]" in nobody.stderr) == (78, True)
    path = small.folder / "kpisheets.toml"
    invited = '\n[meetings.monthly]\nto = ["a@example.org", "b@example.org"]\nminutes = 20\n'
    path.write_text(path.read_text("utf-8") + invited, "utf-8")
    dry = json.loads(run(small, "agenda", "--send", "--dry-run", "--json").stdout)
    assert [one["to"] for one in dry["sent"]] == ["a@example.org", "b@example.org"]
    assert not (small.folder / "outbox").exists()
    sent = small.project().send_meeting()
    assert [one.to for one in sent] == ["a@example.org", "b@example.org"]
    assert "to c@example.org" in run(small, "agenda", "--send", "--to", "c@example.org").stdout
    message = email.message_from_bytes(Path(sent[0].where).read_bytes(), policy=email.policy.default)
    assert str(message["Subject"]).endswith("Monthly KPI meeting: agenda")
    for kind in ("plain", "html"):
        said = message.get_body((kind,)).get_content()  # type: ignore[union-attr]
        assert "To be filled in: cause" in " ".join(said.split())
        assert "a@example.org" in said


def test_meetings_and_due_dates_are_one_calendar(small: Small) -> None:
    due = datetime(2026, 3, 9)  # noqa: DTZ001 - a cell
    fill(small, "kpi_actions", lambda it: it == "revenue|2026-02", "key", action="Call", due=due)
    target = small.folder / "all.ics"
    assert run(small, "agenda", "--format", "ics", "-o", str(target)).exit_code == 0
    events = icalendar.Calendar.from_ical(target.read_bytes()).walk("VEVENT")
    assert date(2026, 3, 9) in [event.decoded("dtstart") for event in events]
    weekly = [event for event in events if "rrule" in event]  # there is a weekly KPI
    assert [event["rrule"].to_ical() for event in weekly] == [b"FREQ=WEEKLY;BYDAY=MO"]
    monthly = icalendar.Calendar.from_ical(run(small, "agenda", "--format", "ics", "--meeting", "monthly").stdout)
    starts = [event.decoded("dtstart") for event in monthly.walk("VEVENT")]
    assert len([start for start in starts if isinstance(start, datetime)]) in (12, 13)


@pytest.mark.parametrize(
    "words",
    [["--to", "a@example.org"], ["--dry-run"], ["--send", "--format", "md"], ["--send", "--to", "nobody"]],
    ids=["to", "dry", "form", "address"],
)
def test_what_makes_no_sense_is_one_line(small: Small, words: list[str]) -> None:
    done = run(small, "agenda", *words)
    assert (done.exit_code, len(done.stderr.splitlines()), done.stdout) == (2, 1, "")
