"""The spreadsheet and its tabs: added, removed, copied, renamed, moved, hidden, resized."""

from __future__ import annotations

import functools
from typing import Any
from zoneinfo import available_timezones

from .. import discovery
from ..book import OBJECTS, Book, Tab
from ..errors import invalid
from ..grid import Grid
from ..masks import ALL, touches, writing, written
from ..messages import Message, normalised, rebuilt, with_colours
from ..references import renamed_tab
from ..shifting import rewrite_formulas
from ..view import sheet_properties
from .batch import Batch, request, required

LOCALE_LENGTHS = (2, 5, 6)


def new_tab(book: Book, given: Message) -> Tab:
    """A tab of `SheetProperties`, at its `index` or behind the others."""
    kind = given.get("sheetType", "GRID")
    if kind != "GRID":
        raise invalid(f"Unsupported sheetType: {kind}")
    sheet_id = given.get("sheetId")
    if sheet_id is None:
        sheet_id = book.new_id() if book.tabs else 0
    if sheet_id < 0:
        raise invalid(f"sheetId must be non-negative: {sheet_id}")
    if book.find(sheet_id) is not None:
        raise invalid(f"Sheet with id {sheet_id} already exists. Please use a different id.")
    title = given.get("title") or _free_title(book)
    _check_title(book, title, None)
    grid = dict(given.get("gridProperties", {}))
    rows, columns = grid.pop("rowCount", 1000), grid.pop("columnCount", 26)
    if rows < 1 or columns < 1:
        raise invalid("gridProperties.rowCount and gridProperties.columnCount must be at least 1.")
    if columns > 18278:
        raise invalid("This action would increase the number of columns above the limit of 18278 columns.")
    properties = normalised("SheetProperties", {**given, "sheetId": sheet_id, "title": title})
    properties.pop("index", None)
    properties["gridProperties"] = {**normalised("GridProperties", grid)}
    tab = Tab(properties, Grid.empty(rows, columns))
    _check_frozen(tab)
    index = given.get("index", len(book.tabs))
    if index > len(book.tabs):
        raise invalid(f"Sheet index {index} is out of bounds.")
    book.tabs.insert(index, tab)
    book.check_size()
    return tab


def _free_title(book: Book) -> str:
    number = len(book.tabs) + 1
    while book.titled(f"Sheet{number}") is not None:
        number += 1
    return f"Sheet{number}"


def _check_title(book: Book, title: str, tab: Tab | None) -> None:
    if not title or len(title) > 100:
        raise invalid("Invalid sheet name. Sheet names must be between 1 and 100 characters.")
    found = book.titled(title)
    if found is not None and found is not tab:
        raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')


@request("addSheet")
def add_sheet(batch: Batch, given: Message) -> Message:
    tab = new_tab(batch.book, given.get("properties", {}))
    return {"properties": sheet_properties(tab, batch.book.tabs.index(tab))}


@request("deleteSheet")
def delete_sheet(batch: Batch, given: Message) -> None:
    book = batch.book
    tab = book.tab(given.get("sheetId", 0))
    if len(book.tabs) == 1 or not any(not other.properties.get("hidden") for other in book.tabs if other is not tab):
        raise invalid("You can't remove all the visible sheets in a document.")
    batch.check_area(tab, 0, tab.rows, 0, tab.columns)
    book.tabs.remove(tab)
    _forget(book, tab)


def _forget(book: Book, tab: Tab) -> None:
    """What pointed into a tab that is gone: names and metadata go with it, formulas say #REF!."""
    gone: Any = lambda given: None if given.get("sheetId", 0) == tab.id else given  # noqa: E731
    named = (rebuilt("NamedRange", item, {"GridRange": gone}) for item in book.named_ranges)
    book.named_ranges = [item for item in named if "range" in item]
    book.metadata = [
        (project, item)
        for project, item in book.metadata
        if item["location"]["locationType"] == "SPREADSHEET" or _sheet_of(item) != tab.id
    ]
    for other in book.tabs:
        rewrite_formulas(other, lambda formula, home: renamed_tab(formula, tab.title, None), tab)
        other.objects["charts"] = [
            rebuilt("EmbeddedChart", item, {"GridRange": gone}) for item in other.objects["charts"]
        ]


def _sheet_of(item: Message) -> int:
    location = item["location"]
    return int(location.get("dimensionRange", location).get("sheetId", 0))


@request("duplicateSheet")
def duplicate_sheet(batch: Batch, given: Message) -> Message:
    book = batch.book
    source = book.tab(given.get("sourceSheetId", 0))
    title = given.get("newSheetName") or _copy_title(book, source.title)
    properties = {**source.properties, "title": title, "sheetId": given.get("newSheetId", book.new_id())}
    place = {"index": given.get("insertSheetIndex", book.tabs.index(source) + 1)}
    tab = new_tab(book, properties | place)
    copy_contents(book, source, tab)
    return {"properties": sheet_properties(tab, book.tabs.index(tab))}


def _copy_title(book: Book, title: str) -> str:
    name, number = f"Copy of {title}", 1
    while book.titled(name) is not None:
        number += 1
        name = f"Copy of {title} {number}"
    return name


