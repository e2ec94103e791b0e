"""A source that changes its shape between two syncs, or fills with junk: figures stay, and one line says what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.time.conftest import World

CHANGES = {
    "ALTER TABLE orders RENAME COLUMN amount TO total": "its columns are: id, day, total",
    "ALTER TABLE orders RENAME COLUMN day TO ordered": "no column “day” (the date)",
    "ALTER TABLE orders RENAME TO sales": "there is no table “orders”",
    "UPDATE orders SET day = 'soon'": "is a date",
    "UPDATE orders SET amount = 'many' WHERE id = 1": "is not a number in 1 records, such as “many”",
    "DELETE FROM orders": "no longer has a value of revenue for 2026-09, 2026-10",
}
ONLY_SQLITE = ("soon", "many")


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_what_was_read_stays(engine: str, world: Callable[..., World]) -> None:
    one = world(engine, Active_from=datetime(2026, 9, 1))  # noqa: DTZ001 — what a cell holds
    one.order(1, "2026-09-02", 100)
    one.order(2, "2026-10-02", 100)
    assert one.sync("2026-11-03T09:00").problems == ()
    suffix = {"sqlite": "shop.db", "duckdb": "shop.duckdb"}[engine]
    whole = (one.folder / suffix).read_bytes()
    for change, words in CHANGES.items():
        if engine == "duckdb" and any(word in change for word in ONLY_SQLITE):
            continue  # its columns have types
        one.run(change)
        done = one.sync("2026-11-03T10:00", dry_run=True)
        assert (done.plan.written, done.plan.restatements) == (0, ()), change
        [problem] = [problem for problem in done.problems if problem.kpi]
        assert words in f"{problem.what} {problem.mend}", change
        assert problem.mend
        (one.folder / suffix).write_bytes(whole)
    # Whole again, nothing is left of it. A column more, or a date that became a moment, is no matter.
    assert one.sync("2026-11-03T11:00").problems == ()
    one.run("ALTER TABLE orders ADD COLUMN note TEXT")
    if engine == "duckdb":
        one.run("ALTER TABLE orders ALTER COLUMN day TYPE TIMESTAMP")
        one.run("ALTER TABLE orders ALTER COLUMN amount TYPE DECIMAL(12, 2)")
    else:
        one.run("UPDATE orders SET day = day || 'T10:00:00'")
    done = one.sync("2026-11-03T12:00")
    assert (done.problems, done.plan.written, done.plan.unchanged) == ((), 0, 2)


def test_a_record_that_comes_twice(world: Callable[..., World]) -> None:
    """A table has no key that a plan knows of: what is in it twice counts twice. A connector may name a key."""
    one = world("python:till:records", Active_from=datetime(2026, 10, 1))  # noqa: DTZ001
    rows = "[{'id': 1, 'day': '2026-10-02', 'amount': 5}, {'id': 1, 'day': '2026-10-03', 'amount': 7}]"
    said = "from kpisheets.connectors import Records\ndef records(table, window):\n"
    (one.folder / "till.py").write_text(f"{said}    return Records({rows}, key=('id',))\n")
    done = one.sync("2026-11-03T09:00")
    assert one.actuals()["2026-10"] == 7
    assert any("1 records of “orders” came again with the same id" in note for note in done.queries[0].notes)
