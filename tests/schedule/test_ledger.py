"""The ledger by itself: what is kept, what is forgotten, who works; and runs that hang, wait or carry attachments."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from filelock import FileLock

from kpisheets.errors import CannotWrite
from kpisheets.project import Project
from kpisheets.running.runner import Runner
from kpisheets.schedule import Deliveries, Due, Frozen, Job, Ledger, Slot, open_database
from tests.schedule.harness import MONDAY, QUARTER, TO, World

JOB = Job("report weekly", "0 7 * * MON")
SLOT = Slot(JOB.key, MONDAY, "due")


def opened(folder: Path) -> tuple[Ledger, Deliveries]:
    database = open_database("", folder / ".kpisheets" / "ledger.sqlite")
    return Ledger(database), Deliveries(database)


def frozen(recipient: str) -> Frozen:
    return Frozen(recipient, "mail", f"<{recipient}>", "subject", b"message " * 1000)


def test_a_slot_is_remembered_once(tmp_path: Path) -> None:
    ledger, _ = opened(tmp_path)
    ledger.begin(MONDAY, [JOB], [Due(JOB, MONDAY)])
    again, _ = opened(tmp_path)
    again.begin(MONDAY, [JOB], [Due(JOB, MONDAY)])
    assert [(slot.job, slot.at, slot.state) for slot in again.open_slots()] == [(JOB.key, MONDAY, "due")]
    assert again.known() == {JOB.key: JOB.schedule}
    assert again.last_run(MONDAY + QUARTER) == MONDAY
    assert again.last_run(MONDAY - QUARTER) == MONDAY - QUARTER, "before all runs, nothing is due"


def test_a_message_is_claimed_by_one_run(tmp_path: Path) -> None:
    ledger, deliveries = opened(tmp_path)
    ledger.begin(MONDAY, [JOB], [Due(JOB, MONDAY)])
    assert deliveries.freeze(SLOT, [frozen(to) for to in TO], {"a.xlsx": b"\0" * 10}, MONDAY)
    assert not deliveries.freeze(SLOT, [frozen("other@example.org")], {}, MONDAY), "it is frozen"
    first, *_ = deliveries.ready(SLOT, MONDAY)
    assert deliveries.claim(first, MONDAY) == (b"message " * 1000, {"a.xlsx": b"\0" * 10})
    assert opened(tmp_path)[1].claim(first, MONDAY) is None


def test_what_went_out_is_not_kept_and_what_is_held_is_kept_for_two_months(tmp_path: Path) -> None:
    ledger, deliveries = opened(tmp_path)
    ledger.begin(MONDAY, [JOB], [Due(JOB, MONDAY)])
    deliveries.freeze(SLOT, [frozen(to) for to in TO], {"a.xlsx": b"file"}, MONDAY)
    for one, state in zip(deliveries.ready(SLOT, MONDAY), ("sent", "failed", "unknown"), strict=True):
        assert deliveries.claim(one, MONDAY)
        deliveries.settle(one, state, MONDAY, "note")
    assert {one.recipient for one in deliveries.held()} == set(TO[1:])
    deliveries.prune(MONDAY + timedelta(days=59))
    assert len(deliveries.held()) == 2
    deliveries.prune(MONDAY + timedelta(days=61))
    assert deliveries.held() == []
    with deliveries.database.transaction() as session:
        assert [session.ask(f"SELECT * FROM {table}") for table in ("kpi_message", "kpi_file")] == [[], []]
    assert deliveries.resend(MONDAY) == 0


def test_requests_are_remembered_for_good(tmp_path: Path) -> None:
    ledger, _ = opened(tmp_path)
    ledger.begin(MONDAY, [JOB], [Due(JOB, MONDAY)])
    ledger.request(["request sync"], MONDAY, MONDAY)
    ledger.prune(MONDAY + timedelta(days=500))
    assert [slot.job for slot in ledger.slots()] == ["request sync"]


def test_others_cannot_read_it(tmp_path: Path) -> None:
    opened(tmp_path)
    assert stat.S_IMODE((tmp_path / ".kpisheets" / "ledger.sqlite").stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / ".kpisheets").write_text("a file")
    with pytest.raises(CannotWrite, match="nothing was sent"):
        opened(tmp_path)


def test_a_run_that_hangs_is_told_by_the_others(world: World) -> None:
    ledger, _ = opened(world.root)
    ledger.begin(MONDAY, [], [])
    with FileLock(world.root / ".kpisheets" / "run.lock"):
        done = world.ran(MONDAY + timedelta(hours=1))
        assert (done["ran"], done["code"]) == (False, 0)
        done = world.ran(MONDAY + timedelta(hours=3))
        assert (done["ran"], done["code"]) == (False, 75)
        assert "has been at work since 2026-11-23 07:00" in done["problems"][0]["what"]


def test_the_jitter_is_the_same_each_time_and_only_where_something_is_due(world: World) -> None:
    world.configure("sync = []", 'sync = []\njitter = "10m"')
    waited: list[float] = []
    for now in (MONDAY, MONDAY + QUARTER, MONDAY + timedelta(days=7)):
        project = Project.load(world.root, clock=lambda now=now: now)
        Runner(project, project._desk.workbook, sleep=waited.append).run()
    assert len(waited) == 2
    assert waited[0] == waited[1]
    assert 0 <= waited[0] <= 600


def test_owners_and_attachments_come_through_the_freezer(world: World) -> None:
    """What is sent from the ledger is what `send` would send: the workbook attached, each owner with their own KPIs."""
    import email
    from email import policy

    book = openpyxl.load_workbook(world.root / "Acme KPIs.xlsx")
    sheet = book["KPIs"]
    column = next(cell.column for cell in sheet[3] if cell.value == "Owner email")
    sheet.cell(4, column).value = "Zoé <zoe@example.org>"
    sheet.cell(5, column).value = "zoe@example.org"
    sheet.cell(6, column).value = "no address"
    sheet.cell(7, column).value = "ann@example.org"
    book.save(world.root / "Acme KPIs.xlsx")
    world.configure("schedule =", 'owners = true\nattach = ["xlsx"]\nschedule =')
    done = world.ran(MONDAY)
    assert done["code"] == 65
    assert "no address" in done["problems"][0]["what"]
    assert world.server.copies == dict.fromkeys(TO, 1) | {"zoe@example.org": 1, "ann@example.org": 2}
    workbook = (world.root / "Acme KPIs.xlsx").read_bytes()
    lines = {}
    for body in world.server.bodies:
        message = email.message_from_bytes(body, policy=policy.default)
        [attached] = message.iter_attachments()
        assert attached.get_filename() == "Acme KPIs.xlsx"
        assert len(attached.get_content()) > 0.9 * len(workbook)
        text = message.get_body(("plain",))
        assert text is not None
        lines[message["To"].addresses[0].addr_spec, len(text.get_content())] = message["Message-ID"]
    assert len(set(lines.values())) == 5
    assert len(lines) == 5, "Ann's own KPIs are not the whole report"
