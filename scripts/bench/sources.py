"""Asks a Parquet file for many KPIs, beside a bare scan, pandas, and a query for each KPI. Prints figures and ratios.

Usage: python scripts/bench/sources.py [--rows 10000000] [--kpis 200] [--months 36] [--runs 3]

Each record has a day, a word (which KPI it belongs to) and an amount; each KPI is the monthly sum of its word. Figures
are those of a whole process, the median of the runs. All give the same sums: that is checked first. Needs the extra
``test``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[2])]

FIRST = date(2023, 11, 1)
Sums = dict[tuple[str, str], Decimal]


def made(path: Path, rows: int, kpis: int, months: int) -> None:
    """The records, in the order of their days, as a shop writes them."""
    import duckdb

    days = round(months * 30.4)
    duckdb.sql(f"""
        COPY (
            SELECT CAST(DATE '{FIRST}' + CAST(i * {days} // {rows} AS INTEGER) AS DATE) AS day,
                   'k' || lpad(CAST(hash(i) % {kpis} AS VARCHAR), 3, '0') AS kpi,
                   CAST(hash(i + 7) % 100000 / 100 AS DECIMAL(12, 2)) AS amount
            FROM range({rows}) t(i)
        ) TO '{path}' (FORMAT parquet)
    """)  # noqa: S608 — numbers and a path of ours


def words(kpis: int) -> list[str]:
    return [f"k{number:03}" for number in range(kpis)]


def by_kpisheets(path: Path, kpis: int, months: int, last: int | None = None) -> Sums:
    """All KPIs; with ``last`` only so many of the latest months."""
    from kpisheets.connectors import collect
    from kpisheets.core.metric import Asked, Metric, Source
    from kpisheets.core.period import Calendar, Frequency

    calendar = Calendar()
    final = calendar.period(Frequency.MONTHLY, date(FIRST.year + (FIRST.month + months - 1) // 12, 12, 1))
    first = None
    if last is not None:
        month = FIRST.month - 1 + months - last
        first = calendar.period(Frequency.MONTHLY, date(FIRST.year + month // 12, month % 12 + 1, 1))
    asked = [
        Asked(word, Metric(word, "s", "records", "day", "sum(amount)", filter=f"kpi = '{word}'"),
              Frequency.MONTHLY, first, final)
        for word in words(kpis)
    ]  # fmt: skip
    source = Source("s", str(path))
    got = collect({"s": source}, asked, calendar=calendar, root=path.parent, now=datetime(2026, 11, 20, tzinfo=UTC))
    assert not got.problems, got.problems  # noqa: S101
    return {(f.kpi, f.period.label): f.value for f in got.facts if f.value is not None}


def by_scan(path: Path, kpis: int, months: int) -> Sums:
    """The floor: the needed columns are read, and nothing is made of them."""
    import duckdb

    duckdb.sql(f"SELECT max(day), max(kpi), sum(amount) FROM '{path}'").fetchall()  # noqa: S608
    return {}


def by_pandas(path: Path, kpis: int, months: int) -> Sums:
    import pandas as pd

    frame = pd.read_parquet(path, columns=["day", "kpi", "amount"])
    month = pd.to_datetime(frame["day"]).dt.to_period("M")
    frame["amount"] = frame["amount"].astype(float)
    found = frame.groupby(["kpi", month])["amount"].sum()
    return {(kpi, str(period)): Decimal(f"{value:.2f}") for (kpi, period), value in found.items()}


def by_query(path: Path, kpis: int, months: int) -> Sums:
    """A query for each KPI."""
    import duckdb

    found: Sums = {}
    for word in words(kpis):
        query = f"SELECT strftime(day, '%Y-%m'), sum(amount) FROM '{path}' WHERE kpi = ? GROUP BY 1"  # noqa: S608
        found |= {(word, label): value for label, value in duckdb.execute(query, [word]).fetchall()}
    return found


def by_open_window(path: Path, kpis: int, months: int) -> Sums:
    return by_kpisheets(path, kpis, months, last=3)


WAYS: dict[str, Callable[[Path, int, int], Sums]] = {
    "bare scan": by_scan,
    "kpisheets": by_kpisheets,
    "kpisheets, the last 3 months": by_open_window,
    "pandas": by_pandas,
    "a query for each KPI": by_query,
}


def prepare(path: Path, rows: int, kpis: int, months: int) -> None:
    """Write the records, and see that all ways give the same sums."""
    made(path, rows, kpis, months)
    sums = [WAYS[way](path, kpis, months) for way in ("kpisheets", "a query for each KPI", "pandas")]
    if not sums[0] == sums[1] == sums[2]:
        raise SystemExit("they do not give the same sums")
    print(f"{rows:,} records, {path.stat().st_size / 1e6:.0f} MB; {len(sums[0]):,} sums are the same", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--kpis", type=int, default=200)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--way", choices=[*WAYS, "prepare"], help=argparse.SUPPRESS)  # what each process is to do
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way == "prepare":
        prepare(given.file, given.rows, given.kpis, given.months)
        return
    if given.way:
        WAYS[given.way](given.file, given.kpis, given.months)
        return
    from run import in_turn

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.parquet"
        arguments = [f"--{name}={getattr(given, name)}" for name in ("rows", "kpis", "months")]
        program = [sys.executable, __file__, "--file", str(path), *arguments]
        # On its own: what this process has in memory would count as the peak of those that it starts.
        subprocess.run([*program, "--way", "prepare"], check=True)
        costs = in_turn(given.runs, [[*program, "--way", way] for way in WAYS], Path(folder))
        base = costs[0].cpu
        for way, cost in zip(WAYS, costs, strict=True):
            print(f"{way:30} {cost}  {cost.cpu / base:6.1f} × the scan's processor seconds")


if __name__ == "__main__":
    main()
