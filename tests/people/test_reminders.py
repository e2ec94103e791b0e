"""Who is reminded of what, from a workbook as people keep it, and what their mail holds."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kpisheets.backends.excel.ooxml import Book
from kpisheets.cli import main
from kpisheets.printing import sync_document, sync_lines
from tests.people.small import Small

vobject: Any = pytest.importorskip("vobject")
ANN, BOB = "Ann <ann@example.org>", "bob@example.org"


def fill(small: Small, table: str, found: Callable[[Any], bool], by: str, **cells: Any) -> None:
    """Type into the first row whose field ``by`` holds what is looked for."""
    book = Book.open(small.path)
    edit, span = book.edit(), book.range_of(f"{table}_{by}")
    assert span is not None
    row = span.top + 1
    while not found(book.grid(span.sheet).value(row, span.left)):
        row += 1
    for name, value in cells.items():
        place = book.range_of(f"{table}_{name}")
        assert place is not None
        edit.set(place.sheet, row, place.left, value)
    edit.write()


@pytest.fixture(scope="module")
def began(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """March 2026: February's revenue is far below its target, nobody typed the mood."""
    made = Small.begun(tmp_path_factory.mktemp("reminders") / "small")
    owners = {"revenue": ("Ann", ANN), "mood": ("Bob", BOB), "orders": ("Ann", "ann@example.org")}
    for identity, (owner, address) in owners.items():
        fill(made, "kpi_catalogue", lambda it, one=identity: it == one, "id", owner=owner, owner_email=address)
    fill(made, "kpi_tracking", lambda it: it == "revenue|2026-02", "key", target=90_000)
    made.sync()
    return made


@pytest.fixture
def small(began: Small, tmp_path: Path) -> Small:
    return began.copied(tmp_path / "small")


def run(small: Small, *words: str) -> Any:
    return CliRunner().invoke(main, ["--project", str(small.folder), *words], catch_exceptions=False)


def reminded(small: Small) -> dict[str, dict[str, Any]]:
    done = small.project().remind(dry_run=True)
    return {
        one.email: {
            "actuals": {want.kpi.id: want.actuals for want in one.wanted if want.actuals},
            "comments": {want.kpi.id: want.comment for want in one.wanted if want.comment},
            "overdue": [action.kpi for action in one.overdue],
        }
        for one in done.reminders
    }


def test_each_owner_hears_of_their_own(small: Small) -> None:
    assert reminded(small) == {
        ANN: {"actuals": {}, "comments": {"revenue": "2026-02"}, "overdue": []},
        BOB: {"actuals": {"mood": ("2026-01", "2026-02")}, "comments": {}, "overdue": []},
    }
    fill(small, "kpi_tracking", lambda it: it == "revenue|2026-02", "key", comment="the fair was cancelled")
    fill(small, "kpi_tracking", lambda it: it == "mood|2026-01", "key", actual=7)
    fill(small, "kpi_tracking", lambda it: it == "mood|2026-02", "key", actual=8)
    assert reminded(small) == {}
    assert small.project().remind().sent == ()
    assert not (small.folder / "outbox").exists()


def test_an_overdue_action_goes_to_who_took_it_on(small: Small) -> None:
    due = datetime(2026, 3, 9)  # noqa: DTZ001 - a cell
    fill(small, "kpi_actions", lambda it: it == "revenue|2026-02", "key", action="Call", owner="Bob", due=due)
    assert reminded(small)[BOB]["overdue"] == ["revenue"]
    small.today = date(2026, 3, 9)  # due today is not overdue
    assert reminded(small)[BOB]["overdue"] == []


def test_the_mail_brings_the_due_dates(small: Small) -> None:
    due = datetime(2026, 3, 9)  # noqa: DTZ001 - a cell
    fill(small, "kpi_actions", lambda it: it == "revenue|2026-02", "key", action="Call", owner="Nobody", due=due)
    before = small.path.read_bytes()
    sent = small.project().remind().sent
    assert [one.to for one in sent] == [ANN, BOB]
    message = email.message_from_bytes(Path(sent[0].where).read_bytes(), policy=email.policy.default)
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    page = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    for part in (" ".join(text.split()), page):
        assert all(piece in part for piece in ("Overdue actions", "Call", "due 9 March 2026, overdue", "February 2026"))
    [file] = message.iter_attachments()  # type: ignore[attr-defined]
    assert (file.get_filename(), file.get_content_type()) == ("actions.ics", "text/calendar")
    event = vobject.readOne(file.get_content()).vevent
    assert (event.dtstart.value, event.summary.value) == (date(2026, 3, 9), "Revenue: Call")
    assert run(small, "remind", "--ics", str(small.folder / "all.ics")).exit_code == 0
    assert vobject.readOne((small.folder / "all.ics").read_text()).vevent.uid.value == event.uid.value
    assert small.path.read_bytes() == before


def test_who_has_no_address_is_told(small: Small) -> None:
    fill(small, "kpi_catalogue", lambda it: it == "mood", "id", owner_email=None)
    done = run(small, "remind", "--dry-run")
    assert (done.exit_code, "mood" in done.stderr) == (0, True)
    said = json.loads(run(small, "remind", "--dry-run", "--json").stdout)
    assert (said["dry_run"], said["unowned"]) == (True, ["mood"])
    assert not (small.folder / "outbox").exists()


def test_a_bad_address_stops_before_anything_is_sent(small: Small) -> None:
    fill(small, "kpi_catalogue", lambda it: it == "mood", "id", owner_email="bob at home")
    done = run(small, "remind")
    assert done.exit_code == 65
    assert len(done.stderr.splitlines()) == 1
    assert "bob at home" in done.stderr
    assert not (small.folder / "outbox").exists()


def test_a_dry_run_shows_what_would_be_opened_and_closed(small: Small) -> None:
    fill(small, "kpi_tracking", lambda it: it == "orders|2026-W09", "key", target=50)
    fill(small, "kpi_actions", lambda it: it == "revenue|2026-02", "key", status="Dropped")
    before = small.path.read_bytes()
    done = small.project().sync(dry_run=True)
    lines = list(sync_lines(done))
    assert any(line.startswith("+ orders|2026-W09  gap worse by 47") and "action opened" in line for line in lines)
    assert "~ revenue|2026-02  closed blank → 2026-03-10  (a person closed the action)" in lines
    [opened] = [one for one in sync_document(done)["changes"] if one["field"] == "gap"]
    assert (opened["action"], opened["key"], opened["why"]) == ("add_row", "orders|2026-W09", "action_opened")
    assert small.path.read_bytes() == before
