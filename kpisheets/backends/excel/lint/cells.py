"""The cells of one sheet: order, references, styles, values. A million of them in two seconds, so a row at a time.

What was seen to be right in one row (its columns, styles, types, the shape of its formulas) need not be looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from kpisheets.backends.excel.ooxml import markup
from kpisheets.backends.excel.ooxml.refs import MAX_COLUMN, MAX_ROW, column_number

from .cell_formulas import CellFormulas
from .finding import Report
from .rows import CELL, Row, SlowCell, slow_cells
from .sections import number
from .strings import MAX_TEXT, check_text, inline
from .styles import StyleCounts

_ROW_NUMBER = re.compile(rb'\s*r="(\d{1,9})"')
_ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*["']([^"']*)["']""")
_NUMBERS = re.compile(rb"(?:\s*(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)?\s*\x00)*")
_TYPES = frozenset({b"", b"n", b"s", b"str", b"b", b"e", b"d", b"inlineStr"})
_ERRORS = frozenset(
    b"#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #GETTING_DATA #SPILL! #CALC! #FIELD! #BLOCKED! #UNKNOWN! #CONNECT!"
    b" #BUSY! #PYTHON! #EXTERNAL! #TIMEOUT!".split()
)
_REMEMBERED = 20_000


class HeaderCell(NamedTuple):
    """A cell that some table takes for its header; ``value`` as the file has it."""

    type: bytes
    value: bytes
    formula: bool


Fields = tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes]


