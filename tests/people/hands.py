"""What people do in a spreadsheet program, done by openpyxl: references, names and tables follow as there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.formula.translate import Translator
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.cell import quote_sheetname
from openpyxl.worksheet.table import TableColumn
from openpyxl.worksheet.worksheet import Worksheet

from tests.people.reading import Spot, load, spot

Move = Callable[[int], int | None]
"""An old row or column number → the new one, None where it was deleted."""

_AREA = re.compile(r"(?:(.+)!)?(\$?)([A-Z]{1,3})(\$?)(\d+)(?::(\$?)([A-Z]{1,3})(\$?)(\d+))?")


@contextmanager
def hands(path: Path) -> Iterator[openpyxl.Workbook]:
    """The workbook, opened; saved at the end, as a person's program would."""
    book = load(path)
    yield book
    book.save(path)


def tracking(book: openpyxl.Workbook) -> tuple[Worksheet, Spot]:
    place = spot(book, "kpi_tracking")
    return book[place.sheet], place


def row_of(book: openpyxl.Workbook, key: str) -> int:
    sheet, place = tracking(book)
    (row,) = (row for row in place.rows if sheet.cell(row, place.columns["key"]).value == key)
    return row


def write(book: openpyxl.Workbook, key: str, field: str, value: Any) -> None:
    sheet, place = tracking(book)
    sheet.cell(row_of(book, key), place.columns[field]).value = value


def catalogue_row(book: openpyxl.Workbook, identity: str) -> tuple[Worksheet, Spot, int]:
    place = spot(book, "kpi_catalogue")
    sheet = book[place.sheet]
    (row,) = (row for row in place.rows if sheet.cell(row, place.columns["id"]).value == identity)
    return sheet, place, row


def define(book: openpyxl.Workbook, identity: str, field: str, value: Any) -> None:
    """Edit a KPI's cell in the catalogue."""
    sheet, place, row = catalogue_row(book, identity)
    sheet.cell(row, place.columns[field]).value = value


def add_kpi(book: openpyxl.Workbook, kpi: dict[str, Any]) -> None:
    """Type a KPI right below the catalogue's last filled row, without touching the table's range."""
    place = spot(book, "kpi_catalogue")
    sheet, row = book[place.sheet], place.header + 1
    while sheet.cell(row, place.columns["id"]).value is not None:
        row += 1
    for field, value in kpi.items():
        sheet.cell(row, place.columns[field]).value = value


def sort(book: openpyxl.Workbook, field: str, *, descending: bool = False) -> None:
    """Sort the tracking table by a column, blanks last; formulas keep referring to their own row."""
    sheet, place = tracking(book)
    left, _, right, _ = range_boundaries(sheet.tables["kpi_tracking"].ref)

    def order(row: int) -> tuple[int, float, str]:
        value = sheet.cell(row, place.columns[field]).value
        if value is None or value == "":
            return 2, 0, ""
        number = isinstance(value, (int, float))
        return (0, float(value), "") if number else (1, 0, str(value))

    filled = [row for row in place.rows if order(row)[0] < 2]
    blank = [row for row in place.rows if order(row)[0] == 2]
    wanted = [*sorted(filled, key=order, reverse=descending), *blank]
    taken = {row: [(cell.value, copy(cell._style)) for cell in _cells(sheet, row, left, right)] for row in place.rows}
    for target, source in zip(place.rows, wanted, strict=True):
        for cell, (value, style) in zip(_cells(sheet, target, left, right), taken[source], strict=True):
            if isinstance(value, str) and value.startswith("="):
                origin = f"{cell.column_letter}{source}"
                value = Translator(value, origin=origin).translate_formula(cell.coordinate)
            cell.value, cell._style = value, style


def _cells(sheet: Worksheet, row: int, left: int, right: int) -> list[Any]:
    return [sheet.cell(row, column) for column in range(left, right + 1)]


def insert_rows(book: openpyxl.Workbook, sheet: Worksheet, at: int, count: int = 1) -> None:
    rearrange(book, sheet, rows=lambda row: row + count if row >= at else row)


def double_row(book: openpyxl.Workbook, sheet: Worksheet, row: int) -> None:
    """Copy a row and insert the copy above it."""
    insert_rows(book, sheet, row)
    for column in range(1, sheet.max_column + 1):
        source, cell = sheet.cell(row + 1, column), sheet.cell(row, column)
        cell.value, cell._style = source.value, copy(source._style)
        if source.data_type == "f":
            cell.value = Translator(str(source.value), origin=source.coordinate).translate_formula(cell.coordinate)


def delete_row(book: openpyxl.Workbook, sheet: Worksheet, at: int) -> None:
    rearrange(book, sheet, rows=lambda row: None if row == at else row - (row > at))


def insert_column(book: openpyxl.Workbook, sheet: Worksheet, at: int, header: str) -> None:
    """A column of one's own inside the table: the header is typed at once, as the programs do."""
    rearrange(book, sheet, columns=lambda column: column + (column >= at), header=header)


