"""SQL for databases that the tests cannot start: as it stands in ``snapshots``, read by sqlglot, and computed by it.

sqlglot knows each dialect by itself. What it makes of a query for DuckDB must give the numbers of DuckDB's own query.
``KPISHEETS_SNAPSHOTS=write`` writes the snapshots anew; look at the difference.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from kpisheets.connectors.asking import plan
from kpisheets.connectors.asking.expression import read
from kpisheets.connectors.base import Column, Kind, Table, Window
from kpisheets.connectors.dialects.spellings import known, named
from kpisheets.connectors.dialects.zones import shifts
from kpisheets.core.metric import Metric
from kpisheets.core.period import Calendar, Frequency, WeekYears

SNAPSHOTS = Path(__file__).parent / "snapshots"
CALENDAR = Calendar(4, "Asia/Kathmandu")
WEEKS = Calendar(timezone="Asia/Kathmandu", week_years=WeekYears((4, 4, 5), month=1, weekday=5, nearest=True))
SPAN = Window(date(2025, 1, 1), date(2026, 12, 1), CALENDAR.timezone)
REMOTE = sorted(set(known()) - {"duckdb", "sqlite"})
METRICS = [
    Metric("sum", "s", "sales", "day", value="sum(amount)", filter="status = 'paid'"),
    Metric("buyers", "s", "sales", "day", value="count(distinct buyer)"),
    Metric("share", "s", "sales", "day", numerator="sum(case when qty > 2 then 1 else 0 end)", denominator="count(*)"),
]
KINDS = {Kind.DATE: "day", Kind.LOCAL: "local", Kind.INSTANT: "instant"}
# sqlglot reads these as their makers do. Of the others it makes functions that DuckDB lacks, or it mistakes one:
# MariaDB itself is judge of MySQL's WEEKDAY in test_databases.py.
JUDGED = [
    *((dialect, kind) for dialect in ("postgres", "redshift", "snowflake", "trino") for kind in KINDS),
    *((dialect, kind) for dialect in ("bigquery", "databricks", "tsql") for kind in (Kind.DATE, Kind.LOCAL)),
]


def table(dialect: str) -> Table:
    columns = [Column(name, kind) for kind, name in KINDS.items()]
    columns += [Column("amount", Kind.NUMBER), Column("qty", Kind.NUMBER)]
    columns += [Column("status", Kind.TEXT), Column("buyer", Kind.TEXT)]
    return Table("sales", named(dialect).quoted("sales"), tuple(columns))


def planned(
    dialect: str, kind: Kind, calendar: Calendar = CALENDAR
) -> tuple[plan.Statement, plan.Statement, list[int]]:
    """The query and its census, for a date column of that kind; where in a row the measures are."""
    sales, spelling = table(dialect), named(dialect)
    day = sales.column(KINDS[kind])
    assert day is not None
    today = date(2026, 11, 24)
    measures = [read(metric, reads=dialect, writes=dialect, today=today, table=sales) for metric in METRICS]
    changes = shifts(CALENDAR.timezone, datetime(2024, 12, 1), datetime(2026, 12, 2))  # noqa: DTZ001 — naive UTC
    query, layout = plan.statement(
        sales, day, measures, list(Frequency), SPAN, calendar,
        dialect=spelling, grouping_sets=spelling.grouping_sets, shifts=changes,
    )  # fmt: skip
    places = [0, 1, *(layout.at(output) for measure in measures for output in measure.outputs)]
    return query, plan.census(sales, day, CALENDAR, dialect=spelling), places


@pytest.mark.parametrize("dialect", REMOTE)
def test_sql_is_that_of_the_snapshot(dialect: str) -> None:
    parts = []
    for kind in KINDS:
        query, census, _ = planned(dialect, kind)
        parts += [f"-- {kind}\n{query.text}\n-- {', '.join(query.parameters)}\n", f"-- census\n{census.text}\n"]
    parts.append(f"-- weeks of 4-4-5\n{planned(dialect, Kind.DATE, WEEKS)[0].text}\n")
    path, text = SNAPSHOTS / f"{dialect}.sql", "\n".join(parts)
    if os.environ.get("KPISHEETS_SNAPSHOTS") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_there_is_a_snapshot_for_each_dialect_and_no_other() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.sql")} == set(REMOTE)


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    rng, db = random.Random(5), duckdb.connect()
    db.execute("SET TimeZone = 'Asia/Kathmandu'")
    db.execute(
        "CREATE TABLE sales (day DATE, local TIMESTAMP, instant TIMESTAMPTZ, amount DECIMAL(9,2), qty INT, "
        "status VARCHAR, buyer VARCHAR)"
    )
    moments = [datetime(2024, 12, 20, tzinfo=UTC) + timedelta(minutes=rng.randrange(1_100_000)) for _ in range(400)]
    rows = [
        (m.date(), m.replace(tzinfo=None), m, rng.randrange(9999) / 100, rng.randrange(5), rng.choice(["paid", "open"]),
         rng.choice("abcdef"))
        for m in moments
    ]  # fmt: skip
    db.executemany("INSERT INTO sales VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    return db


def answered(db: duckdb.DuckDBPyConnection, text: str, parameters: tuple[str, ...], places: list[int]) -> list[Any]:
    def plain(value: Any) -> Any:
        return value.date() if isinstance(value, datetime) else value

    return sorted(tuple(plain(row[place]) for place in places) for row in db.execute(text, list(parameters)).fetchall())


@pytest.mark.parametrize("calendar", [CALENDAR, WEEKS], ids=["months", "weeks"])
@pytest.mark.parametrize(("dialect", "kind"), JUDGED)
def test_sqlglot_computes_the_same_numbers_from_it(
    dialect: str, kind: Kind, calendar: Calendar, engine: duckdb.DuckDBPyConnection
) -> None:
    query, _, places = planned(dialect, kind, calendar)
    tree = sqlglot.parse_one(query.text, dialect=dialect)
    assert len(list(tree.find_all(exp.Placeholder))) == len(query.parameters)
    own, _, mine = planned("duckdb", kind, calendar)
    text = tree.sql(dialect="duckdb")
    assert answered(engine, text, query.parameters, places) == answered(engine, own.text, own.parameters, mine)
