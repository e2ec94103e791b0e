"""The numbers that connectors bring, against an independent computation in pandas."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kpisheets.connectors import collect
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency, Period

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ENGINES = ("duckdb", "csv", "csv;", "jsonl", "parquet", "sqlite")
URLS = {"duckdb": "duckdb:///shop.duckdb", "sqlite": "sqlite:///shop.db"}
METRICS = {
    "revenue": ({"value": "sum(amount)", "filter": "status = 'paid'"}, lambda f: f[f.status == "paid"]),
    "orders": ({"value": "count(*)"}, lambda f: f),
    "buyers": ({"value": "count(distinct buyer)", "filter": "status <> 'open'"}, lambda f: f[f.status != "open"]),
    "largest": ({"value": "max(amount) - min(amount)"}, lambda f: f),
    "basket": ({"numerator": "sum(amount)", "denominator": "sum(qty)"}, lambda f: f),
    "paid share": ({"numerator": "count(*) filter (where status = 'paid')", "denominator": "count(*)"}, lambda f: f),
}


def expected(name: str, part: pd.DataFrame) -> tuple[Decimal | None, Decimal | None, Decimal | None, int]:
    kept = METRICS[name][1](part)
    amounts = [a for a in kept.amount if a is not None]
    total = sum(amounts, Decimal(0)) if amounts else None
    rows = len(kept)
    match name:
        case "revenue":
            return total, None, None, rows
        case "orders":
            return Decimal(rows), None, None, rows
        case "buyers":
            return Decimal(kept.buyer.nunique()), None, None, rows
        case "largest":
            return (max(amounts) - min(amounts) if amounts else None), None, None, rows
        case "basket":
            top, bottom = total, Decimal(int(kept.qty.sum()))
        case _:
            top, bottom = Decimal(int((kept.status == "paid").sum())), Decimal(rows)
    return (top / bottom if top is not None and bottom else None), top, bottom, rows


def local_days(frame: pd.DataFrame, zone: str) -> pd.Series:
    """Each record's local day, as pandas sees it."""
    return pd.to_datetime(frame["placed"], utc=True).dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()


def buckets(days: pd.Series, frequency: Frequency, start: int) -> pd.Series:
    """The labels of the periods, computed without the project's calendar."""
    if frequency is Frequency.DAILY:
        return days.map(lambda day: day.strftime("%Y-%m-%d"))
    if frequency is Frequency.WEEKLY:
        return days.map(lambda day: day.strftime("%G-W%V"))
    if frequency is Frequency.MONTHLY:
        return days.map(lambda day: day.strftime("%Y-%m"))
    end = pd.Timestamp(2000, (start - 2) % 12 + 1, 1).strftime("%b").upper()
    form = ("" if start == 1 else "FY") + ("%F" if frequency is Frequency.YEARLY else "%F-Q%q")
    return days.map(lambda day: pd.Period(day, f"Q-{end}").strftime(form))


def write(frame: pd.DataFrame, folder: Path, engine: str, column: str = "TIMESTAMPTZ") -> Source:
    """The records in a store of that kind."""
    rows = [tuple(row) for row in frame.itertuples(index=False)]
    names = list(frame.columns)
    if engine in ("duckdb", "parquet"):
        path = folder / "shop.duckdb"
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as db:
            kinds = f"placed {column}, amount DECIMAL(12,2), qty INTEGER, status VARCHAR, buyer VARCHAR"
            db.execute(f"CREATE TABLE orders ({kinds})")
            db.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", rows)
            if engine == "parquet":
                db.execute(f"COPY orders TO '{folder / 'orders.parquet'}'")
        return Source("shop", URLS.get(engine, "orders.parquet"))
    if engine == "sqlite":
        path = folder / "shop.db"
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE orders (placed TEXT, amount NUMERIC, qty INTEGER, status TEXT, buyer TEXT)")
            db.executemany(
                "INSERT INTO orders VALUES (?, ?, ?, ?, ?)",
                [(a, None if m is None else float(m), q, s, b) for a, m, q, s, b in rows],
            )
        db.close()
        return Source("shop", URLS["sqlite"])
    for old in folder.glob("orders.*"):
        old.unlink()
    if engine == "jsonl":
        plain = frame.assign(amount=[None if a is None else float(a) for a in frame.amount])
        plain.to_json(folder / "orders.jsonl", orient="records", lines=True)
        return Source("shop", "orders.jsonl")
    if engine == "csv;":
        french = [None if a is None else f"{a:,}".replace(",", "\u202f").replace(".", ",") for a in frame.amount]
        frame.assign(amount=french).to_csv(folder / "orders.csv", sep=";", index=False, columns=names)
    else:
        frame.to_csv(folder / "orders.csv", index=False, columns=names)
    return Source("shop", ".")


