"""Cells to write become requests of a batch: neighbours in one rectangle, equal formulas and formats in one stroke."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from kpisheets.backends.google.writing.changes import Formatted, Put

Request = dict[str, Any]
VALUE, FORMAT = "userEnteredValue", "userEnteredFormat.numberFormat"


class Block(NamedTuple):
    """A rectangle of cells; ``bottom`` and ``right`` are exclusive."""

    sheet: int
    top: int
    left: int
    bottom: int
    right: int

    @property
    def grid_range(self) -> dict[str, int]:
        return {
            "sheetId": self.sheet,
            "startRowIndex": self.top,
            "endRowIndex": self.bottom,
            "startColumnIndex": self.left,
            "endColumnIndex": self.right,
        }


def blocks(cells: Iterable[tuple[int, int, int]]) -> list[Block]:
    """The cells (tab, row, column) as few rectangles: runs down a column, joined with equal runs beside them."""
    columns: dict[tuple[int, int], list[int]] = defaultdict(list)
    for sheet, row, column in cells:
        columns[sheet, column].append(row)
    runs: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for (sheet, column), rows in columns.items():
        for top, bottom in _runs(sorted(set(rows))):
            runs[sheet, top, bottom].append(column)
    return [
        Block(sheet, top, left, bottom, right)
        for (sheet, top, bottom), known in sorted(runs.items())
        for left, right in _runs(sorted(known))
    ]


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(first, end) of each run of consecutive numbers."""
    for _, run in groupby(enumerate(numbers), lambda item: item[1] - item[0]):
        found = [number for _, number in run]
        yield found[0], found[-1] + 1


def value_requests(puts: Sequence[Put]) -> list[Request]:
    """What is typed into the cells. A formula that goes down a column is written once, and Sheets fills it down as a
    person would, each row with references to its own."""
    once: list[Put] = []
    found: list[Request] = []
    columns: dict[tuple[int, int, int], list[Put]] = defaultdict(list)
    for put in puts:
        if put.formula is None:
            once.append(put)
        else:
            columns[put.sheet, put.column, id(put.formula)].append(put)
    for same in columns.values():
        by_row = {put.row: put for put in same}
        for top, bottom in _runs(sorted(by_row)):
            if bottom - top == 1:
                once.append(by_row[top])
                continue
            block = Block(same[0].sheet, top, same[0].column, bottom, same[0].column + 1)
            found.append(_repeated(block, {VALUE: by_row[top].typed}, VALUE))
    typed = {(put.sheet, put.row, put.column): put.typed for put in once}
    for block in blocks(typed):
        rows = [
            {"values": [_cell(typed[block.sheet, row, column]) for column in range(block.left, block.right)]}
            for row in range(block.top, block.bottom)
        ]
        found.append({"updateCells": {"range": block.grid_range, "rows": rows, "fields": VALUE}})
    return found


def _cell(typed: Mapping[str, Any]) -> dict[str, Any]:
    return {VALUE: typed} if typed else {}


def format_requests(formats: Sequence[Formatted]) -> list[Request]:
    """Number formats, one request for each rectangle of cells that have the same."""
    same: dict[tuple[str, str], list[Formatted]] = defaultdict(list)
    for each in formats:
        same[each.format["type"], each.format["pattern"]].append(each)
    return [
        _repeated(block, {"userEnteredFormat": {"numberFormat": dict(found[0].format)}}, FORMAT)
        for found in same.values()
        for block in blocks((each.sheet, each.row, each.column) for each in found)
    ]


def _repeated(block: Block, cell: Mapping[str, Any], fields: str) -> Request:
    return {"repeatCell": {"range": block.grid_range, "cell": dict(cell), "fields": fields}}
