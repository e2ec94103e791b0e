"""One sheet's part, found by scanning bytes: only the rows and cells that change are written anew."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kpisheets.errors import BadData

from . import markup
from .refs import Area, cell_name, column_number, parse_area
from .values import Value, render

_RESAVE = "open it in Excel and save it again"
_ROOT = re.compile(rb"<(?:([\w.-]+):)?worksheet(?=[\s/>])")
_ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_NAME = re.compile(rb"([A-Za-z]{1,3})([1-9]\d{0,6})\Z")


class CellWrite(NamedTuple):
    """What a cell is to become. ``style`` None keeps the one it has."""

    value: Value | dt.date
    formula: str | None
    style: int | None


class FormulaText(NamedTuple):
    """A cell whose formula is spelled out, its value and style as they are."""

    formula: str


class RowSpan(NamedTuple):
    """Where a row stands: its tag from ``start`` to ``inside``, its content to ``close``, its all to ``end``."""

    number: int
    start: int
    inside: int
    close: int
    end: int


@dataclass(frozen=True)
class Patterns:
    """The patterns of one namespace prefix."""

    row: re.Pattern[bytes]
    cell: re.Pattern[bytes]
    formula: re.Pattern[bytes]

    @classmethod
    def of(cls, prefix: bytes) -> Patterns:
        """Compiled for ``prefix``, which ends with a colon or is empty."""
        p = re.escape(prefix)
        return cls(
            re.compile(rb'<%brow(?=[\s/>])(?: r="(\d+)")?([^>]*?)(/?)>' % p),
            re.compile(rb"<%bc(?=[\s/>])([^>]*?)(?:/>|>(.*?)</%bc\s*>)" % (p, p), re.DOTALL),
            re.compile(rb"<%bf(?=[\s/>])([^>]*?)(?:/>|>([^<]*)</%bf\s*>)" % (p, p), re.DOTALL),
        )


def attributes(raw: bytes) -> dict[bytes, bytes]:
    """The attributes of a tag's inside, values as written."""
    return {name: one or other for name, one, other in _ATTRIBUTE.findall(raw)}


