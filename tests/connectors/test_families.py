"""Metrics that differ by one word, answered together: each number as pandas computes it for that word alone."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from kpisheets.connectors import collect
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency

WORDS = ["north", "south", "North", "it's", "Élan", " pad ", "a|b", "%", "east", "west", "nobody"]
CALENDAR = Calendar(1, "UTC")
LAST = date(2026, 3, 31)


def records() -> pd.DataFrame:
    """Words that records bear unevenly: none bears “nobody”, some bear none, a month has records of others alone."""
    rng = random.Random(7)
    days = [date(2026, 1, 1) + timedelta(days=rng.randrange(40)) for _ in range(300)]
    shops = [rng.choice([*WORDS[:-1], "elsewhere", None]) for _ in days]
    days, shops = [*days, date(2026, 3, 9)], [*shops, "elsewhere"]
    return pd.DataFrame(
        {
            "day": days,
            "shop": shops,
            "amount": [rng.choice([None, Decimal(rng.randrange(-500, 9900)) / 100]) for _ in days],
            "qty": [rng.randrange(4) for _ in days],
        }
    )


def source(frame: pd.DataFrame, folder: Path, engine: str, kind: str = "VARCHAR") -> Source:
    if engine == "csv":
        frame.to_csv(folder / "sales.csv", index=False)
        return Source("s", "sales.csv")
    with duckdb.connect(str(folder / "sales.duckdb")) as db:
        db.execute(f"CREATE TABLE sales (day DATE, shop {kind}, amount DECIMAL(12,2), qty INTEGER)")
        rows = [tuple(None if pd.isna(v) else v for v in row) for row in frame.itertuples(index=False)]
        db.executemany("INSERT INTO sales VALUES (?, ?, ?, ?)", rows)
    return Source("s", "duckdb:///sales.duckdb")


def ask(name: str, word: str, frequency: Frequency, condition: str = "", **measure: str) -> Asked:
    test = "shop = '" + word.replace("'", "''") + "'"
    metric = Metric(f"{name} {word}", "s", "sales", "day", filter=f"{test}{condition}", **measure)
    return Asked(metric.name, metric, frequency, None, CALENDAR.period(frequency, LAST))


def gather(found: Source, asked: list[Asked], folder: Path) -> Collected:
    now = datetime(2026, 4, 2, tzinfo=UTC)
    return collect({"s": found}, asked, calendar=CALENDAR, root=folder, now=now)


@pytest.mark.parametrize("engine", ["csv", "duckdb"])
@pytest.mark.parametrize("frequency", [Frequency.DAILY, Frequency.MONTHLY])
def test_each_word_gets_the_numbers_that_pandas_computes_for_it(
    tmp_path: Path, engine: str, frequency: Frequency
) -> None:
    frame = records()
    asked = [
        question
        for word in WORDS
        for question in (
            ask("sum", word, frequency, value="sum(amount)"),
            ask("many", word, frequency, " AND qty > 1", value="count(*)"),
            ask("mean", word, frequency, numerator="sum(amount)", denominator="count(*)"),
        )
    ]
    got = gather(source(frame, tmp_path, engine), asked, tmp_path)
    assert got.problems == ()
    assert len(got.queries) == 1
    assert "CASE WHEN \"shop\" = 'north'" not in got.queries[0].text, "each record was tested for each word"
    found = {(fact.kpi, fact.period.label): (fact.value, fact.rows) for fact in got.facts}
    assert len(found) == len(got.facts)

    label = "%Y-%m-%d" if frequency is Frequency.DAILY else "%Y-%m"
    frame["period"] = pd.to_datetime(frame.day).dt.strftime(label)
    expected = {}
    for period in frame.period.unique():  # a period in which no record bears the word has its zero or its blank too
        for word in WORDS:
            part = frame[(frame.period == period) & (frame["shop"] == word)]
            amounts = [amount for amount in part.amount if amount is not None]
            total = sum(amounts, Decimal(0)) if amounts else None
            kept = int((part.qty > 1).sum())
            expected[f"sum {word}", period] = (total, len(part))
            expected[f"many {word}", period] = (Decimal(kept), kept)
            mean = None if total is None else pytest.approx(total / len(part), rel=Decimal("1e-20"))
            expected[f"mean {word}", period] = (mean, len(part))
    assert found == expected


def test_words_are_joined_on_a_server_too(tmp_path: Path, postgres: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    words = [word for word in WORDS if word == word.strip()]
    asked = [ask("sum", word, Frequency.MONTHLY, value="sum(amount)") for word in words]
    rows = [tuple(None if pd.isna(v) else v for v in row) for row in records().itertuples(index=False)]
    with psycopg.connect(f"host={postgres.rpartition('=')[2]} user=kpi dbname=postgres") as server:
        server.execute("DROP TABLE IF EXISTS sales")
        server.execute("CREATE TABLE sales (day DATE, shop CHAR(12), amount DECIMAL(12,2), qty INTEGER)")
        server.cursor().executemany("INSERT INTO sales VALUES (%s, %s, %s, %s)", rows)
    there = gather(Source("s", postgres), asked, tmp_path)
    here = gather(source(records(), tmp_path, "duckdb"), asked, tmp_path)
    assert there.problems == ()
    assert "CASE WHEN \"shop\" = 'north'" not in there.queries[0].text
    assert [fact[:4] for fact in there.facts] == [fact[:4] for fact in here.facts]


def test_a_value_that_breaks_one_word_stops_that_word_alone(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "day": date(2026, 3, 1),
            "shop": [f"w{place}" for place in range(10)],
            "amount": [Decimal(place) for place in range(10)],
            "qty": [place - 3 for place in range(10)],
        }
    )
    asked = [
        ask("m", f"w{place}", Frequency.DAILY, value="sum(CAST(repeat('x', 3 - abs(qty)) || '1' AS INTEGER))")
        for place in range(10)
    ]
    got = gather(source(frame, tmp_path, "duckdb"), asked, tmp_path)
    broken = {f"m w{place}" for place in range(1, 6)}
    assert {problem.kpi for problem in got.problems} == broken
    values = {fact.kpi: fact.value for fact in got.facts}
    assert {kpi for kpi, value in values.items() if value == 1} == {f"m w{p}" for p in range(10)} - broken


@pytest.mark.parametrize("kind", ["INTEGER", "ENUM ('1', '2', '3', '4', '5', '6', '7', '8', '9', '01')"])
def test_words_are_compared_as_the_engine_compares_them(tmp_path: Path, kind: str) -> None:
    frame = pd.DataFrame({"day": date(2026, 3, 1), "shop": ["1", "2", "3"], "amount": Decimal(5), "qty": 1})
    words = ["01", *(str(number) for number in range(1, 10))]
    asked = [ask("m", word, Frequency.DAILY, value="count(*)") for word in words]
    got = gather(source(frame, tmp_path, "duckdb", kind), asked, tmp_path)
    assert got.problems == ()
    counted = {fact.kpi: int(fact.value or 0) for fact in got.facts}
    with duckdb.connect(str(tmp_path / "sales.duckdb")) as db:
        judge = {f"m {w}": db.execute(f"SELECT count(*) FROM sales WHERE shop = '{w}'").fetchall()[0][0] for w in words}
    assert counted == judge
