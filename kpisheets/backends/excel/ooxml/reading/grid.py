"""A sheet's cells, looked up: values, formulas and styles as they are in the file."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from ..notation.markup import unescape
from ..notation.refs import Area
from ..notation.values import EMPTY, Cell, Value
from ..parts.shell import Shell
from .columns import Column, Shared
from .scan import Scanner


class Grid:
    """Cells of one sheet. Rows and columns count from 1; ``last_row`` is the last that the file has, be it blank."""

    def __init__(self, scanner: Scanner, shell: Shell) -> None:
        self._columns = scanner.columns
        self._arrays = scanner.arrays
        self._merged = shell.merged()
        self.linked = shell.linked
        """The ids of links that the sheet speaks of, those without a link too."""
        self.last_row = scanner.last_row
        self.top = min((column.rows[0] for column in self._columns.values()), default=0)
        self.bottom = max((column.rows[-1] for column in self._columns.values()), default=0)
        self.left = min(self._columns, default=0)
        self.right = max(self._columns, default=0)

    def _index(self, row: int, column: int) -> tuple[Column, int] | None:
        cells = self._columns.get(column)
        if cells is None:
            return None
        at = bisect_left(cells.rows, row)
        return (cells, at) if at < len(cells.rows) and cells.rows[at] == row else None

    def has(self, row: int, column: int) -> bool:
        """Whether the file has a cell there at all, be it blank."""
        return self._index(row, column) is not None

    def cell(self, row: int, column: int) -> Cell:
        """The cell; a blank one where the file has none."""
        found = self._index(row, column)
        if found is None:
            return EMPTY
        cells, at = found
        return Cell(cells.values[at], _text(cells.formula(at), row, column), cells.styles[at])

    def value(self, row: int, column: int) -> Value:
        """The cell's stored value."""
        found = self._index(row, column)
        return None if found is None else found[0].values[found[1]]

    def column(self, column: int, top: int, bottom: int) -> list[Value]:
        """The stored values of rows ``top`` to ``bottom``; None where blank."""
        cells = self._columns.get(column)
        count = max(bottom - top + 1, 0)
        if cells is None or not count:
            return [None] * count
        first, last = bisect_left(cells.rows, top), bisect_right(cells.rows, bottom)
        if last - first == count:
            return cells.values[first:last]
        values: list[Value] = [None] * count
        for at in range(first, last):
            values[cells.rows[at] - top] = cells.values[at]
        return values

    def formulas(self, column: int, top: int, bottom: int) -> list[str | None]:
        """The formulas of rows ``top`` to ``bottom``; None where there is none."""
        return [_text(formula, row, column) for row, formula in enumerate(self._formulas(column, top, bottom), top)]

    def patterns(self, column: int, top: int, bottom: int) -> list[str | None]:
        """The same with NUL wherever the digits of the cell's own row stand, so that the thousands of formulas of one
        column are few texts."""
        found = self._formulas(column, top, bottom)
        distinct = set(found)
        known: dict[bytes | Shared | None, str] = {
            formula: unescape(formula)
            for formula in distinct
            if isinstance(formula, bytes) and b"&#" not in formula  # the digits of &#10004; are no row's
        }
        if len(distinct) == 1:
            [only] = distinct
            if only is None or only in known:
                return [known.get(only)] * len(found)
        texts: list[str | None] = list(map(known.get, found))
        if len(known) < len(distinct):
            for at, formula in enumerate(found):
                if formula is not None and formula not in known:
                    row = top + at
                    texts[at] = (_text(formula, row, column) or "").replace(str(row), "\0")
        return texts

    def _formulas(self, column: int, top: int, bottom: int) -> Sequence[bytes | Shared | None]:
        """The formulas of rows ``top`` to ``bottom`` as they are kept."""
        cells, count = self._columns.get(column), max(bottom - top + 1, 0)
        if cells is None or not cells.formulas or not count:
            return [None] * count
        first, last = bisect_left(cells.rows, top), bisect_right(cells.rows, bottom)
        kept = cells.formulas[first:last]
        if len(kept) == count:
            return kept
        found: list[bytes | Shared | None] = [None] * count
        for row, formula in zip(cells.rows[first:last], kept, strict=False):
            found[row - top] = formula
        return found

    @property
    def arrays(self) -> list[Area]:
        """The blocks that array formulas (dynamic ones too) and data tables fill."""
        return [area for area, _ in self._arrays]

    @property
    def has_locks(self) -> bool:
        """Whether there is any cell that must not be written alone."""
        return bool(self._arrays or self._merged)

    def reaches(self, row: int) -> bool:
        """Whether an array formula, a data table or a merged area reaches down to this row."""
        return any(area.bottom >= row for area in (*self.arrays, *self._merged))

    def locked(self, row: int, column: int) -> str:
        """Why the cell must not be written: part of an array formula, a data table or a merged area; else ``""``."""
        for area, what in self._arrays:
            if area.holds(row, column):
                return f"part of {what} ({area.a1})"
        for area in self._merged:
            if area.holds(row, column) and (row, column) != (area.top, area.left):
                return f"inside the merged cells {area.a1}"
        return ""

    def shared_from(self, row: int, column: int) -> Shared | None:
        """The shared formula that is spelled out in this cell for others too."""
        found = self._index(row, column)
        master = found[0].formula(found[1]) if found else None
        if isinstance(master, Shared) and (master.row, master.column) == (row, column):
            return master
        return None

    def sharing(self, master: Shared) -> list[tuple[int, int]]:
        """The other cells of a shared formula, in the order in which they stand in the file."""
        return sorted(
            (row, number)
            for number, cells in self._columns.items()
            for row, formula in zip(cells.rows, cells.formulas, strict=False)
            if formula is master and (row, number) != (master.row, master.column)
        )

    def filled(self, area: Area) -> tuple[int, int] | None:
        """The first cell in ``area`` with a value or a formula."""
        for number in range(area.left, area.right + 1):
            cells = self._columns.get(number)
            if cells is None:
                continue
            for at in range(bisect_left(cells.rows, area.top), bisect_right(cells.rows, area.bottom)):
                if cells.values[at] is not None or cells.formula(at) is not None:
                    return cells.rows[at], number
        return None


def _text(formula: bytes | Shared | None, row: int, column: int) -> str | None:
    if isinstance(formula, bytes):
        return unescape(formula.replace(b"\0", b"%d" % row))
    if formula is None:
        return None
    return formula.formula.at(row - formula.row, column - formula.column)
