"""Ranges copied, cut, pasted; parts of a tab pushed aside and pulled together."""

from __future__ import annotations

import csv
import io

from ..book import Tab
from ..calc_types import Formula
from ..computed import effective
from ..errors import NotImplementedHere, invalid
from ..geometry import COLUMNS, ROWS, Shift, grid_range, inside
from ..grid import EMPTY, Cell, Row
from ..messages import Message, normalised
from ..references import copied, moved, shifted
from ..shifting import follow_objects, rewrite_formulas
from ..typed import typed
from .batch import Batch, request, required

Bounds = tuple[int, int, int, int]


@request("copyPaste")
def copy_paste(batch: Batch, given: Message) -> None:
    book = batch.book
    source, (row0, row1, column0, column1) = book.grid_tab(required(given, "source"))
    transposed = given.get("pasteOrientation", "NORMAL") == "TRANSPOSE"
    height, width = row1 - row0, column1 - column0
    if transposed:
        height, width = width, height
    target, (to_row, to_row1, to_column, to_column1) = book.grid_tab(required(given, "destination"))
    # A destination that is a multiple of the source is filled with it; any other takes it once.
    down = (to_row1 - to_row) // height if (to_row1 - to_row) % height == 0 else 1
    across = (to_column1 - to_column) // width if (to_column1 - to_column) % width == 0 else 1
    if to_row + height * down > target.rows or to_column + width * across > target.columns:
        raise invalid("The destination is too small for the source.")
    batch.check_area(target, to_row, to_row + height * down, to_column, to_column + width * across)
    kind = given.get("pasteType", "PASTE_NORMAL")
    block = [[source.grid.get(row, column) for column in range(column0, column1)] for row in range(row0, row1)]
    values = block
    if kind == "PASTE_VALUES":  # nothing else needs all formulas computed
        values = [
            [_value(batch, source, row0 + y, column0 + x, cell) for x, cell in enumerate(line)]
            for y, line in enumerate(block)
        ]
    for y in range(height * down):
        new: Row = {}
        for x in range(width * across):
            down_in, across_in = (x % width, y % height) if transposed else (y % height, x % width)
            rows = to_row + y - (row0 + down_in)
            columns = to_column + x - (column0 + across_in)
            old = target.grid.get(to_row + y, to_column + x)
            new[to_column + x] = _pasted(
                old, block[down_in][across_in], values[down_in][across_in], kind, rows, columns
            )
        target.grid.put(to_row + y, new)
    if kind in ("PASTE_NORMAL", "PASTE_CONDITIONAL_FORMATTING", "PASTE_FORMAT"):
        _extend_rules(source, target, (row0, row1, column0, column1), to_row, to_column, height * down, width * across)


def _value(batch: Batch, tab: Tab, row: int, column: int, cell: Cell) -> Cell:
    value = effective(batch.book, tab, row, column, cell)
    plain = value if value is None or isinstance(value, bool | int | float | str) else None
    return cell._replace(value=plain)


def _pasted(old: Cell, cell: Cell, plain: Cell, kind: str, rows: int, columns: int) -> Cell:
    if isinstance(cell.value, Formula):
        cell = cell._replace(value=Formula(copied(cell.value.text, rows, columns)))
    if kind == "PASTE_NORMAL":
        return cell
    if kind == "PASTE_VALUES":
        return old._replace(value=plain.value, extra=cell.extra)
    if kind == "PASTE_FORMULA":
        return old._replace(value=cell.value, extra=cell.extra)
    if kind == "PASTE_FORMAT":
        return old._replace(format=cell.format, validation=cell.validation)
    if kind == "PASTE_NO_BORDERS":
        rest = {name: item for name, item in (cell.format or {}).items() if name != "borders"}
        borders = (old.format or {}).get("borders")
        return cell._replace(format=rest | ({"borders": borders} if borders else {}) or None)
    if kind == "PASTE_DATA_VALIDATION":
        return old._replace(validation=cell.validation)
    return old  # PASTE_CONDITIONAL_FORMATTING changes no cell


def _extend_rules(source: Tab, target: Tab, bounds: Bounds, row: int, column: int, height: int, width: int) -> None:
    """Conditional formats of a source that lies in their ranges apply to its copy on the same tab too."""
    if source is not target:
        return
    whole = grid_range(source.id, *bounds)
    copy = normalised("GridRange", grid_range(target.id, row, row + height, column, column + width))
    rules = source.objects["conditionalFormats"]
    for place, rule in enumerate(rules):
        if any(inside(whole, given) for given in rule["ranges"]) and not any(
            inside(copy, given) for given in rule["ranges"]
        ):
            rules[place] = {**rule, "ranges": [*rule["ranges"], copy]}


