"""Where a KPI workbook's tables and cells are in an Excel file today: found by names, then by header words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from kpisheets.backends.base import Dictionary, NoKpiTabs
from kpisheets.backends.excel.ooxml import Book, Grid, Range
from kpisheets.core.formula import canonical_text
from kpisheets.core.workbook import (
    CATALOGUE,
    FIELDS,
    FIXED_ROWS,
    GROWING,
    LOG,
    MACHINE,
    MISPLACED,
    NAMED_CELLS,
    REPORT,
    REQUIRED,
    TRACKING,
    handle,
)
from kpisheets.errors import BadData

TAB_OF: Mapping[str, str] = {TRACKING: "tracking", CATALOGUE: "kpis", LOG: "log", REPORT: "report"}
ANCHORS: Mapping[str, tuple[str, ...]] = {
    TRACKING: ("key", "kpi", "period"),
    CATALOGUE: ("id", "name"),
    LOG: ("when",),
    REPORT: ("id",),
}
"""Fields that a row must fill to count as part of the table when it stands below the table's recorded end."""


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
        place = _locate(book, table, dictionary)
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


def _locate(book: Book, table: str, dictionary: Dictionary) -> Place | None:
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
        raise BadData(
            f"the column “{gone[0].replace('_', ' ').capitalize()}” was deleted"
            + (f" (and {len(gone) - 1} more)" if gone[1:] else ""),
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
            if len(fields) >= 3 and len(_TELLING[table] - fields) <= 1:
                yield sheet, row
                return


_NUMBERED = re.compile(r" \d+\Z")
"""What our tab's title has where its name was taken."""
_TELLING: Mapping[str, frozenset[str]] = {**REQUIRED, REPORT: MACHINE[REPORT] & {"id", "key", "line"}}
"""Fields by whose headers alone a table is told from somebody's own: all of them but one."""


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


_REFERENCE = re.compile(r"(?<![A-Za-z0-9_.!'\"\]])\$?([A-Z]{1,3})\$?([1-9][0-9]*)(?![A-Za-z0-9_(.])")
_STRUCTURED = re.compile(r"(?:[A-Za-z_][\w.]*)?\[(?:\[#This Row\],|@)\[?([^\[\]]+)\]?\]", re.IGNORECASE)


class Canonical:
    """Writes a column's formulas in canonical form: references to cells of the same row become ``[field]``.

    ``fields`` is column letter → field, ``headers`` header text → field. A formula that speaks of one other row, as a
    script that sorts or deletes rows without minding formulas leaves it, is marked as ``MISPLACED``.
    """

    def __init__(self, fields: Mapping[str, str], headers: Mapping[str, str]) -> None:
        self.fields, self.headers = fields, headers

    def column(self, patterns: Iterable[str | None], top: int) -> list[str | None]:
        """The canonical forms of the formulas of consecutive rows from ``top`` on, given as ``Grid.patterns`` gives
        them. The formulas of a column are few patterns, and each is taken apart once."""
        known: dict[str | None, str | None] = {None: None}
        found: list[str | None] = []
        for row, pattern in enumerate(patterns, top):
            if pattern is None or pattern in known:
                found.append(known[pattern])
                continue
            number = str(row)
            pieces, form = self._of(pattern.replace("\0", number), number)
            if list(pieces) == pattern.split("\0"):
                known[pattern] = form  # else a number in it happens to be that of this row
            found.append(form)
        return found

    def _of(self, formula: str, number: str) -> tuple[tuple[str, ...], str]:
        """The formula cut where it refers to its own row, and its canonical form."""
        pieces, found = self._take_apart(formula, number)
        if len(pieces) > 1:
            return pieces, found
        others = {
            match[2]
            for text, _ in _outside_quotes(formula)
            for match in _REFERENCE.finditer(text)
            if match[1] in self.fields
        }
        return pieces, MISPLACED + self._take_apart(formula, others.pop())[1] if len(others) == 1 else found

    def _take_apart(self, formula: str, number: str) -> tuple[tuple[str, ...], str]:
        pieces: list[str] = []
        written: list[str] = []
        end = 0
        for text, start in _outside_quotes(formula):
            for match in _REFERENCE.finditer(text):
                if match[2] == number and match[1] in self.fields:
                    pieces.append(formula[end : start + match.start(2)])
                    written.append(formula[end : start + match.start()] + f"[{self.fields[match[1]]}]")
                    end = start + match.end(2)
        pieces.append(formula[end:])
        canonical = "".join([*written, formula[end:]])
        if "[" in formula:
            canonical = _STRUCTURED.sub(self._structured, canonical)
        return tuple(pieces), canonical_text(canonical)

    def _structured(self, match: re.Match[str]) -> str:
        field = self.headers.get(match[1].casefold())
        return f"[{field}]" if field else match[0]


def _outside_quotes(formula: str) -> Iterator[tuple[str, int]]:
    start = 0
    for place, text in enumerate(formula.split('"')):
        if place % 2 == 0:
            yield text, start
        start += len(text) + 1
