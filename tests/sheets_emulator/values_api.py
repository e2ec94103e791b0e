"""`spreadsheets.values`: rectangles of plain values, read and written."""

from __future__ import annotations

from typing import Any, NamedTuple

from .a1 import letters
from .book import Book
from .calc_types import CalcError, Formula
from .computed import DATES, SHOWN, effective, number_format, shown
from .errors import invalid
from .grid import Cell, Row, valued
from .messages import Message, number
from .ranges import Area
from .typed import typed

ROWS, COLUMNS = "ROWS", "COLUMNS"


def read(book: Book, area: Area, options: Message) -> Message:
    """A `ValueRange`: rows (or columns) without the blanks at their ends, without the empty ones after the last."""
    render = options.get("valueRenderOption", "FORMATTED_VALUE")
    dates = options.get("dateTimeRenderOption", "SERIAL_NUMBER")
    dimension = options.get("majorDimension", ROWS)
    if dimension == "DIMENSION_UNSPECIFIED":
        dimension = ROWS
    lines: list[list[Any]] = []
    for index in range(area.row0, area.row1):
        row = area.tab.grid.rows[index]
        line = []
        if row:
            last = max(
                (column for column, cell in row.items() if cell.value is not None and column < area.column1), default=-1
            )
            for column in range(area.column0, last + 1):
                cell = row.get(column)
                line.append(None if cell is None else _rendered(book, area, index, column, cell, render, dates))
        lines.append(line)
    while lines and not lines[-1]:
        lines.pop()
    if dimension == COLUMNS:
        lines = _transposed(lines)
    lines = [["" if item is None else item for item in line] for line in lines]
    result: Message = {"range": area.text, "majorDimension": dimension}
    if lines:
        result["values"] = lines
    return result


def _rendered(book: Book, area: Area, row: int, column: int, cell: Cell, render: str, dates: str) -> Any:
    if cell.value is None:
        return None
    if render == "FORMULA" and isinstance(cell.value, Formula):
        return cell.value.text
    value = effective(book, area.tab, row, column, cell)
    if value is None:
        return ""
    if render == "FORMATTED_VALUE" or isinstance(value, str):
        return shown(value, cell, book.locale)
    if isinstance(value, CalcError):
        return SHOWN[value.type]
    if isinstance(value, bool):
        return value
    if dates == "FORMATTED_STRING" and (number_format(cell) or {}).get("type") in DATES:
        return shown(value, cell, book.locale)
    return number(value)


def _transposed(lines: list[list[Any]]) -> list[list[Any]]:
    width = max((len(line) for line in lines), default=0)
    columns = []
    for place in range(width):
        column = [line[place] if place < len(line) else None for line in lines]
        while column and column[-1] is None:
            column.pop()
        columns.append(column)
    return columns


def as_rows(given: Message) -> list[list[Any]]:
    """The values of a `ValueRange` by rows; `None` leaves a cell as it is."""
    lines: list[list[Any]] = given.get("values", [])
    if given.get("majorDimension") != COLUMNS:
        return lines
    height = max((len(line) for line in lines), default=0)
    return [[line[place] if place < len(line) else None for line in lines] for place in range(height)]


class Written(NamedTuple):
    """What a writing did: its answer, and the rows and columns in which it wrote a cell."""

    answer: Message
    rows: set[tuple[int, int]]
    columns: set[tuple[int, int]]


def write(book: Book, area: Area, given: Message, option: str) -> Written:
    """Put values into an area of a spreadsheet from its first cell on. Gives an `UpdateValuesResponse`."""
    if option not in ("RAW", "USER_ENTERED"):
        raise invalid("'valueInputOption' is required but not specified")
    lines = as_rows(given)
    width = max((len(line) for line in lines), default=0)
    tab = area.tab
    if not area.anchor:
        _check_fit(area, len(lines), width)
    row1, column1 = area.row0 + len(lines), area.column0 + width
    if lines and width and (row1 > tab.rows or column1 > tab.columns):
        if not area.anchor:
            raise invalid(f"Requested writing within range [{area.text}], but the grid is smaller.")
        tab.grid.resize(max(tab.rows, row1), max(tab.columns, column1))
        book.check_size()
    count = 0
    rows: set[tuple[int, int]] = set()
    columns: set[tuple[int, int]] = set()
    for offset, line in enumerate(lines):
        new: Row = {}
        for place, value in enumerate(line):
            if value is not None:
                column = area.column0 + place
                new[column] = typed(value, tab.grid.get(area.row0 + offset, column), option, book.locale)
        if new:
            count += len(new)
            rows.add((tab.id, area.row0 + offset))
            columns.update((tab.id, column) for column in new)
            tab.grid.put(area.row0 + offset, new)
    result: Message = {"spreadsheetId": book.id}
    if lines and width:
        result["updatedRange"] = Area(tab, area.row0, row1, area.column0, column1).text
    else:
        result["updatedRange"] = area.text
    if count:
        result |= {"updatedRows": len(rows), "updatedColumns": len(columns), "updatedCells": count}
    return Written(result, rows, columns)


def _check_fit(area: Area, height: int, width: int) -> None:
    if area.row0 + height > area.row1:
        raise invalid(f"Requested writing within range [{area.text}], but tried writing to row [{area.row1 + 1}]")
    if area.column0 + width > area.column1:
        raise invalid(
            f"Requested writing within range [{area.text}], but tried writing to column [{letters(area.column1)}]"
        )


def clear(area: Area) -> str:
    """Take the values of an area away, and nothing else. Gives the area as text."""
    for index in range(area.row0, area.row1):
        row = area.tab.grid.rows[index]
        if row:
            new = {
                column: valued(cell, None)
                for column, cell in row.items()
                if area.column0 <= column < area.column1 and cell.value is not None
            }
            if new:
                area.tab.grid.put(index, new)
    return area.text