class SheetPart:
    """The bytes of a worksheet and where its things are.

    Raises:
        BadData: the part cannot be edited safely.
    """

    def __init__(self, data: bytes, where: str) -> None:
        self.where = where
        data = markup.to_utf8(data, where)
        root = _ROOT.search(data)
        if root is None:
            raise BadData("it is not a worksheet", where=where, mend=_RESAVE)
        if b"<!DOCTYPE" in data[: root.start()]:
            markup.parse(data, where)
        self.prefix = root[1] + b":" if root[1] else b""
        self.patterns = Patterns.of(self.prefix)
        tag = re.compile(rb"<%bsheetData(?=[\s/>])[^>]*>" % re.escape(self.prefix)).search(data)
        if tag is None:
            raise BadData("it has no cells' section", where=where, mend=_RESAVE)
        self.tag = tag.start()
        self.begin = tag.end()
        closed = tag[0].endswith(b"/>")
        closing = b"</%bsheetData" % self.prefix
        self.finish = self.begin if closed else data.rfind(closing)
        if self.finish < self.begin:
            raise BadData("its cells' section has no end", where=where, mend=_RESAVE)
        if not closed and (
            data.find(b"<!", self.begin, self.finish) >= 0 or data.find(b"<?", self.begin, self.finish) >= 0
        ):
            plain = markup.without_other(data[self.begin : self.finish])
            data = data[: self.begin] + plain + data[self.finish :]
            self.finish = self.begin + len(plain)
        self.tail = self.begin if closed else data.index(b">", self.finish) + 1
        self.data = data
        self._rows: list[RowSpan] | None = None
        # All but the cells, small enough for a tree; its offsets right of the cells are moved by _moved.
        shell = data[: self.tag] + b"<%bsheetData/>" % self.prefix + data[self.tail :]
        self._shell = shell
        self.shell = markup.parse(shell, where)
        self._moved = len(data) - len(shell)
        if self.shell.namespace == markup.STRICT_MAIN:
            raise BadData("it is a strict Open XML file", where=where, mend="save it as Excel Workbook (.xlsx)")

    @property
    def rows(self) -> list[RowSpan]:
        """Every row in order.

        Raises:
            BadData: rows without a number or out of order.
        """
        if self._rows is None:
            self._rows = self._scan_rows()
        return self._rows

    def _scan_rows(self) -> list[RowSpan]:
        rows: list[RowSpan] = []
        data, last, at = self.data, 0, self.begin
        search, closing = self.patterns.row.search, b"</%brow" % self.prefix
        while match := search(data, at, self.finish):
            number = match[1] or attributes(match[2]).get(b"r", b"")
            if not number.isdigit() or int(number) <= last:
                raise BadData(f"its rows are not numbered in order (after row {last})", where=self.where, mend=_RESAVE)
            last = int(number)
            start, inside = match.span()
            close = at = inside
            if not match[3]:
                close = data.find(closing, inside, self.finish)
                at = data.find(b">", close, self.finish) + 1
                if close < 0 or at == 0:
                    raise BadData(f"row {last} has no end", where=self.where, mend=_RESAVE)
            rows.append(RowSpan(last, start, inside, close, at))
        return rows

    def merged(self) -> list[Area]:
        """The merged areas."""
        merges = self.shell.child("mergeCells")
        areas = [parse_area(node.attributes.get("ref", "")) for node in merges.all("mergeCell")] if merges else []
        return [area for area in areas if area]

    def column_style(self, column: int) -> int:
        """The style that a column gives to new cells."""
        cols = self.shell.child("cols")
        for node in cols.all("col") if cols else []:
            named = node.attributes
            if markup.whole(named.get("min")) <= column <= markup.whole(named.get("max")):
                return markup.whole(named.get("style"))
        return 0

    def patched(
        self,
        writes: Mapping[int, Mapping[int, CellWrite | FormulaText]],
        *,
        date1904: bool,
        table_relations: Sequence[str] = (),
    ) -> bytes:
        """The part with the cells of ``writes`` (row → column → what) written, and table parts linked."""
        changes = self._row_changes(writes, date1904)
        changes += self._shell_changes(writes, table_relations)
        return markup.splice(self.data, changes)

    def _row_changes(
        self, writes: Mapping[int, Mapping[int, CellWrite | FormulaText]], date1904: bool
    ) -> list[tuple[int, int, bytes]]:
        changes: list[tuple[int, int, bytes]] = []
        existing = {span.number: span for span in self.rows} if writes else {}
        starts = sorted(existing)
        fresh: dict[int, list[bytes]] = {}
        at = 0
        for number in sorted(writes):
            span = existing.get(number)
            if span:
                changes.append((span.start, span.end, self._row(span, writes[number], date1904)))
                continue
            cells = self._fresh_cells(number, writes[number], 0, date1904)
            if not cells:
                continue
            while at < len(starts) and starts[at] < number:
                at += 1
            place = existing[starts[at]].start if at < len(starts) else self.finish
            row = b'<%brow r="%d">%b</%brow>' % (self.prefix, number, b"".join(cells), self.prefix)
            fresh.setdefault(place, []).append(row)
        for place, rows in fresh.items():
            new = b"".join(rows)
            if self.tail == self.begin:  # <sheetData/> has to be opened
                opened = self.data[self.tag : self.begin][:-2].rstrip() + b">"
                changes.append((self.tag, self.begin, opened + new + b"</%bsheetData>" % self.prefix))
            else:
                changes.append((place, place, new))
        return changes

    def _fresh_cells(
        self, row: int, cells: Mapping[int, CellWrite | FormulaText], row_style: int, date1904: bool
    ) -> list[bytes]:
        made = (self._fresh_cell(row, column, cells[column], row_style, date1904) for column in sorted(cells))
        return [cell for cell in made if cell]

    def _fresh_cell(
        self, row: int, column: int, write: CellWrite | FormulaText, row_style: int, date1904: bool
    ) -> bytes:
        if isinstance(write, FormulaText) or (write[:2] == (None, None) and write.style is None):
            return b""
        style = row_style or self.column_style(column) if write.style is None else write.style
        return render(self.prefix, row, column, style, write.value, self._formula(write.formula), date1904=date1904)

    def _formula(self, text: str | None) -> bytes:
        return b"" if text is None else b"<%bf>%b</%bf>" % (self.prefix, markup.content(text), self.prefix)

    def _row(self, span: RowSpan, cells: Mapping[int, CellWrite | FormulaText], date1904: bool) -> bytes:
        data = self.data
        tag = data[span.start : span.inside]
        named = attributes(tag)
        row_style = markup.whole(named.get(b"s")) if named.get(b"customFormat") in (b"1", b"true") else 0
        pieces: list[bytes] = []
        todo = sorted(cells)
        last, at, widest = 0, span.inside, (todo[0], todo[-1])
        for match in self.patterns.cell.finditer(data, span.inside, span.close):
            column = self._column(match[1], span.number)
            if column <= last:
                raise BadData(
                    f"the cells of row {span.number} are doubled or out of order", where=self.where, mend=_RESAVE
                )
            last = column
            pieces.append(data[at : match.start()])
            while todo and todo[0] < column:
                pieces.append(self._fresh_cell(span.number, todo[0], cells[todo[0]], row_style, date1904))
                todo.pop(0)
            if todo and todo[0] == column:
                pieces.append(self._replaced(match, span.number, column, cells[todo.pop(0)], date1904))
            else:
                pieces.append(match[0])
            at = match.end()
        new = b"".join(self._fresh_cell(span.number, column, cells[column], row_style, date1904) for column in todo)
        # New cells at the row's end come before what may follow the cells (an extLst).
        pieces += (new, data[at : span.close])
        inside = b"".join(pieces)
        if b"spans" in named:
            spans = named[b"spans"].split()
            first, _, final = spans[0].partition(b":") if len(spans) == 1 else (b"", b"", b"")
            if not (first.isdigit() and final.isdigit()):
                tag = markup.tag_with(tag, {"spans": None})
            elif int(first) > widest[0] or int(final) < widest[1]:
                wide = f"{min(int(first), widest[0])}:{max(int(final), widest[1])}"
                tag = markup.tag_with(tag, {"spans": wide})
        if span.close < span.end:
            return tag + inside + data[span.close : span.end]
        if not inside:
            return tag
        return tag[:-2].rstrip() + b">" + inside + b"</%brow>" % self.prefix

    def _column(self, raw: bytes, row: int) -> int:
        name = _NAME.match(attributes(raw).get(b"r", b""))
        if name is None or int(name[2]) != row:
            raise BadData(f"row {row} has a cell without its reference", where=self.where, mend=_RESAVE)
        return column_number(name[1].decode())

    def _replaced(
        self, match: re.Match[bytes], row: int, column: int, write: CellWrite | FormulaText, date1904: bool
    ) -> bytes:
        named, inside = attributes(match[1]), match[2] or b""
        if isinstance(write, FormulaText):
            spelled = self.patterns.formula.sub(lambda _: self._formula(write.formula), inside, count=1)
            begin = match.start(2) - match.start()
            return match[0][:begin] + spelled + match[0][begin + len(inside) :]
        if b"cm" in named and b"<%bf" % self.prefix in inside:
            raise BadData(
                "it holds a dynamic array formula",
                where=f"{self.where}!{cell_name(row, column)}",
                mend="clear it in Excel first",
            )
        style = markup.whole(named.get(b"s")) if write.style is None else write.style
        # vm (a rich value) describes the old value and goes with it.
        return render(self.prefix, row, column, style, write.value, self._formula(write.formula), date1904=date1904)

    def _shell_changes(
        self, writes: Mapping[int, Mapping[int, CellWrite | FormulaText]], table_relations: Sequence[str]
    ) -> list[tuple[int, int, bytes]]:
        changes: list[tuple[int, int, bytes]] = []
        dimension = self.shell.child("dimension")
        area = parse_area(dimension.attributes.get("ref", "")) if dimension else None
        written = [
            (row, column)
            for row, cells in writes.items()
            for column, write in cells.items()
            if isinstance(write, CellWrite) and write != (None, None, None)
        ]
        if dimension and area and written:
            empty = not self.rows and area == (1, 1, 1, 1)
            rows = [row for row, _ in written] + ([] if empty else [area.top, area.bottom])
            columns = [column for _, column in written] + ([] if empty else [area.left, area.right])
            grown = Area(min(rows), min(columns), max(rows), max(columns))
            if grown != area:
                tag = self._shell[dimension.start : dimension.open_end]
                changes.append((dimension.start, dimension.open_end, markup.tag_with(tag, {"ref": grown.a1})))
        if table_relations:
            changes.append(self._table_links(table_relations))
        return [
            (start + self._moved, end + self._moved, new) if start >= self.tag else (start, end, new)
            for start, end, new in changes
        ]

    def _table_links(self, ids: Sequence[str]) -> tuple[int, int, bytes]:
        p = self.prefix
        link = b"".join(
            b'<%btablePart xmlns:r="%b" r:id="%b"/>' % (p, markup.RELATIONSHIPS.encode(), new.encode()) for new in ids
        )
        parts = self.shell.child("tableParts")
        if parts is None:
            after = self.shell.child("extLst")
            place = after.start if after else self.shell.close
            return place, place, b'<%btableParts count="%d">%b</%btableParts>' % (p, len(ids), link, p)
        tag = self._shell[parts.start : parts.open_end]
        opened = (tag[:-2].rstrip() + b">") if tag.endswith(b"/>") else tag
        inside = self._shell[parts.open_end : parts.close] if parts.close < parts.end else b""
        opened = markup.tag_with(opened, {"count": str(len(parts.all("tablePart")) + len(ids))})
        return parts.start, parts.end, opened + inside + link + b"</%btableParts>" % p
