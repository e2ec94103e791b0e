"""The sample tables: the same every time, growing only at their end, small and quick."""

from __future__ import annotations

import csv
import time
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpisheets import templates
from kpisheets.sample_data import SAMPLE_TABLES, write_sample

START, END = date(2025, 1, 1), date(2026, 11, 22)


def test_it_is_small_quick_and_the_same_every_time(tmp_path: Path) -> None:
    begun = time.process_time()
    first = write_sample(tmp_path / "a", START, END)
    assert time.process_time() - begun < 2
    assert sum(file.stat().st_size for file in first) < 3_000_000
    again = write_sample(tmp_path / "b", START, END)
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in again]


@settings(max_examples=8)
@given(days=st.integers(0, 40), more=st.integers(1, 20), first=st.dates(date(2001, 1, 1), date(2060, 1, 1)))
def test_a_later_end_only_appends(tmp_path_factory: pytest.TempPathFactory, days: int, more: int, first: date) -> None:
    folder = tmp_path_factory.mktemp("sample")
    end = first + timedelta(days=days)
    short = [file.read_bytes() for file in write_sample(folder / "short", first, end)]
    longer = [file.read_bytes() for file in write_sample(folder / "longer", first, end + timedelta(days=more))]
    assert all(after.startswith(before) for before, after in zip(short, longer, strict=True))


def test_every_table_holds_tidy_rows_within_its_days(tmp_path: Path) -> None:
    for file in write_sample(tmp_path, START, END):
        frame = pd.read_csv(file)
        assert tuple(frame.columns) == SAMPLE_TABLES[file.stem]
        assert not frame.isna().to_numpy().any(), file.stem
        column = next(name for name in frame.columns if name == "day" or name.endswith(("_on", "_at")))
        days = pd.to_datetime(frame[column])
        assert days.dt.date.min() >= START
        assert days.dt.date.max() <= END
        assert days.dt.normalize().is_monotonic_increasing
        assert (frame.select_dtypes("number") >= 0).all(axis=None), file.stem


def test_revenue_has_a_week_a_season_and_growth(tmp_path: Path) -> None:
    (file,) = write_sample(tmp_path, START, END, tables=["ledger"])
    frame = pd.read_csv(file, parse_dates=["day"])
    by_day = frame.groupby(frame["day"].map(lambda day: day.weekday()))["revenue"].mean()
    assert by_day[6] < by_day[5] < by_day[:5].min()
    month = frame.groupby(frame["day"].dt.to_period("M"))["revenue"].mean()
    assert month["2025-11"] > month["2025-05"]
    assert month["2026-06"] > month["2025-06"]


def test_only_the_asked_tables_are_written(tmp_path: Path) -> None:
    assert [file.name for file in write_sample(tmp_path, START, START, tables={"visits", "orders"})] == [
        "orders.csv",
        "visits.csv",
    ]
    with pytest.raises(KeyError):
        write_sample(tmp_path, START, START, tables=["nothing"])


def test_every_table_serves_a_pack() -> None:
    used = {metric.table for name in templates.packs() for metric in templates.pack(name).metrics.values()}
    assert used == set(SAMPLE_TABLES)


def test_plain_csv(tmp_path: Path) -> None:
    (file,) = write_sample(tmp_path, START, START, tables=["visits"])
    raw = file.read_bytes()
    assert b"\r" not in raw
    assert raw.isascii()
    header, row = csv.reader(raw.decode().splitlines())
    assert header == ["day", "sessions", "orders"]
    assert row[0] == START.isoformat()
