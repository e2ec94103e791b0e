"""Metrics that bring their own SQL: the same numbers on every engine, windows bound, nothing but reading."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from kpisheets.connectors import collect, probe
from kpisheets.connectors.asking.free import filled
from kpisheets.connectors.base import Window
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency
from tests.connectors.test_sessions import prepared

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CALENDAR = Calendar(1, "Europe/Paris")
CREATE = (
    "CREATE TABLE orders (day DATE, customer INT, amount INT)",
    "CREATE TABLE customers (id INT, vip INT)",
    "INSERT INTO customers VALUES (1, 1), (2, 0), (3, 1)",
    "INSERT INTO orders VALUES ('2026-01-05', 1, 10), ('2026-01-31', 2, 20), ('2026-02-01', 1, 40), "
    "('2026-02-28', 3, 80), ('2026-03-01', 3, 160)",
)
ENGINES = pytest.mark.parametrize("engine", ["duckdb", "sqlite", "csv", "python", "postgres", "mariadb"])
JOINED = (
    "SELECT o.day, o.amount FROM orders o JOIN customers c ON c.id = o.customer "
    "WHERE c.vip = 1 AND o.day >= :start AND o.day < :end -- :start in a comment stays"
)


def source(engine: str, folder: Path, request: pytest.FixtureRequest) -> Source:
    if engine in ("postgres", "mariadb"):
        drops = [f"DROP TABLE IF EXISTS {name}" for name in ("orders", "customers")]
        return Source("s", prepared(request.getfixturevalue(engine), *drops, *CREATE))
    if engine in ("csv", "python"):
        with duckdb.connect() as db:
            for statement in CREATE:
                db.execute(statement)
            for name in ("orders", "customers"):
                db.execute(f"COPY {name} TO '{folder / name}.csv'")
        if engine == "csv":
            return Source("s", ".")
        (folder / "own.py").write_text(
            "import csv, pathlib\n"
            "def records(table, window):\n"
            "    return list(csv.DictReader(pathlib.Path(__file__).with_name(f'{table}.csv').open()))\n"
        )
        return Source("s", "python:own:records")
    with closing((sqlite3 if engine == "sqlite" else duckdb).connect(str(folder / "s.db"))) as db:
        for statement in CREATE:
            db.execute(statement)
        if engine == "sqlite":
            db.commit()
    return Source("s", f"{engine}:///s.db")


def metric(name: str, sql: str, **parts: str) -> Metric:
    return Metric(name, "s", "", parts.pop("date", ""), sql=sql, where="kpisheets.toml:9", **parts)


def gather(found: Source, folder: Path, *metrics: Metric, first: str | None = "2026-01") -> Collected:
    begin = CALENDAR.parse(first) if first else None
    asked = [Asked(m.name, m, Frequency.MONTHLY, begin, CALENDAR.parse("2026-02")) for m in metrics]
    return collect({"s": found}, asked, calendar=CALENDAR, root=folder, now=NOW)


@ENGINES
def test_a_select_in_place_of_a_table(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    found = source(engine, tmp_path, request)
    metrics = [
        metric("vip", JOINED, date="day", value="sum(amount)"),
        metric("most", JOINED, date="day", value="max(amount)", filter="amount < 50"),
        Metric("all", "s", "orders", "day", value="sum(amount)"),
        metric("buyers", "SELECT count(DISTINCT customer) AS n FROM orders WHERE day >= :start AND day < :end"),
        metric("share", "WITH p AS (SELECT * FROM orders WHERE day >= :start AND day < :end) "
                        "SELECT sum(CASE WHEN customer = 1 THEN amount END) AS a, sum(amount) AS b FROM p;"),
    ]  # fmt: skip
    got = gather(found, tmp_path, *metrics)
    assert got.problems == ()
    values = {(fact.kpi, fact.period.label): fact.value for fact in got.facts}
    assert values == {
        ("vip", "2026-01"): 10,
        ("vip", "2026-02"): 120,
        ("most", "2026-01"): 10,
        ("most", "2026-02"): 40,
        ("all", "2026-01"): 30,
        ("all", "2026-02"): 120,
        ("buyers", "2026-01"): 2,
        ("buyers", "2026-02"): 2,
        ("share", "2026-01"): pytest.approx(Decimal(10) / 30),
        ("share", "2026-02"): pytest.approx(Decimal(40) / 120),
    }
    assert len(got.queries) == 4
    assert not probe(found, metrics, root=tmp_path)


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "postgres", "mariadb"])
@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM orders",
        "SELECT 1; DROP TABLE orders",
        "DROP TABLE orders",
        "WITH gone AS (DELETE FROM orders RETURNING amount) SELECT sum(amount) FROM gone",
        "SELECT * INTO copied FROM orders",
        "SELECT amount FROM orders FOR UPDATE",
        "",
        "SELECT (",
        "UPDATE orders SET amount = 0",
        "ATTACH 'x.db'",
        "PRAGMA table_info(orders)",
        "COPY orders TO 'x.csv'",
        "SET TimeZone = 'UTC'",
        "CALL pragma_version()",
    ],
)
def test_it_does_nothing_but_read(engine: str, sql: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    found = source(engine, tmp_path, request)
    got = gather(found, tmp_path, metric("bad", sql, date="day", value="sum(amount)"), metric("b", sql),
                 Metric("good", "s", "orders", "day", value="sum(amount)"))  # fmt: skip
    assert {problem.kpi for problem in got.problems} == {"bad", "b"}
    assert {fact.kpi: fact.value for fact in got.facts} == {"good": 120}


@pytest.mark.parametrize("sql", ["SELECT max(content) FROM read_text('/etc/hostname')", "SELECT * FROM '/etc/passwd'"])
def test_files_stay_shut(sql: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    for engine in ("csv", "duckdb"):
        folder = tmp_path / engine
        folder.mkdir()
        got = gather(source(engine, folder, request), folder, metric("bad", sql))
        assert (got.facts, len(got.problems)) == ((), 1)


@pytest.mark.parametrize(
    ("sql", "first", "said"),
    [
        ("SELECT amount FROM orders", "2026-01", "gives 5 rows for 2026-01"),
        ("SELECT day, customer, amount FROM orders", "2026-01", "gives 3 columns"),
        ("SELECT max(amout) FROM orders", "2026-01", "amout"),
        ("SELECT 'ten'", "2026-01", "not a number"),
        ("SELECT count(*) FROM orders", None, "has no start"),
        ("SELECT count(*) FROM orders", "1910-01", "1394 periods"),
    ],
)
def test_what_is_no_number_is_told(
    sql: str, first: str | None, said: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    got = gather(source("duckdb", tmp_path, request), tmp_path, metric("bad", sql), first=first)
    [problem] = got.problems
    assert said in problem.what
    assert problem.mend


def test_only_names_are_bound() -> None:
    window = Window(date(2026, 3, 29), date(2026, 3, 30), "Europe/Paris")
    text = (
        "SELECT ':start', x::start, \":end\" /* :end */ FROM t "
        "WHERE a >= :start AND b<:END AND c >= :start_at AND d < :ends"
    )
    assert filled(text, "duckdb", window) == (
        "SELECT ':start', x::start, \":end\" /* :end */ FROM t WHERE a >= CAST('2026-03-29' AS DATE) "
        "AND b<CAST('2026-03-30' AS DATE) AND c >= CAST('2026-03-28 23:00:00' AS TIMESTAMP) AND d < :ends"
    )
