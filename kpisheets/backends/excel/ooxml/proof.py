"""New rows read back before they are written: what they hold is what was to be written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from kpisheets.errors import Defect

from .cells import CellWrite, Write
from .columns import Column
from .grid import Grid
from .markup import unescape
from .refs import cell_name
from .scan import Scanner
from .sheet import SheetPart
from .survey import cell_starts, picked
from .values import Cell, CellError, Value, to_serial

After = Mapping[int, Mapping[int, Cell]]
"""Row → column → the cell as it is to be. A style of -1 is one that the cell's row or column gives it."""


class Proof:
    """Reads rows of one sheet back.

    Raises:
        Defect: from its methods: they hold something else.
    """

    def __init__(self, part: SheetPart, scanner: Callable[[], Scanner], date1904: bool) -> None:
        self._part, self._scanner, self._date1904 = part, scanner, date1904

    def of_cells(self, rows: Mapping[int, bytes], after: After) -> None:
        """Rows of which some cells changed."""
        scanner = self._scanner()
        for number, row in rows.items():
            starts = cell_starts(self._part, number, row)
            scanner.read_cells(picked(self._part, number, row, starts, after.get(number, {}).keys()))
        grid = Grid(scanner, self._part.shell)
        for number in rows:
            for column, expected in after.get(number, {}).items():
                cell = grid.cell(number, column)
                kept = expected.style in (-1, cell.style) or not grid.has(number, column)
                right = cell.formula == expected.formula and same(expected.value, cell.value, self._date1904)
                if not (kept and right):
                    self._fail(number, column)

    def of_rows(self, rows: Mapping[int, bytes], writes: Mapping[int, Mapping[int, Write]]) -> None:
        """Rows that are all new, hundreds of them: column by column."""
        scanner = self._scanner()
        scanner.read(b"".join(rows.values()))
        columns: dict[int, list[tuple[int, CellWrite]]] = {}
        for number in rows:
            for column, write in writes[number].items():
                if isinstance(write, CellWrite) and write != (None, None, None):
                    columns.setdefault(column, []).append((number, write))
        for column, expected in columns.items():
            self._compare(column, expected, scanner.columns.get(column) or Column())

    def _compare(self, number: int, expected: Sequence[tuple[int, CellWrite]], found: Column) -> None:
        if [row for row, _ in expected] != found.rows.tolist():
            self._fail(expected[0][0], number)
        values = [write.value for _, write in expected]
        plain = not {bool, dt.datetime, dt.date, CellError} & {*map(type, values), *map(type, found.values)}
        if not (plain and values == found.values):
            for (row, write), value in zip(expected, found.values, strict=True):
                if not same(write.value, value, self._date1904):
                    self._fail(row, number)
        for (row, write), style in zip(expected, found.styles, strict=True):
            if write.style is not None and write.style != style:
                self._fail(row, number)
        known: dict[bytes, str] = {}
        for at, (row, write) in enumerate(expected):
            formula = found.formula(at)
            if formula is None or not isinstance(formula, bytes):
                if formula is not None or write.formula is not None:
                    self._fail(row, number)
                continue
            if formula not in known:
                known[formula] = unescape(formula)
            # Equal with NUL for the row's digits, or else once these are in it.
            if write.formula is None or (
                known[formula] != write.formula.replace(str(row), "\0")
                and unescape(formula.replace(b"\0", b"%d" % row)) != write.formula
            ):
                self._fail(row, number)

    def _fail(self, row: int, column: int) -> NoReturn:
        place = f"{self._part.where}!{cell_name(row, column)}"
        raise Defect("what was to be written does not read back", where=place, mend="report this")


def same(wanted: Value | dt.date, stored: Value, date1904: bool) -> bool:
    """Whether a stored value is what setting ``wanted`` would store."""
    if wanted is None or stored is None:
        return wanted is stored
    if isinstance(wanted, bool) or isinstance(stored, bool):
        return wanted is stored
    if isinstance(wanted, str) or isinstance(stored, str):
        return type(wanted) is type(stored) and wanted == stored
    if isinstance(wanted, dt.date) or isinstance(stored, dt.date):
        # The same cell is a number or a moment, as its style says; moments are read to the millisecond.
        return abs(_serial(wanted, date1904) - _serial(stored, date1904)) < 1 / 86_400_000
    return wanted == stored


def _serial(value: dt.date | float, date1904: bool) -> float:
    return to_serial(value, date1904) if isinstance(value, dt.date) else float(value)
