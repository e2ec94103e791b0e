"""A write as the batches that are sent: each is one request that applies whole or not at all, keeps what it writes
over, and brings back what has to be seen to know that everything went where it should.

What it keeps: before a cell is written over, the same batch copies it to the same place of a hidden tab. Sheets has no
way to say “only if nobody changed it”; this says afterwards what was there at that very moment, and nothing is lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kpisheets.backends.google.reading.a1 import a1
from kpisheets.backends.google.reading.handles import around, column_metadata
from kpisheets.backends.google.reading.layout import UNDO, Layout, Place
from kpisheets.backends.google.reading.snapshot import RUN_KEY
from kpisheets.backends.google.writing.changes import KEYS, Cells, Formatted, Inserted, Put
from kpisheets.backends.google.writing.requests import Block, Request, blocks, format_requests, value_requests
from kpisheets.core.workbook import FIXED_ROWS, TRACKING

MOST_BYTES = 2_000_000
"""Google's advice for the size of a request."""
_ROWS_AT_ONCE = 900
_UNDO_TITLE = "kpisheets undo"
_UNDO_SHEET = 1_802_529_127
_TREND = "trend"
_NEAR = 20
"""Rows of others that are read along rather than asking for one range more."""

SEEN = (
    "updatedSpreadsheet(namedRanges(name,range),sheets(properties(sheetId),tables(tableId,range),data(startRow,"
    "startColumn,columnMetadata(developerMetadata(metadataKey,metadataValue)),rowData(values(userEnteredValue)))))"
)
"""The fields of a batch's answer."""


@dataclass(frozen=True, slots=True)
class Undo:
    """The hidden tab. ``shift`` is how far to the right each tab's cells are copied: the Tracking tab's not at all, so
    that people's formulas there are kept to the letter."""

    sheet: int
    shift: Mapping[int, int]


@dataclass(slots=True)
class Batch:
    """One request: what it writes, and the ranges (A1) that its answer has to show."""

    undo: Undo
    requests: list[Request] = field(default_factory=list)
    puts: list[Put] = field(default_factory=list)
    inserted: list[Inserted] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)

    def body(self, run: Request) -> dict[str, Any]:
        return {
            "requests": [run, *self.requests],
            "includeSpreadsheetInResponse": True,
            "responseRanges": self.ranges,
        }


def batches(cells: Cells, layout: Layout, first: Sequence[Request] = ()) -> list[Batch]:
    """All that is to be written, after the requests ``first``: one batch, or several where it would be too large."""
    undo = Undo(_UNDO_SHEET if layout.undo is None else layout.undo, _shifts(cells.puts, layout))
    grown = [request for name, end in cells.ends.items() for request in around(layout.places[name], end)]
    pieces = [Batch(undo, [*first, *grown]), *_written_over(cells, undo), *_new_rows(cells, undo)]
    packed: list[Batch] = []
    room = 0
    for piece in pieces:
        size = len(json.dumps(piece.requests, ensure_ascii=False).encode())
        if not packed or size > room:
            packed.append(Batch(undo))
            room = MOST_BYTES
        room -= size
        packed[-1].requests += piece.requests
        packed[-1].puts += piece.puts
        packed[-1].inserted += piece.inserted
    overwriting = [batch for batch in packed if batch.puts]
    if overwriting:
        overwriting[0].requests[:0] = [*_longer(cells.puts, layout), *_undo_tab(cells.puts, layout, undo)]
    for batch in packed:
        batch.ranges = _ranges(batch, layout, undo)
    return packed


