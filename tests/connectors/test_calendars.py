"""Zones and calendars: the same numbers as pandas on three engines, near the moments when clocks change."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import sqlalchemy
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pandas.tseries.offsets import FY5253

from kpisheets.connectors import collect
from kpisheets.core.metric import Asked, Metric, Source
from kpisheets.core.period import PATTERNS, Calendar, Frequency, WeekYears
from tests.connectors.test_engines import buckets

NOW = datetime(2027, 3, 1, tzinfo=UTC)
# Zones at :30 and :15, half an hour of summer time, midnights that are skipped or come twice, a day that never was.
ZONES = {
    "Asia/Kolkata": "2026-03-31T18:30",
    "Asia/Kathmandu": "2026-10-31T18:15",
    "Pacific/Chatham": "2026-04-04T14:00",
    "Australia/Lord_Howe": "2026-10-03T15:30",
    "Europe/Berlin": "2026-03-31T22:00",
    "Pacific/Apia": "2011-12-30T10:00",
    "America/St_Johns": "2010-11-07T02:31",
    "Africa/Cairo": "2024-04-25T22:00",
    "America/Sao_Paulo": "2018-02-18T02:00",
    "Africa/Casablanca": "2026-02-15T02:00",
    "America/New_York": "2026-11-01T06:00",
    "Pacific/Kiritimati": "2025-12-31T10:00",
}
layouts = st.builds(
    WeekYears, st.sampled_from(list(PATTERNS.values())), st.integers(1, 12), st.integers(0, 6), st.booleans()
)


def label_of(day: pd.Timestamp, frequency: Frequency, calendar: Calendar) -> str:
    """The label of the period that holds a local day, by pandas' calendars."""
    layout = calendar.week_years
    if layout is None or frequency is Frequency.DAILY:
        return str(buckets(pd.Series([day]), frequency, calendar.fiscal_year_start).iloc[0])
    offset = FY5253(
        weekday=layout.weekday, startingMonth=layout.month, variation="nearest" if layout.nearest else "last"
    )
    last = day if offset.is_on_offset(day) else offset.rollforward(day)
    begun = offset.rollback(day - pd.Timedelta(1, "D")) + pd.Timedelta(1, "D")
    week = (day - begun).days // 7
    # The month in which a year ends: the last day itself may lie a few days beyond it.
    year = (last - pd.Timedelta(3, "D") if layout.nearest and last.day < 4 else last).year
    if frequency is Frequency.YEARLY:
        return f"FY{year}"
    if frequency is Frequency.WEEKLY:
        return f"FY{year}-W{week + 1:02}"
    month = next(place for place in range(12) if week < sum((layout.weeks * 4)[: place + 1]) or place == 11)
    return f"FY{year}-P{month + 1:02}" if frequency is Frequency.MONTHLY else f"FY{year}-Q{month // 3 + 1}"


class Store:
    """A table of moments in one engine, filled anew for each example."""

    def __init__(self, engine: str, folder: Path, url: str) -> None:
        self.folder, self.source = folder, Source("s", url)
        self.fill: Callable[[list[datetime]], None] = {
            "duckdb": self._duckdb, "sqlite": self._sqlite, "postgres": self._postgres
        }[engine]  # fmt: skip

    def _duckdb(self, moments: list[datetime]) -> None:
        with duckdb.connect(str(self.folder / "s.duckdb")) as db:
            db.execute("CREATE OR REPLACE TABLE sales (moment TIMESTAMPTZ, local TIMESTAMP, amount BIGINT)")
            db.executemany("INSERT INTO sales VALUES (?, ?, ?)", rows(moments))

    def _sqlite(self, moments: list[datetime]) -> None:
        with sqlite3.connect(self.folder / "s.db") as db:
            db.execute("DROP TABLE IF EXISTS sales")
            db.execute("CREATE TABLE sales (moment TEXT, local TEXT, amount BIGINT)")
            texts = [(at.isoformat(), local.isoformat(), amount) for at, local, amount in rows(moments)]
            db.executemany("INSERT INTO sales VALUES (?, ?, ?)", texts)
        db.close()

    def _postgres(self, moments: list[datetime]) -> None:
        engine = sqlalchemy.create_engine("postgresql+psycopg://" + self.source.url.partition("://")[2])
        with engine.begin() as db:
            db.execute(
                sqlalchemy.text("CREATE TABLE IF NOT EXISTS s5 (moment timestamptz, local timestamp, amount bigint)")
            )
            db.execute(sqlalchemy.text("TRUNCATE s5"))
            named = [{"moment": at, "local": local, "amount": amount} for at, local, amount in rows(moments)]
            db.execute(sqlalchemy.text("INSERT INTO s5 VALUES (:moment, :local, :amount)"), named)
        engine.dispose()


def rows(moments: list[datetime]) -> list[tuple[datetime, datetime, int]]:
    return [(moment, moment.replace(tzinfo=None), 1 << place) for place, moment in enumerate(moments)]


@pytest.fixture(scope="module", params=["duckdb", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("calendars")
    local = {"duckdb": "duckdb:///s.duckdb", "sqlite": "sqlite:///s.db"}
    url = local.get(request.param) or request.getfixturevalue("postgres")
    return Store(request.param, folder, url)


def moments_near(edge: datetime, seed: int) -> list[datetime]:
    """At most 60 moments (each is a bit of a sum): around an instant, and up to two years before it."""
    rng = random.Random(seed)
    near = [edge + timedelta(minutes=rng.choice((-1, 0, 1, rng.randrange(-2000, 2000)))) for _ in range(25)]
    return near + [edge - timedelta(minutes=rng.randrange(60 * 24 * 730)) for _ in range(20)]


@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    zone=st.sampled_from(sorted(ZONES)),
    start=st.integers(1, 12),
    layout=st.none() | layouts,
    column=st.sampled_from(["moment", "local"]),
    bounded=st.booleans(),
    seed=st.integers(0, 10_000),
)
def test_the_numbers_are_those_of_pandas(
    store: Store, zone: str, start: int, layout: WeekYears | None, column: str, bounded: bool, seed: int
) -> None:
    edge = datetime.fromisoformat(ZONES[zone]).replace(tzinfo=UTC)
    calendar = Calendar(start if layout is None else 1, zone, layout)
    moments = moments_near(edge, seed)
    store.fill(moments)
    found: dict[tuple[str, str], Any] = {}
    table = "s5" if store.source.url.startswith("postgres") else "sales"
    metric = Metric("m", "s", table, column, value="sum(amount)")
    edges = edge.date() - timedelta(days=200), edge.date() + timedelta(days=random.Random(seed).randrange(3))
    asked = [
        Asked(
            frequency.value,
            metric,
            frequency,
            calendar.period(frequency, edges[0]) if bounded else None,
            calendar.period(frequency, edges[1]),
        )
        for frequency in Frequency
    ]
    got = collect({"s": store.source}, asked, calendar=calendar, root=store.folder, now=NOW)
    assert got.problems == ()
    found = {(fact.kpi, fact.period.label): int(fact.value or 0) for fact in got.facts}
    local = pd.Series(pd.to_datetime(moments, utc=True))
    days = (local.dt.tz_convert(zone) if column == "moment" else local).dt.tz_localize(None).dt.normalize()
    want: dict[tuple[str, str], int] = {}
    for question in asked:
        first = date.min if question.first is None else question.first.start
        for place, day in enumerate(days):
            if first <= day.date() < question.last.end:
                key = question.kpi, label_of(day, question.frequency, calendar)
                want[key] = want.get(key, 0) + (1 << place)
    assert found == want
