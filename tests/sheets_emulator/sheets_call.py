"""One call of the Sheets service on its way to the function that answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .book import Book
from .masks import Mask
from .messages import Message
from .requests.batch import Batch
from .requests.tables import settle
from .view import Caller

if TYPE_CHECKING:
    from .auth import Identity
    from .world import World


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
