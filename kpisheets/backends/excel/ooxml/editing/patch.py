"""Rows with some cells written anew; every other byte of a row passes through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from kpisheets.errors import BadData

from ..notation import markup
from ..notation.cells import CachedValue, CellWrite, FormulaText, Write, attributes, patterns
from ..notation.refs import cell_name
from ..notation.values import render, value_markup
from ..parts.sheet import SheetPart
from .survey import Site

_BATCH = 512

Writes = Mapping[int, Mapping[int, Write]]
"""Row → column → what the cell is to become."""


class Patcher:
    """Writes the rows of one sheet anew. ``writes`` were checked before; BadData is for what only the bytes show."""

    def __init__(self, part: SheetPart, writes: Writes, date1904: bool) -> None:
        self.part, self.writes, self.date1904 = part, writes, date1904

    def row(self, number: int, site: Site) -> bytes:
        """A row that is there."""
        old = site.row
        cells = self.writes[number]
        inside = old.find(b">") + 1
        tag, closed = old[:inside], old[inside - 2 : inside] == b"/>"
        style, match = _row_style(tag), patterns(self.part.prefix).cell.match
        pieces: list[bytes] = []
        at, last = inside, None
        todo = sorted(cells, reverse=True)
        for column, start in site.cells:
            while todo and todo[-1] < column:
                fresh = todo.pop()
                pieces += (old[at:start], self._fresh_cell(number, fresh, cells[fresh], style))
                at = start
            if todo and todo[-1] == column:
                found = match(old, start)
                if found is None:
                    raise AssertionError("a cell begins here")
                pieces += (old[at:start], self._replaced(number, column, found, cells[todo.pop()]))
                at = found.end()
            last = start
        if todo:
            # New cells at the row's end come before what may follow the cells (an extLst).
            found = match(old, last) if last is not None else None
            end = found.end() if found else inside
            pieces.append(old[at:end])
            pieces += (self._fresh_cell(number, column, cells[column], style) for column in reversed(todo))
            at = end
        made = b"".join([*pieces, old[at:]])
        tag = _spanning(tag, min(cells), max(cells))
        if closed:
            return tag[:-2].rstrip() + b">" + made + b"</%brow>" % self.part.prefix if made else tag
        return tag + made

    def fresh_rows(self, numbers: Sequence[int]) -> Iterator[dict[int, bytes]]:
        """Rows that are not there, some hundred at a time; none where all its cells stay blank."""
        p = self.part.prefix
        for begin in range(0, len(numbers), _BATCH):
            made = {}
            for number in numbers[begin : begin + _BATCH]:
                cells = self.writes[number]
                inside = b"".join(self._fresh_cell(number, column, cells[column], 0) for column in sorted(cells))
                if inside:
                    made[number] = b'<%brow r="%d">%b</%brow>' % (p, number, inside, p)
            if made:
                yield made

    def _fresh_cell(self, row: int, column: int, write: Write, row_style: int) -> bytes:
        if not isinstance(write, CellWrite) or (write[:2] == (None, None) and write.style is None):
            return b""
        style = row_style or self.part.shell.column_style(column) if write.style is None else write.style
        return self._rendered(row, column, write, style)

    def _rendered(self, row: int, column: int, write: CellWrite, style: int) -> bytes:
        formula = b"" if write.formula is None else self._formula(write.formula)
        return render(self.part.prefix, row, column, style, write.value, formula, date1904=self.date1904)

    def _formula(self, text: str, shared: bytes = b"") -> bytes:
        p = self.part.prefix
        return b"<%bf%b>%b</%bf>" % (p, shared, markup.content(text), p)

    def _replaced(self, row: int, column: int, match: re.Match[bytes], write: Write) -> bytes:
        old, named, inside = match[0], attributes(match[1]), match[2] or b""
        formula = patterns(self.part.prefix).formula
        if isinstance(write, FormulaText):
            spelled = formula.sub(lambda _: self._formula(write.formula, write.shared), inside, count=1)
            begin = match.start(2) - match.start()
            return old[:begin] + spelled + old[begin + len(inside) :]
        if isinstance(write, CachedValue):
            kept = formula.search(inside)
            kind, value = value_markup(self.part.prefix, write.value)
            tag = markup.tag_with(old[: match.start(2) - match.start()], {"t": kind or None})
            return tag + (kept[0] if kept else b"") + value + b"</%bc>" % self.part.prefix
        if b"cm" in named and b"<%bf" % self.part.prefix in inside:
            raise BadData(
                "it holds a dynamic array formula",
                where=f"{self.part.where}!{cell_name(row, column)}",
                mend="clear it in Excel first",
            )
        # vm (a rich value) describes the old value and goes with it.
        return self._rendered(row, column, write, markup.whole(named.get(b"s")) if write.style is None else write.style)


def _row_style(tag: bytes) -> int:
    """The style that a row gives to new cells."""
    named = attributes(tag)
    return markup.whole(named.get(b"s")) if named.get(b"customFormat") in (b"1", b"true") else 0


def _spanning(tag: bytes, left: int, right: int) -> bytes:
    """A row's tag whose hint at its columns, if it has one, holds these too."""
    named = attributes(tag)
    if b"spans" not in named:
        return tag
    spans = named[b"spans"].split()
    first, _, final = spans[0].partition(b":") if len(spans) == 1 else (b"", b"", b"")
    if not (first.isdigit() and final.isdigit()):
        return markup.tag_with(tag, {"spans": None})
    if int(first) <= left and int(final) >= right:
        return tag
    return markup.tag_with(tag, {"spans": f"{min(int(first), left)}:{max(int(final), right)}"})
