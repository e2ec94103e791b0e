"""Cells merged and parted."""

from __future__ import annotations

from ..book import Tab
from ..errors import invalid
from ..geometry import grid_range, inside, overlap
from ..grid import valued
from ..messages import Message, normalised
from .batch import Batch, request, required

PARTIAL = "You must select all cells in a merged range to merge or unmerge them."


@request("mergeCells")
def merge_cells(batch: Batch, given: Message) -> None:
    tab, (row0, row1, column0, column1) = batch.book.grid_tab(required(given, "range"))
    batch.check_area(tab, row0, row1, column0, column1)
    kind = given.get("mergeType", "MERGE_ALL")
    whole = grid_range(tab.id, row0, row1, column0, column1)
    _part(tab, whole)
    parts = {
        "MERGE_ALL": [(row0, row1, column0, column1)],
        "MERGE_ROWS": [(row, row + 1, column0, column1) for row in range(row0, row1)],
        "MERGE_COLUMNS": [(row0, row1, column, column + 1) for column in range(column0, column1)],
    }[kind]
    for part in parts:
        if (part[1] - part[0]) * (part[3] - part[2]) > 1:
            tab.objects["merges"].append(normalised("GridRange", grid_range(tab.id, *part)))
            _keep_first(tab, *part)


def _keep_first(tab: Tab, row0: int, row1: int, column0: int, column1: int) -> None:
    """Only the first cell of merged ones keeps its value."""
    for row in range(row0, row1):
        old = tab.grid.rows[row]
        new = {
            column: valued(cell, None)
            for column, cell in old.items()
            if column0 <= column < column1 and (row, column) != (row0, column0) and cell.value is not None
        }
        if new:
            tab.grid.put(row, new)


def _part(tab: Tab, whole: Message) -> None:
    if any(overlap(merge, whole) and not inside(merge, whole) for merge in tab.objects["merges"]):
        raise invalid(PARTIAL)
    tab.objects["merges"] = [merge for merge in tab.objects["merges"] if not inside(merge, whole)]


@request("unmergeCells")
def unmerge_cells(batch: Batch, given: Message) -> None:
    tab, bounds = batch.book.grid_tab(required(given, "range"))
    batch.check_area(tab, *bounds)
    _part(tab, grid_range(tab.id, *bounds))
