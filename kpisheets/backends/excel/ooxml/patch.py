"""A sheet's part with some cells written anew; every other byte of it passes through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kpisheets.errors import BadData

from . import markup
from .cells import CachedValue, CellWrite, FormulaText, Write, attributes, patterns
from .refs import cell_name, column_letters, column_number
from .rows import Rows, RowSpan
from .sheet import SheetPart
from .values import render, value_markup

_RESAVE = "open it in Excel and save it again"
_NAME = re.compile(rb"([A-Za-z]{1,3})([1-9]\d{0,6})\Z")
_BATCH = 512

Writes = Mapping[int, Mapping[int, Write]]
"""Row → column → what the cell is to become."""


@dataclass(frozen=True)
class Patch:
    """What becomes of one sheet's part; ``pieces`` gives it, anew at each call.

    The writes were checked before; BadData is for what only the bytes show.
    """

    part: SheetPart
    writes: Writes
    date1904: bool
    table_relations: Sequence[str] = ()
    empty: bool = False

    def pieces(self) -> Iterator[bytes]:
        before, after = self._around()
        part = self.part
        todo = sorted(self.writes)
        at = 0
        fresh = self._fresh_rows(todo) if part.is_closed else iter(())
        first = next(fresh, b"")
        if first:  # <sheetData/> has to be opened
            yield before + part.tag[:-2].rstrip() + b">" + first
            yield from fresh
            yield b"</%bsheetData>" % part.prefix + after
            return
        yield before + part.tag
        for run in part.runs():
            rows = Rows(part.prefix, run, part.where)
            if at == len(todo) or todo[at] > rows.last:
                yield run
                continue
            end = at
            while end < len(todo) and todo[end] <= rows.last:
                end += 1
            yield self._run(rows, todo[at:end])
            at = end
        if not part.is_closed:
            yield from self._fresh_rows(todo[at:])
        yield part.closing + after

    def _around(self) -> tuple[bytes, bytes]:
        shell = self.part.shell
        changes = shell.table_links(self.table_relations)
        rows = [row for row, cells in self.writes.items() if any(map(_fills, cells.values()))]
        if rows:
            columns = [column for cells in self.writes.values() for column, write in cells.items() if _fills(write)]
            changes += shell.dimension(min(rows), min(columns), max(rows), max(columns), empty=self.empty)
        return shell.spliced(changes)

    def _run(self, rows: Rows, numbers: Sequence[int]) -> bytes:
        at, pieces = 0, []
        for number, span in zip(numbers, rows.find(numbers), strict=True):
            if span is None:
                place = rows.place(number)
                pieces += [rows.run[at:place], *self._fresh_rows([number])]
                at = place
            else:
                pieces += [rows.run[at : span.start], self._row(rows.run, span)]
                at = span.end
        return b"".join([*pieces, rows.run[at:]])

    def _fresh_rows(self, numbers: Sequence[int]) -> Iterator[bytes]:
        p = self.part.prefix
        for begin in range(0, len(numbers), _BATCH):
            made = []
            for number in numbers[begin : begin + _BATCH]:
                cells = self.writes[number]
                inside = b"".join(self._fresh_cell(number, column, cells[column], 0) for column in sorted(cells))
                if inside:
                    made.append(b'<%brow r="%d">%b</%brow>' % (p, number, inside, p))
            if made:
                yield b"".join(made)

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

    def _row(self, run: bytes, span: RowSpan) -> bytes:
        cells = self.writes[span.number]
        tag = run[span.start : span.inside]
        left, right = min(cells), max(cells)
        inside = self._known(run, span, cells)
        if inside is None:
            inside = self._merged(run, span, cells, tag)
            tag = _spanning(tag, left, right)
        if span.close < span.end:
            return tag + inside + run[span.close : span.end]
        return tag[:-2].rstrip() + b">" + inside + b"</%brow>" % self.part.prefix if inside else tag

    def _known(self, run: bytes, span: RowSpan, cells: Mapping[int, Write]) -> bytes | None:
        """The row's inside where all the cells are in it already, spelled as nearly every program does; else None."""
        pieces, at = [], span.inside
        cell = patterns(self.part.prefix).cell
        for column in sorted(cells):
            name = b'<%bc r="%b%d"' % (self.part.prefix, column_letters(column).encode(), span.number)
            match = cell.match(run, run.find(name, at, span.close), span.close)
            if match is None or match.start() < at:
                return None
            pieces += [run[at : match.start()], self._replaced(match, span.number, column, cells[column])]
            at = match.end()
        return b"".join([*pieces, run[at : span.close]])

    def _merged(self, run: bytes, span: RowSpan, cells: Mapping[int, Write], tag: bytes) -> bytes:
        """The row's inside, gone through cell by cell."""
        named = attributes(tag)
        row_style = markup.whole(named.get(b"s")) if named.get(b"customFormat") in (b"1", b"true") else 0
        pieces: list[bytes] = []
        todo = sorted(cells, reverse=True)
        last, at = 0, span.inside
        for match in patterns(self.part.prefix).cell.finditer(run, span.inside, span.close):
            column = self._column(match[1], span.number)
            if column <= last:
                raise BadData(
                    f"the cells of row {span.number} are doubled or out of order", where=self.part.where, mend=_RESAVE
                )
            last = column
            pieces.append(run[at : match.start()])
            while todo and todo[-1] < column:
                fresh = todo.pop()
                pieces.append(self._fresh_cell(span.number, fresh, cells[fresh], row_style))
            if todo and todo[-1] == column:
                pieces.append(self._replaced(match, span.number, column, cells[todo.pop()]))
            else:
                pieces.append(match[0])
            at = match.end()
        # New cells at the row's end come before what may follow the cells (an extLst).
        pieces += (self._fresh_cell(span.number, column, cells[column], row_style) for column in reversed(todo))
        return b"".join([*pieces, run[at : span.close]])

    def _column(self, raw: bytes, row: int) -> int:
        name = _NAME.match(attributes(raw).get(b"r", b""))
        if name is None or int(name[2]) != row:
            raise BadData(f"row {row} has a cell without its reference", where=self.part.where, mend=_RESAVE)
        return column_number(name[1].decode())

    def _replaced(self, match: re.Match[bytes], row: int, column: int, write: Write) -> bytes:
        named, inside = attributes(match[1]), match[2] or b""
        formula = patterns(self.part.prefix).formula
        if isinstance(write, FormulaText):
            spelled = formula.sub(lambda _: self._formula(write.formula, write.shared), inside, count=1)
            begin = match.start(2) - match.start()
            return match[0][:begin] + spelled + match[0][begin + len(inside) :]
        if isinstance(write, CachedValue):
            kept = formula.search(inside)
            kind, value = value_markup(self.part.prefix, write.value)
            tag = match[0][: match.start(2) - match.start()]
            tag = markup.tag_with(tag, {"t": kind or None})
            return tag + (kept[0] if kept else b"") + value + b"</%bc>" % self.part.prefix
        if b"cm" in named and b"<%bf" % self.part.prefix in inside:
            raise BadData(
                "it holds a dynamic array formula",
                where=f"{self.part.where}!{cell_name(row, column)}",
                mend="clear it in Excel first",
            )
        # vm (a rich value) describes the old value and goes with it.
        return self._rendered(row, column, write, markup.whole(named.get(b"s")) if write.style is None else write.style)


def _fills(write: Write) -> bool:
    return isinstance(write, CellWrite) and write != (None, None, None)


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
