"""Rows sorted by the values of columns."""

from __future__ import annotations

from typing import Any

from ..book import Tab
from ..calc_types import CalcError, Formula
from ..computed import effective
from ..errors import NotImplementedHere, invalid
from ..grid import Cell, Row
from ..messages import Message
from ..references import copied
from .batch import Batch, request, required


@request("sortRange")
def sort_range(batch: Batch, given: Message) -> None:
    tab, bounds = batch.book.grid_tab(required(given, "range"))
    batch.check_area(tab, *bounds)
    sort(batch, tab, bounds, given.get("sortSpecs", []))


def sort(batch: Batch, tab: Tab, bounds: tuple[int, int, int, int], specs: list[Message]) -> None:
    """Values, formats and notes of a range in another order of rows; blanks come last in either direction."""
    row0, row1, column0, column1 = bounds
    if not specs:
        raise invalid("At least one sortSpec must be set.")
    order = list(range(row0, row1))
    for spec in reversed(specs):
        if spec.keys() - {"dimensionIndex", "sortOrder"}:
            raise NotImplementedHere("sorting by colours or data sources")
        column = spec.get("dimensionIndex", 0)
        if not column0 <= column < column1:
            raise invalid(f"dimensionIndex {column} is outside of the range to sort.")
        keys = {row: _key(batch, tab, row, column) for row in order}
        filled = [row for row in order if keys[row] is not None]
        filled.sort(key=lambda row: keys[row], reverse=spec.get("sortOrder") == "DESCENDING")
        order = filled + [row for row in order if keys[row] is None]
    old = [tab.grid.rows[row] for row in order]
    validations = [tab.grid.rows[row] for row in range(row0, row1)]
    for place, (source, cells) in enumerate(zip(order, old, strict=True)):
        row = row0 + place
        rest = {column: cell for column, cell in tab.grid.rows[row].items() if not column0 <= column < column1}
        moved = {column: _moved(cell, row - source) for column, cell in cells.items() if column0 <= column < column1}
        tab.grid.rows[row] = rest | _with_validations(moved, validations[place], column0, column1)


def _key(batch: Batch, tab: Tab, row: int, column: int) -> Any:
    """Numbers come before texts, those before booleans, then errors. `None` is blank."""
    cell = tab.grid.get(row, column)
    value = effective(batch.book, tab, row, column, cell)
    if value is None or value == "":
        return None
    if isinstance(value, CalcError):
        return (3, 0, "")
    if isinstance(value, bool):
        return (2, value, "")
    if isinstance(value, str):
        return (1, 0, value.casefold())
    return (0, value, "")


def _moved(cell: Cell, rows: int) -> Cell:
    if isinstance(cell.value, Formula) and rows:
        return cell._replace(value=Formula(copied(cell.value.text, rows, 0)))
    return cell


def _with_validations(moved: Row, old: Row, column0: int, column1: int) -> Row:
    """Validations stay where they are: they belong to the places."""
    result: Row = {}
    for column in range(column0, column1):
        rule = old[column].validation if column in old else None
        cell = moved.get(column, Cell())._replace(validation=rule)
        if cell != Cell():
            result[column] = cell
    return result