class Cells:
    """Takes rows; what it finds goes into the report. ``wanted``: rows whose cells are kept, with their columns."""

    def __init__(
        self, part: str, styles: StyleCounts, strings: int | None, formulas: CellFormulas, report: Report,
        wanted: dict[int, set[int]],
    ) -> None:  # fmt: skip
        self.headers: dict[tuple[int, int], HeaderCell] = {}
        self._part = part
        self._styles = styles
        self._strings = strings
        self._formulas = formulas
        self._report = report
        self._wanted = wanted
        self._row = 0
        self._good: set[object] = set()
        self._plans: dict[tuple[bytes, ...], tuple[list[int], list[int], list[int]]] = {}

    def take(self, row: Row) -> None:
        """One row more."""
        self._number(row.attributes)
        cells = row.cells
        if not cells or not cells.strip():
            return
        found: list[Fields] = CELL.findall(cells)
        if len(found) != cells.count(b"<c ") + cells.count(b"<c>") + cells.count(b"<c/>"):
            found = [fields for cell in slow_cells(cells) if (fields := self._slow(cell))]
            if not found:
                return
        if len(self._good) > _REMEMBERED:
            self._good.clear()
        letters, digits, styles, types, tags, formulas, values, inlines = zip(*found, strict=True)
        self._check_places(letters, digits)
        if styles not in self._good and self._all_styles(styles, letters):
            self._good.add(styles)
        self._check_values(letters, types, values)
        if any(inlines):
            self._check_inline(letters, inlines)
        if any(tags):
            self._formulas.take(self._row, letters, tags, formulas)
        if self._row in self._wanted:
            self._keep(found)

    def _tell(self, rule: str, letters: bytes, what: str) -> None:
        self._report.add(rule, self._part, f"{letters.decode('ascii', 'replace')}{self._row}", what)

    def _number(self, attributes: bytes) -> None:
        match = _ROW_NUMBER.match(attributes)
        rest = attributes[match.end() :] if match else attributes
        text: bytes | None = match[1] if match else None
        if rest not in self._good or match is None:
            named = dict(_ATTRIBUTE.findall(attributes))
            text = named.get(b"r")
            self._row_attributes({name.decode(): value.decode("utf-8", "replace") for name, value in named.items()})
            self._good.add(rest)
        if text is None:
            now = self._row + 1
        elif not text.isdigit() or not 0 < int(text) <= MAX_ROW:
            self._report.add("row-out-of-range", self._part, "row", f"a row has the number {text.decode()!r}")
            return
        else:
            now = int(text)
        if now <= self._row:
            self._report.add("row-order", self._part, f"row {now}", f"row {now} stands behind row {self._row}")
        self._row = now

    def _row_attributes(self, named: dict[str, str]) -> None:
        where = f"row {named.get('r', self._row + 1)}"
        if "s" in named and not self._styles.has_cell(named["s"]):
            self._report.add("style-out-of-range", self._part, where, f"there is no style {named['s']}")
        height, outline = number(named.get("ht", "0")), number(named.get("outlineLevel", "0"))
        if height is None or not 0 <= height <= 409.6 or outline is None or not 0 <= outline <= 7:
            self._report.add("row-dimension", self._part, where, "its height or outline is out of bounds")

    def _slow(self, cell: SlowCell) -> Fields | None:
        ref = cell.attributes.get("r", "")
        match = re.fullmatch(r"([A-Za-z]{1,3})([1-9]\d{0,6})", ref)
        if ref and not match:
            self._report.add("cell-out-of-range", self._part, ref, f"{ref!r} is no cell")
            return None
        order = [name for name in cell.elements if name in ("f", "v", "is")]
        if order != sorted(set(order), key="f v is".find):
            self._report.add("cell-element", self._part, ref, f"the cell holds {', '.join(order)}")
        tag = b""
        if cell.formula is not None:
            named = "".join(f' {name}="{value}"' for name, value in cell.formula.items())
            tag = f"<f{named}>".encode()
        raw = markup.content
        return (
            match[1].upper().encode() if match else b"",
            match[2].encode() if match else b"",
            cell.attributes.get("s", "").encode(),
            cell.attributes.get("t", "").encode(),
            tag,
            raw(cell.text),
            raw(cell.value),
            b"<t>" + raw(cell.inline) + b"</t>" if "is" in cell.elements else b"",
        )

    def _check_places(self, letters: tuple[bytes, ...], digits: tuple[bytes, ...]) -> None:
        if letters not in self._good and self._ascend(letters):
            self._good.add(letters)
        row = b"%d" % self._row
        if digits.count(row) != len(digits):
            for name, text in zip(letters, digits, strict=True):
                if text and int(text) > MAX_ROW:
                    self._tell("cell-out-of-range", name + text + b" in row ", "it is beyond the last row")
                elif text and text != row:
                    self._tell("cell-wrong-row", name + text + b" in row ", f"the cell stands in row {self._row}")

    def _ascend(self, letters: tuple[bytes, ...]) -> bool:
        before, seen, good = 0, set[int](), True
        for name in letters:
            column = column_number(name.decode()) if name else before + 1
            if column > MAX_COLUMN:
                self._tell("cell-out-of-range", name, "it is beyond column XFD")
            elif column in seen:
                self._tell("cell-duplicate", name, "the cell stands there twice")
            elif column < before:
                self._tell("cell-order", name, "the cell stands behind one further right")
            else:
                before = column
                seen.add(column)
                continue
            seen.add(column)
            good = False
        return good

    def _all_styles(self, styles: tuple[bytes, ...], letters: tuple[bytes, ...]) -> bool:
        good = True
        for name, style in zip(letters, styles, strict=True):
            if style and not self._styles.has_cell(style.decode("utf-8", "replace")):
                self._tell("style-out-of-range", name, f"there is no style {style.decode('utf-8', 'replace')}")
                good = False
        return good

    def _plan(self, types: tuple[bytes, ...], letters: tuple[bytes, ...]) -> tuple[list[int], list[int], list[int]]:
        numbers = [at for at, kind in enumerate(types) if kind in (b"", b"n")]
        shared = [at for at, kind in enumerate(types) if kind == b"s"]
        others = [at for at, kind in enumerate(types) if kind not in (b"", b"n", b"s", b"d")]
        unknown = [at for at, kind in enumerate(types) if kind not in _TYPES]
        for at in unknown:
            self._tell("cell-type", letters[at], f"its type is {types[at].decode('utf-8', 'replace')}")
        if not unknown:
            if len(self._plans) > _REMEMBERED:
                self._plans.clear()
            self._plans[types] = (numbers, shared, others)
        return numbers, shared, others

    def _check_values(self, letters: tuple[bytes, ...], types: tuple[bytes, ...], values: tuple[bytes, ...]) -> None:
        numbers, shared, others = self._plans.get(types) or self._plan(types, letters)
        if numbers:
            joined = b"\x00".join([values[at] for at in numbers]) + b"\x00"
            if not _NUMBERS.fullmatch(joined) or (b"E+3" in joined or b"e+3" in joined or b"e3" in joined.lower()):
                self._each_number(letters, values, numbers)
        if shared and self._strings is not None:
            try:
                top = max([int(values[at] or b"0") for at in shared])
                low = min([int(values[at] or b"0") for at in shared]) if top < self._strings else -1
            except ValueError:
                low = -1
            if low < 0:
                for at in shared:
                    if not values[at].strip().isdigit() or int(values[at]) >= self._strings:
                        what = f"shared string {values[at][:20].decode('utf-8', 'replace')} of {self._strings}"
                        self._tell("string-out-of-range", letters[at], what)
        for at in others:
            value = values[at]
            if types[at] == b"b":
                if value not in (b"0", b"1", b""):
                    self._tell("cell-boolean", letters[at], f"{value[:20]!r} is neither 0 nor 1")
            elif types[at] == b"e":
                if value and value not in _ERRORS:
                    self._tell("cell-error", letters[at], f"{value[:20]!r} is no error value")
            elif len(value) > MAX_TEXT:
                check_text(value, inline(value), self._part, f"{letters[at].decode()}{self._row}", self._report)

    def _each_number(self, letters: tuple[bytes, ...], values: tuple[bytes, ...], numbers: Sequence[int]) -> None:
        for at in numbers:
            text = values[at]
            if text.strip() and (not _NUMBERS.fullmatch(text + b"\x00") or abs(float(text)) == float("inf")):
                self._tell("cell-number", letters[at], f"“{text[:30].decode('utf-8', 'replace')}” is no number")

    def _check_inline(self, letters: tuple[bytes, ...], inlines: tuple[bytes, ...]) -> None:
        for name, raw in zip(letters, inlines, strict=True):
            if len(raw) > MAX_TEXT or b"_x" in raw:
                check_text(raw, inline(raw), self._part, f"{name.decode()}{self._row}", self._report)

    def _keep(self, found: list[Fields]) -> None:
        wanted = self._wanted[self._row]
        column = 0
        for letters, _, _, kind, tag, _, value, text in found:
            column = column_number(letters.decode()) if letters else column + 1
            if column in wanted:
                self.headers[self._row, column] = HeaderCell(kind, text or value, bool(tag))


