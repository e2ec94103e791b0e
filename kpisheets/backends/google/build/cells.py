"""Cells, widths and heights of one tab as requests, equal neighbours together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from kpisheets.backends.google.build.formats import cell_format
from kpisheets.backends.google.build.geometry import dimension, grid_range
from kpisheets.backends.google.writing.requests import VALUE, Request, blocks
from kpisheets.backends.tabs.canvas import Area
from kpisheets.backends.tabs.looks import Look

Position = tuple[int, int]
"""(row, column)."""
_FORMAT = "userEnteredFormat"


def looks(sheet: int, wanted: Mapping[Position, Look]) -> Iterator[Request]:
    """The looks of cells, one request for each rectangle of the same."""
    same: dict[Look, list[tuple[int, int, int]]] = defaultdict(list)
    for (row, column), look in wanted.items():
        same[look].append((sheet, row, column))
    for look, cells in same.items():
        for block in blocks(cells):
            yield _repeated(block.grid_range, {_FORMAT: cell_format(look)}, _FORMAT)


def look(sheet: int, area: Area, wanted: Look) -> Request:
    """The look of an area."""
    return _repeated(grid_range(sheet, area), {_FORMAT: cell_format(wanted)}, _FORMAT)


def values(sheet: int, typed: Mapping[Position, Mapping[str, Any]]) -> Iterator[Request]:
    """What stands in cells; ``typed`` are ``userEnteredValue``s."""
    for block in blocks((sheet, row, column) for row, column in typed):
        rows = [
            {"values": [{VALUE: typed[row, column]} for column in range(block.left, block.right)]}
            for row in range(block.top, block.bottom)
        ]
        yield {"updateCells": {"range": block.grid_range, "rows": rows, "fields": VALUE}}


def notes(sheet: int, said: Mapping[Position, str]) -> Iterator[Request]:
    for (row, column), text in said.items():
        yield _repeated(grid_range(sheet, Area(row, column, row, column)), {"note": text}, "note")


def filled(sheet: int, area: Area, formula: str) -> Request:
    """A formula in every cell of an area, written for its first: references to its row follow."""
    return _repeated(grid_range(sheet, area), {VALUE: {"formulaValue": formula}}, VALUE)


def sizes(sheet: int, kind: str, pixels: Mapping[int, int]) -> Iterator[Request]:
    """Widths of columns or heights of rows, one request for each run of the same."""
    runs = groupby(enumerate(sorted(pixels)), lambda item: (item[1] - item[0], pixels[item[1]]))
    for (_, size), run in runs:
        numbers = [number for _, number in run]
        yield {
            "updateDimensionProperties": {
                "range": dimension(sheet, kind, numbers[0], numbers[-1]),
                "properties": {"pixelSize": size},
                "fields": "pixelSize",
            }
        }


def folded(sheet: int, kind: str, numbers: set[int]) -> Iterator[Request]:
    """Groups that are closed, which hides their rows or columns."""
    for _, run in groupby(enumerate(sorted(numbers)), lambda item: item[1] - item[0]):
        found = [number for _, number in run]
        span = dimension(sheet, kind, found[0], found[-1])
        yield {"addDimensionGroup": {"range": span}}
        group = {"range": span, "depth": 1, "collapsed": True}
        yield {"updateDimensionGroup": {"dimensionGroup": group, "fields": "collapsed"}}


def _repeated(area: Mapping[str, int], cell: Mapping[str, Any], fields: str) -> Request:
    return {"repeatCell": {"range": dict(area), "cell": dict(cell), "fields": fields}}
