"""Cells written: by rows, one repeated, appended, validated, bordered."""

from __future__ import annotations

from ..book import Tab
from ..cell_data import cell_mask, prepared, put
from ..errors import invalid
from ..grid import EMPTY, Row, valued
from ..masks import Mask
from ..messages import Message, normalised
from ..references import copied
from ..rules import check_condition
from ..shifting import insert
from ..typed import extended
from .batch import Batch, located, request, required

SIDES = ("top", "bottom", "left", "right")


@request("updateCells")
def update_cells(batch: Batch, given: Message) -> None:
    mask = cell_mask(given.get("fields", ""))
    rows = given.get("rows", [])
    if "range" in given:
        tab, (row0, row1, column0, column1) = batch.book.grid_tab(given["range"])
        width = max((len(row.get("values", [])) for row in rows), default=0)
        if len(rows) > row1 - row0:
            raise invalid(f"Attempting to write row: {row1}, beyond the last requested row of: {row1 - 1}")
        if width > column1 - column0:
            raise invalid(f"Attempting to write column: {column1}, beyond the last requested column of: {column1 - 1}")
    elif "start" in given:
        start = given["start"]
        tab = batch.book.tab(start.get("sheetId", 0), "grid")
        row0, column0 = start.get("rowIndex", 0), start.get("columnIndex", 0)
        row1 = row0 + len(rows)
        column1 = column0 + max((len(row.get("values", [])) for row in rows), default=0)
        if row0 >= tab.rows or row1 > tab.rows:
            raise invalid(f"Attempting to write row: {max(row0, tab.rows)}, beyond the last row of: {tab.rows - 1}")
        if column0 >= tab.columns or column1 > tab.columns:
            last = tab.columns - 1
            raise invalid(f"Attempting to write column: {max(column0, last + 1)}, beyond the last column of: {last}")
    else:
        raise invalid("Either range or start must be set.")
    if row1 > row0 and column1 > column0:
        batch.check_area(tab, row0, row1, column0, column1)
    for offset in range(row1 - row0):
        values = rows[offset].get("values", []) if offset < len(rows) else []
        # A range is written to its end: cells without data are cleared of the fields. From a start, only what is given.
        until = column1 if "range" in given else column0 + len(values)
        new = row_of(tab, row0 + offset, column0, until, values, mask)
        tab.grid.put(row0 + offset, new)


def row_of(tab: Tab, row: int, column0: int, column1: int, values: list[Message], mask: Mask) -> Row:
    """The cells of a row's span after `CellData`s were written into them; those without data are cleared."""
    old = tab.grid.rows[row]
    new: Row = {}
    if mask.keys() == {"userEnteredValue"} and not mask["userEnteredValue"]:  # the usual case, and the large one
        for place in range(column1 - column0):
            given = values[place] if place < len(values) else {}
            value = extended(given.get("userEnteredValue"))
            new[column0 + place] = valued(old.get(column0 + place, EMPTY), value)
        return new
    for place in range(column1 - column0):
        given = values[place] if place < len(values) else {}
        new[column0 + place] = put(old.get(column0 + place, EMPTY), prepared(given) if given else given, mask)
    return new


@request("repeatCell")
def repeat_cell(batch: Batch, given: Message) -> None:
    mask = cell_mask(given.get("fields", ""))
    tab, (row0, row1, column0, column1) = batch.book.grid_tab(required(given, "range"))
    batch.check_area(tab, row0, row1, column0, column1)
    cell = prepared(given.get("cell", {}))
    formula = cell.get("userEnteredValue", {}).get("formulaValue")
    for row in range(row0, row1):
        old = tab.grid.rows[row]
        new: Row = {}
        for column in range(column0, column1):
            one = cell if formula is None else _adjusted(cell, formula, row - row0, column - column0)
            new[column] = put(old.get(column, EMPTY), one, mask)
        tab.grid.put(row, new)


