"""The values that cells show: formulas computed when an answer needs them, and only then."""

from __future__ import annotations

from .book import Book, Tab
from .calc import compute
from .calc_types import CalcBook, CalcError, CalcRange, CalcSheet, CalcTable, CalcValue, Entered, Formula
from .formats import formatted
from .geometry import GridRange
from .grid import Cell
from .messages import Message

# How an error is shown, by its type.
SHOWN = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "Loading...",
}
DATES = ("DATE", "TIME", "DATE_TIME")


def values(book: Book) -> dict[tuple[int, int, int], CalcValue]:
    """The values of the formula cells, computed once for each state of the spreadsheet."""
    if book.values is None:
        book.values = compute(calc_book(book)) if book.has_formulas() else {}
    return book.values


def effective(book: Book, tab: Tab, row: int, column: int, cell: Cell) -> CalcValue:
    """What a cell comes to."""
    if isinstance(cell.value, Formula):
        return values(book).get((tab.id, row, column))
    return cell.value


def number_format(cell: Cell) -> Message | None:
    return None if cell.format is None else cell.format.get("numberFormat")


def shown(value: CalcValue, cell: Cell, locale: str) -> str:
    """The text that a cell shows."""
    if value is None:
        return ""
    if isinstance(value, CalcError):
        return SHOWN[value.type]
    return formatted(value, number_format(cell), locale)


def calc_range(given: GridRange) -> CalcRange:
    return CalcRange(
        given.get("sheetId", 0),
        given.get("startRowIndex", 0),
        given.get("endRowIndex"),
        given.get("startColumnIndex", 0),
        given.get("endColumnIndex"),
    )


def calc_book(book: Book) -> CalcBook:
    """The spreadsheet as the calculation wants it."""
    sheets = []
    for tab in book.tabs:
        cells: dict[tuple[int, int], Entered] = {
            (number, column): float(cell.value) if type(cell.value) is int else cell.value
            for number, row in tab.cells()
            for column, cell in row.items()
            if cell.value is not None
        }
        sheets.append(CalcSheet(tab.id, tab.title, tab.rows, tab.columns, cells))
    tables = [
        CalcTable(
            table["name"],
            calc_range(table["range"]),
            tuple(column["columnName"] for column in table.get("columnProperties", [])),
            "footerColorStyle" in table.get("rowsProperties", {}),
        )
        for tab in book.tabs
        for table in tab.objects["tables"]
    ]
    return CalcBook(
        sheets=sheets,
        named_ranges={item["name"]: calc_range(item["range"]) for item in book.named_ranges},
        tables=tables,
        locale=book.locale,
        time_zone=str(book.properties["timeZone"]),
    )
