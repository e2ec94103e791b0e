"""The cells of a tab. Rows and cells are values: a change puts new ones in their place, so that a batch which fails
halfway leaves the spreadsheet as it was, at the price of copying a list of rows.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .calc_types import Formula

Value = None | bool | int | float | str | Formula


class Cell(NamedTuple):
    """What a cell holds. `extra` has the runs of its text (`RUNS`), and
    `chipColours`, the colours that people gave a dropdown's options, which the API doesn't show."""

    value: Value = None
    format: dict[str, Any] | None = None
    note: str | None = None
    validation: dict[str, Any] | None = None
    extra: dict[str, Any] | None = None


RUNS = ("textFormatRuns", "chipRuns")
EMPTY = Cell()
Row = dict[int, Cell]
NO_CELLS: Row = {}


def valued(cell: Cell, value: Value) -> Cell:
    """A cell with another value: its format, note and validation stay, what was about the old text goes."""
    extra = cell.extra and {name: item for name, item in cell.extra.items() if name not in RUNS}
    return Cell(value, cell.format, cell.note, cell.validation, extra or None)


class Grid:
    """The rows of a tab, as many as its `rowCount`; a row has the cells that hold something, by column."""

    def __init__(self, rows: list[Row], columns: int) -> None:
        self.rows = rows
        self.columns = columns

    @classmethod
    def empty(cls, rows: int, columns: int) -> Grid:
        return cls([NO_CELLS] * rows, columns)

    def fork(self) -> Grid:
        return Grid(self.rows.copy(), self.columns)

    def get(self, row: int, column: int) -> Cell:
        return self.rows[row].get(column, EMPTY) if row < len(self.rows) else EMPTY

    def put(self, row: int, cells: Row) -> None:
        """Put some cells of a row; an empty one goes away."""
        new = self.rows[row] | cells
        for column, cell in cells.items():
            if cell == EMPTY:
                del new[column]
        self.rows[row] = new or NO_CELLS

    def resize(self, rows: int, columns: int) -> None:
        if rows > len(self.rows):
            self.rows += [NO_CELLS] * (rows - len(self.rows))
        else:
            del self.rows[rows:]
        if columns < self.columns:
            self.rows = [
                {column: cell for column, cell in row.items() if column < columns} if row else row for row in self.rows
            ]
        self.columns = columns

    def last_row(self) -> int:
        """How many rows there are up to the last that holds a value."""
        for number in range(len(self.rows), 0, -1):
            if any(cell.value is not None for cell in self.rows[number - 1].values()):
                return number
        return 0
