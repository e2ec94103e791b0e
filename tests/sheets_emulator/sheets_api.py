"""The Sheets service's calls. Each reads the spreadsheet, or works on a fork of it that then takes its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from . import requests
from .appending import append, response_options
from .book import Book
from .errors import ApiError, invalid, not_found
from .geometry import grid_range, inside
from .masks import Mask, below, selected, touches
from .messages import Message
from .metadata import by_filter, matching, place, visible
from .ranges import Area, area, check_within, within_grid
from .requests.batch import Batch, run
from .requests.tables import settle
from .requests.tabs import copy_contents, new_tab
from .values_api import Written, clear, read, write
from .view import Caller, Viewer, sheet_properties

if TYPE_CHECKING:
    from .auth import Identity
    from .world import World

assert requests.FAMILIES  # registers the kinds of requests


class SheetsCall:
    """One call: who asks, the values in the path, the parameters, the body, and the mask of the answer."""

    def __init__(self, world: World, who: Identity, path: dict[str, str], options: Message, body: Message, mask: Mask):
        self.world = world
        self.who = who
        self.path = path
        self.options = options
        self.body = body
        self.mask = mask

    def book(self, *, write: bool = False) -> Book:
        """The spreadsheet, or a fork of it to write to."""
        book = self.world.open_book(self.path["spreadsheetId"], self.who, write=write)
        return book.fork() if write else book

    @property
    def caller(self) -> Caller:
        file = self.world.files.files[self.path["spreadsheetId"]]
        return Caller(self.who.email, self.who.project, owner=file.owner == self.who.email)

    def batch(self, book: Book) -> Batch:
        return Batch(book, self.caller)

    def commit(self, book: Book) -> None:
        settle(book)
        self.world.replace(book, changed=True)


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


def values_get(call: SheetsCall) -> Message:
    book = call.book()
    return read(book, within_grid(area(book, call.path["range"])), call.options)


def values_batch_get(call: SheetsCall) -> Message:
    book = call.book()
    found = [read(book, within_grid(area(book, text)), call.options) for text in call.options.get("ranges", [])]
    return {"spreadsheetId": book.id} | ({"valueRanges": found} if found else {})


def values_batch_get_by_data_filter(call: SheetsCall) -> Message:
    book = call.book()
    found = []
    for given in call.body.get("dataFilters", []):
        for _, where in by_filter(book, call.who.project, given):
            if where is not None:
                value_range = read(book, within_grid(where), call.body)
                found.append({"valueRange": value_range, "dataFilters": [given]})
    return {"spreadsheetId": book.id} | ({"valueRanges": found} if found else {})


def _put(call: SheetsCall, book: Book, where: Area, given: Message, options: Message) -> Written:
    if not where.anchor:
        check_within(where)
    lines = given.get("values", [])
    if lines:
        height, width = len(lines), max(len(line) for line in lines)
        if given.get("majorDimension") == "COLUMNS":
            height, width = width, height
        if height and width:
            bounds = (where.row0, where.row0 + height, where.column0, where.column0 + width)
            call.batch(book).check_area(where.tab, *bounds)
    written = write(book, where, given, options.get("valueInputOption", ""))
    if options.get("includeValuesInResponse"):
        done = area(book, written.answer["updatedRange"])
        written.answer["updatedData"] = read(book, done, response_options(options))
    return written


def values_update(call: SheetsCall) -> Message:
    book = call.book(write=True)
    _check_range(call.body, call.path["range"])
    answer = _put(call, book, area(book, call.path["range"]), call.body, call.options).answer
    call.commit(book)
    return answer


def _check_range(body: Message, text: str) -> None:
    if body.get("range", text) != text:
        raise invalid(f"Requested writing within range [{text}], but the body names [{body['range']}]")


def values_batch_update(call: SheetsCall) -> Message:
    book = call.book(write=True)
    done = []
    for index, given in enumerate(call.body.get("data", [])):
        try:
            done.append(_put(call, book, area(book, given.get("range", "")), given, call.body))
        except ApiError as error:
            error.message = f"Invalid data[{index}]: {error.message}"
            raise
    call.commit(book)
    return _totals(book, done)


def values_batch_update_by_data_filter(call: SheetsCall) -> Message:
    book = call.book(write=True)
    done = []
    for given in call.body.get("data", []):
        wanted = given.get("dataFilter", {})
        for _, where in by_filter(book, call.who.project, wanted):
            if where is not None:
                written = _put(call, book, where, given, call.body)
                del written.answer["spreadsheetId"]
                written.answer["dataFilter"] = wanted
                done.append(written)
    call.commit(book)
    return _totals(book, done)


def _totals(book: Book, done: list[Written]) -> Message:
    """Rows, columns and cells of all areas written; a row or column of two areas counts once."""
    rows = {row for written in done for row in written.rows}
    columns = {column for written in done for column in written.columns}
    totals = {
        "totalUpdatedRows": len(rows),
        "totalUpdatedColumns": len(columns),
        "totalUpdatedCells": sum(written.answer.get("updatedCells", 0) for written in done),
        "totalUpdatedSheets": len({sheet_id for sheet_id, _ in rows}),
    }
    answer: Message = {"spreadsheetId": book.id} | {name: count for name, count in totals.items() if count}
    return answer | ({"responses": [written.answer for written in done]} if done else {})


def values_append(call: SheetsCall) -> Message:
    book = call.book(write=True)
    _check_range(call.body, call.path["range"])
    answer = append(book, area(book, call.path["range"]), call.body, call.options)
    if "updatedRows" in answer["updates"]:
        done = area(book, answer["updates"]["updatedRange"])
        call.batch(book).check_area(done.tab, done.row0, done.row1, done.column0, done.column1)
    call.commit(book)
    return answer


def _cleared(call: SheetsCall, book: Book, where: Area) -> str:
    where = within_grid(where)
    call.batch(book).check_area(where.tab, where.row0, where.row1, where.column0, where.column1)
    return clear(where)


def values_clear(call: SheetsCall) -> Message:
    book = call.book(write=True)
    text = _cleared(call, book, area(book, call.path["range"]))
    call.commit(book)
    return {"spreadsheetId": book.id, "clearedRange": text}


def values_batch_clear(call: SheetsCall) -> Message:
    book = call.book(write=True)
    texts = [_cleared(call, book, area(book, text)) for text in call.body.get("ranges", [])]
    call.commit(book)
    return {"spreadsheetId": book.id, "clearedRanges": texts}


def values_batch_clear_by_data_filter(call: SheetsCall) -> Message:
    book = call.book(write=True)
    texts = [
        _cleared(call, book, where)
        for given in call.body.get("dataFilters", [])
        for _, where in by_filter(book, call.who.project, given)
        if where is not None
    ]
    call.commit(book)
    return {"spreadsheetId": book.id} | ({"clearedRanges": texts} if texts else {})


CALLS: dict[str, Callable[[SheetsCall], Message]] = {
    "sheets.spreadsheets.create": create,
    "sheets.spreadsheets.get": get,
    "sheets.spreadsheets.getByDataFilter": get_by_data_filter,
    "sheets.spreadsheets.batchUpdate": batch_update,
    "sheets.spreadsheets.developerMetadata.get": metadata_get,
    "sheets.spreadsheets.developerMetadata.search": metadata_search,
    "sheets.spreadsheets.sheets.copyTo": copy_to,
    "sheets.spreadsheets.values.get": values_get,
    "sheets.spreadsheets.values.batchGet": values_batch_get,
    "sheets.spreadsheets.values.batchGetByDataFilter": values_batch_get_by_data_filter,
    "sheets.spreadsheets.values.update": values_update,
    "sheets.spreadsheets.values.batchUpdate": values_batch_update,
    "sheets.spreadsheets.values.batchUpdateByDataFilter": values_batch_update_by_data_filter,
    "sheets.spreadsheets.values.append": values_append,
    "sheets.spreadsheets.values.clear": values_clear,
    "sheets.spreadsheets.values.batchClear": values_batch_clear,
    "sheets.spreadsheets.values.batchClearByDataFilter": values_batch_clear_by_data_filter,
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
