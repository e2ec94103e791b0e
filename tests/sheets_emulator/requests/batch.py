"""One `batchUpdate`: its requests run in their order on a fork of the spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..book import Book, Tab
from ..errors import ApiError, NotImplementedHere, invalid
from ..geometry import GridRange, grid_range, inside, overlap
from ..messages import Message
from ..view import Caller, may_edit

PROTECTED = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection "
    "if you need to edit."
)


@dataclass
class Batch:
    book: Book
    caller: Caller

    def check_editable(self, given: GridRange) -> None:
        """Raises where a range touches a protected one of which the caller is no editor."""
        if self.caller.owner:
            return
        tab = self.book.find(given.get("sheetId", 0))
        for item in tab.objects["protectedRanges"] if tab else ():
            if not may_edit(item, self.caller.email) and any(
                overlap(place, given) for place in self._protected_places(item)
            ):
                exempt = item.get("unprotectedRanges", [])
                if not any(inside(given, free) for free in exempt):
                    raise invalid(PROTECTED)

    def _protected_places(self, item: Message) -> list[GridRange]:
        """The ranges of a protection: its own, or those of its name or table."""
        if "range" in item:
            return [item["range"]]
        if "namedRangeId" in item:
            return [name["range"] for name in self.book.named_ranges if name["namedRangeId"] == item["namedRangeId"]]
        tables = (table for tab in self.book.tabs for table in tab.objects["tables"])
        return [table["range"] for table in tables if table["tableId"] == item.get("tableId")]

    def check_area(self, tab: Tab, row0: int, row1: int, column0: int, column1: int) -> None:
        self.check_editable(grid_range(tab.id, row0, row1, column0, column1))


Handler = Callable[[Batch, Message], Message | None]
HANDLERS: dict[str, Handler] = {}


def request(kind: str) -> Callable[[Handler], Handler]:
    """Marks the function that carries out a kind of request. What it gives is the reply's message, if it has one."""

    def mark(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return mark


def run(batch: Batch, requests: list[Message]) -> list[Message]:
    """Carry out requests in order. The first that fails ends it, named by its place and kind."""
    if not requests:
        raise invalid("Must specify at least one request.")
    replies = []
    for index, item in enumerate(requests):
        if len(item) != 1:
            raise invalid(
                f"Invalid requests[{index}]: {'No request set.' if not item else 'Only one kind can be set.'}"
            )
        kind, given = next(iter(item.items()))
        handler = HANDLERS.get(kind)
        if handler is None:
            raise NotImplementedHere(f"requests[{index}].{kind}")
        try:
            reply = handler(batch, given)
        except ApiError as error:
            if error.code == 400:
                error.message = f"Invalid requests[{index}].{kind}: {error.message}"
            raise
        batch.book.values = None  # what a request computed ends with its changes
        replies.append({} if reply is None else {kind: reply})
    return replies


def required(given: Message, name: str) -> Any:
    if name not in given:
        raise invalid(f"{name} must be set.")
    return given[name]


def fresh_id(book: Book, items: list[Message], name: str, given: Message, noun: str) -> int:
    """The id that a new object asks for, or a new one."""
    if not given.get(name):
        return book.new_id()
    wanted = given[name]
    if any(item.get(name) == wanted for item in items):
        raise invalid(f"{noun} with id {wanted} already exists.")
    return int(wanted)


def everywhere(book: Book, name: str) -> list[Message]:
    """The objects of one kind in all tabs."""
    return [item for tab in book.tabs for item in tab.objects[name]]


def located(book: Book, name: str, key: str, wanted: Any, noun: str) -> tuple[Tab, int]:
    """The tab and the place in its list of the object with an id."""
    for tab in book.tabs:
        for place, item in enumerate(tab.objects[name]):
            if item.get(key) == wanted:
                return tab, place
    raise invalid(f"No {noun} with id: {wanted}")
