"""The sample tables, written once and opened with DuckDB: the judge of the packs' recipes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from kpisheets.core.metric import Metric
from kpisheets.core.period import Period
from kpisheets.sample_data import write_sample

Measure = Callable[[Metric, Period], float | None]


def judge(folder: Path) -> Measure:
    """Evaluates a metric by a query written here, over the CSV files themselves."""
    connection = duckdb.connect()
    for file in folder.glob("*.csv"):
        connection.execute(f"create table {file.stem} as select * from read_csv('{file}', header = true)")

    def measure(metric: Metric, period: Period) -> float | None:
        measured = metric.value or f"({metric.numerator})::double / nullif(({metric.denominator}), 0)"
        condition = f"and ({metric.filter})" if metric.filter else ""
        found = connection.execute(
            f"select {measured} from {metric.table} where {metric.date} >= ? and {metric.date} < ? {condition}",
            [period.start, period.end],
        ).fetchone()
        return None if found is None or found[0] is None else float(found[0])

    return measure


@pytest.fixture(scope="session")
def measured_on(tmp_path_factory: pytest.TempPathFactory) -> Callable[[date], Measure]:
    """The judge of the sample as a project that begins on that day gets it."""
    known: dict[date, Measure] = {}

    def open_at(today: date) -> Measure:
        if today not in known:
            folder = tmp_path_factory.mktemp("sample")
            write_sample(folder, date(today.year - 1, 1, 1), today - timedelta(days=1))
            known[today] = judge(folder)
        return known[today]

    return open_at
