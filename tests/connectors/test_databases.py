"""One plan, four engines, five kinds of dates: each number as pandas computes it, on real servers."""

from __future__ import annotations

import json
import random
import sqlite3
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy
from sqlalchemy import Column, Date, DateTime, Integer, MetaData, Numeric, String, Table
from sqlalchemy.dialects.mysql import TIMESTAMP as MYSQL_TIMESTAMP

from kpisheets.connectors import collect
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency
from tests.connectors.test_engines import buckets

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ENGINES = ("duckdb", "sqlite", "postgres", "mariadb")
KINDS = ("day", "local", "instant", "text_day", "text_instant")
ZONES = (
    "UTC",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",  # its summer time is half an hour
    "Pacific/Kiritimati",
)
PARTS: dict[str, dict[str, str]] = {
    "sum": {"value": "sum(Amount)"},
    "paid": {"value": "sum(Amount)", "filter": "status = 'paid' AND qty > 0"},
    "count": {"value": "count(*)", "filter": "status <> 'open'"},
    "buyers": {"value": "count(DISTINCT buyer)"},
    "spread": {"value": "max(Amount) - min(Amount)"},
    "ratio": {"numerator": "sum(Amount)", "denominator": "sum(qty)"},
    "order": {"value": "sum(`order`)"},
    "odd": {"value": "count(*)", "filter": "status = 'it''s: 50%?'"},
}


@cache
def records() -> pd.DataFrame:
    """Moments in and around every change of clocks of the zones, at the edges of their days, and junk in the texts."""
    rng = random.Random(11)
    moments = [datetime(2025, 10, 1) + timedelta(minutes=rng.randrange(60 * 24 * 420)) for _ in range(260)]  # noqa: DTZ001
    for edge in ("2026-03-28T12", "2026-10-24T12", "2026-03-08T00", "2026-11-01T00", "2026-04-04T08", "2026-10-03T08"):
        moments += [datetime.fromisoformat(edge) + timedelta(minutes=15 * step) for step in range(0, 160, 3)]
    moments += [datetime.fromisoformat(f"2026-{m:02}-01T{h}:15:00") for m in range(1, 13) for h in ("00", "18", "23")]
    frame = pd.DataFrame({"moment": moments})
    count = len(frame)
    frame["Amount"] = [rng.choice([None, Decimal(rng.randrange(-9999, 99999)) / 100]) for _ in range(count)]
    frame["qty"] = [rng.randrange(-2, 6) for _ in range(count)]
    frame["order"] = [rng.randrange(100) for _ in range(count)]
    frame["status"] = [rng.choice(["paid", "open", "it's: 50%?", "Élan"]) for _ in range(count)]
    frame["buyer"] = [rng.choice(["ann", "bob", "cé", None]) for _ in range(count)]
    frame["day"] = [moment.date() for moment in moments]
    offsets = [rng.choice([0, 120, -210, 345, None]) for _ in range(count)]
    frame["text_instant"] = [_with_offset(moment, offset, rng) for moment, offset in zip(moments, offsets, strict=True)]
    frame["text_day"] = [
        moment.strftime(rng.choice(["%Y-%m-%d", " %Y-%m-%d ", "%Y-%m-%dT%H:%M"])) for moment in moments
    ]
    junk = ["", "soon", "2026-02-30", "2026-04-31", "2025-02-29", "2026-13-01", "2026-01-05 x", "20260105", None]
    extra = pd.DataFrame([{**frame.iloc[0].to_dict(), "text_day": text, "text_instant": text} for text in junk])
    extra["moment"] = extra["day"] = None
    return pd.concat([frame.astype(object), extra.astype(object)], ignore_index=True).astype(object)


def _with_offset(moment: datetime, offset: int | None, rng: random.Random) -> str:
    if offset is None:
        return moment.isoformat() + rng.choice(["Z", "z"])
    local = moment + timedelta(minutes=offset)
    sign, size = "-" if offset < 0 else "+", abs(offset)
    colon = rng.choice([":", ""])
    return f"{local.isoformat(sep=rng.choice(['T', ' ']))}{sign}{size // 60:02}{colon}{size % 60:02}"