def _longer(puts: Sequence[Put], layout: Layout) -> Iterator[Request]:
    """Rows at the foot of a tab that is too short for what is written there; they look as its table's first one does,
    which has the trend's formula besides."""
    for place in layout.places.values():
        rows, bottom = (
            layout.sizes[place.sheet][0],
            max((put.row for put in puts if put.table == place.table), default=0) + 1,
        )
        if bottom <= rows:
            continue
        yield {"appendDimension": {"sheetId": place.sheet, "dimension": "ROWS", "length": bottom - rows}}
        top, columns = max(place.end, place.header + 2), sorted(place.columns.values())
        spans = {"PASTE_FORMAT": (columns[0], columns[-1])}
        if _TREND in place.columns:
            spans["PASTE_FORMULA"] = (place.columns[_TREND], place.columns[_TREND])
        for kind, (left, right) in spans.items():
            first = Block(place.sheet, place.header + 1, left, place.header + 2, right + 1)
            below = Block(place.sheet, top, left, bottom, right + 1)
            ranges = {"source": first.grid_range, "destination": below.grid_range}
            yield {"copyPaste": {**ranges, "pasteType": kind}}


def _shifts(puts: Iterable[Put], layout: Layout) -> dict[int, int]:
    """Tabs side by side, the first as it is."""
    first = layout.places[TRACKING].sheet
    shifts, used = {first: 0}, layout.sizes.get(first, (0, 0))[1]
    for sheet in sorted({put.sheet for put in puts} - {first}):
        shifts[sheet] = used
        used += layout.sizes.get(sheet, (0, 0))[1]
    return shifts


def _undo_tab(puts: Sequence[Put], layout: Layout, undo: Undo) -> list[Request]:
    """The hidden tab is made where there is none, and grows with what it has to keep."""
    rows = max(put.row for put in puts) + 1
    columns = max(put.column + undo.shift[put.sheet] for put in puts) + 1
    if layout.undo is None:
        size = {"rowCount": rows, "columnCount": columns}
        properties = {"sheetId": undo.sheet, "title": _UNDO_TITLE, "hidden": True, "gridProperties": size}
        return [{"addSheet": {"properties": properties}}, column_metadata(undo.sheet, 0, UNDO)]
    known_rows, known_columns = layout.sizes[undo.sheet]
    if rows <= known_rows and columns <= known_columns:
        return []
    size = {"rowCount": max(rows, known_rows), "columnCount": max(columns, known_columns)}
    properties = {"sheetId": undo.sheet, "gridProperties": size}
    fields = "gridProperties(rowCount,columnCount)"
    return [{"updateSheetProperties": {"properties": properties, "fields": fields}}]