def ask(name: str, frequency: Frequency, first: Period | None, last: Period) -> Asked:
    parts = METRICS[name][0]
    metric = Metric(name, "shop", "orders", "placed", where="kpisheets.toml:9", **parts)
    return Asked(f"{name} {frequency}", metric, frequency, first, last)


def gather(source: Source, asked: list[Asked], calendar: Calendar, root: Path) -> Collected:
    return collect({"shop": source}, asked, calendar=calendar, root=root, now=NOW)


records = st.lists(
    st.tuples(
        st.datetimes(datetime(2025, 9, 20), datetime(2026, 4, 10)).map(lambda t: t.replace(microsecond=0)),  # noqa: DTZ001 — local or UTC, as drawn
        st.none() | st.decimals(-99999, 99999, places=2),
        st.integers(-3, 9),
        st.sampled_from(["paid", "open", "=1+1"]),
        st.sampled_from(["ann", "bob", "cé", "@d"]),
    ),
    min_size=1,
    max_size=40,
)


@pytest.mark.parametrize("engine", ENGINES)
@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=records,
    start=st.integers(1, 12),
    zone=st.sampled_from(["UTC", "Asia/Kolkata", "Europe/Berlin", "America/New_York"]),
    window=st.tuples(st.dates(date(2025, 9, 1), date(2026, 2, 1)) | st.none(), st.integers(0, 200)),
    instants=st.booleans(),
)
def test_every_engine_agrees_with_pandas(
    engine: str, rows: list[tuple[object, ...]], start: int, zone: str, window: tuple[date | None, int],
    instants: bool, tmp_path: Path,
) -> None:  # fmt: skip
    frame = pd.DataFrame(rows, columns=["placed", "amount", "qty", "status", "buyer"]).astype({"amount": object})
    frame["amount"] = [None if a is None or a != a else a for a in frame.amount]
    if instants:
        frame["placed"] = [f"{t:%Y-%m-%dT%H:%M:%S}Z" for t in frame["placed"]]
        days = local_days(frame, zone)
    else:
        days = frame["placed"].dt.normalize()
        frame["placed"] = [f"{t:%Y-%m-%d %H:%M:%S}" for t in frame["placed"]]
    source = write(frame, tmp_path, engine, "TIMESTAMPTZ" if instants else "TIMESTAMP")
    calendar = Calendar(start, zone)
    since, length = window
    until = (since or date(2026, 1, 1)) + timedelta(days=length)
    asked = [
        ask(name, frequency, calendar.period(frequency, since) if since else None, calendar.period(frequency, until))
        for name in METRICS
        for frequency in Frequency
    ]
    got = gather(source, asked, calendar, tmp_path)
    assert got.problems == ()
    assert len(got.queries) <= 1
    by_kpi = {(f.kpi, f.period.label): (f.value, f.numerator, f.denominator, f.rows) for f in got.facts}
    want = {}
    for one in asked:
        inside = days < pd.Timestamp(one.last.end)
        if one.first:
            inside &= days >= pd.Timestamp(one.first.start)
        part = frame[inside]
        for label, records_of in part.groupby(buckets(days[inside], one.frequency, start)):
            want[one.kpi, label] = expected(one.metric.name, records_of)
    assert by_kpi.keys() == want.keys()
    for key, values in want.items():
        assert by_kpi[key] == values
    assert all(f.period == calendar.parse(f.period.label) and f.as_of == NOW for f in got.facts)