def delete_column(book: openpyxl.Workbook, sheet: Worksheet, at: int) -> None:
    rearrange(book, sheet, columns=lambda column: None if column == at else column - (column > at))


def move_column(book: openpyxl.Workbook, sheet: Worksheet, source: int, target: int) -> None:
    """Cut a column and insert it so that it stands at ``target``."""

    def moved(column: int) -> int:
        if column == source:
            return target
        column -= column > source
        return column + (column >= target)

    rearrange(book, sheet, columns=moved)


def rename_tab(book: openpyxl.Workbook, old: str, new: str) -> None:
    book[old].title = new

    def renamed(sheet: str | None, text: str) -> str:
        name = sheet.strip("'").replace("''", "'") if sheet else None
        return f"{quote_sheetname(new)}!{text}" if name == old else f"{sheet}!{text}" if sheet else text

    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f" and isinstance(cell.value, str) and "!" in cell.value:
                    cell.value = _rewrite(cell.value, lambda m: renamed(m[1], m[0].rpartition("!")[2]))
    for name in book.defined_names.values():
        if name.attr_text and "!" in name.attr_text:
            sheet_name, _, area = name.attr_text.rpartition("!")
            name.attr_text = renamed(sheet_name, area)


def rearrange(
    book: openpyxl.Workbook,
    sheet: Worksheet,
    *,
    rows: Move = lambda row: row,
    columns: Move = lambda column: column,
    header: str = "",
) -> None:
    """Move whole rows or columns of a tab; formulas, names and tables everywhere follow."""
    limit = max(sheet.max_row, sheet.max_column) + 50

    def ends(move: Move, first: int, last: int) -> tuple[int, int] | None:
        kept = [new for old in (range(first, last + 1) if last < limit else (first, last)) if (new := move(old))]
        return (min(kept), max(kept)) if kept else None

    def corners(match: re.Match[str], own: str) -> str:
        name = match[1].strip("'").replace("''", "'") if match[1] else own
        if name != sheet.title:
            return match[0]
        left, top, right, bottom = range_boundaries(match[0].rpartition("!")[2].replace("$", ""))
        across, down = ends(columns, left, right), ends(rows, top, bottom)
        if across is None or down is None:
            return "#REF!"
        text = f"{match[2]}{get_column_letter(across[0])}{match[4]}{down[0]}"
        if match[7]:
            text += f":{match[6]}{get_column_letter(across[1])}{match[8]}{down[1]}"
        return f"{match[1]}!{text}" if match[1] else text

    for each in book.worksheets:
        for row in each.iter_rows():
            for cell in row:
                if cell.data_type == "f" and isinstance(cell.value, str):
                    cell.value = _rewrite(cell.value, lambda match, own=each.title: corners(match, own))
    for name, defined in list(book.defined_names.items()):
        if defined.attr_text and (match := _AREA.fullmatch(defined.attr_text)):
            found = corners(match, "")
            if "#REF!" in found:
                del book.defined_names[name]
            else:
                defined.attr_text = found
    cells = dict(sheet._cells)
    sheet._cells.clear()
    for (row, column), old in cells.items():
        to_row, to_column = rows(row), columns(column)
        if to_row and to_column:
            cell = sheet.cell(to_row, to_column)
            cell.value, cell._style = old.value, copy(old._style)
    merged = [area.coord for area in sheet.merged_cells.ranges]
    assert not merged or rows(10_000) == columns(10_000) == 10_000, "tabs with merged cells are not rearranged"
    for table in sheet.tables.values():
        left, top, right, bottom = range_boundaries(table.ref)
        across, down = ends(columns, left, right), ends(rows, top, bottom)
        assert across is not None
        assert down is not None
        table.ref = f"{get_column_letter(across[0])}{down[0]}:{get_column_letter(across[1])}{down[1]}"
        if table.autoFilter is not None:
            table.autoFilter.ref = table.ref
        known = {columns(left + place): column for place, column in enumerate(table.tableColumns)}
        number = max(column.id for column in table.tableColumns)
        found = []
        for column in range(across[0], across[1] + 1):
            if column not in known:
                number += 1
                sheet.cell(down[0], column).value = header
                known[column] = TableColumn(id=number, name=header)
            found.append(known[column])
        table.tableColumns = found


def rename_header(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """Type another header; the table's own record of it follows."""
    old = sheet.cell(row, column).value
    sheet.cell(row, column).value = text
    for table in sheet.tables.values():
        for found in table.tableColumns:
            if found.name == old:
                found.name = text


def _rewrite(formula: str, change: Callable[[re.Match[str]], str]) -> str:
    tokens = Tokenizer(formula)
    for token in tokens.items:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE and (match := _AREA.fullmatch(token.value)):
            token.value = change(match)
    return "=" + "".join(token.value for token in tokens.items)