def _written_over(cells: Cells, undo: Undo) -> Iterator[Batch]:
    """Cells that are there: kept, then written. By rows, so that a split never parts a cell from its copy."""
    by_rows: dict[tuple[int, int], tuple[list[Put], list[Formatted]]] = {}
    for put in cells.puts:
        by_rows.setdefault((put.sheet, put.row // _ROWS_AT_ONCE), ([], []))[0].append(put)
    for each in cells.formats:
        by_rows.setdefault((each.sheet, each.row // _ROWS_AT_ONCE), ([], []))[1].append(each)
    for puts, formats in by_rows.values():
        kept = [_copied(block, undo) for block in _spans(puts)]
        yield Batch(undo, [*kept, *value_requests(puts), *format_requests(formats)], puts)


def _spans(puts: Sequence[Put]) -> list[Block]:
    """Whole stretches of the columns that are written to, from the first to the last row: a copy costs the same
    whatever its size, and a request for each cell would cost more."""
    if not puts:
        return []
    columns = {(put.sheet, put.column) for put in puts}
    top, bottom = min(put.row for put in puts), max(put.row for put in puts) + 1
    return [
        Block(found.sheet, top, found.left, bottom, found.right)
        for found in blocks((sheet, top, column) for sheet, column in columns)
    ]


def _copied(block: Block, undo: Undo) -> Request:
    return {
        "copyPaste": {
            "source": block.grid_range,
            "destination": mirrored(block, undo).grid_range,
            "pasteType": "PASTE_FORMULA",
        }
    }


def mirrored(block: Block, undo: Undo) -> Block:
    """Where the hidden tab keeps a block."""
    shift = undo.shift[block.sheet]
    return Block(undo.sheet, block.top, block.left + shift, block.bottom, block.right + shift)


def _new_rows(cells: Cells, undo: Undo) -> Iterator[Batch]:
    """New rows, some hundreds at a time: rows are made, then filled."""
    for rows in cells.inserted.values():
        for start in range(0, rows.count, _ROWS_AT_ONCE):
            count = min(_ROWS_AT_ONCE, rows.count - start)
            top = rows.at + start
            here = range(top, top + count)
            part = Inserted(
                rows.place,
                top,
                count,
                [put for put in rows.puts if put.row in here],
                [each for each in rows.formats if each.row in here],
            )
            yield Batch(
                undo,
                [*_made(rows.place, top, count), *value_requests(part.puts), *format_requests(part.formats)],
                inserted=[part],
            )


def _made(place: Place, top: int, count: int) -> Iterator[Request]:
    """Blank rows above the first that waits in the table, which thereby grows. A table whose rows are all filled gets
    one more, which waits from then on."""
    waiting = top < place.limit or top > place.end
    if not waiting:
        if top >= place.row_count:
            yield {"appendDimension": {"sheetId": place.sheet, "dimension": "ROWS", "length": 1}}
        elif place.table_id is not None:
            yield _insert(place, top, 1)
        if place.table_id is not None and place.table_area is not None:
            area = place.table_area
            block = Block(place.sheet, area.top, area.left, top + 1, area.right or 0)
            table = {"tableId": place.table_id, "range": block.grid_range}
            yield {"updateTable": {"table": table, "fields": "range"}}
    yield _insert(place, top, count)


def _insert(place: Place, top: int, count: int) -> Request:
    span = {"sheetId": place.sheet, "dimension": "ROWS", "startIndex": top, "endIndex": top + count}
    return {"insertDimension": {"range": span, "inheritFromBefore": top > place.header + 1}}


def _ranges(batch: Batch, layout: Layout, undo: Undo) -> list[str]:
    """The headers of the tabs that are written to (their columns' handles come along), the Keys of the rows, and what
    the hidden tab keeps."""
    found = []
    new = {each.place.table for each in batch.inserted}
    for place in layout.places.values():
        rows = {put.row for put in batch.puts if put.sheet == place.sheet}
        if (not rows and place.table not in new) or place.table in FIXED_ROWS:
            continue
        width = layout.sizes[place.sheet][1]
        found.append(a1(place.title, place.header, 0, place.header + 1, width))
        column = place.columns.get(KEYS.get(place.table, ""))
        if column is not None:
            found += [a1(place.title, top, column, bottom, column + 1) for top, bottom in _near(sorted(rows))]
    for sheet in {put.sheet for put in batch.puts}:
        here = [(put.sheet, put.row, put.column) for put in batch.puts if put.sheet == sheet]
        columns = sorted({column for _, _, column in here})
        for top, bottom in _near(sorted({row for _, row, _ in here})):
            kept = mirrored(Block(sheet, top, columns[0], bottom, columns[-1] + 1), undo)
            found.append(a1(_undo_title(layout), kept.top, kept.left, kept.bottom, kept.right))
    return found or [a1(layout.places[TRACKING].title, 0, 0, 1, 1)]


def _undo_title(layout: Layout) -> str:
    return _UNDO_TITLE if layout.undo is None else layout.titles[layout.undo]


def _near(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(first, end) of runs of rows, neighbours and near ones together."""
    if not rows:
        return
    top = bottom = rows[0]
    for row in rows[1:]:
        if row - bottom > _NEAR:
            yield top, bottom + 1
            top = row
        bottom = row
    yield top, bottom + 1


def run_request(run: str, known: int, *, new: bool) -> Request:
    """The request that signs the spreadsheet with the run's id, in the metadata ``known``, which may be ``new``."""
    if new:
        metadata = {
            **{"metadataId": known, "metadataKey": RUN_KEY, "metadataValue": run, "visibility": "DOCUMENT"},
            "location": {"spreadsheet": True},
        }
        return {"createDeveloperMetadata": {"developerMetadata": metadata}}
    return {
        "updateDeveloperMetadata": {
            "dataFilters": [{"developerMetadataLookup": {"metadataId": known}}],
            "developerMetadata": {"metadataValue": run},
            "fields": "metadataValue",
        }
    }
