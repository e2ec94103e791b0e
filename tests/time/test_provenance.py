"""Where a number comes from, for every kind of source on this machine: in the row, and in what `explain` shows."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest

from kpisheets.printing import explanation_document, explanation_text
from kpisheets.project import Project
from tests.time.conftest import World

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
KINDS = {
    "files": ('url = "data/"', 'table = "orders"\ndate = "day"\nvalue = "sum(amount)"', "DuckDB"),
    "book": ('url = "book.xlsx"', 'table = "book"\ndate = "day"\nvalue = "sum(amount)"', "DuckDB"),
    "duck": ('url = "duckdb:///s.duckdb"', 'table = "orders"\ndate = "day"\nvalue = "sum(amount)"', "DuckDB"),
    "lite": ('url = "sqlite:///s.db"', 'table = "orders"\ndate = "day"\nvalue = "sum(amount)"', "SQLite"),
    "own": (
        'url = "python:own:records"',
        'table = "orders"\ndate = "day"\nvalue = "sum(amount)"',
        "added up by DuckDB",
    ),
    "rows": ('url = "sqlite:///s.db"', 'sql = "SELECT * FROM orders"\ndate = "day"\nvalue = "sum(amount)"', "SQLite"),
    "single": (
        'url = "sqlite:///s.db"\nwatermark = "SELECT max(day) FROM orders"',
        'sql = "SELECT sum(amount) FROM orders WHERE day >= :start AND day < :end"',
        "SQLite",
    ),
}


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Project]:
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "data").mkdir()
    (folder / "data" / "orders.csv").write_text("day,amount\n2026-10-02,100\n2026-10-31,10\n")
    rows = [("day", "amount"), ("2026-10-02", 100), ("2026-10-31", 10)]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(folder / "book.xlsx")
    (folder / "own.py").write_text(
        "import datetime\nfrom kpisheets.connectors import Records\ndef records(table, window):\n"
        f"    return Records([dict(zip(('day', 'amount'), row)) for row in {rows[1:]}], "
        "watermark=datetime.date(2026, 10, 30))\n"
    )
    with duckdb.connect(str(folder / "s.duckdb")) as db, sqlite3.connect(folder / "s.db") as lite:
        for one in (db, lite):
            one.execute("CREATE TABLE orders (day DATE, amount INTEGER)")
            one.executemany("INSERT INTO orders VALUES (?, ?)", rows[1:])
    lite.close()
    world = World(folder, "duckdb:///s.duckdb", Active_from=datetime(2026, 10, 1))  # noqa: DTZ001 — what a cell holds
    text = (folder / "kpisheets.toml").read_text()
    for name, (source, metric, _) in KINDS.items():
        text += f'\n[sources.{name}]\n{source}\n[metrics.{name}]\nsource = "{name}"\n{metric}\n'
        world.add_kpi(name, Metric=name, Active_from=datetime(2026, 10, 1))  # noqa: DTZ001
    Path(folder / "kpisheets.toml").write_text(text)
    project = Project.load(folder, lambda: NOW)
    assert project.sync().problems == ()
    return world, project


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_says_where_it_comes_from(kind: str, synced: tuple[World, Project]) -> None:
    world, project = synced
    [row] = [row for row in world.rows() if row["Key"] == f"{kind}|2026-10"]
    assert (row["Actual"], row["Source"]) == (110, f"{kind}.{kind}")
    # Up to when the source says that it is complete, else when it was read.
    told = {"own": datetime(2026, 10, 30, 23, 59, 59), "single": datetime(2026, 10, 31, 23, 59, 59)}  # noqa: DTZ001
    assert row["As of"] == told.get(kind, NOW.replace(tzinfo=None))
    assert row["Status"] == ("◔ In progress" if kind == "own" else "✔ Met")
    found = project.explain(kind, "2026-10")
    [query] = explanation_document(found)["queries"]
    assert KINDS[kind][2] in query["engine"]
    assert query["rows"] == (1 if kind == "single" else 2)
    assert query["seconds"] >= 0
    assert query["source"] == kind
    assert query["parameters"] == ["2026-10-01", "2026-11-01"]
    last = {"own": "2026-10-30", "single": ""}.get(kind, "2026-10-31")
    assert query["watermark"][:10] == last
    shown = explanation_text(found, "EUR")
    for words in (query["text"], "Parameters: 2026-10-01, 2026-11-01", "The source says now: 110", "As of:"):
        assert words in shown
    assert ("Complete up to:" in shown) == (kind in told)
