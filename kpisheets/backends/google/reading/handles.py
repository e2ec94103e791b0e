"""Handles that people lost are put back: the developer metadata of columns, the named ranges that formulas use, and the
spreadsheet tables around the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kpisheets.backends.google.reading.layout import Layout, Place
from kpisheets.backends.google.reading.snapshot import METADATA_KEY, Area, Snapshot
from kpisheets.core.workbook import FIXED_ROWS, handle


def mends(snap: Snapshot, layout: Layout) -> list[dict[str, Any]]:
    """The requests that restore what is lost; none where all is well."""
    return [
        request
        for place in layout.places.values()
        if place.table not in FIXED_ROWS
        for request in (*_metadata(place), *_names(snap, place), *around(place, place.end))
    ]


def column_metadata(sheet: int, column: int, value: str) -> dict[str, Any]:
    """The request that gives a column its handle."""
    span = {"sheetId": sheet, "dimension": "COLUMNS", "startIndex": column, "endIndex": column + 1}
    metadata = {
        **{"metadataKey": METADATA_KEY, "metadataValue": value, "visibility": "DOCUMENT"},
        "location": {"dimensionRange": span},
    }
    return {"createDeveloperMetadata": {"developerMetadata": metadata}}


def around(place: Place, end: int) -> Iterator[dict[str, Any]]:
    """The spreadsheet table reaches from its header to the last filled row at least (``end`` is the row after it)."""
    area = place.table_area
    if place.table_id is None or area is None or (area.top == place.header and (area.bottom or end) >= end):
        return
    span = {"sheetId": place.sheet, "startRowIndex": place.header, "endRowIndex": max(end, place.limit)}
    span |= {"startColumnIndex": area.left, "endColumnIndex": area.right or max(place.columns.values()) + 1}
    yield {"updateTable": {"table": {"tableId": place.table_id, "range": span}, "fields": "range"}}


def _metadata(place: Place) -> Iterator[dict[str, Any]]:
    for field in sorted(place.stale):
        yield column_metadata(place.sheet, place.columns[field], handle(place.table, field))


def _names(snap: Snapshot, place: Place) -> Iterator[dict[str, Any]]:
    """A column's name begins at its header and has no end, so that it never needs to grow."""
    for field, column in place.columns.items():
        name = handle(place.table, field)
        known = snap.names.get(name)
        if known is not None and _is_right(known, place, column):
            continue
        span = {"sheetId": place.sheet, "startRowIndex": place.header}
        span |= {"startColumnIndex": column, "endColumnIndex": column + 1}
        if name in snap.names:
            named = {"namedRangeId": snap.name_ids[name], "range": span}
            yield {"updateNamedRange": {"namedRange": named, "fields": "range"}}
        else:
            yield {"addNamedRange": {"namedRange": {"name": name, "range": span}}}


def _is_right(area: Area, place: Place, column: int) -> bool:
    begins = (area.sheet, area.top, area.left) == (place.sheet, place.header, column)
    return begins and (area.bottom is None or area.bottom >= place.row_count)
