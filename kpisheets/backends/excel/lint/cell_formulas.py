"""The formulas in the cells of one sheet: their syntax, what shares them, which arrays they span."""

from __future__ import annotations

import re

from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.backends.excel.ooxml.notation.refs import Area, column_number, parse_area

from . import formula
from .finding import Report
from .sections import overlapping
from .workbook import WorkbookFacts

_ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*["']([^"']*)["']""")
_DIGITS = re.compile(rb"\d+")
_REMEMBERED = 20_000
_MOST_ARRAYS = 20_000


def _shape(texts: tuple[bytes, ...]) -> bytes:
    return _DIGITS.sub(b"1", b"\x00".join(texts))


class CellFormulas:
    """Takes the formulas of one row after the other; ``finish()`` looks at what belongs together.

    ``chained``: the cells that the calculation chain names; what has a formula is taken out of it.
    """

    def __init__(self, part: str, book: WorkbookFacts, chained: set[int], report: Report) -> None:
        self._part = part
        self._book = book
        self._chained = chained
        self._report = report
        self._good: set[bytes] = set()
        self._plain: set[bytes] = {b"<f>"}
        self._masters: set[bytes] = set()
        self._children: dict[bytes, str] = {}
        self._arrays: list[tuple[Area, str]] = []
        self._spans: list[Area] = []  # whose cells have a formula without showing one

    def take(self, row: int, letters: tuple[bytes, ...], tags: tuple[bytes, ...], texts: tuple[bytes, ...]) -> None:
        """The formulas of a row; an empty tag: the cell has none."""
        if self._chained:
            for name, tag in zip(letters, tags, strict=True):
                if tag:
                    self._chained.discard(row << 14 | column_number(name.decode()))
        shape = _shape(texts)
        if shape in self._good and self._plain.issuperset(filter(None, tags)):
            return
        good = True
        for name, tag, text in zip(letters, tags, texts, strict=True):
            if tag:
                place = f"{name.decode()}{row}"
                good = self._one(place, tag, text) and good
        if good:
            if len(self._good) > _REMEMBERED:
                self._good.clear()
            self._good.add(shape)

    def knows(self, texts: tuple[bytes, ...]) -> bool:
        """Whether formulas like these, a row's, were all seen to be right, and plain."""
        return not self._chained and (not any(texts) or _shape(texts) in self._good)

    def _one(self, place: str, tag: bytes, raw: bytes) -> bool:
        named = dict(_ATTRIBUTE.findall(tag))
        kind = named.get(b"t", b"normal")
        if kind == b"normal":
            if len(self._plain) < _REMEMBERED:
                self._plain.add(tag)
        elif kind == b"dataTable":
            area = parse_area(named.get(b"ref", b"").decode("utf-8", "replace"))
            self._spans += [area] if area else []
            return True
        elif kind == b"shared":
            number = named.get(b"si", b"")
            if raw.strip() and number not in self._masters:
                self._masters.add(number)
            elif not raw.strip():
                self._children.setdefault(number, place)
                return True
        elif kind == b"array":
            area = parse_area(named.get(b"ref", b"").decode("utf-8", "replace"))
            if area is None:
                self._report.add("formula-array-overlap", self._part, place, "an array formula has no range")
            elif len(self._arrays) < _MOST_ARRAYS:
                self._arrays.append((area, place))
                self._spans += [area] if area.top < area.bottom or area.left < area.right else []
        if not raw and (named.get(b"ca") in (b"1", b"true") or tag.endswith(b"/>")):
            return True  # Excel's own mark of a cell that is always calculated, and others' empty formula
        return self._syntax(place, markup.unescape(raw))

    def _syntax(self, place: str, text: str) -> bool:
        word, fault = formula.fault_of(text)
        if fault:
            self._report.add(f"formula-{word}", self._part, place, fault)
            return False
        parsed = formula.parse(text)
        for sheet in sorted(parsed.sheets):
            if not self._book.has_sheet(sheet):
                self._report.add("formula-unknown-sheet", self._part, place, f"there is no sheet {sheet}")
        if any(number > self._book.files for number in parsed.files):
            what = f"there are {self._book.files} external workbooks: {text}"
            self._report.add("formula-external", self._part, place, what)
        return not parsed.sheets and not parsed.files and len(text) < 1000

    def finish(self, whole: bool) -> None:
        """After the last row; ``whole``: every row was seen, so that every master of a shared formula was."""
        for number, place in self._children.items():
            if whole and number not in self._masters:
                what = f"no cell defines the shared formula {number.decode('utf-8', 'replace')}"
                self._report.add("formula-shared-orphan", self._part, place, what)
        for first, second in overlapping(self._arrays):
            self._report.add("formula-array-overlap", self._part, second, f"its range meets that of {first}")
        for area in self._spans if self._chained else ():
            self._chained -= {place for place in self._chained if area.holds(place >> 14, place & 0x3FFF)}
