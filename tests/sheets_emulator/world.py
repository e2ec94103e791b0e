"""Everything that the emulator keeps, and the way of a request through it: log, faults, people, quotas, the call."""

from __future__ import annotations

import contextlib
import gc
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator

from .auth import Accounts, Identity
from .book import Book
from .creation import new_book
from .drive_api import NO_STORAGE, DriveApi
from .drive_files import SPREADSHEET, DriveFile, Files, can_write, new_file_id, permission_id
from .errors import (
    DriveError,
    EmulatorBug,
    forbidden,
    not_found,
)
from .faults import Faults
from .http_types import Request, Response
from .journal import Journal
from .messages import Message
from .passage import Passage
from .person import People
from .quotas import Quotas
from .view import Caller


class World:
    """The emulator's state. One request at a time: `lock` is held while one is worked on."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.now: float | None = None
        self.books: dict[str, Book] = {}
        self.files = Files()
        self.accounts = Accounts(self.clock)
        self.quotas = Quotas(self.clock)
        self.faults = Faults()
        self.people = People(self)
        self.journal = Journal()
        self.disabled: set[str] = set()
        self.bugs: list[str] = []
        self.drive = DriveApi(self)
        self.on_change: Callable[[], None] = lambda: None

    def clock(self) -> float:
        """The time in seconds: the real one until a test sets it."""
        return time.time() if self.now is None else self.now

    # What the calls work with

    def open_book(self, spreadsheet_id: str, who: Identity, *, write: bool = False) -> Book:
        """A spreadsheet that somebody may read or write. Raises the service's 404 and 403."""
        file = self.files.files.get(spreadsheet_id)
        if file is None or spreadsheet_id not in self.books:
            raise not_found()
        role = self.files.role(file, who)
        sheets_scope = any(scope.endswith(("/spreadsheets", "/spreadsheets.readonly")) for scope in who.scopes)
        if role is not None and not sheets_scope and self.files.seen(file, who) is None:
            raise not_found()
        if role is None or (write and not can_write(role)):
            raise forbidden()
        return self.books[spreadsheet_id]

    def replace(self, book: Book, *, changed: bool = False) -> None:
        """Put a spreadsheet's new state in place of the old one."""
        self.books[book.id] = book
        if changed:
            file = self.files.files[book.id]
            file.name = str(book.properties["title"])
            file.modified = self.clock()
            file.version += 1

    def add_book(self, spreadsheet_id: str, given: Message, who: Identity) -> Book:
        book = new_book(spreadsheet_id, given, Caller(who.email, who.project, owner=True))
        self.books[spreadsheet_id] = book
        return book

    def create_spreadsheet(self, given: Message, who: Identity, spreadsheet_id: str | None = None) -> Book:
        """`spreadsheets.create`: the file comes into the caller's own storage."""
        if not self._has_storage(who):
            raise forbidden()
        book = self.add_book(spreadsheet_id or new_file_id(), given, who)
        now = self.clock()
        root = f"root-{permission_id(who.email)}"
        title = str(book.properties["title"])
        self.files.add(DriveFile(book.id, title, SPREADSHEET, who.email, now, now, [root]), who.client)
        return book

    def check_storage(self, who: Identity, drive_id: str | None) -> None:
        if drive_id is None and not self._has_storage(who):
            raise DriveError(403, NO_STORAGE, "storageQuotaExceeded", domain="usageLimits")

    def _has_storage(self, who: Identity) -> bool:
        account = self.accounts.accounts.get(who.email)
        return account is None or account.storage

    # The way of a request

    def handle(self, request: Request) -> Response:
        """The answer to a request, logged."""
        with self.lock, _uncollected():
            call = Passage(self, request)
            try:
                response = self.faults.around(request, call.work) if call.counted else call.work()
            except EmulatorBug as bug:
                response = self._bug(str(bug))
            except Exception:  # a defect must be seen, by the client and in the terminal
                response = self._bug(traceback.format_exc())
            response = response.packed(request)
            if call.counted:
                self.journal.entries.append(call.entry(response))
                if call.kind == "write":
                    self.on_change()
            return response

    def _bug(self, text: str) -> Response:
        self.bugs.append(text)
        print(f"The emulator has a defect:\n{text}", file=sys.stderr, flush=True)
        message = {"error": {"code": 500, "message": f"EMULATOR DEFECT: {text}", "status": "INTERNAL"}}
        return Response.of_json(500, message)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for cycles of garbage: a large spreadsheet is millions of objects to look through in vain."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
