"""Ranges as requests name them, found in a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass

from . import a1
from .book import Book, Tab, exceeds
from .errors import ApiError, invalid
from .geometry import GridRange


@dataclass(frozen=True)
class Area:
    """A part of a tab: rows `row0` to before `row1`, columns likewise. `whole` when it was named by the tab alone,
    `anchor` when by a single cell."""

    tab: Tab
    row0: int
    row1: int
    column0: int
    column1: int
    whole: bool = False
    anchor: bool = False

    @property
    def text(self) -> str:
        return a1.written(self.tab.title, self.row0, self.row1, self.column0, self.column1)


def unparsable(text: str) -> ApiError:
    return invalid(f"Unable to parse range: {text}")


def area(book: Book, text: str) -> Area:
    """The area of an A1 range, a named range, a table or a tab's title. A range without a tab is in the first one."""
    title, rest = a1.split(text)
    if title is None:
        assert rest is not None
        tab = book.titled(rest)
        if tab is not None:
            return _whole(tab)
        tab = next((tab for tab in book.tabs if not tab.properties.get("hidden")), book.tabs[0])
    else:
        found = book.titled(title)
        if found is None:
            raise unparsable(text)
        if rest is None:
            return _whole(found)
        tab = found
    span = a1.span(rest)
    if span is None:
        return _named(book, rest, text)
    row0, column0 = span.row0 or 0, span.column0 or 0
    row1 = tab.rows if span.row1 is None else span.row1
    column1 = tab.columns if span.column1 is None else span.column1
    if row0 >= tab.rows or column0 >= tab.columns:
        raise exceeds(tab, row0, max(row1, row0 + 1), column0, max(column1, column0 + 1))
    return Area(tab, row0, row1, column0, column1, anchor=":" not in rest)


def _whole(tab: Tab) -> Area:
    return Area(tab, 0, tab.rows, 0, tab.columns, whole=True)


def _named(book: Book, name: str, text: str) -> Area:
    for item in book.named_ranges:
        if item["name"].casefold() == name.casefold():
            return of_grid(book, item["range"])
    for tab in book.tabs:
        for table in tab.objects["tables"]:
            if table["name"].casefold() == name.casefold():
                return of_grid(book, table["range"])
    raise unparsable(text)


def of_grid(book: Book, given: GridRange) -> Area:
    """The area of a `GridRange`, cut at the grid's borders."""
    tab = book.tab(given.get("sheetId", 0), "grid")
    row0, row1, column0, column1 = tab.bounds(given)
    whole = not given.keys() - {"sheetId"}
    return Area(tab, row0, min(row1, tab.rows), column0, min(column1, tab.columns), whole)


def within_grid(found: Area) -> Area:
    """The area cut at the grid's borders, as reading does."""
    tab = found.tab
    return Area(tab, found.row0, min(found.row1, tab.rows), found.column0, min(found.column1, tab.columns), found.whole)


def check_within(found: Area) -> None:
    """Raises where an area exceeds the grid, as reading and writing values do."""
    if found.row1 > found.tab.rows or found.column1 > found.tab.columns:
        raise exceeds(found.tab, found.row0, found.row1, found.column0, found.column1)
