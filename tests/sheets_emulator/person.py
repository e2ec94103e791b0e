"""A person who edits just before or after a request: what they do becomes the same requests that a client sends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .book import Book, Tab
from .grid import EMPTY
from .http_types import Request
from .messages import Message
from .ranges import area
from .requests.batch import Batch, run
from .requests.tables import settle
from .typed import typed
from .view import Caller

if TYPE_CHECKING:
    from .world import World

OWNER = Caller("somebody@example.org", "people", owner=True)


@dataclass
class Edit:
    """Actions due `before` or `after` the next request whose method and path match, after `skip` others that do."""

    spreadsheet_id: str
    actions: list[Message]
    when: str = "before"
    method: str | None = None
    path: str = ""
    skip: int = 0


class People:
    """What people are going to do, and how they do it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.due: list[Edit] = []

    def act(self, when: str, request: Request) -> None:
        for edit in list(self.due):
            if edit.when != when or (edit.method and edit.method != request.method):
                continue
            if re.search(edit.path, request.path) is None or edit.spreadsheet_id not in request.path:
                continue
            if edit.skip > 0:
                edit.skip -= 1
                continue
            self.due.remove(edit)
            self.do(edit.spreadsheet_id, edit.actions)

    def do(self, spreadsheet_id: str, actions: list[Message]) -> None:
        """Carry actions out now. Nothing is done when one of them can't be."""
        book = self.world.books[spreadsheet_id].fork()
        for action in actions:
            _do(book, action)
            settle(book)
        self.world.replace(book, changed=True)
        self.world.on_change()


def _do(book: Book, action: Message) -> None:
    if "requests" in action:
        run(Batch(book, OWNER), action["requests"])
        return
    rest = {name: item for name, item in action.items() if name != "do"}
    ACTIONS[action["do"]](book, **rest)


def _tab(book: Book, name: str) -> Tab:
    found = book.titled(name)
    if found is None:
        raise ValueError(f"no tab {name!r}")
    return found


def set_cells(book: Book, cells: dict[str, Any]) -> None:
    """Type texts, numbers or `""` into cells by their A1 address."""
    for address, value in cells.items():
        place = area(book, address)
        old = place.tab.grid.get(place.row0, place.column0) or EMPTY
        place.tab.grid.put(place.row0, {place.column0: typed(value, old, "USER_ENTERED", book.locale)})


def _dimension(book: Book, kind: str, tab: str, dimension: str, at: int, count: int) -> None:
    span = {"sheetId": _tab(book, tab).id, "dimension": dimension, "startIndex": at, "endIndex": at + count}
    run(Batch(book, OWNER), [{kind: {"range": span}}])


def insert_rows(book: Book, tab: str, at: int, count: int = 1) -> None:
    _dimension(book, "insertDimension", tab, "ROWS", at, count)


def insert_columns(book: Book, tab: str, at: int, count: int = 1) -> None:
    _dimension(book, "insertDimension", tab, "COLUMNS", at, count)


def delete_rows(book: Book, tab: str, at: int, count: int = 1) -> None:
    _dimension(book, "deleteDimension", tab, "ROWS", at, count)


def delete_columns(book: Book, tab: str, at: int, count: int = 1) -> None:
    _dimension(book, "deleteDimension", tab, "COLUMNS", at, count)


def _move(book: Book, tab: str, dimension: str, at: int, count: int, to: int) -> None:
    span = {"sheetId": _tab(book, tab).id, "dimension": dimension, "startIndex": at, "endIndex": at + count}
    run(Batch(book, OWNER), [{"moveDimension": {"source": span, "destinationIndex": to}}])


def move_rows(book: Book, tab: str, at: int, to: int, count: int = 1) -> None:
    _move(book, tab, "ROWS", at, count, to)


def move_columns(book: Book, tab: str, at: int, to: int, count: int = 1) -> None:
    _move(book, tab, "COLUMNS", at, count, to)


def _grid(book: Book, text: str) -> Message:
    place = area(book, text)
    return {
        "sheetId": place.tab.id,
        "startRowIndex": place.row0,
        "endRowIndex": place.row1,
        "startColumnIndex": place.column0,
        "endColumnIndex": place.column1,
    }


def sort(book: Book, range: str, column: int, descending: bool = False) -> None:
    """Sort the rows of a range by a column of the tab."""
    order = "DESCENDING" if descending else "ASCENDING"
    spec = {"dimensionIndex": column, "sortOrder": order}
    run(Batch(book, OWNER), [{"sortRange": {"range": _grid(book, range), "sortSpecs": [spec]}}])


def rename_tab(book: Book, tab: str, title: str) -> None:
    properties = {"sheetId": _tab(book, tab).id, "title": title}
    run(Batch(book, OWNER), [{"updateSheetProperties": {"properties": properties, "fields": "title"}}])


def filter_rows(book: Book, range: str, column: int, hidden: list[str]) -> None:
    """Filter a range with a header: rows that show one of `hidden` in the column are hidden."""
    spec = {"columnIndex": column, "filterCriteria": {"hiddenValues": hidden}}
    given = {"range": _grid(book, range), "filterSpecs": [spec]}
    run(Batch(book, OWNER), [{"setBasicFilter": {"filter": given}}])


def paste(book: Book, at: str, text: str) -> None:
    """Paste lines of texts that tabs separate."""
    place = area(book, at)
    coordinate = {"sheetId": place.tab.id, "rowIndex": place.row0, "columnIndex": place.column0}
    run(Batch(book, OWNER), [{"pasteData": {"coordinate": coordinate, "data": text, "delimiter": "\t"}}])


def copy(book: Book, source: str, to: str) -> None:
    given = {"source": _grid(book, source), "destination": _grid(book, to)}
    run(Batch(book, OWNER), [{"copyPaste": given}])


def delete_tab(book: Book, tab: str) -> None:
    run(Batch(book, OWNER), [{"deleteSheet": {"sheetId": _tab(book, tab).id}}])


ACTIONS: dict[str, Any] = {
    "set_cells": set_cells,
    "insert_rows": insert_rows,
    "insert_columns": insert_columns,
    "delete_rows": delete_rows,
    "delete_columns": delete_columns,
    "move_rows": move_rows,
    "move_columns": move_columns,
    "sort": sort,
    "rename_tab": rename_tab,
    "filter": filter_rows,
    "paste": paste,
    "copy": copy,
    "delete_tab": delete_tab,
}
