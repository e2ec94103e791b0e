"""An independent look at a KPI workbook, by openpyxl: what stands where, located by names, headers and keys."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import range_boundaries

from tests.stored import load_both


def load(path: Path) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the sparklines that openpyxl drops
        return openpyxl.load_workbook(path)


SINGLE = {"kpi_report_date", "kpi_chart_choice", "kpi_chart_line"}
"""Names of single cells that begin like a table's."""


@dataclass(frozen=True)
class Spot:
    """Where a table is: its tab, header row, last row, and the column of each field."""

    sheet: str
    header: int
    bottom: int
    columns: dict[str, int]

    @property
    def rows(self) -> range:
        return range(self.header + 1, self.bottom + 1)


def span(book: openpyxl.Workbook, name: str) -> tuple[str, int, int, int, int]:
    """(tab, left, top, right, bottom) of a defined name."""
    ((sheet, area),) = book.defined_names[name].destinations
    left, top, right, bottom = range_boundaries(area)
    return sheet.replace("''", "'"), left, top, right, bottom


def spot(book: openpyxl.Workbook, table: str) -> Spot:
    """A table by its names. They must agree with each other and with the spreadsheet table."""
    columns, seen = {}, set()
    for name in book.defined_names:
        field = name.removeprefix(f"{table}_")
        if field == name or name in SINGLE:
            continue
        sheet, left, top, right, bottom = span(book, name)
        assert left == right, f"{name} spans several columns"
        columns[field] = left
        seen.add((sheet, top, bottom))
    assert len(seen) == 1, f"the names of {table} disagree: {sorted(seen)}"
    assert len(set(columns.values())) == len(columns), f"two names of {table} share a column"
    sheet, top, bottom = seen.pop()
    return Spot(sheet, top, bottom, columns)


def check_tables(book: openpyxl.Workbook) -> None:
    """The spreadsheet tables agree with the names and with their header cells."""
    for table in ("kpi_tracking", "kpi_catalogue", "kpi_actions", "kpi_review", "kpi_log", "kpi_report", "kpi_guide"):
        place = spot(book, table)
        sheet = book[place.sheet]
        assert table in sheet.tables, f"the table {table} is gone"
        found = sheet.tables[table]
        left, top, right, bottom = range_boundaries(found.ref)
        assert (top, bottom) == (place.header, place.bottom), f"{table}: {found.ref} and its names disagree"
        # A column that people cut and put outside the table is still found, by its name.
        headers = [str(sheet.cell(top, column).value) for column in range(left, right + 1)]
        assert [column.name for column in found.tableColumns] == headers
        assert len({header.casefold() for header in headers}) == len(headers)


class Seen:
    """A workbook's cells: ``typed`` with formulas as text, ``shown`` as stored: tab → (row, column) → value."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _both(self) -> tuple[openpyxl.Workbook, dict[str, dict[tuple[int, int], Any]]]:
        return load_both(self.path)

    @property
    def typed(self) -> openpyxl.Workbook:
        return self._both[0]

    @property
    def shown(self) -> dict[str, dict[tuple[int, int], Any]]:
        return self._both[1]

    def tracking(self) -> dict[str, dict[str, Any]]:
        """Key → field → what was typed into the cell (a formula as text)."""
        return dict(self._rows("kpi_tracking", "key"))

    def values(self, table: str, key: str) -> dict[str, dict[str, Any]]:
        """The table's stored values, by the field ``key``."""
        return dict(self._rows(table, key, shown=True))

    def log(self) -> list[dict[str, Any]]:
        place = spot(self.typed, "kpi_log")
        cells = self.shown[place.sheet]
        rows = [{field: cells.get((row, at)) for field, at in place.columns.items()} for row in place.rows]
        return [row for row in rows if row["when"] is not None]

    def _rows(self, table: str, key: str, *, shown: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
        place = spot(self.typed, table)
        sheet, seen = self.typed[place.sheet], set()

        def value(row: int, column: int) -> Any:
            return self.shown[place.sheet].get((row, column)) if shown else sheet.cell(row, column).value

        for row in place.rows:
            cells = {field: value(row, column) for field, column in place.columns.items()}
            if cells[key] is None:
                continue
            assert cells[key] not in seen, f"{cells[key]} has two rows"
            seen.add(cells[key])
            yield str(cells[key]), cells
        stray = [row for row in range(place.bottom + 1, sheet.max_row + 1) if value(row, place.columns[key])]
        assert not stray, f"rows of {table} stand outside it: {stray}"


def data_cells(path: Path) -> dict[str, Any]:
    """Every cell of every tab, formulas as text, but for the record of the run: the Log and the time stamps."""
    seen = Seen(path)
    places = {seen.typed.defined_names[name].attr_text for name in ("kpi_last_run", "kpi_outcome", "kpi_data_as_of")}
    stamps = spot(seen.typed, "kpi_tracking")
    log = spot(seen.typed, "kpi_log").sheet
    found = {}
    for sheet in seen.typed.worksheets:
        if sheet.title == log:
            continue
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is None or (sheet.title == stamps.sheet and cell.column == stamps.columns["as_of"]):
                    continue
                name = sheet.title if sheet.title.isalnum() else f"'{sheet.title}'"
                if f"{name}!${cell.column_letter}${cell.row}" not in places:
                    shown = seen.shown[sheet.title].get((cell.row, cell.column))
                    found[f"{sheet.title}!{cell.coordinate}"] = (cell.value, shown)
    return found
