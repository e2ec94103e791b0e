"""A sheet's cells, read in one pass over its bytes into columns."""

from __future__ import annotations

import datetime as dt
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from operator import ge
from typing import NamedTuple, TypeAlias

from kpisheets.errors import BadData

from .markup import from_xstring, unescape
from .refs import Area, cell_name, column_letters, column_number, parse_area, shift_formula
from .sheet import SheetPart, attributes
from .strings import text_of
from .values import EMPTY, Cell, CellError, Value, from_serial

_CHUNK = 1 << 18
_RESAVE = "open it in Excel and save it again"
_NAME = re.compile(rb"([A-Z]{1,3})([1-9]\d{0,6})\Z")


class _Shared(NamedTuple):
    row: int
    column: int
    text: str


class _Column:
    """One column's cells, in row order."""

    __slots__ = ("formulas", "rows", "styles", "values")

    def __init__(self) -> None:
        self.rows = array("I")
        self.styles = array("I")
        self.values: list[Value] = []
        self.formulas: dict[int, bytes | _Shared] = {}  # as written, unescaped when asked for


_Sink: TypeAlias = tuple[int, _Column, Callable[[int], None], Callable[[int], None], Callable[[Value], None]]


def _pattern(prefix: bytes) -> re.Pattern[bytes]:
    """A cell as nearly every program writes it, or else any cell (last two groups)."""
    p = re.escape(prefix)
    return re.compile(
        rb'<#c r="([A-Z]{1,3})([1-9]\d{0,6})"(?: s="(\d+)")?(?: t="(\w+)")?'
        rb"(?:/>|>(?:<#f([^>]*?)(?:/>|>([^<]*)</#f>))?"
        rb"(?:<#v(?: [^>]*)?>([^<]*)</#v>|<#is><#t(?: [^>]*)?>([^<]*)</#t></#is>)?</#c>)"
        rb"|<#c(?=[\s/>])([^>]*?)(?:/>|>(.*?)</#c\s*>)".replace(b"#", p),
        re.DOTALL,
    )