@request("cutPaste")
def cut_paste(batch: Batch, given: Message) -> None:
    book = batch.book
    source, (row0, row1, column0, column1) = book.grid_tab(required(given, "source"))
    at = required(given, "destination")
    target = book.tab(at.get("sheetId", 0), "grid")
    to_row, to_column = at.get("rowIndex", 0), at.get("columnIndex", 0)
    height, width = row1 - row0, column1 - column0
    if to_row + height > target.rows or to_column + width > target.columns:
        raise invalid("The destination is too small for the source.")
    kind = given.get("pasteType", "PASTE_NORMAL")
    if kind not in ("PASTE_NORMAL", "PASTE_VALUES"):
        raise NotImplementedHere(f"cutPaste.pasteType {kind}")
    batch.check_area(source, row0, row1, column0, column1)
    batch.check_area(target, to_row, to_row + height, to_column, to_column + width)
    block = [[source.grid.get(row, column) for column in range(column0, column1)] for row in range(row0, row1)]
    for row in range(row0, row1):
        source.grid.put(row, dict.fromkeys(range(column0, column1), EMPTY))
    for y, line in enumerate(block):
        new: Row = {}
        for x, cell in enumerate(line):
            old = target.grid.get(to_row + y, to_column + x)
            new[to_column + x] = cell if kind == "PASTE_NORMAL" else old._replace(value=cell.value)
        target.grid.put(to_row + y, new)
    to = (target.title, to_row - row0, to_column - column0)
    for tab in book.tabs:
        rewrite_formulas(
            tab,
            lambda text, home: moved(text, home.title, source.title, row0, row1, column0, column1, to),
            source,
        )


@request("pasteData")
def paste_data(batch: Batch, given: Message) -> None:
    if given.get("html"):
        raise NotImplementedHere("pasteData.html")
    at = required(given, "coordinate")
    tab = batch.book.tab(at.get("sheetId", 0), "grid")
    kind = given.get("type", "PASTE_NORMAL")
    if kind not in ("PASTE_NORMAL", "PASTE_VALUES"):
        raise NotImplementedHere(f"pasteData.type {kind}")
    lines = list(csv.reader(io.StringIO(given.get("data", "")), delimiter=required(given, "delimiter")))
    row0, column0 = at.get("rowIndex", 0), at.get("columnIndex", 0)
    width = max((len(line) for line in lines), default=0)
    tab.grid.resize(max(tab.rows, row0 + len(lines)), max(tab.columns, column0 + width))
    batch.book.check_size()
    if lines and width:
        batch.check_area(tab, row0, row0 + len(lines), column0, column0 + width)
    for offset, line in enumerate(lines):
        new = {
            column0 + place: typed(
                text, tab.grid.get(row0 + offset, column0 + place), "USER_ENTERED", batch.book.locale
            )
            for place, text in enumerate(line)
        }
        tab.grid.put(row0 + offset, new)


@request("insertRange")
def insert_range(batch: Batch, given: Message) -> None:
    tab, bounds = batch.book.grid_tab(required(given, "range"))
    dimension = _dimension(given)
    row0, row1, column0, column1 = bounds
    if dimension == ROWS:
        batch.check_area(tab, row0, tab.rows, column0, column1)
        shift = Shift(tab.id, ROWS, "insert", row0, row1, band=(column0, column1))
        tab.grid.resize(tab.rows + shift.length, tab.columns)
    else:
        batch.check_area(tab, row0, row1, column0, tab.columns)
        shift = Shift(tab.id, COLUMNS, "insert", column0, column1, band=(row0, row1))
        tab.grid.resize(tab.rows, tab.columns + shift.length)
    _shift_cells(batch, tab, shift, bounds)
    # The grid keeps its size; what held something at its edge makes it grow.
    rows, columns = tab.rows, tab.columns
    if dimension == ROWS and not any(tab.grid.rows[rows - shift.length :]):
        tab.grid.resize(rows - shift.length, columns)
    if dimension == COLUMNS and not any(column >= columns - shift.length for _, row in tab.cells() for column in row):
        tab.grid.resize(rows, columns - shift.length)


@request("deleteRange")
def delete_range(batch: Batch, given: Message) -> None:
    tab, bounds = batch.book.grid_tab(required(given, "range"))
    row0, row1, column0, column1 = bounds
    if _dimension(given) == ROWS:
        batch.check_area(tab, row0, tab.rows, column0, column1)
        shift = Shift(tab.id, ROWS, "delete", row0, row1, band=(column0, column1))
    else:
        batch.check_area(tab, row0, row1, column0, tab.columns)
        shift = Shift(tab.id, COLUMNS, "delete", column0, column1, band=(row0, row1))
    _shift_cells(batch, tab, shift, bounds)


def _dimension(given: Message) -> str:
    dimension = given.get("shiftDimension", "DIMENSION_UNSPECIFIED")
    if dimension not in (ROWS, COLUMNS):
        raise invalid("shiftDimension must be set to ROWS or COLUMNS.")
    return str(dimension)


def _shift_cells(batch: Batch, tab: Tab, shift: Shift, bounds: Bounds) -> None:
    """The cells of the part that moves: below a range, or right of it."""
    row0, row1, column0, column1 = bounds
    rows = range(row0, tab.rows) if shift.dimension == ROWS else range(row0, row1)
    columns = (column0, column1) if shift.dimension == ROWS else (column0, tab.columns)
    block = {
        (row, column): cell
        for row in rows
        for column, cell in tab.grid.rows[row].items()
        if columns[0] <= column < columns[1]
    }
    for row, column in block:
        tab.grid.put(row, {column: EMPTY})
    for (row, column), cell in block.items():
        place = shift.index(row if shift.dimension == ROWS else column)
        if place is not None:
            at = (place, column) if shift.dimension == ROWS else (row, place)
            tab.grid.put(at[0], {at[1]: cell})
    follow_objects(batch.book, shift, lambda text, home: shifted(text, shift, home.title, tab.title), tab)
