"""Everything that the emulator keeps, and the way of a request through it: log, faults, people, quotas, the call."""

from __future__ import annotations

import contextlib
import gc
import json
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from . import masks, routes, sheets_api
from .auth import Accounts, Identity
from .book import Book
from .creation import new_book
from .discovery import Method
from .drive_api import NO_STORAGE, DriveApi
from .drive_files import SPREADSHEET, DriveFile, Files, can_write, new_file_id, permission_id
from .drive_v2 import old_upload
from .errors import (
    ApiError,
    DriveError,
    EmulatorBug,
    NotImplementedHere,
    bad_request,
    error_info,
    forbidden,
    not_found,
)
from .faults import Faults
from .http_types import Request, Response
from .journal import Entry, Journal
from .messages import Message
from .person import People
from .quotas import Quotas
from .view import Caller

BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


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
            call = _Passage(self, request)
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


class _Passage:
    """A request on its way: which call it is, whose, and what comes of it."""

    def __init__(self, world: World, request: Request) -> None:
        self.world = world
        self.request = request
        self.who: Identity | None = None
        self.found = routes.find(request.method, request.path)
        self.api = self.found[0].document.name if self.found else "auth" if request.path == "/token" else "drive"
        self.call = self.found[0].method.id if self.found else request.path.strip("/").replace("/", ".")
        self.counted = True
        reads = request.method == "GET" if self.api == "drive" else self.call in sheets_api.READS
        self.kind = "read" if reads else "write"

    def entry(self, response: Response) -> Entry:
        email = self.who.email if self.who else ""
        sizes = (len(self.request.body), len(response.body))
        return Entry(
            self.request.method, self.request.path, self.api, self.call, self.kind, response.status, *sizes, email
        )

    def work(self) -> Response:
        try:
            if self.request.path == "/token" and self.request.method == "POST":
                return self.world.accounts.answer(self.request)
            old = routes.OLD_UPLOAD.match(self.request.path)
            if self.found is None and old is None:
                return Response(
                    404, b"<html><title>Error 404 (Not Found)!!1</title></html>", {"Content-Type": "text/html"}
                )
            self.who = self.world.accounts.identity(self.request)
            self._check_enabled()
            if self.found is None:
                assert old is not None
                return old_upload(self.world, self.request, self.who, old["fileId"])
            self._check_scopes(self.found[0].method)
            if self.api == "sheets":
                self.world.quotas.spend(self.who, self.kind)
            self.world.people.act("before", self.request)
            response = self._called()
            self.world.people.act("after", self.request)
            return response
        except ApiError as error:
            if self.api == "drive" and not isinstance(error, DriveError | NotImplementedHere):
                error = _as_drive(error)
            response = Response.of_json(error.code, error.envelope())
            response.headers |= error.headers
            return response

    def _called(self) -> Response:
        assert self.found
        assert self.who
        route, path = self.found
        if self.api == "drive":
            handler = self.world.drive.calls.get(route.method.id)
            if handler is None:
                raise NotImplementedHere(route.method.id)
            response = handler(self.request, self.who, path)
            if response.headers.get("Content-Type", "").startswith("application/json") and route.method.response:
                self._judge(response)
            return response
        call = sheets_api.CALLS.get(route.method.id)
        if call is None:
            raise NotImplementedHere(route.method.id)
        options = _parameters(self.request, route.method)
        body = self._body(route.method)
        mask = self._mask(route.method, options)
        answer = call(sheets_api.SheetsCall(self.world, self.who, path, options, body, mask))
        if route.method.id not in _MASKED_WITHIN:
            answer = masks.selected(answer, mask)
        response = Response.of_json(200, answer)
        assert route.method.response is not None
        self._judge_message(route.method.response, answer)
        return response

    def _body(self, method: Method) -> Message:
        if method.request is None:
            return {}
        assert self.found is not None
        try:
            body = self.request.json(without_nulls=True)
        except ValueError:
            raise bad_request([{"description": "Invalid JSON payload received. Unexpected token."}]) from None
        root = "data" if method.request == "ValueRange" else ""
        violations = self.found[0].document.violations(method.request, body, root)
        if violations:
            raise bad_request(violations)
        return body  # type: ignore[no-any-return]

    def _mask(self, method: Method, options: Message) -> masks.Mask:
        text = options.pop("fields", None)
        if not text:
            return {}
        assert self.found
        assert method.response
        return masks.reading(self.found[0].document, method.response, text)

    def _judge(self, response: Response) -> None:
        assert self.found
        assert self.found[0].method.response
        self._judge_message(self.found[0].method.response, json.loads(response.body))

    def _judge_message(self, schema: str, answer: Any) -> None:
        """Hold an answer of ours to the discovery document."""
        assert self.found is not None
        violations = self.found[0].document.violations(schema, answer)
        if violations:
            raise EmulatorBug(f"the answer of {self.call} is no {schema}: {violations[:5]}")

    def _check_enabled(self) -> None:
        service = f"{self.api}.googleapis.com"
        assert self.who is not None
        if service in self.world.disabled:
            title = {"sheets": "Google Sheets API", "drive": "Google Drive API"}[self.api]
            url = f"https://console.developers.google.com/apis/api/{service}/overview?project={self.who.project}"
            raise ApiError(
                403,
                f"{title} has not been used in project {self.who.project} before or it is disabled. Enable it by "
                f"visiting {url} then retry. If you enabled this API recently, wait a few minutes for the action to "
                "propagate to our systems and retry.",
                details=[
                    error_info(
                        "SERVICE_DISABLED", service=service, consumer=f"projects/{self.who.project}", activationUrl=url
                    )
                ],
            )

    def _check_scopes(self, method: Method) -> None:
        assert self.who is not None
        if method.scopes and not method.scopes & self.who.scopes:
            service = f"{self.api}.googleapis.com"
            raise ApiError(
                403,
                "Request had insufficient authentication scopes.",
                details=[error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", service=service, method=method.id)],
            )


# Calls that build their answer by its mask, so that nothing is computed in vain.
_MASKED_WITHIN = {f"sheets.spreadsheets.{name}" for name in ("create", "get", "getByDataFilter", "batchUpdate")}
_REASONS = {401: "authError", 403: "forbidden", 404: "notFound", 400: "badRequest"}


def _as_drive(error: ApiError) -> DriveError:
    """The same trouble in the envelope of Drive, which keeps the newer fields beside its own."""

    class Both(DriveError):
        def envelope(self) -> dict[str, Any]:
            old, new = super().envelope(), ApiError.envelope(error)
            return {"error": {**old["error"], **new["error"]}}

    reason = _REASONS.get(error.code, "backendError")
    if any(item.get("reason") == "SERVICE_DISABLED" for item in error.details):
        return Both(error.code, error.message, "accessNotConfigured", domain="usageLimits")
    if any(item.get("reason") == "ACCESS_TOKEN_SCOPE_INSUFFICIENT" for item in error.details):
        return Both(error.code, error.message, "insufficientPermissions")
    return Both(error.code, error.message, reason)


def _parameters(request: Request, method: Method) -> Message:
    """The query of a Sheets call by the types that the discovery document gives. Raises the service's 400."""
    options: Message = {}
    for name, values in request.query.items():
        kind = method.parameters.get(name)
        if kind is None:
            raise bad_request(
                [
                    {
                        "description": f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query '
                        f"parameter. Field '{name}' could not be found in request message."
                    }
                ]
            )
        if kind.get("repeated"):
            options[name] = values
        elif kind["type"] == "boolean":
            if values[-1].lower() not in BOOLEANS:
                raise bad_request(
                    [{"field": name, "description": f"Invalid value at '{name}' (TYPE_BOOL), {values[-1]!r}"}]
                )
            options[name] = BOOLEANS[values[-1].lower()]
        elif "enum" in kind and values[-1] not in kind["enum"]:
            raise bad_request([{"field": name, "description": f"Invalid value at '{name}', \"{values[-1]}\""}])
        else:
            options[name] = values[-1]
    return options
