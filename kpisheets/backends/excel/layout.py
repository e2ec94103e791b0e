"""Where a KPI workbook's tables and cells are in an Excel file today: found by names, then by header words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kpisheets.backends.base import ANCHORS, TAB_OF, TELLING, Dictionary, NoKpiTabs, column_deleted
from kpisheets.backends.excel.ooxml import Book, Grid, Range
from kpisheets.core.workbook import (
    CATALOGUE,
    FIELDS,
    FIXED_ROWS,
    GROWING,
    LOG,
    NAMED_CELLS,
    REQUIRED,
    TRACKING,
    handle,
)
from kpisheets.errors import BadData


@dataclass(frozen=True, slots=True)
class Place:
    """A table on its tab: header row, last row, first and last column (people's own included), and the column number of
    each field (all 1-based)."""

    table: str
    sheet: str
    header: int
    bottom: int
    left: int
    right: int
    columns: Mapping[str, int]
    stale: frozenset[str] = frozenset()
    """Fields whose name was lost or points elsewhere, and was found by its header instead."""

    def span(self, field: str) -> Range:
        column = self.columns[field]
        return Range(self.sheet, self.header, column, self.bottom, column)


def locate(book: Book, dictionary: Dictionary) -> tuple[dict[str, Place], dict[str, Range]]:
    """All tables and named cells that the file has. NoKpiTabs where it is no KPI workbook, BadData where a needed table
    or column is gone."""
    places = {}
    for table in FIELDS:
        place = locate_table(book, table, dictionary)
        if place is not None:
            places[table] = place
    missing = [table for table in (TRACKING, CATALOGUE, LOG) if table not in places]
    if len(missing) == 3:
        raise NoKpiTabs(
            "this workbook has no KPI tabs",
            where=book.path.name,
            mend="run `kpisheets provision` to add them, or point workbook.path elsewhere",
        )
    if missing:
        tabs = " and ".join("KPIs" if table == CATALOGUE else TAB_OF[table].capitalize() for table in missing)
        raise BadData(
            f"the table of the tab {tabs} was deleted",
            where=book.path.name,
            mend="bring the tab back from a backup in .kpisheets/backups",
        )
    cells = {name: found for name in NAMED_CELLS if (found := book.range_of(name)) is not None}
    return places, cells


def locate_table(book: Book, table: str, dictionary: Dictionary) -> Place | None:
    """One table, None where the file has none. BadData where a needed column of it is gone."""
    info = book.tables.get(table)
    spans = {field: book.range_of(handle(table, field)) for field in FIELDS[table]}
    words = dictionary.headers.get(table, {})
    if info is not None:
        sheet, header = info.range.sheet, info.range.top
    else:
        found = next(_headers(book, table, spans, words, dictionary), None)
        if found is None:
            return None
        sheet, header = found
    grid = book.grid(sheet)
    columns: dict[str, int] = {}
    stale: set[str] = set()
    for field, span in spans.items():
        if span is not None and span.sheet == sheet and span.top == header and _fits(grid, span, field, words):
            columns[field] = span.left
    written = {
        words[text]: column
        for column in range(1, grid.right + 1)
        if (text := _text(grid.value(header, column))) in words and column not in columns.values()
    }
    for field in FIELDS[table]:
        if field not in columns and field in written:
            columns[field] = written[field]
            stale.add(field)
    gone = sorted(REQUIRED.get(table, frozenset()) - columns.keys())
    if len(gone) > 1 and not any(span is not None for span in spans.values()):
        return None  # words or a table's name that somebody else uses too
    if gone:
        raise column_deleted(
            gone,
            where=f"{book.path.name}, tab {sheet}",
            mend="undo that in the spreadsheet program, or bring the file back from .kpisheets/backups",
        )
    if not columns:
        return None
    spans_of = [span for field, span in spans.items() if span is not None and field in columns and field not in stale]
    bottom = max([header + FIXED_ROWS.get(table, 1), *(span.bottom for span in spans_of)])
    if info is not None:
        bottom = max(header + 1, info.range.bottom)
    left, right = min(columns.values()), max(columns.values())
    if info is not None:
        left, right = min(left, info.range.left), max(right, info.range.right)
    place = Place(table, sheet, header, bottom, left, right, columns, frozenset(stale))
    return _reach(grid, place) if table in GROWING else place


def _headers(
    book: Book,
    table: str,
    spans: Mapping[str, Range | None],
    words: Mapping[str, str],
    dictionary: Dictionary,
) -> Iterator[tuple[str, int]]:
    """Where the header row may be when there is no spreadsheet table: where the names say, else at the tab's top."""
    for field, span in spans.items():
        if span is not None and span.sheet in book.sheets:
            grid = book.grid(span.sheet)
            known = [_text(grid.value(span.top, column)) in words for column in range(1, grid.right + 1)]
            if table in FIXED_ROWS or (sum(known) >= 3 and _fits(grid, span, field, words)):
                yield span.sheet, span.top
                return
    titles = dictionary.tabs.get(TAB_OF.get(table, ""), frozenset())
    for sheet in book.sheets:
        if _NUMBERED.sub("", sheet.casefold()) not in titles:
            continue
        grid = book.grid(sheet)
        for row in range(1, min(grid.bottom, 40) + 1):
            texts = [_text(grid.value(row, column)) for column in range(1, grid.right + 1)]
            fields = {words[text] for text in texts if text in words}
            if len(fields) >= 3 and len(TELLING[table] - fields) <= 1:
                yield sheet, row
                return


_NUMBERED = re.compile(r" \d+\Z")
"""What our tab's title has where its name was taken."""


def _fits(grid: Grid, span: Range, field: str, words: Mapping[str, str]) -> bool:
    """Whether a name may still point to its header: not to a blank cell, nor to the header of another field."""
    text = _text(grid.value(span.top, span.left))
    return bool(text) and words.get(text, field) == field


def _reach(grid: Grid, place: Place) -> Place:
    """Rows that were typed or pasted right below the table's recorded end belong to it."""
    anchors = [place.columns[field] for field in ANCHORS[place.table] if field in place.columns]
    bottom = place.bottom
    while bottom < grid.bottom and any(_text(grid.value(bottom + 1, column)) for column in anchors):
        bottom += 1
    return replace(place, bottom=bottom)


def _text(value: object) -> str:
    return "" if value is None else str(value).strip().casefold()
