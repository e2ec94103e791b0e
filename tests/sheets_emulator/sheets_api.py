"""The Sheets service's calls. Each reads the spreadsheet, or works on a fork of it that then takes its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from . import values_calls
from .book import Book
from .errors import not_found
from .geometry import grid_range, inside
from .masks import below, selected, touches
from .messages import Message
from .metadata import by_filter, matching, place, visible
from .ranges import area, within_grid
from .requests.batch import run
from .requests.tables import settle
from .requests.tabs import copy_contents, new_tab
from .sheets_call import SheetsCall
from .view import Caller, Viewer, sheet_properties

if TYPE_CHECKING:
    pass


def create(call: SheetsCall) -> Message:
    book = call.world.create_spreadsheet(call.body, call.who)
    caller = Caller(call.who.email, call.who.project, owner=True)
    return Viewer(book, caller).spreadsheet(call.mask, None, grid_data=False)


def get(call: SheetsCall) -> Message:
    book = call.book()
    areas = [within_grid(area(book, text)) for text in call.options.get("ranges", [])] or None
    viewer = Viewer(book, call.caller, exclude_table_banding=call.options.get("excludeTablesInBandedRanges", False))
    return viewer.spreadsheet(call.mask, areas, grid_data=bool(call.mask) or call.options.get("includeGridData", False))


def get_by_data_filter(call: SheetsCall) -> Message:
    book = call.book()
    filters = call.body.get("dataFilters", [])
    areas = None
    if filters:
        found = [where for item in filters for _, where in by_filter(book, call.who.project, item)]
        areas = [within_grid(where) for where in found if where is not None]
    viewer = Viewer(book, call.caller, exclude_table_banding=call.body.get("excludeTablesInBandedRanges", False))
    return viewer.spreadsheet(call.mask, areas, grid_data=bool(call.mask) or call.body.get("includeGridData", False))


def batch_update(call: SheetsCall) -> Message:
    book = call.book(write=True)
    body = call.body
    replies = run(call.batch(book), body.get("requests", []))
    settle(book)
    answer: Message = selected({"spreadsheetId": book.id, "replies": replies}, call.mask)
    if body.get("includeSpreadsheetInResponse") and touches(call.mask, "updatedSpreadsheet"):
        inner = below(call.mask, "updatedSpreadsheet")
        areas = [within_grid(area(book, text)) for text in body.get("responseRanges", [])] or None
        grid_data = bool(inner) or body.get("responseIncludeGridData", False)
        answer["updatedSpreadsheet"] = Viewer(book, call.caller).spreadsheet(inner, areas, grid_data=grid_data)
    call.commit(book)
    return answer


def metadata_get(call: SheetsCall) -> Message:
    book = call.book()
    for item in visible(book, call.who.project):
        if str(item["metadataId"]) == call.path["metadataId"]:
            return item
    raise not_found()


def metadata_search(call: SheetsCall) -> Message:
    book = call.book()
    found = []
    for given in call.body.get("dataFilters", []):
        if "developerMetadataLookup" in given:
            items = matching(book, call.who.project, given["developerMetadataLookup"])
        else:
            items = _at_places(call, book, given)
        found += [{"developerMetadata": item, "dataFilters": [given]} for item in items]
    return {"matchedDeveloperMetadata": found} if found else {}


def _at_places(call: SheetsCall, book: Book, given: Message) -> list[Message]:
    """The metadata that lies within what an A1 or grid range names."""
    items = []
    for _, where in by_filter(book, call.who.project, given):
        assert where is not None
        outer = grid_range(where.tab.id, where.row0, where.row1, where.column0, where.column1)
        for item in visible(book, call.who.project):
            inner = place(item)
            if inner is not None and where.tab.id == inner.get("sheetId", 0):
                row0, row1, column0, column1 = where.tab.bounds(inner)
                if inside(grid_range(where.tab.id, row0, row1, column0, column1), outer):
                    items.append(item)
    return items


def copy_to(call: SheetsCall) -> Message:
    source = call.book()
    tab = source.tab(int(call.path["sheetId"]))
    target = call.world.open_book(call.body.get("destinationSpreadsheetId", ""), call.who, write=True).fork()
    title, number = f"Copy of {tab.title}", 1
    while target.titled(title) is not None:
        number += 1
        title = f"Copy of {tab.title} {number}"
    new = new_tab(target, {**tab.properties, "title": title, "sheetId": target.new_id()})
    copy_contents(target, tab, new)
    call.commit(target)
    return sheet_properties(new, target.tabs.index(new))


CALLS: dict[str, Callable[[SheetsCall], Message]] = {
    "sheets.spreadsheets.create": create,
    "sheets.spreadsheets.get": get,
    "sheets.spreadsheets.getByDataFilter": get_by_data_filter,
    "sheets.spreadsheets.batchUpdate": batch_update,
    "sheets.spreadsheets.developerMetadata.get": metadata_get,
    "sheets.spreadsheets.developerMetadata.search": metadata_search,
    "sheets.spreadsheets.sheets.copyTo": copy_to,
    "sheets.spreadsheets.values.get": values_calls.values_get,
    "sheets.spreadsheets.values.batchGet": values_calls.values_batch_get,
    "sheets.spreadsheets.values.batchGetByDataFilter": values_calls.values_batch_get_by_data_filter,
    "sheets.spreadsheets.values.update": values_calls.values_update,
    "sheets.spreadsheets.values.batchUpdate": values_calls.values_batch_update,
    "sheets.spreadsheets.values.batchUpdateByDataFilter": values_calls.values_batch_update_by_data_filter,
    "sheets.spreadsheets.values.append": values_calls.values_append,
    "sheets.spreadsheets.values.clear": values_calls.values_clear,
    "sheets.spreadsheets.values.batchClear": values_calls.values_batch_clear,
    "sheets.spreadsheets.values.batchClearByDataFilter": values_calls.values_batch_clear_by_data_filter,
}
READS = {
    "sheets.spreadsheets.get",
    "sheets.spreadsheets.getByDataFilter",
    "sheets.spreadsheets.developerMetadata.get",
    "sheets.spreadsheets.developerMetadata.search",
    "sheets.spreadsheets.values.get",
    "sheets.spreadsheets.values.batchGet",
    "sheets.spreadsheets.values.batchGetByDataFilter",
}
