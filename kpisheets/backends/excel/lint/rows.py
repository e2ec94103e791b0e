"""A sheet part, read as a stream: rows one by one, and at the end the rest of the sheet as a small tree."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from itertools import groupby
from typing import NamedTuple
from xml.parsers import expat

from kpisheets.backends.excel.ooxml.notation import markup

from .strings import WellFormed

_OPEN = re.compile(rb"<((?:[\w.-]+:)?)sheetData(?:\s[^<>]*)?>")
_ROW = re.compile(rb"\s*<row((?:\s(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)?)>")
_NUMBERS = re.compile(rb'<row r="(\d{1,9})"')
_FRAME = 48 << 20
_ONE_ROW = 64 << 20

# The cell as nearly every program writes it. What differs takes the slow way, to the same fields.
CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9]\d{0,6})"(?: s="(\d+)")?(?: t="(\w+)")?(?: [cv]m="\d+")*'
    rb"(?:/>|>(?:(<f(?: [^<>]*)?>)(?:([^<]*)</f>)?)?"
    rb'(?:<v ?/>|<v>([^<]*)</v>|<is>(<t(?: xml:space="preserve")?>[^<]*</t>)</is>)?</c>)'
)


class Row(NamedTuple):
    """A row as it stands: its opening tag's attributes, the bytes of its cells."""

    attributes: bytes
    cells: bytes


class SheetStream:
    """``runs()`` first; after that ``frame`` is the sheet with an empty ``sheetData``.

    ``fault`` says why the part is no XML, ``""`` where it is. ``only``: the rows that matter; the others are known to
    be sound, and only their numbers are looked at.
    """

    def __init__(self, chunks: Iterator[bytes], only: Collection[int] | None = None) -> None:
        self._chunks = chunks
        self._check = WellFormed()
        self._only = None if only is None else sorted(only)
        self._last = 0
        self._done = False
        self.frame = b""
        self.fault = ""

    def _next(self) -> bytes:
        if self._done:
            return b""
        chunk = next(self._chunks, b"")
        self._done = not chunk
        if self._only is None:
            self._check.feed(chunk, last=not chunk)
            self.fault = self._check.fault
        return chunk

    def runs(self) -> Iterator[bytes]:
        """The rows, in the order of the file, many at once."""
        head = b""
        opened = None
        while opened is None:
            chunk = self._next()
            head += chunk
            opened = _OPEN.search(head)
            if not chunk or len(head) > _FRAME:
                break
        if opened is None:
            self.frame = head
            return
        prefix, rest = opened[1], head[opened.end() :]
        head = head[: opened.start()] + b"<%bsheetData/>" % prefix
        if not opened[0].endswith(b"/>"):
            close = b"</%bsheetData>" % prefix
            row_end, row = b"</%brow>" % prefix, b"<%brow r=" % prefix
            while True:
                # The section ends behind its last row: what stands before need not be searched.
                end = rest.find(close, max(rest.rfind(row), 0))
                chunk = b"" if end >= 0 else self._next()
                rest += chunk
                done = end >= 0 or not chunk
                upto = end if end >= 0 else len(rest) if not chunk else rest.rfind(row_end) + len(row_end)
                if done or upto >= len(row_end):
                    yield from self._some(_plain(rest[:upto], prefix))
                    rest = rest[upto:]
                if len(rest) > _ONE_ROW:
                    self.fault = "a row is larger than 64 MB"
                    return
                if done:
                    break
            rest = rest[len(close) :] if end >= 0 else b""
        while chunk := self._next():
            rest += chunk
            if len(rest) > _FRAME:
                self.fault = self.fault or "what follows the cells is larger than 48 MB"
                return
        self.frame = head + rest

    def _some(self, data: bytes) -> Iterator[bytes]:
        if self._only is None:
            yield data
            return
        numbers = list(map(int, _NUMBERS.findall(data)))
        if not (numbers and numbers[0] > self._last and _ascend(numbers, data)):
            if numbers or b"<row" in data:
                # Spelt in another way, or out of order: as if all of them mattered.
                yield (b'<row r="%d"></row>' % self._last if self._last else b"") + data
        else:
            mine = self._only[bisect_left(self._only, numbers[0]) : bisect_right(self._only, numbers[-1])]
            for run in _found(data, numbers, mine):
                if _fault(run):
                    for row in rows_of(run):
                        self.fault = self.fault or _fault(b"<row%b>%b</row>" % row, row.attributes)
                yield run
        self._last = max(numbers, default=self._last)


