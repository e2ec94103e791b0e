"""The calls of `spreadsheets.values`, by A1 ranges and by data filters."""

from __future__ import annotations

from .appending import append, response_options
from .book import Book
from .errors import ApiError, invalid
from .messages import Message
from .metadata import by_filter
from .ranges import Area, area, check_within, within_grid
from .sheets_call import SheetsCall
from .values_api import Written, clear, read, write


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