def copy_contents(book: Book, source: Tab, tab: Tab) -> None:
    """Everything of a tab into a new one of the same spreadsheet; objects get new ids, tables new names."""
    tab.grid = source.grid.fork()
    tab.row_properties = source.row_properties.copy()
    tab.column_properties = source.column_properties.copy()
    changes = {
        kind: lambda given: {**given, "sheetId": tab.id} if given.get("sheetId", 0) == source.id else given
        for kind in ("GridRange", "GridCoordinate", "DimensionRange")
    }
    for name, schema in OBJECTS.items():
        for item in source.objects[name]:
            new = dict(rebuilt(schema, item, changes))
            for key in ("protectedRangeId", "chartId", "bandedRangeId", "slicerId", "filterViewId"):
                if key in new:
                    new[key] = book.new_id()
            if name == "tables":
                names = {table["name"] for other in book.tabs for table in other.objects["tables"]}
                number = 2
                while f"{item['name']}_{number}" in names:
                    number += 1
                new |= {"name": f"{item['name']}_{number}", "tableId": str(book.new_id())}
            tab.objects[name].append(new)
    if source.basic_filter is not None:
        tab.basic_filter = rebuilt("BasicFilter", source.basic_filter, changes)


@request("updateSheetProperties")
def update_sheet_properties(batch: Batch, given: Message) -> None:
    book = batch.book
    new = required(given, "properties")
    mask = with_colours("SheetProperties", writing(discovery.sheets(), "SheetProperties", given.get("fields")))
    tab = book.tab(new.get("sheetId", 0))
    new = normalised("SheetProperties", new)
    if not mask:
        mask = dict.fromkeys(("title", "index", "gridProperties", "hidden", "tabColor", "tabColorStyle"), ALL)
    if touches(mask, "title"):
        _rename(book, tab, new.get("title", ""))
    if touches(mask, "gridProperties"):
        _resize(tab, given["properties"].get("gridProperties", {}), mask["gridProperties"])
    rest = {name: inner for name, inner in mask.items() if name not in ("sheetId", "title", "index", "sheetType")}
    properties = written(tab.properties, new, rest) if rest else dict(tab.properties)
    grid = properties.get("gridProperties", {})
    properties["gridProperties"] = {
        name: item for name, item in grid.items() if name not in ("rowCount", "columnCount")
    }
    tab.properties = properties
    _check_frozen(tab)
    book.check_size()
    if properties.get("hidden") and all(other.properties.get("hidden") for other in book.tabs):
        raise invalid("You can't hide all the sheets in a document.")
    if touches(mask, "index"):
        _move(book, tab, new.get("index", 0))


def _rename(book: Book, tab: Tab, title: str) -> None:
    _check_title(book, title, tab)
    if title == tab.title:
        return
    old = Tab(tab.properties, tab.grid)
    for other in book.tabs:
        rewrite_formulas(other, lambda formula, home: renamed_tab(formula, old.title, title), old)
        rewrite_rules(other, old.title, title)
    tab.properties = {**tab.properties, "title": title}


def rewrite_rules(tab: Tab, old: str, new: str) -> None:
    """The formulas of a tab's conditional formats after another tab was renamed."""

    def change(given: Message) -> Message:
        text = given.get("userEnteredValue", "")
        return {**given, "userEnteredValue": renamed_tab(text, old, new)} if text.startswith("=") else given

    tab.objects["conditionalFormats"] = [
        rebuilt("ConditionalFormatRule", rule, {"ConditionValue": change}) for rule in tab.objects["conditionalFormats"]
    ]


def _resize(tab: Tab, grid: Message, inner: Any) -> None:
    rows = grid.get("rowCount", tab.rows) if touches(inner, "rowCount") else tab.rows
    columns = grid.get("columnCount", tab.columns) if touches(inner, "columnCount") else tab.columns
    if rows < 1 or columns < 1:
        raise invalid("You can't delete all the rows or columns on the sheet.")
    tab.grid.resize(rows, columns)


def _check_frozen(tab: Tab) -> None:
    grid = tab.properties.get("gridProperties", {})
    for name, size, noun in (("frozenRowCount", tab.rows, "rows"), ("frozenColumnCount", tab.columns, "columns")):
        if grid.get(name, 0) >= size and grid.get(name):
            raise invalid(f"You can't freeze all visible {noun} on the sheet.")


def _move(book: Book, tab: Tab, index: int) -> None:
    """To an index that counts the tab's old place too."""
    old = book.tabs.index(tab)
    if index > len(book.tabs):
        raise invalid(f"Sheet index {index} is out of bounds.")
    book.tabs.remove(tab)
    book.tabs.insert(index - 1 if index > old else index, tab)


@request("updateSpreadsheetProperties")
def update_spreadsheet_properties(batch: Batch, given: Message) -> None:
    new = normalised("SpreadsheetProperties", required(given, "properties"))
    mask = writing(discovery.sheets(), "SpreadsheetProperties", given.get("fields"))
    mask = with_colours("SpreadsheetProperties", mask) or dict.fromkeys(new, ALL)
    if touches(mask, "locale"):
        check_locale(new.get("locale", ""))
    if touches(mask, "timeZone"):
        check_time_zone(new.get("timeZone", ""))
    if touches(mask, "title") and not new.get("title"):
        raise invalid("The title must not be empty.")
    batch.book.properties = written(batch.book.properties, new, mask)


def check_locale(locale: str) -> None:
    parts = locale.split("_")
    if len(locale) not in LOCALE_LENGTHS or not parts[0].islower() or not parts[-1].isalpha():
        raise invalid(f"Unsupported locale: {locale}")


@functools.cache
def _time_zones() -> set[str]:
    return available_timezones()


def check_time_zone(name: str) -> None:
    if name not in _time_zones():
        raise invalid(f"Invalid time zone: {name}")
