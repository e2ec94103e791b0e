"""The cells of one sheet, a row at a time: order, references, styles, values.

What was seen to be right in one row (its columns, styles, types, the shape of its formulas) is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter
from typing import NamedTuple

from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.backends.excel.ooxml.notation.refs import MAX_COLUMN, MAX_ROW, column_number

from .alike import HUGE, NUMBERS, Alike
from .cell_formulas import CellFormulas
from .finding import Report
from .rows import CELL, Row, SlowCell, rows_of, slow_cells
from .sections import number
from .strings import MAX_TEXT, check_text, inline
from .styles import StyleCounts

_ROW_NUMBER = re.compile(rb'\s*r="(\d{1,9})"')
_ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*["']([^"']*)["']""")
_TYPES = frozenset({b"", b"n", b"s", b"str", b"b", b"e", b"d", b"inlineStr"})
_ERRORS = frozenset(
    b"#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #GETTING_DATA #SPILL! #CALC! #FIELD! #BLOCKED! #UNKNOWN! #CONNECT!"
    b" #BUSY! #PYTHON! #EXTERNAL! #TIMEOUT!".split()
) | {b""}
_BOOLEANS = frozenset({b"0", b"1", b""})
_REMEMBERED = 20_000


class HeaderCell(NamedTuple):
    """A cell that some table takes for its header; ``value`` as the file has it."""

    type: bytes
    value: bytes
    formula: bool


Pick = Callable[[tuple[bytes, ...]], tuple[bytes, ...]]


class _Plan(NamedTuple):
    """How the values of a row with these types are picked, by kind; None: it has none of that kind."""

    numbers: Pick | None
    shared: Pick | None
    booleans: Pick | None
    errors: Pick | None
    texts: Pick | None


def _plan_of(types: tuple[bytes, ...]) -> _Plan:
    def pick(*kinds: bytes) -> Pick | None:
        places = [at for at, kind in enumerate(types) if kind in kinds]
        if not places:
            return None
        return itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1))

    return _Plan(pick(b"", b"n"), pick(b"s"), pick(b"b"), pick(b"e"), pick(b"str", b"inlineStr"))


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
        self._alike = Alike(styles, strings, formulas)
        self._row = 0
        self._good: set[object] = set()
        self._plans: dict[tuple[bytes, ...], _Plan] = {}

    def take_all(self, run: bytes) -> None:
        """Some rows more: at once where they are like those before, else one by one."""
        last = self._alike.last_of(run, self._row, self._good)
        if last and not any(self._row < wanted <= last for wanted in self._wanted):
            self._row = last
            return
        for row in rows_of(run):
            self.take(row)

    def take(self, row: Row) -> None:
        """One row more."""
        self._number(row.attributes)
        cells = row.cells
        if not cells or not cells.strip():
            return
        found: list[Fields] = CELL.findall(cells)
        if len(found) != cells.count(b"<c"):
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
            self._row_attributes(
                {name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in named.items()}
            )
            self._good.add(rest)
        if text is None:
            now = self._row + 1
        elif not text.isdigit() or not 0 < int(text) <= MAX_ROW:
            self._report.add("row-out-of-range", self._part, "row", f"a row has the number {text[:20]!r}")
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

    def _plan(self, types: tuple[bytes, ...], letters: tuple[bytes, ...]) -> _Plan:
        unknown = [at for at, kind in enumerate(types) if kind not in _TYPES]
        for at in unknown:
            self._tell("cell-type", letters[at], f"its type is {types[at].decode('utf-8', 'replace')}")
        plan = _plan_of(types)
        if not unknown:
            if len(self._plans) > _REMEMBERED:
                self._plans.clear()
            self._plans[types] = plan
        return plan

    def _check_values(self, letters: tuple[bytes, ...], types: tuple[bytes, ...], values: tuple[bytes, ...]) -> None:
        plan = self._plans.get(types) or self._plan(types, letters)
        if plan.numbers:
            joined = b"\x00".join(plan.numbers(values)) + b"\x00"
            if not NUMBERS.fullmatch(joined) or HUGE.search(joined):
                self._each_number(letters, types, values)
        if plan.shared and self._strings is not None:
            try:
                numbers = [int(value) for value in plan.shared(values)]
                good = max(numbers) < self._strings and min(numbers) >= 0
            except ValueError:
                good = False
            if not good:
                self._each_shared(letters, types, values, self._strings)
        if plan.booleans and not _BOOLEANS.issuperset(plan.booleans(values)):
            self._each(b"b", letters, types, values, _BOOLEANS, "cell-boolean", "neither 0 nor 1")
        if plan.errors and not _ERRORS.issuperset(plan.errors(values)):
            self._each(b"e", letters, types, values, _ERRORS, "cell-error", "no error value")
        if plan.texts and max(map(len, plan.texts(values))) > MAX_TEXT:
            for name, value in zip(letters, values, strict=True):
                if len(value) > MAX_TEXT:
                    check_text(value, inline(value), self._part, f"{name.decode()}{self._row}", self._report)

    def _each(
        self, kind: bytes, letters: tuple[bytes, ...], types: tuple[bytes, ...], values: tuple[bytes, ...],
        good: frozenset[bytes], rule: str, what: str,
    ) -> None:  # fmt: skip
        for name, type_, value in zip(letters, types, values, strict=True):
            if type_ == kind and value not in good:
                self._tell(rule, name, f"“{value[:20].decode('utf-8', 'replace')}” is {what}")

    def _each_shared(
        self, letters: tuple[bytes, ...], types: tuple[bytes, ...], values: tuple[bytes, ...], count: int
    ) -> None:
        for name, kind, value in zip(letters, types, values, strict=True):
            text = value.strip()
            if kind == b"s" and text and not (text.isdigit() and int(text) < count):
                self._tell("string-out-of-range", name, f"{text[:20].decode('utf-8', 'replace')} of {count} texts")

    def _each_number(self, letters: tuple[bytes, ...], types: tuple[bytes, ...], values: tuple[bytes, ...]) -> None:
        for name, kind, text in zip(letters, types, values, strict=True):
            if kind not in (b"", b"n") or not text.strip():
                continue
            if not NUMBERS.fullmatch(text + b"\x00") or abs(float(text)) == float("inf"):
                self._tell("cell-number", name, f"“{text[:30].decode('utf-8', 'replace')}” is no number")

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