class Grid:
    """The cells of one sheet as they are in the file. Rows and columns count from 1.

    Raises:
        BadData: cells without a reference, out of order, doubled, or with values that are none.
    """

    def __init__(
        self,
        part: SheetPart,
        strings: Sequence[str],
        dates: Sequence[bool],
        *,
        date1904: bool = False,
        only_rows: Iterable[int] | None = None,
    ) -> None:
        self._where = part.where
        self._strings = strings
        self._dates = dates
        self._date1904 = date1904
        self._columns: dict[int, _Column] = {}
        self._letters: dict[bytes, _Sink] = {}
        self._masters: dict[bytes, _Shared] = {}
        self._arrays: list[tuple[Area, str]] = []
        self._merged = part.merged()
        self._texts: dict[bytes, str] = {}
        p = re.escape(part.prefix)
        self._value = re.compile(rb"<%bv(?=[\s/>])[^>]*?(?:/>|>([^<]*)</%bv\s*>)" % (p, p))
        self._inline = re.compile(rb"<%bis(?=[\s/>])[^>]*?(?:/>|>(.*?)</%bis\s*>)" % (p, p), re.DOTALL)
        self._formula = part.patterns.formula
        pattern = _pattern(part.prefix)
        for begin, end in self._spans(part, only_rows):
            self._read(pattern.findall(part.data, begin, end))
        self._check_order()
        self.top = min((column.rows[0] for column in self._columns.values()), default=0)
        self.bottom = max((column.rows[-1] for column in self._columns.values()), default=0)
        self.left = min(self._columns, default=0)
        self.right = max(self._columns, default=0)

    @staticmethod
    def _spans(part: SheetPart, only_rows: Iterable[int] | None) -> Iterable[tuple[int, int]]:
        """Byte ranges that hold whole rows."""
        if only_rows is not None:
            wanted = set(only_rows)
            yield from ((span.inside, span.close) for span in part.rows if span.number in wanted)
            return
        at, row = part.begin, b"<%brow" % part.prefix
        while at < part.finish:
            end = part.data.find(row, at + _CHUNK, part.finish) if at + _CHUNK < part.finish else -1
            end = part.finish if end < 0 else end
            yield at, end
            at = end

    def _read(self, cells: list[tuple[bytes, ...]]) -> None:
        letters_of, strings, dates, texts = self._letters, self._strings, self._dates, self._texts
        many = len(dates)
        for letters, digits, style_text, kind, f_raw, f_text, v, inline, raw, inner in cells:
            if not letters:
                self._read_any(raw, inner)
                continue
            found = letters_of.get(letters)
            if found is None:
                found = self._new_column(letters)
            number, column, add_row, add_style, add_value = found
            row = int(digits)
            style = int(style_text) if style_text else 0
            value: Value = None
            if v:
                if kind == b"s":
                    try:
                        value = strings[int(v)]
                    except (IndexError, ValueError):
                        raise self._bad(row, number, "points to a shared text that does not exist") from None
                elif not kind or kind == b"n":
                    try:
                        value = int(v) if v.isdigit() and len(v) < 16 else float(v)
                    except ValueError:
                        raise self._bad(row, number, "holds a number that is none") from None
                    if value - value != 0:  # not finite
                        raise self._bad(row, number, "holds a number that is none")
                    if style < many and dates[style]:
                        value = from_serial(value, self._date1904) or value
                elif kind == b"str":
                    value = texts.get(v)
                    if value is None:
                        value = texts[v] = from_xstring(unescape(v))
                else:
                    value = self._other(kind, v, row, number)
            elif kind == b"inlineStr":
                value = texts.get(inline)
                if value is None:
                    value = texts[inline] = from_xstring(unescape(inline))
            elif kind == b"str":
                value = ""
            add_row(row)
            add_style(style)
            add_value(value)
            if f_raw:
                self._note_formula(column, row, number, f_raw, f_text)
            elif f_text:
                column.formulas[row] = f_text

    def _new_column(self, letters: bytes) -> _Sink:
        number = column_number(letters.decode())
        column = self._columns.setdefault(number, _Column())
        # The bound methods too: they are called for every cell.
        made = (number, column, column.rows.append, column.styles.append, column.values.append)
        self._letters[letters] = made
        return made

    def _read_any(self, raw: bytes, inner: bytes) -> None:
        """A cell that is spelled in an unusual way, or has rich inline text."""
        named = attributes(raw)
        name = _NAME.match(named.get(b"r", b"").upper())
        if name is None:
            raise BadData("it has cells without a reference", where=self._where, mend=_RESAVE)
        kind = named.get(b"t", b"")
        formula, value = self._formula.search(inner), self._value.search(inner)
        style = named.get(b"s", b"")
        f_raw, f_text = (formula[1], formula[2] or b"") if formula else (b"", b"")
        text = (value[1] or b"") if value else b""
        if kind == b"inlineStr":
            inline = self._inline.search(inner)
            kind, text = b"str", b""
            self._read([(name[1], name[2], style, kind, f_raw, f_text, text, b"", b"", b"")])
            column = self._letters[name[1]][1]
            column.values[-1] = text_of(inline[1] or b"") if inline else None
            return
        if style and not style.isdigit():
            style = b""
        self._read([(name[1], name[2], style, kind, f_raw, f_text, text, b"", b"", b"")])

    def _other(self, kind: bytes, raw: bytes, row: int, column: int) -> Value:
        if kind == b"b":
            return raw.strip() in (b"1", b"true")
        text = from_xstring(unescape(raw))
        if kind == b"e":
            return CellError(text)
        if kind == b"d":
            try:
                return dt.datetime.fromisoformat(text.strip()).replace(tzinfo=None)
            except ValueError:
                return text
        raise self._bad(row, column, "has a type that spreadsheets don't know")

    def _note_formula(self, column: _Column, row: int, number: int, raw: bytes, formula: bytes) -> None:
        named = attributes(raw)
        kind = named.get(b"t", b"normal")
        if kind == b"shared":
            index = named.get(b"si", b"")
            if formula and (b"ref" in named or index not in self._masters):
                self._masters[index] = _Shared(row, number, unescape(formula))
            master = self._masters.get(index)
            if master:
                column.formulas[row] = master
            return
        if kind in (b"array", b"dataTable"):
            area = parse_area(named.get(b"ref", b"").decode("ascii", "replace")) or Area(row, number, row, number)
            self._arrays.append((area, "an array formula" if kind == b"array" else "a data table"))
        if formula:
            column.formulas[row] = formula

    def _bad(self, row: int, column: int, what: str) -> BadData:
        return BadData(f"the cell {what}", where=f"{self._where}!{cell_name(row, column)}", mend=_RESAVE)

    def _index(self, row: int, column: int) -> tuple[_Column, int] | None:
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
        return Cell(cells.values[at], self._text(cells, row, column), cells.styles[at])

    def value(self, row: int, column: int) -> Value:
        """The cell's stored value."""
        found = self._index(row, column)
        return None if found is None else found[0].values[found[1]]

    def _text(self, cells: _Column, row: int, column: int) -> str | None:
        formula = cells.formulas.get(row)
        if isinstance(formula, _Shared):
            if (formula.row, formula.column) == (row, column):
                return formula.text
            return shift_formula(formula.text, row - formula.row, column - formula.column)
        return unescape(formula) if formula else None

    def column(self, column: int, top: int, bottom: int) -> list[Value]:
        """The stored values of rows ``top`` to ``bottom``; None where blank."""
        values: list[Value] = [None] * max(bottom - top + 1, 0)
        cells = self._columns.get(column)
        if cells and values:
            first, last = bisect_left(cells.rows, top), bisect_right(cells.rows, bottom)
            for at in range(first, last):
                values[cells.rows[at] - top] = cells.values[at]
        return values

    def formulas(self, column: int, top: int, bottom: int) -> list[str | None]:
        """The formulas of rows ``top`` to ``bottom``; None where there is none."""
        cells = self._columns.get(column)
        if cells is None or not cells.formulas:
            return [None] * max(bottom - top + 1, 0)
        return [self._text(cells, row, column) for row in range(top, bottom + 1)]

    def locked(self, row: int, column: int) -> str:
        """Why the cell must not be written: part of an array formula, a data table or a merged area; else ``""``."""
        for area, what in self._arrays:
            if area.holds(row, column):
                return f"part of {what} ({area.a1})"
        for area in self._merged:
            if area.holds(row, column) and (row, column) != (area.top, area.left):
                return f"inside the merged cells {area.a1}"
        return ""

    def shared_with(self, row: int, column: int) -> list[tuple[int, int]]:
        """The other cells whose formulas live in this one's (a shared formula's first cell)."""
        found = self._columns.get(column)
        master = found.formulas.get(row) if found else None
        if not isinstance(master, _Shared) or (master.row, master.column) != (row, column):
            return []
        return [
            (other, number)
            for number, cells in self._columns.items()
            for other, formula in cells.formulas.items()
            if formula is master and (other, number) != (row, column)
        ]

    def filled(self, area: Area) -> tuple[int, int] | None:
        """The first cell in ``area`` with a value or a formula."""
        for number in range(area.left, area.right + 1):
            cells = self._columns.get(number)
            if cells is None:
                continue
            for at in range(bisect_left(cells.rows, area.top), bisect_right(cells.rows, area.bottom)):
                if cells.values[at] is not None or cells.rows[at] in cells.formulas:
                    return cells.rows[at], number
        return None

    def _check_order(self) -> None:
        """Refuse cells that are doubled or out of order within a column."""
        for number, cells in self._columns.items():
            rows = cells.rows
            if any(map(ge, rows, islice(rows, 1, None))):
                raise BadData(
                    f"the cells of column {column_letters(number)} are doubled or out of order",
                    where=self._where,
                    mend=_RESAVE,
                )