def _adjusted(cell: Message, formula: str, rows: int, columns: int) -> Message:
    """A repeated cell whose formula's relative references move along."""
    return {**cell, "userEnteredValue": {"formulaValue": copied(formula, rows, columns)}}


@request("appendCells")
def append_cells(batch: Batch, given: Message) -> None:
    mask = cell_mask(given.get("fields", ""))
    rows = given.get("rows", [])
    width = max((len(row.get("values", [])) for row in rows), default=0)
    if "tableId" in given:
        _append_to_table(batch, given["tableId"], len(rows))
        return
    tab = batch.book.tab(given.get("sheetId", 0), "grid")
    row0 = tab.grid.last_row()
    tab.grid.resize(max(tab.rows, row0 + len(rows)), max(tab.columns, width))
    batch.book.check_size()
    if rows and width:
        batch.check_area(tab, row0, row0 + len(rows), 0, width)
    for offset, row in enumerate(rows):
        values = row.get("values", [])
        tab.grid.put(row0 + offset, row_of(tab, row0 + offset, 0, len(values), values, mask))


def _append_to_table(batch: Batch, table_id: str, count: int) -> None:
    """As measured on the service: the table grows by the rows, and their values are dropped."""
    tab, place = located(batch.book, "tables", "tableId", table_id, "table")
    table = tab.objects["tables"][place]
    end = table["range"]["endRowIndex"]
    if count and end < tab.rows:
        insert(batch.book, tab, "ROWS", end, end + count, inherit_from_before=True)
    else:
        tab.grid.resize(tab.rows + count, tab.columns)
    table = tab.objects["tables"][place]
    tab.objects["tables"][place] = {**table, "range": {**table["range"], "endRowIndex": end + count}}


@request("setDataValidation")
def set_data_validation(batch: Batch, given: Message) -> None:
    tab, (row0, row1, column0, column1) = batch.book.grid_tab(required(given, "range"))
    batch.check_area(tab, row0, row1, column0, column1)
    rule = given.get("rule")
    if rule is not None:
        check_condition(required(rule, "condition"), for_validation=True)
    # A new object even where it equals the old one: the colours that people gave a dropdown's chips are lost with it.
    stored = None if rule is None else normalised("DataValidationRule", rule)
    for row in range(row0, row1):
        if tab.row_properties.get(row, {}).get("hiddenByFilter") and not given.get("filteredRowsIncluded"):
            continue
        old = tab.grid.rows[row]
        new: Row = {}
        for column in range(column0, column1):
            cell = old.get(column, EMPTY)
            rest = {name: item for name, item in (cell.extra or {}).items() if name != "chipColours"}
            new[column] = cell._replace(validation=stored, extra=rest or None)
        tab.grid.put(row, new)


@request("updateBorders")
def update_borders(batch: Batch, given: Message) -> None:
    tab, (row0, row1, column0, column1) = batch.book.grid_tab(required(given, "range"))
    batch.check_area(tab, row0, row1, column0, column1)
    for row in range(row0, row1):
        old = tab.grid.rows[row]
        new: Row = {}
        for column in range(column0, column1):
            sides = {
                "top": "top" if row == row0 else "innerHorizontal",
                "bottom": "bottom" if row == row1 - 1 else "innerHorizontal",
                "left": "left" if column == column0 else "innerVertical",
                "right": "right" if column == column1 - 1 else "innerVertical",
            }
            cell = old.get(column, EMPTY)
            borders = dict((cell.format or {}).get("borders", {}))
            for side in SIDES:
                if sides[side] in given:
                    border = normalised("Border", given[sides[side]])
                    if border.get("style", "NONE") == "NONE":
                        borders.pop(side, None)
                    else:
                        borders[side] = border
            rest = {name: item for name, item in (cell.format or {}).items() if name != "borders"}
            form = rest | ({"borders": borders} if borders else {})
            new[column] = cell._replace(format=form or None)
        tab.grid.put(row, new)
