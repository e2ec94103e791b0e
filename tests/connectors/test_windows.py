"""Which records a query looks at: the open window alone, in blocks that an engine may skip; what lies out of range."""

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import pytest

from kpisheets.connectors import collect
from kpisheets.connectors.dialects.zones import shifts
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def gather(folder: Path, url: str, calendar: Calendar, first: date | None, last: date, **parts: str) -> Collected:
    metric = Metric("m", "s", "t", "at", **({"value": "count(*)"} | parts))
    asked = [
        Asked(frequency, metric, frequency, calendar.period(frequency, first) if first else None,
              calendar.period(frequency, last))
        for frequency in (Frequency.DAILY, Frequency.MONTHLY)
    ]  # fmt: skip
    return collect({"s": Source("s", url)}, asked, calendar=calendar, root=folder, now=NOW)


@pytest.mark.parametrize("kind", ["DATE", "TIMESTAMP", "TIMESTAMPTZ"])
def test_blocks_outside_the_window_are_skipped(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "t.parquet"
    hours = f"(SELECT CAST(TIMESTAMP '2024-01-01' + to_hours(i) AS {kind}) AS at FROM range(20480) r(i))"
    duckdb.sql(f"COPY {hours} TO '{path}' (ROW_GROUP_SIZE 2048)")
    calendar = Calendar(1, "UTC")
    got = gather(tmp_path, "t.parquet", calendar, date(2026, 4, 1), date(2026, 4, 30))
    assert got.problems == ()
    assert {fact.value for fact in got.facts} == {24, 720}
    [query] = got.queries
    assert query.watermark[:10] == "2026-05-03"
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        (reference,) = set(re.findall(r"kpisheets_file_\d+", query.text))
        db.execute(f"CREATE VIEW {reference} AS SELECT * FROM '{path}'")
        ((_, plan),) = db.execute(f"EXPLAIN ANALYZE {query.text}", list(query.parameters)).fetchall()
    read, of = map(int, re.search(r"Row Groups Scanned: (\d+) / (\d+)", plan).groups())  # type: ignore[union-attr]
    assert (read, of) == (1, 10) or read == 2, plan


def test_instants_before_1970_fall_on_the_day_that_pandas_names(tmp_path: Path) -> None:
    rng = random.Random(3)
    zone, calendar = "America/New_York", Calendar(1, "America/New_York")
    moments = [datetime(1965, 1, 1, tzinfo=UTC) + timedelta(microseconds=rng.randrange(2 * 10**14)) for _ in range(300)]
    edge = datetime(1969, 12, 31, 5, tzinfo=UTC)  # midnight there
    moments += [edge + timedelta(microseconds=step) for step in (-1, 0, 1)]
    pd.DataFrame({"at": moments}).to_parquet(tmp_path / "t.parquet")
    got = gather(tmp_path, "t.parquet", calendar, None, date(2026, 1, 1))
    days = pd.Series(moments).dt.tz_convert(zone).dt.strftime("%Y-%m-%d")
    found = {fact.period.label: fact.value for fact in got.facts if fact.kpi == Frequency.DAILY}
    assert found == days.value_counts().to_dict()


def test_a_date_out_of_range_is_told_and_the_others_count(tmp_path: Path) -> None:
    days = [date(1850, 1, 1), date(2026, 1, 5), date(2026, 3, 7), None]
    with duckdb.connect(str(tmp_path / "t.duckdb")) as db:
        db.execute('CREATE TABLE t ("at" DATE)')
        db.executemany("INSERT INTO t VALUES (?)", [(day,) for day in days])
    calendar, url = Calendar(1, "UTC"), "duckdb:///t.duckdb"
    got = gather(tmp_path, url, calendar, None, date(2026, 12, 1))
    assert [problem.what.partition(":")[0] for problem in got.problems] == ["1 of 4 records of “t” were skipped"]
    assert {f.period.label for f in got.facts} == {"2026-01-05", "2026-03-07", "2026-01", "2026-03"}
    later = gather(tmp_path, url, calendar, date(2026, 2, 1), date(2026, 12, 1))
    assert later.problems == got.problems
    assert {f.period.label for f in later.facts} == {"2026-03-07", "2026-03"}
    empty = gather(tmp_path, url, calendar, date(2026, 4, 1), date(2026, 12, 1))
    assert (empty.facts, len(empty.problems)) == ((), 1)


def test_days_far_apart_are_computed_and_not_listed(tmp_path: Path) -> None:
    frame = pd.DataFrame({"at": ["1901-05-05", "2026-05-05", "9000-05-05"]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    got = gather(tmp_path, "t.csv", Calendar(1, "UTC"), None, date(9998, 1, 1))
    assert {f.period.label for f in got.facts if f.kpi == Frequency.MONTHLY} == {"1901-05", "2026-05", "9000-05"}
    assert "JOIN" not in got.queries[0].text


@pytest.mark.parametrize(
    "test",
    ["shop = '{}'", "'{}' = shop", "shop = '{}' AND n >= 0", "n >= 0 AND t.shop = '{}'", "shop = '{}' AND qty <> 'x'"],
)
def test_words_in_filters_of_one_shape_are_those_that_were_written(tmp_path: Path, test: str) -> None:
    words = ["it''s", "a", "", "''", "%", "kpisheets any text", "A", "é", "-- b", "a b"]
    frame = pd.DataFrame({"at": date(2026, 1, 1), "shop": [w.replace("''", "'") for w in words], "qty": "1"})
    frame["n"] = range(10)
    frame.to_parquet(tmp_path / "t.parquet")
    month = Calendar(1, "UTC").period(Frequency.MONTHLY, date(2026, 1, 1))
    asked = [
        Asked(
            word,
            Metric(word, "s", "t", "at", "sum(n)", filter=test.replace("{}", word)),
            Frequency.MONTHLY,
            None,
            month,
        )
        for word in words
    ]
    got = collect({"s": Source("s", "t.parquet")}, asked, calendar=Calendar(1, "UTC"), root=tmp_path, now=NOW)
    assert got.problems == ()
    assert {f.kpi: f.value for f in got.facts} == {word: place for place, word in enumerate(words)}
    assert len(got.queries) == 1


@pytest.mark.parametrize("zone", ["Pacific/Apia", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"])
def test_offsets_change_at_the_second_at_which_clocks_do(zone: str) -> None:
    found = shifts(zone, datetime(2011, 3, 1, 3, 4, 5, 678), datetime(2012, 3, 1))  # noqa: DTZ001 — naive UTC
    assert len(found) >= 3
    for (moment, before), (_, after) in pairwise(found):
        assert moment is not None
        at = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        earlier = (moment - timedelta(seconds=1)).replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        assert (earlier.utcoffset(), at.utcoffset()) == (timedelta(seconds=before), timedelta(seconds=after))
