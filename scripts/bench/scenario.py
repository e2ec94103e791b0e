"""Makes the project that the benchmark runs: a source, a configuration, a catalogue.

Usage: python scenario.py prepare FOLDER KPIS PERIODS
       python scenario.py fill FOLDER      (types the catalogue into the provisioned workbook)
       python scenario.py late FOLDER      (late records: half of the KPIs' last three days change)
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

RECORDS = 10
"""Records of each KPI on each day."""


def prepare(folder: Path, kpis: int, periods: int) -> None:
    """A project whose source has records of each KPI on each day, up to yesterday; hardly any two sums are equal."""
    import numpy
    import pandas

    today = date.today()  # noqa: DTZ011
    days = [today - timedelta(days=periods - back) for back in range(periods)]
    names = [f"k{kpi:03}" for kpi in range(kpis)]
    count = kpis * periods * RECORDS
    amounts = numpy.random.default_rng(7).uniform(5, 35, count).round(2)
    records = {
        "kpi": numpy.tile(numpy.repeat(names, RECORDS), periods),
        "day": numpy.repeat(numpy.array(days, dtype=object), kpis * RECORDS),
        "amount": amounts,
    }
    (folder / "data").mkdir(parents=True)
    pandas.DataFrame(records).to_parquet(folder / "data" / "facts.parquet")
    catalogue = pandas.DataFrame(
        {
            "id": names,
            "name": [f"KPI {kpi}" for kpi in range(kpis)],
            "direction": "Higher",
            "frequency": "Daily",
            "metric": names,
            "target": 200.0,
            "tolerance": 0.1,
            "roll_up": "Sum",
            "active_from": days[0],
        }
    )
    catalogue.to_csv(folder / "catalogue.csv", index=False)
    lines = ['[project]\nname = "Bench"\n\n[sources.facts]\nurl = "data/"\n']
    lines += [
        f'[metrics.{name}]\nsource = "facts"\ntable = "facts"\ndate = "day"\nvalue = "sum(amount)"\n'
        f"where = \"kpi = '{name}'\"\n"
        for name in names
    ]
    (folder / "kpisheets.toml").write_text("\n".join(lines), encoding="utf-8")


def fill(folder: Path) -> None:
    """Type the catalogue into the provisioned workbook."""
    import pandas

    from kpisheets.backends.excel.ooxml import Book

    book = Book.open(folder / "Bench KPIs.xlsx")
    edit = book.edit()
    frame = pandas.read_csv(folder / "catalogue.csv", parse_dates=["active_from"])
    for field in frame.columns:
        span = book.range_of(f"kpi_catalogue_{field}")
        if span is None:
            raise SystemExit(f"the workbook has no column {field}")
        style = book.grid(span.sheet).cell(span.top + 1, span.left).style
        for offset, value in enumerate(frame[field].tolist(), 1):
            typed = value.to_pydatetime() if field == "active_from" else value
            edit.set(span.sheet, span.top + offset, span.left, typed, style=style)
    edit.write()


def late(folder: Path) -> None:
    """One more record for every other KPI on each of the last three days."""
    import pandas

    path = folder / "data" / "facts.parquet"
    frame = pandas.read_parquet(path)
    days, names = sorted(frame["day"].unique())[-3:], sorted(frame["kpi"].unique())[::2]
    more = pandas.DataFrame([(kpi, day, 7.25) for day in days for kpi in names], columns=["kpi", "day", "amount"])
    pandas.concat([frame, more]).to_parquet(path)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", folder, kpis, periods]:
            prepare(Path(folder), int(kpis), int(periods))
        case ["fill", folder]:
            fill(Path(folder))
        case ["late", folder]:
            late(Path(folder))
        case _:
            raise SystemExit(__doc__)
