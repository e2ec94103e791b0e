"""Records that come late, move and go: what becomes of them before and after closing, and when they are seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from click.testing import CliRunner

from kpisheets.cli import main
from kpisheets.printing import sync_document
from kpisheets.project import Synced
from tests.time.conftest import World

START = datetime(2026, 6, 1)  # noqa: DTZ001 — what a cell holds
WINDOW = 'window = "open"\nlook_back = 10'
ENGINES = ("sqlite", "duckdb")


@pytest.fixture
def shop(world: Callable[..., World]) -> Callable[..., World]:
    """Six months with one order of 100 each, and one of 10 in every other; read on 3 November, October being open."""

    def make(engine: str, source: str = "") -> World:
        one = world(engine, "", source, Active_from=START)
        for month in range(6, 12):
            one.order(month, f"2026-{month:02}-02", 100)
            one.order(month + 100, f"2026-{month:02}-03", 10)
        done = one.sync("2026-11-03T09:00")
        assert done.problems == ()
        assert set(one.actuals().values()) == {110}
        return one

    return make


def waiting(done: Synced) -> dict[str, tuple[float, float]]:
    """The restatements: period → (kept, what the source says)."""
    return {r.key.partition("|")[2]: (float(r.old), float(r.new)) for r in done.plan.restatements}  # type: ignore[arg-type]


def asked(done: Synced) -> list[tuple[Any, ...]]:
    return [(one["window"], one["from"], one["to"]) for one in sync_document(done)["asked"]]


@pytest.mark.parametrize("engine", ENGINES)
def test_before_and_after_closing(engine: str, shop: Callable[..., World]) -> None:
    one = shop(engine)
    # October is open: what comes late is written, and what moves from one open month to the other, and what is deleted.
    one.order(1, "2026-10-31", 5)
    assert (one.sync("2026-11-03T10:00").plan.written, one.actuals()["2026-10"]) == (1, 115)
    one.order(1, "2026-11-01", 5)
    assert one.sync("2026-11-03T11:00").plan.written == 2
    assert (one.actuals()["2026-10"], one.actuals()["2026-11"]) == (110, 115)
    one.run("DELETE FROM orders WHERE id IN (1, 110)")
    assert one.sync("2026-11-03T12:00").plan.written == 2
    assert (one.actuals()["2026-10"], one.actuals()["2026-11"]) == (100, 110)

    # July is closed: the figure that was reported stays, and what the source says now waits for a person.
    one.order(2, "2026-07-31", 7)
    assert waiting(one.sync("2026-11-03T13:00")) == {"2026-07": (110, 117)}
    # From one closed month to another, and from a closed month to an open one.
    one.order(2, "2026-08-31", 7)
    one.order(109, "2026-11-03", 10)
    done = one.sync("2026-11-03T14:00")
    assert waiting(done) == {"2026-08": (110, 117), "2026-09": (110, 100)}
    assert (one.actuals()["2026-07"], one.actuals()["2026-11"]) == (110, 120)
    assert one["2026-07"]["Flag"] is None
    # Deleted: some records of a closed month, and all of them.
    one.run("DELETE FROM orders WHERE id IN (2, 106)")
    one.run("DELETE FROM orders WHERE id IN (7, 107)")
    done = one.sync("2026-11-03T15:00")
    assert waiting(done) == {"2026-06": (110, 100), "2026-09": (110, 100)}
    [problem] = done.problems
    assert "no longer has a value of revenue for 2026-07; the last one is kept" in problem.what
    assert one.actuals()["2026-07"] == 110
    # A person accepts one of them.
    one.put("revenue|2026-06", "Actual", None)
    done = one.sync("2026-11-03T16:00")
    assert (one.actuals()["2026-06"], waiting(done)) == (100, {"2026-09": (110, 100)})
    fields = [row["Why"] for row in one.rows("Log") if row["Period"] == "2026-06"]
    assert len(fields) == 2


def test_by_windows(shop: Callable[..., World]) -> None:
    one = shop("duckdb", WINDOW)
    # The first sync read everything, and that is on record: from now on what is open is asked for.
    one.order(1, "2026-10-31", 5)
    one.order(2, "2026-07-31", 7)
    done = one.sync("2026-11-03T10:00")
    assert asked(done) == [("open", "2026-10-01", "2026-11-30")]
    assert done.queries[0].parameters == ("2026-10-01", "2026-12-01")
    assert (one.actuals()["2026-10"], waiting(done)) == (115, {})
    # After a week everything is compared, and the change in July comes to light.
    assert asked(one.sync("2026-11-09T10:00")) == [("open", "2026-10-01", "2026-11-30")]
    done = one.sync("2026-11-10T10:00")
    assert asked(done) == [("reconcile", "2026-06-01", "2026-11-30")]
    assert waiting(done) == {"2026-07": (110, 117)}
    # While it waits it is told at every run, though July is not asked for.
    done = one.sync("2026-11-11T10:00")
    assert (asked(done), waiting(done)) == ([("open", "2026-11-01", "2026-11-30")], {"2026-07": (110, 117)})
    # Who clears the cell is answered at once.
    one.put("revenue|2026-07", "Actual", None)
    done = one.sync("2026-11-11T11:00")
    assert asked(done) == [("open", "2026-07-01", "2026-11-30")]
    assert one.actuals()["2026-07"] == 117
    # Two months of a closed year deleted: the next full reading tells, or whoever asks for one.
    one.run("DELETE FROM orders WHERE id IN (6, 106, 108)")
    assert one.sync("2026-11-12T10:00").problems == ()
    done = one.sync("2026-11-12T11:00", full=True)
    assert asked(done) == [("reconcile", "2026-06-01", "2026-11-30")]
    assert waiting(done) == {"2026-08": (110, 100)}
    assert "for 2026-06; the last one is kept" in done.problems[0].what
    # What the record says; without it everything is read again.
    reads = [row["When"].day for row in one.rows("Log") if row["Field"] == "Read from the start"]
    assert reads == [3, 10, 12]
    found = one.project.explain("revenue", "2026-07")
    assert found.reconciled == datetime(2026, 11, 12, 11)  # noqa: DTZ001
    with one.edited("Log") as (sheet, columns):
        for row in range(4, sheet.max_row + 1):
            sheet.cell(row, columns["Field"]).value = None
    assert asked(one.sync("2026-11-12T12:00"))[0][0] == "reconcile"


def test_what_a_window_must_reach(shop: Callable[..., World]) -> None:
    one = shop("sqlite", 'window = "open"\nlook_back = 45\nreconcile = "monthly"')
    # Look-back; another KPI that is new; a row that is gone; a metric of another name; --since; one KPI alone.
    assert asked(one.sync("2026-11-04T09:00")) == [("open", "2026-09-01", "2026-11-30")]
    one.add_kpi("weeks", Metric="revenue", Frequency="Weekly", Active_from=START)
    done = one.sync("2026-11-04T10:00")
    assert asked(done) == [("open", "2026-06-01", "2026-11-30")]
    assert one.actuals("weeks")["2026-W23"] == 110
    with one.edited("Tracking") as (sheet, columns):
        row = next(r for r in range(4, 40) if sheet.cell(r, columns["Key"]).value == "revenue|2026-08")
        sheet.delete_rows(row)
        table = sheet.tables[next(iter(sheet.tables))]
        first, last = table.ref.split(":")
        letters = last.rstrip("0123456789")
        table.ref = f"{first}:{letters}{int(last[len(letters) :]) - 1}"
    done = one.sync("2026-11-04T11:00")
    assert (asked(done)[0][1], one.actuals()["2026-08"]) == ("2026-08-01", 110)
    assert asked(one.sync("2026-11-04T12:00", only=("weeks",))) == [("open", "2026-09-14", "2026-11-08")]
    assert asked(one.sync("2026-11-04T12:00", since="2026-07"))[0] == ("since", "2026-06-29", "2026-11-30")
    toml = one.folder / "kpisheets.toml"
    toml.write_text(toml.read_text().replace("[metrics.revenue]", "[metrics.takings]"))
    with one.edited("KPIs") as (sheet, columns):
        sheet.cell(4, columns["Metric"]).value = sheet.cell(5, columns["Metric"]).value = "takings"
    one.project = type(one.project).load(one.folder, lambda: one.now)
    assert asked(one.sync("2026-11-04T13:00"))[0] == ("open", "2026-06-01", "2026-11-30")


def test_a_full_reading_that_failed_is_done_again(shop: Callable[..., World]) -> None:
    one = shop("sqlite", WINDOW)
    path = one.folder / "shop.db"
    path.rename(one.folder / "gone.db")
    assert one.sync("2026-11-20T09:00").unreachable
    (one.folder / "gone.db").rename(path)
    assert asked(one.sync("2026-11-20T10:00"))[0][0] == "reconcile"
    assert asked(one.sync("2026-11-20T11:00"))[0][0] == "open"
    done = CliRunner().invoke(main, ["--project", str(one.folder), "sync", "--full", "--since", "2026-10"])
    assert (done.exit_code, "exclude each other" in done.stderr) == (2, True)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_source_that_tells_what_changed(engine: str, shop: Callable[..., World]) -> None:
    one = shop(engine, f'{WINDOW}\nupdated_at = "changed"')
    one.add_kpi("orders", Metric="revenue", Frequency="Weekly", Active_from=datetime(2026, 10, 1))  # noqa: DTZ001
    one.sync("2026-11-04T09:00")
    assert asked(one.sync("2026-11-04T10:00")) == [("open", "2026-10-01", "2026-11-30")]
    # A record of July, and one that moves from June to August, are seen at once; what June lost, by a full reading.
    one.order(2, "2026-07-31", 7, "2026-11-05 12:00:00")
    one.order(106, "2026-08-31", 10, "2026-11-05 12:00:00")
    done = one.sync("2026-11-06T10:00")
    assert asked(done) == [("open", "2026-07-01", "2026-11-30")]
    assert waiting(done) == {"2026-07": (110, 117), "2026-08": (110, 120)}
    assert done.problems == ()
    # It is no news any more once it was seen again, and a column that is missing is no reason to stop.
    assert asked(one.sync("2026-11-08T10:00"))[0][1] == "2026-07-01"
    assert asked(one.sync("2026-11-09T10:00"))[0][1] == "2026-10-01"
    assert waiting(one.sync("2026-11-13T10:00")) == {
        "2026-06": (110, 100),
        "2026-07": (110, 117),
        "2026-08": (110, 120),
    }
    one.run("ALTER TABLE orders DROP COLUMN changed")
    assert one.sync("2026-11-13T11:00").problems == ()
