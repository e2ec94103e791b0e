"""Sample tables for the metrics of the template packs: a small company that sells, hires, makes, delivers and helps.

Deterministic: a day's records depend on that day and on ``start`` alone, so that a later ``end`` appends records and
changes none of those that exist. Money is in currency units, shares are 0/1 flags or counts, durations name their unit.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random

from kpisheets.sample_data import making, office, online, projects, selling, serving
from kpisheets.sample_data.day import Day, Table

_TABLES: Mapping[str, Table] = {
    **selling.TABLES,
    **online.TABLES,
    **office.TABLES,
    **making.TABLES,
    **serving.TABLES,
    **projects.TABLES,
}

SAMPLE_TABLES: Mapping[str, tuple[str, ...]] = {name: table.columns for name, table in _TABLES.items()}
"""The columns of each sample table."""


def write_sample(folder: Path, start: date, end: date, *, tables: Collection[str] | None = None) -> list[Path]:
    """Write the sample tables as ``folder/NAME.csv``, days ``start`` to ``end`` both included; returns the files.

    ``tables`` chooses some by name (default: all). UTF-8, comma, a header line. The folder is made if it is missing.
    KeyError for an unknown table; OSError where a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in SAMPLE_TABLES if tables is None else sorted(tables):
        table = _TABLES[name]
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(table.columns)
            for number in range((end - start).days + 1):
                today = start + timedelta(days=number)
                chance = Random(f"{name} {today.isoformat()}")
                writer.writerows(table.rows(Day(today, number / 365.25, chance)))
        written.append(path)
    return written
