"""New rows at a sheet's end, given and checked by columns: a hundred thousand of them need no object for each cell."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kpisheets.errors import BadData

from ..notation.cells import CellWrite, Write
from ..notation.refs import MAX_COLUMN, MAX_ROW, Area, cell_name
from ..notation.values import MAX_TEXT, Value, check, to_serial

_NUMBERS = frozenset({float, int, type(None)})
_TEXTS = frozenset({str, type(None)})


class Filled(NamedTuple):
    """The cells of one column, from the block's first row to its last.

    A formula has NUL for its own row's number. No value, no formula and the style 0: there is no cell.
    """

    values: Sequence[Value | dt.date]
    formulas: Sequence[str | None]
    styles: Sequence[int]

    def part(self, begin: int, end: int) -> Filled:
        """From the ``begin``-th to before the ``end``-th."""
        return Filled(self.values[begin:end], self.formulas[begin:end], self.styles[begin:end])

    @property
    def blanks(self) -> list[bool]:
        """Where there is no cell."""
        return [
            not style and value is None and formula is None
            for value, formula, style in zip(self.values, self.formulas, self.styles, strict=True)
        ]


@dataclass(frozen=True)
class Block:
    """``count`` rows from ``top`` on; column number → its cells."""

    top: int
    count: int
    columns: Mapping[int, Filled]

    @property
    def area(self) -> Area:
        """All of its cells."""
        return Area(self.top, min(self.columns), self.top + self.count - 1, max(self.columns))

    @property
    def has_formulas(self) -> bool:
        """Whether there is any formula."""
        return any(any(filled.formulas) for filled in self.columns.values())

    @property
    def size(self) -> int:
        """How many cells there will be."""
        return sum(self.count - sum(filled.blanks) for filled in self.columns.values())

    @property
    def cells(self) -> Iterator[tuple[int, int, CellWrite]]:
        """Row, column and content of each cell."""
        for column, filled in self.columns.items():
            for row, (value, formula, style, blank) in enumerate(zip(*filled, filled.blanks, strict=True), self.top):
                if not blank:
                    written = None if formula is None else formula.replace("\0", str(row))
                    yield row, column, CellWrite(value, written, style)

    def among(self, cells: Mapping[int, Mapping[int, Write]]) -> dict[int, dict[int, Write]]:
        """Its cells and others, which come on top: row → column → what the cell is to become."""
        found: dict[int, dict[int, Write]] = {}
        for row, column, write in self.cells:
            found.setdefault(row, {})[column] = write
        for row, others in cells.items():
            found.setdefault(row, {}).update(others)
        return found

    def check(self, styles: int, date1904: bool, where: str) -> None:
        """BadData where a cell cannot hold what it is given; ``styles`` is how many there are."""
        area = self.area
        if not (1 <= area.top <= area.bottom <= MAX_ROW and 1 <= area.left <= area.right <= MAX_COLUMN):
            raise BadData("there are no such cells on a sheet", where=where, mend="stay within 1,048,576 × 16,384")
        for column, filled in self.columns.items():
            if not all(0 <= style < styles for style in set(filled.styles)):
                raise BadData("there is no such cell style", where=where, mend="use a style of the file")
            # Few formulas stand in many rows, and most columns hold values of one kind, which are soon seen to be good.
            doubtful = set(filled.formulas) != {None} or not _are_good(filled.values)
            seen: set[str | None] = {None}
            for row, (value, formula) in enumerate(zip(filled.values, filled.formulas, strict=True), self.top):
                if not doubtful:
                    break
                try:
                    check(value, None if formula in seen else str(formula).replace("\0", str(MAX_ROW)))
                    if isinstance(value, dt.date):
                        to_serial(value, date1904)
                except BadData as error:
                    raise BadData(error.what, where=f"{where}!{cell_name(row, column)}", mend=error.mend) from None
                seen.add(formula)


def _are_good(values: Sequence[Value | dt.date]) -> bool:
    """Whether these are plain numbers, or short printable texts, with blanks among them: what cells can hold."""
    kinds = set(map(type, values))
    if kinds <= _NUMBERS:
        try:
            return all(map(math.isfinite, (value for value in values if value is not None)))  # type: ignore[arg-type]
        except OverflowError:
            return False
    if kinds <= _TEXTS:
        texts = [str(value) for value in values if value is not None]
        return "".join(texts).isprintable() and max(map(len, texts)) <= MAX_TEXT // 2
    return False
