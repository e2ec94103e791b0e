"""Runs of rows turned into columns of values, formulas and styles.

Rows of a table look alike. So one regular expression for the whole row is made from the rows at hand, which takes a
fifth of the time of going cell by cell; a row that is spelled otherwise is gone through cell by cell.
"""

from __future__ import annotations

import datetime as dt
import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from itertools import compress, groupby, islice, repeat
from operator import ge, itemgetter

from kpisheets.errors import BadData

from ..notation.cells import attributes, patterns
from ..notation.markup import from_xstring, unescape
from ..notation.refs import Area, RelativeFormula, cell_name, column_letters, column_number, parse_area
from ..notation.values import CellError, Value
from ..parts.strings import text_of
from .columns import Column, Shared, Values
from .rows import Unusual, disorder
from .rowshape import RowPattern, Taken, learn

_RESAVE = "open it in Excel and save it again"
_NAME = re.compile(rb"([A-Z]{1,3})([1-9]\d{0,6})\Z")
_SAMPLE = 64
_HEAD = 8  # titles and headings
_FEW = 50  # one row in so many may differ in its styles or formulas


class Scanner:
    """Collects the cells of runs of rows, given from top to bottom.

    Raises:
        BadData: from its methods: cells without a reference, out of order, or with values that are none.
        Unusual: see there.
    """

    def __init__(
        self,
        prefix: bytes,
        strings: Callable[[], Mapping[bytes, str]],
        dates: Sequence[bool],
        date1904: bool,
        where: str,
    ) -> None:
        self.columns: dict[int, Column] = {}
        self.arrays: list[tuple[Area, str]] = []
        self._masters: dict[bytes, Shared] = {}
        self._where, self._prefix = where, prefix
        self._known = Values(strings, dates, date1904)
        self._patterns = patterns(prefix)
        self._pattern: RowPattern | None = None
        self._exact = True
        self.last_row = 0
        self._styles = _Styles({b"": 0})
        self._formulas: dict[bytes, bytes] = {}
        self._kinds: dict[bytes, tuple[bytes, bytes, Area | None]] = {}

    def restart(self) -> None:
        """Forgets the cells, not what rows look like."""
        self.columns, self.arrays, self.last_row = {}, [], 0

    # --- runs of rows ---

    def read(self, run: bytes) -> None:
        """All rows of a run."""
        # One byte is found many times faster than two, the first of which is everywhere.
        if (b"!" in run and b"<!" in run) or (b"?" in run and b"<?" in run):
            raise Unusual
        if self._pattern is None:
            self._learn(run)
        rows, strange = self._take_apart(run)
        if self._pattern and self._pattern.is_exact and strange * _FEW > len(rows):
            self._exact = False
            self._learn(run)
            rows, strange = self._take_apart(run)
        count = len(rows) if not strange and _follow_on(rows) else run.count(b"<%brow" % self._prefix)
        if self._pattern and strange * 5 > count:
            self._learn(run)
            rows, strange = self._take_apart(run)
        if not rows or len(rows) != count or strange * 2 > count:
            self.read_cells(run)
            return
        if not strange:
            self._read_alike(rows)
            return
        for is_strange, group in groupby(rows, lambda row: bool(row[-1])):
            if is_strange:
                for row in group:
                    self.read_cells(row[-1])
            else:
                self._read_alike(list(group))

    def _learn(self, run: bytes) -> None:
        rows = run.split(b"</%brow>" % self._prefix)[:-1]
        usual = rows[_HEAD:] if len(rows) > 2 * _HEAD else rows
        self._pattern = learn(self._prefix, usual[:: max(len(usual) // _SAMPLE, 1)], exact=self._exact)

    def _take_apart(self, run: bytes) -> tuple[list[tuple[bytes, ...]], int]:
        """The rows of the run, and how many of them are of another shape than the pattern."""
        rows = self._pattern.regex.findall(run) if self._pattern else []
        return rows, sum(map(bool, map(itemgetter(-1), rows)))

    def _read_alike(self, rows: list[tuple[bytes, ...]]) -> None:
        """Rows that the pattern took apart."""
        groups = list(zip(*rows, strict=True))
        numbers = array("I", map(int, groups[0]))
        if numbers[0] <= self.last_row or any(map(ge, numbers, islice(numbers, 1, None))) or numbers[-1] > 1_048_576:
            raise disorder(self.last_row, self._where)
        self.last_row = numbers[-1]
        if self._pattern is None:
            raise AssertionError("there are no rows without a pattern")
        for taken in self._pattern.columns(groups):
            there = taken.there
            if there is None or all(there):
                self._add(numbers, groups[0], taken)
            elif any(there):
                parts = [tuple(compress(part, there)) if part else part for part in taken[2:]]
                some = array("I", compress(numbers, there))
                self._add(some, list(compress(groups[0], there)), Taken(taken.column, None, *parts))  # type: ignore[arg-type]

    def _add(self, rows: array[int], digits: Sequence[bytes], taken: Taken) -> None:
        number = taken.column
        column = self._column(number)
        if column.rows and rows[0] <= column.rows[-1]:
            raise disorder(self.last_row, self._where)
        first = len(column.rows)
        column.rows.extend(rows)
        spelled = taken.styles or b""
        styles = {self._styles[style] for style in ({spelled} if isinstance(spelled, bytes) else set(spelled))}
        if isinstance(spelled, bytes) or len(styles) == 1:
            column.styles.extend(array("I", styles) * len(rows))
        else:
            column.styles.extend(array("I", map(self._styles.__getitem__, spelled)))
        values = self._known.many(styles, taken.kinds, taken.values, len(rows))
        if values is None:  # one of them is broken, missing or special: found cell by cell
            kinds = repeat(taken.kinds) if isinstance(taken.kinds, bytes) else taken.kinds
            cells = zip(rows, column.styles[first:], kinds, taken.values or (), strict=False)
            values = [self._value(row, number, style, kind, v) for row, style, kind, v in cells]
        column.values.extend(values)
        self._add_formulas(column, first, digits, taken)

    def _add_formulas(self, column: Column, first: int, digits: Sequence[bytes], taken: Taken) -> None:
        """The formulas of cells that were added."""
        if isinstance(taken.formulas, bytes):
            column.add_formulas(first, [self._one(taken.formulas)] * len(digits))
        elif taken.attributes and any(taken.attributes):
            cells = zip(digits, taken.attributes, taken.formulas or (), strict=True)
            found = [self._formula(int(row), taken.column, raw, formula) for row, raw, formula in cells]
            column.add_formulas(first, found)
        elif taken.formulas and any(taken.formulas):
            # Most often it is one formula with the number of each row in it.
            pieces = taken.formulas[0].split(digits[0])
            if [number.join(pieces) for number in digits] == list(taken.formulas):
                column.add_formulas(first, [self._one(b"\0".join(pieces))] * len(digits))
            else:
                cells_of = zip(taken.formulas, digits, strict=True)
                column.add_formulas(first, [self._kept(text, row) if text else None for text, row in cells_of])

    # --- cell by cell ---

    def read_cells(self, raw: bytes) -> None:
        """The cells of rows that are spelled in any way."""
        if b"<!" in raw or b"<?" in raw:
            raise Unusual
        for (
            letters,
            digits,
            style,
            kind,
            attributes_,
            formula,
            value,
            other,
            inner,
        ) in self._patterns.quick_cell.findall(raw):
            if letters:
                self._read_cell(letters, int(digits), style, kind, attributes_, formula, value)
            else:
                self._read_other(other, inner)

    def _read_cell(
        self, letters: bytes, row: int, style: bytes, kind: bytes, raw: bytes, formula: bytes, value: bytes
    ) -> Column:
        number = column_number(letters.decode())
        column = self._column(number)
        if column.rows and row <= column.rows[-1]:
            raise BadData(
                f"the cells of column {column_letters(number)} are doubled or out of order",
                where=self._where,
                mend=_RESAVE,
            )
        self.last_row = max(self.last_row, row)
        known = int(style) if style.isdigit() else 0
        column.rows.append(row)
        column.styles.append(known)
        column.values.append(self._value(row, number, known, kind, value))
        if raw or formula:
            column.add_formulas(len(column.rows) - 1, [self._formula(row, number, raw, formula)])
        return column

    def _read_other(self, raw: bytes, inner: bytes) -> None:
        """A cell that is spelled in an unusual way, or has rich inline text."""
        named = attributes(raw)
        name = _NAME.match(named.get(b"r", b"").upper())
        if name is None:
            raise BadData("it has cells without a reference", where=self._where, mend=_RESAVE)
        kind = named.get(b"t", b"")
        formula, value = self._patterns.formula.search(inner), self._patterns.value.search(inner)
        f_raw, f_text = (formula[1], formula[2] or b"") if formula else (b"", b"")
        text = (value[1] or b"") if value else b""
        inline = self._patterns.inline.search(inner) if kind == b"inlineStr" else None
        column = self._read_cell(
            name[1], int(name[2]), named.get(b"s", b""), b"str" if kind == b"inlineStr" else kind, f_raw, f_text, text
        )
        if kind == b"inlineStr":
            column.values[-1] = text_of(inline[1] or b"") if inline else None

    def _column(self, number: int) -> Column:
        found = self.columns.get(number)
        if found is None:
            if number > 16_384:
                raise BadData("it has cells beyond the last column of a sheet", where=self._where, mend=_RESAVE)
            found = self.columns[number] = Column()
        return found

    def _value(self, row: int, column: int, style: int, kind: bytes, raw: bytes) -> Value:
        if not raw:
            return "" if kind in (b"str", b"inlineStr") else None
        if not kind or kind == b"n":
            return self._number(row, column, style, raw)
        if kind == b"s":
            try:
                return self._known.strings()[raw]
            except (IndexError, ValueError):
                raise self._bad(row, column, "points to a shared text that does not exist") from None
        if kind in (b"str", b"inlineStr"):
            return self._known.texts[raw]
        return self._other(kind, raw, row, column)

    def _number(self, row: int, column: int, style: int, raw: bytes) -> Value:
        try:
            return self._known.number(style, raw)
        except ValueError:
            raise self._bad(row, column, "holds a number that is none") from None

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

    # --- formulas ---

    def note(self, run: bytes) -> None:
        """What matters of rows that are not read: where shared formulas are spelled out, and arrays."""
        if b" ref=" not in run:
            return
        for raw, inner in self._patterns.cell.findall(run):
            formula = self._patterns.formula.search(inner) if b" ref=" in inner else None
            name = _NAME.match(attributes(raw).get(b"r", b"")) if formula else None
            if formula and name:
                self._formula(int(name[2]), column_number(name[1].decode()), formula[1], formula[2] or b"")

    def _formula(self, row: int, number: int, raw: bytes, formula: bytes) -> bytes | Shared | None:
        """The formula of a cell, by its attributes as well."""
        if not raw:
            return self._kept(formula, b"%d" % row) if formula else None
        known = self._kinds.get(raw)
        if known is None:
            named = attributes(raw)
            area = parse_area(named.get(b"ref", b"").decode("ascii", "replace"))
            known = self._kinds[raw] = (named.get(b"t", b"normal"), named.get(b"si", b""), area)
        kind, index, area = known
        if kind == b"shared":
            if formula and (area or index not in self._masters):
                self._masters[index] = Shared(
                    row, number, RelativeFormula(unescape(formula)), index, area or Area(row, number, row, number)
                )
            return self._masters.get(index)
        if kind in (b"array", b"dataTable"):
            area = area or Area(row, number, row, number)
            self.arrays.append((area, "an array formula" if kind == b"array" else "a data table"))
        return self._kept(formula, b"%d" % row) if formula else None

    def _kept(self, formula: bytes, digits: bytes) -> bytes:
        return self._one(formula.replace(digits, b"\0"))

    def _one(self, pattern: bytes) -> bytes:
        return self._formulas.setdefault(pattern, pattern)

    # --- what is wrong ---

    def _bad(self, row: int, column: int, what: str) -> BadData:
        return BadData(f"the cell {what}", where=f"{self._where}!{cell_name(row, column)}", mend=_RESAVE)


def _follow_on(rows: Sequence[tuple[bytes, ...]]) -> bool:
    """Whether the first and the last of some rows are as far apart as they are many: none was passed over."""
    return bool(rows) and int(rows[-1][0]) - int(rows[0][0]) == len(rows) - 1


class _Styles(dict[bytes, int]):
    """Style ids, each turned into a number once."""

    def __missing__(self, raw: bytes) -> int:
        number = self[raw] = int(raw)
        return number