def _ascend(numbers: list[int], data: bytes) -> bool:
    """Whether rows with these numbers, which are all that are spelled as usual, are all rows, and in order."""
    if numbers[-1] - numbers[0] == len(numbers) - 1 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return True
    return len(numbers) == data.count(b"<row") and numbers == sorted(set(numbers))


def _found(data: bytes, numbers: list[int], wanted: list[int]) -> Iterator[bytes]:
    """Of the rows with these numbers, in order, those that are wanted, as far as they are there; neighbours at once."""
    known, at = set(numbers), 0
    places = [bisect_left(numbers, number) for number in wanted if number in known]
    for _, group in groupby(enumerate(places), lambda item: item[1] - item[0]):
        together = [place for _, place in group]
        at = data.find(b'<row r="%d"' % numbers[together[0]], at)
        behind = together[-1] + 1
        end = data.find(b'<row r="%d"' % numbers[behind], at) if behind < len(numbers) else len(data)
        yield data[at:end]
        at = end


def _fault(rows: bytes, attributes: bytes = b"") -> str:
    """What keeps some rows from being XML; ``""`` where they are."""
    try:
        expat.ParserCreate().Parse(b"<rows>%b</rows>" % rows, True)
    except expat.ExpatError as error:
        return f"row{attributes.decode('utf-8', 'replace')[:12]}: {error}"
    return ""


def _plain(data: bytes, prefix: bytes) -> bytes:
    """Rows without comments, literal sections, and the namespace's prefix."""
    # One byte is found many times faster than two, the first of which is everywhere.
    if (b"!" in data and b"<!" in data) or (b"?" in data and b"<?" in data):
        data = markup.without_other(b" " * 5 + data)
    return re.sub(rb"<(/?)" + re.escape(prefix), rb"<\1", data) if prefix else data


def rows_of(data: bytes) -> Iterator[Row]:
    """The rows of a run, one by one."""
    for piece in data.split(b"</row>"):
        at = 0
        while match := _ROW.match(piece, at):
            at = match.end()
            if match[1].endswith(b"/"):
                yield Row(match[1][:-1], b"")
            else:
                yield Row(match[1], piece[at:])
                break


class SlowCell(NamedTuple):
    """A cell in any spelling: its attributes, formula's attributes (None: no formula) and text, value, inline text.

    ``elements``: the local names of its children in order.
    """

    attributes: dict[str, str]
    formula: dict[str, str] | None
    text: str
    value: str
    inline: str
    elements: tuple[str, ...]


def slow_cells(cells: bytes) -> list[SlowCell]:
    """The cells of a row by a real parser; those before the first error, which is told of elsewhere."""
    found: list[SlowCell] = []
    parser = expat.ParserCreate()
    parser.buffer_text = True
    stack: list[str] = []
    cell: dict[str, str] = {}
    formula: list[dict[str, str]] = []
    texts: dict[str, list[str]] = {}
    elements: list[str] = []

    def opened(tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        stack.append(name)
        if len(stack) == 2:
            cell.clear()
            cell.update(attributes)
            formula.clear()
            elements.clear()
            texts.clear()
        elif len(stack) == 3:
            elements.append(name)
            if name == "f":
                formula.append(attributes)

    def closed(_tag: str) -> None:
        if len(stack) == 2 and stack[-1] == "c":
            f, v, i = ("".join(texts.get(name, ())) for name in ("f", "v", "is"))
            found.append(SlowCell(dict(cell), dict(formula[0]) if formula else None, f, v, i, tuple(elements)))
        stack.pop()

    def text(data: str) -> None:
        if len(stack) == 3 or (len(stack) > 3 and stack[-1] == "t" and "rPh" not in stack):
            texts.setdefault(stack[2], []).append(data)

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = text
    try:
        parser.Parse(b"<row>" + cells + b"</row>", True)
    except expat.ExpatError:
        return found
    return found
