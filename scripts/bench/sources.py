"""Asks a Parquet file for many KPIs, beside a bare scan, pandas, and a query for each KPI. Prints figures and ratios.

Usage: python scripts/bench/sources.py [--rows 10000000] [--kpis 200] [--months 36] [--runs 3]

Each record has a day, a word (which KPI it belongs to) and an amount; each KPI is the monthly sum of its word. Figures
are processor seconds, the least of the runs, which take turns: those of the work alone, in a process that has done the
same with a few records before, and those of a whole process with its start and imports. All give the same sums, which
is checked first, and kpisheets' query is shown to skip the blocks before the open window. Needs the extra ``test``.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from run import Cost

    from kpisheets.core.metric import Asked, Collected

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[2])]

FIRST = date(2023, 11, 1)
MOST_ROWS = 20_000_000
"""With many more, pandas wants too much memory, and a query for each KPI takes its time: both are left out."""
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


def asking(kpis: int, months: int, last: int | None) -> list[Asked]:
    """A question for each KPI; with ``last`` for only so many of the latest months."""
    from kpisheets.core.metric import Asked, Metric
    from kpisheets.core.period import Calendar, Frequency

    calendar = Calendar()
    final = calendar.period(Frequency.MONTHLY, date(FIRST.year + (FIRST.month + months - 1) // 12, 12, 1))
    first = None
    if last is not None:
        month = FIRST.month - 1 + months - last
        first = calendar.period(Frequency.MONTHLY, date(FIRST.year + month // 12, month % 12 + 1, 1))
    return [
        Asked(word, Metric(word, "s", "records", "day", "sum(amount)", filter=f"kpi = '{word}'"),
              Frequency.MONTHLY, first, final)
        for word in words(kpis)
    ]  # fmt: skip


def collected(path: Path, asked: list[Asked]) -> Collected:
    from kpisheets.connectors import collect
    from kpisheets.core.metric import Source
    from kpisheets.core.period import Calendar

    source, now = Source("s", str(path)), datetime(2026, 11, 20, tzinfo=UTC)
    got = collect({"s": source}, asked, calendar=Calendar(), root=path.parent, now=now)
    assert not got.problems, got.problems  # noqa: S101
    return got


def by_kpisheets(path: Path, kpis: int, months: int, last: int | None = None) -> Sums:
    """All KPIs; with ``last`` only so many of the latest months."""
    got = collected(path, asking(kpis, months, last))
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


def by_grouping(path: Path, kpis: int, months: int) -> Sums:
    """One query that a person would write by hand, as a judge."""
    import duckdb

    query = f"SELECT kpi, strftime(day, '%Y-%m'), sum(amount) FROM '{path}' GROUP BY ALL"  # noqa: S608
    return {(word, label): value for word, label, value in duckdb.sql(query).fetchall()}


def by_open_window(path: Path, kpis: int, months: int) -> Sums:
    """What a source with ``window = "open"`` and the usual ``look_back`` is asked for on the last day of a month."""
    return by_kpisheets(path, kpis, months, last=2)


def by_three_months(path: Path, kpis: int, months: int) -> Sums:
    return by_kpisheets(path, kpis, months, last=3)


WAYS: dict[str, Callable[[Path, int, int], Sums]] = {
    "bare scan": by_scan,
    "kpisheets": by_kpisheets,
    "kpisheets, the last 3 months": by_three_months,
    "kpisheets, the open window": by_open_window,
    "pandas": by_pandas,
    "a query for each KPI": by_query,
}


def prepare(path: Path, rows: int, kpis: int, months: int) -> None:
    """Write the records, and see that all ways give the same sums."""
    made(path, rows, kpis, months)
    few(path).parent.mkdir()
    made(few(path), 1000, kpis, months)
    judges = [by_query, by_pandas] if rows <= MOST_ROWS else [by_grouping]
    sums = [way(path, kpis, months) for way in (by_kpisheets, *judges)]
    if any(other != sums[0] for other in sums):
        raise SystemExit("they do not give the same sums")
    print(f"{rows:,} records, {path.stat().st_size / 1e6:.0f} MB; {len(sums[0]):,} sums are the same", flush=True)
    print(f"blocks read for the last 3 months: {blocks(path, kpis, months)}", flush=True)


def few(path: Path) -> Path:
    """A file of few records beside the large one, for a first go."""
    return path.parent / "few" / path.name


def blocks(path: Path, kpis: int, months: int) -> str:
    """How many row groups and bytes the query for the open window reads, and of how many, as EXPLAIN ANALYZE says."""
    import duckdb

    read = []
    for last in (3, None):
        query = collected(path, asking(kpis, months, last=last)).queries[0]
        (view,) = set(re.findall(r"kpisheets_file_\d+", query.text))
        db = duckdb.connect()
        db.execute(f"CREATE VIEW {view} AS SELECT * FROM '{path}'")  # noqa: S608 — names of ours
        ((_, plan),) = db.execute(f"EXPLAIN ANALYZE {query.text}", list(query.parameters)).fetchall()
        found = [re.search(said, plan) for said in (r"Row Groups Scanned: (\d+ / \d+)", r"Data Read: +([\d.]+ .?B)")]
        read.append([one[1] if one else "not told by this DuckDB" for one in found])
    (groups, some), (_, every) = read
    return f"{groups}, {some} of {every}"


def work(way: str, path: Path, kpis: int, months: int) -> float:
    """Do it, and give the processor seconds that it took after a first go with few records."""
    WAYS[way](few(path), kpis, months)
    begun = time.process_time()
    WAYS[way](path, kpis, months)
    return time.process_time() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--kpis", type=int, default=200)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", help="where the records are put meanwhile; 100 million take 560 MB")
    parser.add_argument("--way", choices=[*WAYS, "prepare"], help=argparse.SUPPRESS)  # what each process is to do
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)  # where it writes what the work alone took
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way == "prepare":
        prepare(given.file, given.rows, given.kpis, given.months)
        return
    if given.way and given.work:
        given.work.write_text(str(work(given.way, given.file, given.kpis, given.months)))
        return
    if given.way:
        WAYS[given.way](given.file, given.kpis, given.months)
        return
    from run import measure

    slow = () if given.rows <= MOST_ROWS else ("pandas", "a query for each KPI")
    ways = [way for way in WAYS if way not in slow]
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        path, said = Path(folder) / "records.parquet", Path(folder) / "work"
        arguments = [f"--{name}={getattr(given, name)}" for name in ("rows", "kpis", "months")]
        program = [sys.executable, __file__, "--file", str(path), *arguments]
        # On its own: what this process has in memory would count as the peak of those that it starts.
        subprocess.run([*program, "--way", "prepare"], check=True)
        alone: dict[str, list[float]] = {way: [] for way in ways}
        whole: dict[str, list[Cost]] = {way: [] for way in ways}
        for _ in range(given.runs):
            for way in ways:
                measure([*program, "--way", way, "--work", str(said)], Path(folder))
                alone[way].append(float(said.read_text()))
                whole[way].append(measure([*program, "--way", way], Path(folder)))
        show({way: min(found) for way, found in alone.items()}, whole)


def show(alone: dict[str, float], whole: dict[str, list[Cost]]) -> None:
    scan, ours = "bare scan", "kpisheets"
    least = {way: min(cost.cpu for cost in costs) for way, costs in whole.items()}
    heads = f"{'processor':>10} {'/ scan':>9} {'/ ours':>9}"
    print(f"{'':30} {'the work alone':^32}   {'the whole process':^40}")
    print(f"{'':30} {heads}   {heads} {'peak':>9}")
    for way, costs in whole.items():
        parts = [
            f"{found[way]:8.3f} s {found[way] / found[scan]:9.2f} {found[way] / found[ours]:9.2f}"
            for found in (alone, least)
        ]
        print(f"{way:30} {'   '.join(parts)} {min(cost.peak for cost in costs):6.0f} MB")


if __name__ == "__main__":
    main()
