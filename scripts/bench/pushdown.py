"""Asks a PostgreSQL server for many KPIs, beside a script that pulls the rows into pandas. Prints figures and ratios.

Usage: python scripts/bench/pushdown.py [--rows 2000000] [--kpis 200] [--months 36] [--runs 3]

The records are those of sources.py. Processor seconds are counted on both sides, the least of the runs, which take
turns: of the process that asks, without its imports, and of the server. Both give the same sums, which is checked
first. Needs the extra ``test`` and PostgreSQL's programs, of which it starts a server of its own.
"""

# ruff: noqa: S608 — numbers and names of ours

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[2])]

from sources import Sums, asking, made  # noqa: E402

from tests.connectors import servers  # noqa: E402


def server_seconds(url: str) -> float:
    """Processor seconds of all of the server's sessions that have ended."""
    pid = (Path(url.rpartition("=")[2]) / "data" / "postmaster.pid").read_text().split()[0]
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def fill(url: str, rows: int, kpis: int, months: int) -> None:
    import duckdb
    import psycopg

    with tempfile.TemporaryDirectory() as folder, psycopg.connect(dsn(url)) as connection:
        parquet, text = Path(folder) / "records.parquet", Path(folder) / "records.csv"
        made(parquet, rows, kpis, months)
        duckdb.sql(f"COPY (SELECT day, kpi, amount FROM '{parquet}') TO '{text}' (HEADER false)")
        connection.execute("CREATE TABLE records (day DATE, kpi TEXT, amount NUMERIC(12, 2))")
        with connection.cursor().copy("COPY records FROM STDIN (FORMAT csv)") as copy, text.open("rb") as file:
            while block := file.read(1 << 20):
                copy.write(block)
    with psycopg.connect(dsn(url), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE records")


def dsn(url: str) -> str:
    return f"host={url.rpartition('=')[2]} user=kpi dbname=postgres"


def by_kpisheets(url: str, kpis: int, months: int) -> Sums:
    from kpisheets.connectors import collect
    from kpisheets.core.metric import Source
    from kpisheets.core.period import Calendar

    now = datetime(2026, 11, 20, tzinfo=UTC)
    source = Source("s", url, timeout=3000)
    got = collect({"s": source}, asking(kpis, months, None), calendar=Calendar(), root=Path(), now=now)
    assert not got.problems, got.problems  # noqa: S101
    return {(f.kpi, f.period.label): f.value for f in got.facts if f.value is not None}


def by_rows(url: str, kpis: int, months: int) -> Sums:
    import pandas as pd
    import psycopg

    with psycopg.connect(dsn(url)) as connection:
        rows = connection.execute("SELECT day, kpi, amount FROM records").fetchall()
    frame = pd.DataFrame(rows, columns=["day", "kpi", "amount"])
    frame["amount"] = frame["amount"].astype(float)
    found = frame.groupby(["kpi", pd.to_datetime(frame["day"]).dt.to_period("M")])["amount"].sum()
    return {(kpi, str(period)): Decimal(f"{value:.2f}") for (kpi, period), value in found.items()}


WAYS: dict[str, Callable[[str, int, int], Sums]] = {"kpisheets": by_kpisheets, "rows into pandas": by_rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--kpis", type=int, default=200)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with servers.postgres() as url:
        fill(url, given.rows, given.kpis, given.months)
        first, second = (way(url, given.kpis, given.months) for way in WAYS.values())
        if first != second:
            raise SystemExit("they do not give the same sums")
        print(f"{given.rows:,} records; {len(first):,} sums are the same", flush=True)
        costs: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
        for _ in range(given.runs):
            for name, way in WAYS.items():
                mine, its = time.process_time(), server_seconds(url)
                way(url, given.kpis, given.months)
                mine = time.process_time() - mine
                time.sleep(0.5)  # until the server has counted the session that ended
                costs[name].append((mine, server_seconds(url) - its))
    print(f"{'':20} {'who asks':>10} {'the server':>11} {'together':>10}")
    for name, found in costs.items():
        mine, its = min(found, key=sum)
        print(f"{name:20} {mine:8.2f} s {its:9.2f} s {mine + its:8.2f} s")


if __name__ == "__main__":
    main()
