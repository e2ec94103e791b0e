"""Sessions with real databases: read-only, bounded in time, one line when they fail; names of every kind."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import sqlalchemy

from kpisheets.connectors import Opening, Refused, collect, connect, probe
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency
from kpisheets.errors import Problem, Unreachable
from kpisheets.secrets import reveal
from kpisheets.testing import ConnectorTests

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CALENDAR = Calendar(1, "Europe/Paris")
SERVERS = pytest.mark.parametrize("server", ["postgres", "mariadb"])


@contextmanager
def administrator(url: str) -> Iterator[sqlalchemy.Connection]:
    driver = "postgresql+psycopg" if url.startswith("postgresql") else "mysql+pymysql"
    engine = sqlalchemy.create_engine(f"{driver}://{url.partition('://')[2]}")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def prepared(url: str, *statements: str) -> str:
    with administrator(url) as connection:
        for statement in statements:
            connection.execute(sqlalchemy.text(statement))
    return url


def metric(name: str = "m", table: str = "orders", **parts: str) -> Metric:
    day = parts.pop("date", "day")
    return Metric(name, "shop", table, day, where="kpisheets.toml:9", **(parts or {"value": "sum(amount)"}))


def gather(url: str, *metrics: Metric, timeout: float = 60, root: Path = Path()) -> Collected:
    asked = [Asked(m.name, m, Frequency.MONTHLY, None, CALENDAR.parse("2026-12")) for m in metrics]
    source = Source("shop", url, "kpisheets.toml:5", timeout)
    return collect({"shop": source}, asked, calendar=CALENDAR, root=root, now=NOW)


def one(got: Collected) -> Problem:
    (problem,) = got.problems
    assert "\n" not in str(problem)
    assert problem.mend
    return problem


ORDERS = (
    "DROP TABLE IF EXISTS orders",
    "CREATE TABLE orders (day DATE, amount NUMERIC(9,2), qty INT, status VARCHAR(20))",
)
PAID = "INSERT INTO orders VALUES ('2026-01-05', 12.50, 1, 'paid')"


class _Server(ConnectorTests):
    """The tests that every author inherits, on a server."""

    server = ""

    @pytest.fixture(autouse=True)
    def _started(self, request: pytest.FixtureRequest) -> None:
        type(self).url = request.getfixturevalue(self.server)  # type: ignore[attr-defined]

    def store(self, folder: Path) -> str:
        url: str = type(self).url  # type: ignore[attr-defined]
        with administrator(prepared(url, *ORDERS)) as connection:
            insert = sqlalchemy.text("INSERT INTO orders VALUES (:day, :amount, :qty, :status)")
            connection.execute(insert, [dict(record) for record in self.records])
        return url


class TestPostgres(_Server):
    server = "postgres"
    absent = "postgresql://reader:secret@127.0.0.1:9/shop"


class TestMariaDB(_Server):
    server = "mariadb"
    absent = "mysql://reader:secret@127.0.0.1:9/shop"


@SERVERS
def test_nothing_can_be_written(server: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = prepared(request.getfixturevalue(server), *ORDERS, PAID)
    with closing(connect(Opening(reveal(url, tmp_path), tmp_path, "UTC"))) as connection:
        for statement in ("DELETE FROM orders", "DROP TABLE orders", "CREATE TABLE x (a INT)"):
            with pytest.raises(Refused, match=r"(?i)read[- ]only"):
                connection.run(statement, ())
    assert [fact.value for fact in gather(url, metric()).facts] == [Decimal("12.50")]


@SERVERS
def test_a_query_that_takes_too_long_is_stopped_at_the_server(server: str, request: pytest.FixtureRequest) -> None:
    endless = {
        "postgres": "SELECT DATE '2026-01-05' AS day, count(*) AS amount FROM generate_series(1, 2000000000)",
        "mariadb": "SELECT DATE '2026-01-05' AS day, count(*) AS amount FROM seq_1_to_1000000000 a, seq_1_to_9 b",
    }[server]
    url = prepared(request.getfixturevalue(server), "DROP VIEW IF EXISTS endless", f"CREATE VIEW endless AS {endless}")
    began = time.monotonic()
    got = gather(url, metric("a", "endless"), metric("b", "endless", value="max(amount)"), timeout=0.4)
    assert time.monotonic() - began < 5
    assert got.unreachable == {"shop"}
    assert "did not answer" in one(got).what
    prepared(url, "DROP VIEW endless")  # a query that still ran would hold it


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_an_endless_query_in_a_file_is_given_up(engine: str, tmp_path: Path) -> None:
    if engine == "sqlite":
        with closing(sqlite3.connect(tmp_path / "s.db")) as db:
            db.execute(
                "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                "SELECT '2026-01-05' AS day, count(*) AS amount FROM n"
            )
    else:
        with duckdb.connect(str(tmp_path / "s.db")) as db:
            db.execute("CREATE VIEW endless AS SELECT DATE '2026-01-05' AS day, count(*) AS amount "
                       "FROM range(1000000000000) t(i) WHERE i % 7 <> sqrt(i)")  # fmt: skip
    got = gather(f"{engine}:///s.db", metric("m", "endless"), timeout=0.2, root=tmp_path)
    assert got.unreachable == {"shop"}
    assert "within 0.2 seconds" in one(got).what
    deadline = time.monotonic() + 10
    while any(thread.name == "source shop" for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [thread for thread in threading.enumerate() if thread.name == "source shop"], "it goes on computing"


def test_a_slow_source_does_not_hold_up_the_others(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("import time\ndef records(table, window):\n    time.sleep(30)\n")
    (tmp_path / "orders.csv").write_text("day,amount\n2026-01-05,3\n")
    sources = {"slow": Source("slow", "python:own:records", "kpisheets.toml:5", 0.2), "files": Source("files", ".")}
    asked = [
        Asked(
            name, Metric(name, name, "orders", "day", "sum(amount)"), Frequency.MONTHLY, None, CALENDAR.parse("2026-12")
        )
        for name in sources
    ]
    began = time.monotonic()
    got = collect(sources, asked, calendar=CALENDAR, root=tmp_path, now=NOW)
    assert time.monotonic() - began < 10
    assert [(fact.kpi, fact.value) for fact in got.facts] == [("files", 3)]
    assert (got.unreachable, one(got).where) == ({"slow"}, "kpisheets.toml:5")


def test_a_refused_user_is_not_allowed(mariadb: str) -> None:
    prepared(mariadb, "CREATE OR REPLACE USER reader@localhost IDENTIFIED BY 'right'")
    url = mariadb.replace("root@", "reader:wr0ng@")
    got = gather(url, metric())
    assert (got.unreachable, got.denied) == ({"shop"}, {"shop"})
    assert "wr0ng" not in str(got)
    assert [str(problem) for problem in probe(Source("shop", url, "kpisheets.toml:5"), [], root=Path())] == [
        str(one(got))
    ]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://reader:s3cret@127.0.0.1:9/shop", "can't be reached"),
        ("mysql://reader:s3cret@127.0.0.1:9/shop", "can't be reached"),
        ("postgresql+nosuchdriver://reader:s3cret@127.0.0.1:9/shop", "can't be used"),
        ("mssql+pyodbc://reader:s3cret@127.0.0.1:9/shop", "is not installed"),
        ("nosuch://reader:s3cret@127.0.0.1:9/shop", "can't be used"),
    ],
)
def test_a_database_that_is_not_there_is_one_line(url: str, said: str) -> None:
    got = gather(url, metric())
    assert got.unreachable == {"shop"}
    assert said in one(got).what
    assert "s3cret" not in str(got)


@pytest.mark.parametrize("scheme", ["databricks", "trino", "redshift", "clickhouse", "mssql", "oracle"])
def test_a_missing_driver_is_one_line_with_the_command(scheme: str) -> None:
    got = gather(f"{scheme}://reader:s3cret@127.0.0.1:9/shop", metric())
    assert got.unreachable == {"shop"}
    problem = one(got)
    if "is not installed" not in problem.what:
        pytest.skip(f"the driver of {scheme}:// is installed here")
    extra = re.fullmatch(r"pip install 'kpisheets\[(\w+)\]'", problem.mend)
    assert extra is not None
    assert extra[1] in EXTRAS
    assert "s3cret" not in str(got)


def test_a_server_that_goes_away_is_unreachable(postgres: str, tmp_path: Path) -> None:
    with closing(connect(Opening(reveal(postgres, tmp_path), tmp_path, "UTC"))) as connection:
        ((mine,),) = connection.run("SELECT pg_backend_pid()", ())
        prepared(postgres, f"SELECT pg_terminate_backend({mine})")
        with pytest.raises(Unreachable, match="went away"):
            connection.run("SELECT 1", ())


@SERVERS
def test_names_of_every_kind(server: str, request: pytest.FixtureRequest) -> None:
    begin = end = "`" if server == "mariadb" else '"'
    odd, price, word = (f"{begin}{name}{end}" for name in ("Odd Näme", "Unit price %", "select"))
    url = prepared(
        request.getfixturevalue(server),
        f"DROP TABLE IF EXISTS {odd}",
        f"CREATE TABLE {odd} ({begin}Day{end} DATE, {price} INT, {word} INT, {begin}camelCase{end} INT)",
        f"INSERT INTO {odd} VALUES ('2026-01-05', 3, 4, 5)",
    )
    table, day = "Odd Näme", "DAY"
    got = gather(
        url,
        metric("price", table, date=day, value=f"sum({price})"),
        metric("word", table, date=day, value=f"sum({word})", filter=f"{word} > 3"),
        metric("case", table, date=day, value="sum(camelcase)"),
    )
    assert got.problems == ()
    assert {fact.kpi: fact.value for fact in got.facts} == {"price": 3, "word": 4, "case": 5}
    assert len(got.queries) == 1


def test_a_table_in_another_schema(postgres: str) -> None:
    url = prepared(
        postgres,
        "CREATE SCHEMA IF NOT EXISTS app",
        "DROP TABLE IF EXISTS app.orders",
        "CREATE TABLE app.orders (day DATE, amount INT)",
        "INSERT INTO app.orders VALUES ('2026-01-05', 8)",
        *ORDERS,
        PAID,
    )
    found = gather(url, metric("app", "app.orders"), metric("own"), metric("none", "app.nothing"))
    assert {fact.kpi: fact.value for fact in found.facts} == {"app": 8, "own": Decimal("12.50")}
    assert one(found).what == "there is no table “app.nothing”"


def test_an_operator_that_looks_like_a_parameter_is_refused(postgres: str) -> None:
    url = prepared(
        postgres,
        "DROP TABLE IF EXISTS events",
        "CREATE TABLE events (day DATE, data JSONB)",
        """INSERT INTO events VALUES ('2026-01-05', '{"a": 1}'), ('2026-01-05', '{"b": 1}')""",
    )
    wrong = metric("wrong", "events", value="count(*)", filter="data ? 'a'")
    right = metric("right", "events", value="count(*)", filter="jsonb_exists(data, 'a')")
    assert "question mark" in one(gather(url, wrong)).what
    assert [fact.value for fact in gather(url, right).facts] in ([1], [])


@SERVERS
def test_numbers_of_every_kind_come_as_they_are(server: str, request: pytest.FixtureRequest) -> None:
    double = "DOUBLE PRECISION"
    url = prepared(
        request.getfixturevalue(server),
        "DROP TABLE IF EXISTS kinds",
        f"CREATE TABLE kinds (day DATE, tiny SMALLINT, big BIGINT, money NUMERIC(30, 12), real_ {double}, yes BOOLEAN)",
        "INSERT INTO kinds VALUES ('2026-01-05', 7, 9007199254740993, 123456789012345.123456789012, 0.1, TRUE)",
        "INSERT INTO kinds VALUES ('2026-01-06', NULL, 9007199254740993, 0.000000000001, 0.2, FALSE)",
    )
    value = {"yes": "count(CASE WHEN yes THEN 1 END)"}
    got = gather(
        url, *(metric(n, "kinds", value=value.get(n, f"sum({n})")) for n in ("tiny", "big", "money", "real_", "yes"))
    )
    assert got.problems == ()
    assert {fact.kpi: fact.value for fact in got.facts} == {
        "tiny": 7,
        "big": 18014398509481986,
        "money": Decimal("123456789012345.123456789013"),
        "real_": Decimal("0.3"),
        "yes": 1,
    }
