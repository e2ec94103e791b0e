"""Makes the project that the benchmark runs: a source, a configuration, a catalogue.

Usage: python scenario.py prepare FOLDER KPIS PERIODS Daily|Monthly
       python scenario.py fill FOLDER      (types the catalogue into the provisioned workbook)
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path


def prepare(folder: Path, kpis: int, periods: int, daily: bool) -> None:
    """A project whose source has ten records per KPI and period, up to yesterday."""
    import pandas

    today = date.today()  # noqa: DTZ011
    if daily:
        starts = [today - timedelta(days=periods - back) for back in range(periods)]
    else:
        month = today.year * 12 + today.month - 1
        starts = [date((month - back) // 12, (month - back) % 12 + 1, 1) for back in range(periods - 1, -1, -1)]
    records = [
        (f"k{kpi:03}", day, round(10 + (kpi * 7 + at * 3 + n) % 17 * 1.25, 2))
        for at, day in enumerate(starts)
        for kpi in range(kpis)
        for n in range(10)
    ]
    (folder / "data").mkdir(parents=True)
    pandas.DataFrame(records, columns=["kpi", "day", "amount"]).to_parquet(folder / "data" / "facts.parquet")
    frequency = "Daily" if daily else "Monthly"
    catalogue = pandas.DataFrame(
        {
            "ID": [f"k{kpi:03}" for kpi in range(kpis)],
            "KPI": [f"KPI {kpi}" for kpi in range(kpis)],
            "Direction": "Higher",
            "Frequency": frequency,
            "Metric": [f"k{kpi:03}" for kpi in range(kpis)],
            "Target": 200.0,
            "Tolerance %": 0.1,
            "Roll-up": "Sum",
            "Active from": starts[0],
        }
    )
    catalogue.to_csv(folder / "catalogue.csv", index=False)
    lines = ['[project]\nname = "Bench"\n\n[sources.facts]\nurl = "data/"\n']
    lines += [
        f'[metrics.{name}]\nsource = "facts"\ntable = "facts"\ndate = "day"\nvalue = "sum(amount)"\n'
        f"where = \"kpi = '{name}'\"\n"
        for name in catalogue["ID"]
    ]
    (folder / "kpisheets.toml").write_text("\n".join(lines), encoding="utf-8")


def fill(folder: Path) -> None:
    """Type the catalogue into the provisioned workbook."""
    import pandas

    from kpisheets.backends.excel.ooxml import Book

    fields = ("id", "name", "direction", "frequency", "metric", "target", "tolerance", "roll_up", "active_from")
    book = Book.open(folder / "Bench KPIs.xlsx")
    edit = book.edit()
    columns = {field: book.range_of(f"kpi_catalogue_{field}") for field in fields}
    frame = pandas.read_csv(folder / "catalogue.csv", parse_dates=["Active from"])
    for offset, row in enumerate(frame.itertuples(index=False), 1):
        for field, value in zip(fields, row, strict=True):
            span = columns[field]
            if span is None:
                raise SystemExit(f"the workbook has no column {field}")
            style = book.grid(span.sheet).cell(span.top + 1, span.left).style
            typed = value.to_pydatetime() if field == "active_from" else value
            edit.set(span.sheet, span.top + offset, span.left, typed, style=style)
    edit.write()


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "Daily")
    else:
        fill(Path(sys.argv[2]))