@cache
def rows() -> list[dict[str, Any]]:
    found = []
    for record in records().to_dict("records"):
        moment = None if pd.isna(record["moment"]) else pd.Timestamp(record["moment"]).to_pydatetime()
        day = record["day"] if moment else None
        clean = {k: (None if v is None or v != v else v) for k, v in record.items() if k != "moment"}
        found.append(clean | {"local": moment, "instant": moment, "day": day})
    return found


COLUMNS = ("day", "local", "instant", "text_day", "text_instant", "Amount", "qty", "order", "status", "buyer")


@pytest.fixture(scope="module", params=ENGINES)
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Source, Path]:
    """The records in one engine: its name, the source, the project's folder."""
    engine, folder = request.param, tmp_path_factory.mktemp("databases")
    if engine == "duckdb":
        with duckdb.connect(str(folder / "s.duckdb")) as db:
            db.execute("SET TimeZone = 'UTC'")
            db.execute(
                "CREATE TABLE sales (day DATE, local TIMESTAMP, instant TIMESTAMPTZ, text_day VARCHAR, "
                'text_instant VARCHAR, "Amount" DECIMAL(12,2), qty INT, "order" INT, status VARCHAR, buyer VARCHAR)'
            )
            utc = [row | {"instant": row["instant"] and row["instant"].replace(tzinfo=UTC)} for row in rows()]
            arrow = pa.Table.from_pylist([{name: row[name] for name in COLUMNS} for row in utc])
            db.register("arrow", arrow)
            db.execute("INSERT INTO sales SELECT * FROM arrow")
        return engine, Source("s", "duckdb:///s.duckdb"), folder
    if engine == "sqlite":
        with sqlite3.connect(folder / "s.db") as db:
            db.execute(f"CREATE TABLE sales ({', '.join(map(json.dumps, COLUMNS))})")
            stored = [
                row
                | {
                    "day": row["day"] and row["day"].isoformat(),
                    "local": row["local"] and row["local"].isoformat(sep=" "),
                    "instant": row["instant"] and f"{row['instant'].isoformat()}Z",
                    "Amount": None if row["Amount"] is None else float(row["Amount"]),
                }
                for row in rows()
            ]
            marks = ", ".join("?" * len(COLUMNS))
            db.executemany(f"INSERT INTO sales VALUES ({marks})", [[row[name] for name in COLUMNS] for row in stored])
        db.close()
        return engine, Source("s", "sqlite:///s.db"), folder
    url = request.getfixturevalue(engine)
    filled(url, engine)
    return engine, Source("s", url), folder


def filled(url: str, engine: str) -> None:
    driver = {"postgres": "postgresql+psycopg", "mariadb": "mysql+pymysql"}[engine]
    server = sqlalchemy.create_engine(driver + "://" + url.partition("://")[2])
    text = String(60, collation="utf8mb4_bin" if engine == "mariadb" else None)
    table = Table(
        "sales",
        MetaData(),
        Column("day", Date),
        Column("local", DateTime),
        Column("instant", MYSQL_TIMESTAMP(fsp=0) if engine == "mariadb" else DateTime(timezone=True), nullable=True),
        *(Column(name, text) for name in ("text_day", "text_instant")),
        Column("Amount", Numeric(12, 2)),
        Column("qty", Integer),
        Column("order", Integer),
        *(Column(name, text) for name in ("status", "buyer")),
    )
    with server.begin() as connection:
        if engine == "mariadb":
            connection.execute(sqlalchemy.text("SET time_zone = '+00:00'"))
        table.drop(connection, checkfirst=True)
        table.create(connection)
        utc = rows()
        if engine == "postgres":
            utc = [row | {"instant": row["instant"] and row["instant"].replace(tzinfo=UTC)} for row in utc]
        connection.execute(table.insert(), [{c: row[c] for c in COLUMNS} for row in utc])
    server.dispose()


def gather(source: Source, folder: Path, asked: list[Asked], calendar: Calendar) -> Collected:
    return collect({"s": source}, asked, calendar=calendar, root=folder, now=NOW)


def local_days(kind: str, zone: str) -> pd.Series:
    """Each record's local day as pandas sees it; NaT where it has none."""
    frame = records()
    utc = pd.to_datetime(frame["moment"], utc=True)
    if kind in ("instant", "text_instant"):
        utc = utc.dt.tz_convert(zone)
    return utc.dt.tz_localize(None).dt.normalize()


