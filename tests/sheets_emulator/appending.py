"""`values.append`: the table that a range touches is found, and the values go below it."""

from __future__ import annotations

from typing import Any

from .book import Book, Tab
from .messages import Message
from .ranges import Area, within_grid
from .shifting import insert
from .values_api import as_rows, read, write


def append(book: Book, area: Area, given: Message, options: Message) -> Message:
    """Put values below the last table of an area, in new rows where `insertDataOption` says so."""
    tab = area.tab
    found = _table(within_grid(area))
    if found is None:
        row, column = area.row0, area.column0
    else:
        row, column = found.row1, found.column0
    lines = as_rows(given)
    height, width = len(lines), max((len(line) for line in lines), default=0)
    if options.get("insertDataOption") == "INSERT_ROWS" and height and row < tab.rows:
        insert(book, tab, "ROWS", row, row + height, inherit_from_before=row > 0)
    tab.grid.resize(max(tab.rows, row + height), max(tab.columns, column + width))
    book.check_size()
    target = Area(tab, row, row + height, column, column + width, anchor=True)
    updates = write(book, target, given, options.get("valueInputOption", "")).answer
    if found is not None and options.get("insertDataOption") == "INSERT_ROWS":
        _grow_tables(tab, found, height)
    if options.get("includeValuesInResponse"):
        updates["updatedData"] = read(book, target, response_options(options))
    result: Message = {"spreadsheetId": book.id}
    if found is not None:
        result["tableRange"] = found.text
    return result | {"updates": updates}


def response_options(options: Message) -> Message:
    """The options of reading for the values that an answer of writing brings along."""
    return {
        "valueRenderOption": options.get("responseValueRenderOption", "FORMATTED_VALUE"),
        "dateTimeRenderOption": options.get("responseDateTimeRenderOption", "SERIAL_NUMBER"),
    }


def _table(area: Area) -> Area | None:
    """The last block of filled cells that an area touches: lowest, there rightmost; a touched table object is one."""
    tab = area.tab
    corner = _last_filled(area)
    if corner is None:
        return None
    for table in tab.objects["tables"]:
        row0, row1, column0, column1 = tab.bounds(table["range"])
        if row0 <= corner[0] < row1 and column0 <= corner[1] < column1:
            return Area(tab, row0, row1, column0, column1)
    row0, column0 = corner
    row1, column1 = row0 + 1, column0 + 1
    while True:
        grown = (
            row0 - _filled(tab, row0 - 1, row0, column0 - 1, column1 + 1),
            row1 + _filled(tab, row1, row1 + 1, column0 - 1, column1 + 1),
            column0 - _filled(tab, row0 - 1, row1 + 1, column0 - 1, column0),
            column1 + _filled(tab, row0 - 1, row1 + 1, column1, column1 + 1),
        )
        if grown == (row0, row1, column0, column1):
            return Area(tab, row0, row1, column0, column1)
        row0, row1, column0, column1 = grown


def _last_filled(area: Area) -> tuple[int, int] | None:
    for index in range(area.row1 - 1, area.row0 - 1, -1):
        row = area.tab.grid.rows[index]
        columns = [
            column for column, cell in row.items() if cell.value is not None and area.column0 <= column < area.column1
        ]
        if columns:
            return index, max(columns)
    return None


def _filled(tab: Tab, row0: int, row1: int, column0: int, column1: int) -> bool:
    return any(
        cell.value is not None and column0 <= column < column1
        for index in range(max(row0, 0), min(row1, tab.rows))
        for column, cell in tab.grid.rows[index].items()
    )


def _grow_tables(tab: Tab, found: Area, height: int) -> None:
    """A table object below which rows were inserted takes them in."""

    def grown(table: Message) -> Message:
        bounds: Any = tab.bounds(table["range"])
        if bounds[1] == found.row1 and bounds[2] <= found.column0 < bounds[3]:
            return {**table, "range": {**table["range"], "endRowIndex": bounds[1] + height}}
        return table

    tab.objects["tables"] = [grown(table) for table in tab.objects["tables"]]
