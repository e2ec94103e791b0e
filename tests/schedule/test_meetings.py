"""Reminders and agendas of scheduled runs go through the ledger as reports do: one for each slot and person."""

from __future__ import annotations

import email
import json
import shutil
from datetime import datetime, timedelta
from email import policy
from typing import Any

import pytest
from click.testing import CliRunner

from kpisheets.backends.excel.ooxml import Book
from kpisheets.cli import main
from tests.schedule.harness import MONDAY, QUARTER, World

OWNERS = ("ann@example.org", "bob@example.org")
BOARD = "board@example.org"


@pytest.fixture
def reminding(world: World) -> World:
    """Two owners with KPIs that missed their target without a comment; no report."""
    world.configure('schedule = "0 7 * * MON"', "")
    world.configure("[schedule]", '[reminders]\nschedule = "0 7 * * MON"\n\n[schedule]')
    path = world.root / "Acme KPIs.xlsx"
    book = Book.open(path)
    edit = book.edit()
    for place, (identity, address) in enumerate((("revenue", OWNERS[0]), ("new_customers", OWNERS[1]))):
        for name, value in (("owner", address.partition("@")[0].title()), ("owner_email", address)):
            set_where(book, edit, "kpi_catalogue", "id", identity, name, value)
        for name, value in (("actual", 10 + place), ("target", 900_000)):
            set_where(book, edit, "kpi_tracking", "key", f"{identity}|2026-10", name, value)
    edit.write()
    return world


def set_where(book: Any, edit: Any, table: str, by: str, found: str, field: str, value: Any) -> None:
    span, place = book.range_of(f"{table}_{by}"), book.range_of(f"{table}_{field}")
    row = span.top + 1
    while book.grid(span.sheet).value(row, span.left) != found:
        row += 1
    edit.set(place.sheet, row, place.left, value)


def letters(world: World) -> list[tuple[str, str]]:
    """Each mail that arrived: to whom, and its plain text."""
    found = [email.message_from_bytes(body, policy=policy.default) for body in world.server.bodies]
    return [(str(one["To"]), one.get_body(("plain",)).get_content()) for one in found]  # type: ignore[union-attr]


def test_each_owner_is_reminded_once_however_often_runs_come(reminding: World) -> None:
    done = reminding.ran(MONDAY)
    assert done["code"] == 0
    reminding.ran(MONDAY + QUARTER)
    assert {to: "Missed, without a comment" in text for to, text in letters(reminding)} == dict.fromkeys(OWNERS, True)
    assert reminding.server.copies.total() == len(OWNERS)
    assert set(reminding.ledger("SELECT job, state FROM kpi_slot")) == {("remind", "done")}
    reminding.ran(MONDAY + timedelta(days=7))  # the next slot reminds again
    assert reminding.server.copies.total() == 2 * len(OWNERS)


@pytest.mark.parametrize("verdict", [1, 2])
def test_a_run_that_is_killed_leaves_a_reminder_held(reminding: World, verdict: int) -> None:
    assert reminding.run_under(MONDAY, verdict_at=verdict, kill=True) is None
    reminding.judge(MONDAY, OWNERS)


def test_a_bad_address_keeps_nobody_else_from_being_reminded(reminding: World) -> None:
    path = reminding.root / "Acme KPIs.xlsx"
    book = Book.open(path)
    edit = book.edit()
    set_where(book, edit, "kpi_catalogue", "id", "revenue", "owner_email", "ann at home")
    edit.write()
    assert reminding.ran(MONDAY)["code"] == 65
    assert [to for to, _ in letters(reminding)] == [OWNERS[1]]
    assert any("ann at home" in line for line in reminding.told)


def test_old_data_is_said_or_withheld(reminding: World) -> None:
    reminding.configure("sync = []", 'patience = "0m"')
    shutil.rmtree(reminding.root / "data")
    reminding.ran(MONDAY)
    assert [("last collected" in text) for _, text in letters(reminding)] == [True, True]
    reminding.configure('patience = "0m"', 'patience = "0m"\nmax_age = "1h"')
    reminding.ran(MONDAY + timedelta(days=7))
    assert reminding.server.copies.total() == len(OWNERS)
    assert any(line.startswith("the reminders: withheld") for line in reminding.told)


def test_who_is_invited_gets_the_agenda_ahead_and_once(world: World) -> None:
    meeting = f'[meetings.monthly]\nschedule = "0 9 * * MON"\nto = ["{BOARD}"]\n'
    world.configure("[schedule]", f"{meeting}\n[schedule]")
    world.configure('schedule = "0 7 * * MON"', "")
    world.ran(MONDAY - QUARTER)  # the first run: what was due before is sent, the slot of the week before
    before = world.server.copies[BOARD]
    world.ran(MONDAY)
    world.ran(MONDAY + QUARTER)
    assert world.server.copies[BOARD] == before + 1
    to, text = letters(world)[-1]
    assert (to, "Monthly KPI meeting" in text, "23 November 2026, 09:00" in text) == (BOARD, True, True)
    shown = CliRunner().invoke(main, ["--project", str(world.root), "schedule", "show", "--json"])
    [job] = json.loads(shown.stdout)["jobs"]
    assert (job["job"], job["report"]) == ("agenda monthly", None)
    assert all(datetime.fromisoformat(at).hour == 7 for at in job["next"])
    world.configure(f'to = ["{BOARD}"]', "")
    world.ran(MONDAY + timedelta(days=7))
    assert world.server.copies[BOARD] == before + 1