def expected(name: str, part: list[dict[str, Any]]) -> Decimal | None:
    amounts = [row["Amount"] for row in part if row["Amount"] is not None]
    match name:
        case "sum":
            return sum(amounts, Decimal(0)) if amounts else None
        case "paid":
            kept = [row["Amount"] for row in part if row["status"] == "paid" and row["qty"] > 0]
            kept = [amount for amount in kept if amount is not None]
            return sum(kept, Decimal(0)) if kept else None
        case "count":
            return Decimal(sum(row["status"] != "open" for row in part))
        case "buyers":
            return Decimal(len({row["buyer"] for row in part} - {None}))
        case "spread":
            return max(amounts) - min(amounts) if amounts else None
        case "odd":
            return Decimal(sum(row["status"] == "it's: 50%?" for row in part))
        case "order":
            return Decimal(sum(row["order"] for row in part))
    bottom = sum(row["qty"] for row in part)
    return sum(amounts, Decimal(0)) / bottom if amounts and bottom else None


CASES = [(kind, ZONES[index % 3], 1 + 3 * index) for index, kind in enumerate(("day", "local", "text_day"))]
CASES += [("instant", zone, 1 + index % 12) for index, zone in enumerate(ZONES)]
CASES += [("text_instant", zone, 12 - index) for index, zone in enumerate(ZONES[1::2])]


@cache
def wanted(kind: str, zone: str, start: int) -> dict[tuple[str, str], Decimal | None]:
    days, held = local_days(kind, zone), rows()
    found = {}
    for frequency in Frequency:
        inside = days.notna() & (days >= pd.Timestamp(2025, 12, 1)) & (days < pd.Timestamp(2026, 11, 1))
        labels = buckets(days[inside], frequency, start)
        for label, places in labels.groupby(labels).groups.items():
            part = [held[place] for place in places]
            for name in PARTS:
                found[f"{name} {frequency}", label] = expected(name, part)
    return found


@pytest.mark.parametrize(("kind", "zone", "start"), CASES)
def test_every_engine_agrees_with_pandas(source: tuple[str, Source, Path], kind: str, zone: str, start: int) -> None:
    check(*source, kind, zone, start)


def check(engine: str, found: Source, folder: Path, kind: str, zone: str, start: int, *, table: str = "Sales") -> None:
    """The numbers of one engine beside those of pandas, at every frequency. ``table`` may be written in any case."""
    calendar = Calendar(start, zone)
    # A window of whole months is not one of whole weeks, quarters and years: the days between are cut off by date.
    quote = "`" if engine in ("mariadb", "spark", "bigquery") else '"'
    apostrophe = "\\'" if engine in ("spark", "bigquery") else "''"
    metrics = {
        name: Metric(name, "s", table if engine != "mariadb" else "sales", kind, where="kpisheets.toml:9",
                     **{key: text.replace("`", quote).replace("''", apostrophe) for key, text in parts.items()})
        for name, parts in PARTS.items()
    }  # fmt: skip
    asked = [
        Asked(f"{name} {frequency}", metric, frequency, calendar.period(frequency, date(2025, 12, 1)),
              calendar.period(frequency, date(2026, 10, 31)))
        for name, metric in metrics.items()
        for frequency in Frequency
    ]  # fmt: skip
    got = gather(found, folder, asked, calendar)
    # Whatever lies in the window's first and last period, on either side of the cut, is not compared.
    edges = {calendar.period(f, day).label for f in Frequency for day in (date(2025, 12, 1), date(2026, 10, 31))}
    values = {(f.kpi, f.period.label): f.value for f in got.facts if f.period.label not in edges}
    want = {key: value for key, value in wanted(kind, zone, start).items() if key[1] not in edges}
    if engine == "sqlite":  # it adds up in floating point
        values, want = ({key: value and round(value, 9) for key, value in found.items()} for found in (values, want))
    assert values == want
    assert [p.kpi for p in got.problems] == [None] * (1 if kind.startswith("text") else 0)
    assert len(got.queries) == 1
    assert ("GROUPING SETS" in got.queries[0].text) == (engine not in ("sqlite", "mariadb"))
