"""New rows read back before they are written: what they hold is what was to be written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, compress
from typing import NamedTuple, NoReturn

from kpisheets.errors import Defect

from ..notation.cells import CellWrite, Write, patterns
from ..notation.markup import unescape
from ..notation.refs import cell_name
from ..notation.values import Cell, CellError, Value, to_serial
from ..parts.sheet import SheetPart
from ..reading.columns import Column, Shared
from ..reading.grid import Grid
from ..reading.scan import Scanner
from .block import Block
from .survey import cell_starts, picked

After = Mapping[int, Mapping[int, Cell]]
"""Row → column → the cell as it is to be. A style of -1 is one that the cell's row or column gives it."""


class _Expected(NamedTuple):
    """What a column is to hold: row numbers, values, formulas with NUL for the row's number, styles (None: any)."""

    rows: Sequence[int]
    values: Sequence[Value | dt.date]
    formulas: Sequence[str | None]
    styles: Sequence[int | None]

    def add(self, row: int, write: CellWrite) -> None:
        """One cell more."""
        pattern = None if write.formula is None else write.formula.replace(str(row), "\0")
        for items, item in zip(self, (row, write.value, pattern, write.style), strict=True):
            items.append(item)  # type: ignore[attr-defined]


class Proof:
    """Reads rows of one sheet back.

    Raises:
        Defect: from its methods: they hold something else.
    """

    def __init__(self, part: SheetPart, scanner: Callable[[], Scanner], date1904: bool) -> None:
        self._part, self._scanner, self._date1904 = part, scanner, date1904
        self._rows: Scanner | None = None  # knows what new rows look like

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
        expected: dict[int, _Expected] = {}
        for number in rows:
            for column, write in writes[number].items():
                if isinstance(write, CellWrite) and write != (None, None, None):
                    expected.setdefault(column, _Expected([], [], [], [])).add(number, write)
        self._compare(list(rows), b"".join(rows.values()), expected)

    def of_block(self, block: Block, rows: bytes) -> None:
        """Rows that are all new, thousands of them."""
        expected = {}
        for column, filled in block.columns.items():
            numbers: Sequence[int] = range(block.top, block.top + block.count)
            kept = [not blank for blank in filled.blanks]
            parts = (numbers, *filled) if all(kept) else (list(compress(part, kept)) for part in (numbers, *filled))
            expected[column] = _Expected(*parts)
        self._compare(range(block.top, block.top + block.count), rows, expected)

    def _compare(self, numbers: Sequence[int], rows: bytes, expected: Mapping[int, _Expected]) -> None:
        if list(map(int, patterns(self._part.prefix).number.findall(rows))) != list(numbers):
            self._fail(numbers[0], 1)
        if self._rows is None:
            self._rows = self._scanner()
        self._rows.restart()
        self._rows.read(rows)
        for column, wanted in expected.items():
            found = self._rows.columns.pop(column, None) or Column()
            if list(wanted.rows) != found.rows.tolist():
                self._fail(wanted.rows[0] if wanted.rows else 1, column)
            for at in chain(self._other_values(wanted, found), self._other_styles(wanted, found)):
                self._fail(wanted.rows[at], column)
            for at in self._other_formulas(wanted, found):
                self._fail(wanted.rows[at], column)
        for column, cells in self._rows.columns.items():
            self._fail(cells.rows[0], column)  # nobody asked for it

    def _other_values(self, wanted: _Expected, found: Column) -> Iterator[int]:
        """Where another value is read than was to be written."""
        # Equal lists of these hold the same; a logical value equals a number, and an error a text.
        apart = {bool, dt.date, CellError}
        if wanted.values == found.values and apart.isdisjoint({*map(type, wanted.values), *map(type, found.values)}):
            return
        for at, (value, read) in enumerate(zip(wanted.values, found.values, strict=True)):
            if not same(value, read, self._date1904):
                yield at

    @staticmethod
    def _other_styles(wanted: _Expected, found: Column) -> Iterator[int]:
        styles = found.styles.tolist()
        if wanted.styles != styles:
            for at, (style, read) in enumerate(zip(wanted.styles, styles, strict=True)):
                if style is not None and style != read:
                    yield at

    @staticmethod
    def _other_formulas(wanted: _Expected, found: Column) -> Iterator[int]:
        read = found.formulas + [None] * (len(found.rows) - len(found.formulas))
        good: set[tuple[str | None, bytes | Shared | None]] = {(None, None)}
        for pattern, formula in set(zip(wanted.formulas, read, strict=True)):
            if pattern is not None and isinstance(formula, bytes) and unescape(formula) == pattern:
                good.add((pattern, formula))
        for at, (pattern, formula) in enumerate(zip(wanted.formulas, read, strict=True)):
            if (pattern, formula) in good:
                continue
            # Alike once the row's number is in them: it may stand for another number too.
            row = str(wanted.rows[at])
            if (
                pattern is None
                or not isinstance(formula, bytes)
                or unescape(formula.replace(b"\0", row.encode())) != pattern.replace("\0", row)
            ):
                yield at

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
    return float(wanted) == float(stored)  # a cell holds no more digits than that


def _serial(value: dt.date | float, date1904: bool) -> float:
    return to_serial(value, date1904) if isinstance(value, dt.date) else float(value)
