"""Where questions are tried: a spreadsheet of one's own, with a fresh tab for each."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from kpisheets.errors import KpisheetsError, NotAllowed
from kpisheets.google_access.api import Api
from kpisheets.google_access.door import Door

SHEET = "application/vnd.google-apps.spreadsheet"

Request = Mapping[str, Any]


class Doors(Protocol):
    """Other ways in, with the same credentials."""

    def scoped(self, scopes: Sequence[str]) -> Api | None:
        """With other scopes; None where they cannot be chosen."""
        ...

    def unpaced(self) -> Door:
        """Without a pace, and without a second attempt."""
        ...


class Ground:
    """A spreadsheet; ``own`` where this run made it, in ``folder`` if it was told one. ``other`` opens doors."""

    def __init__(self, api: Api, spreadsheet: str, *, own: bool, folder: str, other: Doors) -> None:
        self.api, self.spreadsheet, self.own, self.folder, self.other = api, spreadsheet, own, folder, other
        # Ids of one's own that nobody else has, as large as they may be.
        self._numbers = itertools.count(random.randrange(10**8, 2 * 10**9))
        self._tabs: list[int] = []

    def number(self) -> int:
        return next(self._numbers)

    def tab(self) -> int:
        """A fresh tab: its id."""
        number = self.number()
        self.batch({"addSheet": {"properties": {"sheetId": number, "title": f"live {number}"}}})
        self._tabs.append(number)
        return number

    def batch(self, *requests: Request, **more: Any) -> dict[str, Any]:
        """``batchUpdate``; what is asked of its answer goes into ``more``."""
        fields = more.pop("fields", None)
        params = {"fields": fields} if fields else None
        body = {"requests": list(requests), **more}
        return self.api.request("POST", self.path(":batchUpdate"), params=params, body=body)

    def get(self, rest: str = "", **params: str) -> dict[str, Any]:
        return self.api.request("GET", self.path(rest), params=params)

    def post(self, rest: str, body: Request, **params: str) -> dict[str, Any]:
        return self.api.request("POST", self.path(rest), params=params, body=body)

    def path(self, rest: str = "") -> str:
        return f"/v4/spreadsheets/{self.spreadsheet}{rest}"

    def values(self, tab: int, cells: str, **params: str) -> list[list[Any]]:
        found: list[list[Any]] = self.get(f"/values/{self.cells(tab, cells)}", **params).get("values", [])
        return found

    def cells(self, tab: int, cells: str) -> str:
        """An A1 reference to a tab of this run, as it stands in an address."""
        return quote(f"'live {tab}'!{cells}", safe="")

    def clean(self) -> None:
        """Take away what this run made, and nothing else."""
        if self.own:
            remove(self.api, self.spreadsheet)
        elif self._tabs:
            self.batch(*({"deleteSheet": {"sheetId": tab}} for tab in self._tabs))


@dataclass(frozen=True)
class Place:
    """Where the spreadsheet comes from: an ``spreadsheet`` that exists, or a new one in ``folder`` (or at the root)."""

    spreadsheet: str = ""
    folder: str = ""


@contextmanager
def ground(api: Api, place: Place, other: Doors) -> Iterator[Ground]:
    """A ground, cleaned afterwards whatever happens."""
    made = not place.spreadsheet
    spreadsheet = place.spreadsheet
    if made:
        spreadsheet = create(api, place.folder)
    here = Ground(api, spreadsheet, own=made, folder=place.folder, other=other)
    try:
        yield here
    finally:
        here.clean()


def create(api: Api, folder: str) -> str:
    """A new spreadsheet: its id."""
    body = {"name": "kpisheets live test", "mimeType": SHEET, "appProperties": {"kpisheets": "live"}}
    parents = {"parents": [folder]} if folder else {}
    params = {"fields": "id", "supportsAllDrives": "true"}
    answer = api.request("POST", "/drive/v3/files", params=params, body={**body, **parents}, repeatable=False)
    return str(answer["id"])


def remove(api: Api, spreadsheet: str) -> None:
    """Delete it, or where only managers of a Shared Drive may, put it into the bin."""
    path, params = f"/drive/v3/files/{spreadsheet}", {"supportsAllDrives": "true"}
    try:
        api.request("DELETE", path, params=params)
    except NotAllowed:
        api.request("PATCH", path, params=params, body={"trashed": True})


def refusal(attempt: Callable[[], object]) -> str:
    """What Google says when it refuses; blank where it does what it is asked."""
    try:
        attempt()
    except KpisheetsError as error:
        return error.what
    return ""


def grid(tab: int, rows: tuple[int, int] | None = None, columns: tuple[int, int] | None = None) -> dict[str, int]:
    """A GridRange; ends are not included."""
    found = {"sheetId": tab}
    if rows:
        found |= {"startRowIndex": rows[0], "endRowIndex": rows[1]}
    if columns:
        found |= {"startColumnIndex": columns[0], "endColumnIndex": columns[1]}
    return found


def written(tab: int, row: int, column: int, rows: Sequence[Sequence[Any]]) -> Request:
    """An ``updateCells`` of plain values; a text that begins with = is a formula."""
    start = {"sheetId": tab, "rowIndex": row, "columnIndex": column}
    cells = [{"values": [{"userEnteredValue": _value(value)} for value in line]} for line in rows]
    return {"updateCells": {"start": start, "rows": cells, "fields": "userEnteredValue"}}


def _value(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int | float):
        return {"numberValue": value}
    return {"formulaValue": value} if str(value).startswith("=") else {"stringValue": str(value)}


def metadata(tab: int, dimension: str, index: int, number: int, key: str = "live") -> Request:
    """A row or a column gets a mark."""
    place = {"sheetId": tab, "dimension": dimension, "startIndex": index, "endIndex": index + 1}
    mark = {"metadataId": number, "metadataKey": key, "visibility": "DOCUMENT", "location": {"dimensionRange": place}}
    return {"createDeveloperMetadata": {"developerMetadata": mark}}


def marked(here: Ground, number: int) -> int | None:
    """The row or column that bears a mark now."""
    body = {"dataFilters": [{"developerMetadataLookup": {"metadataId": number}}]}
    found = here.post("/developerMetadata:search", body).get("matchedDeveloperMetadata", [])
    if not found:
        return None
    place = found[0]["developerMetadata"]["location"]["dimensionRange"]
    return int(place.get("startIndex", 0))
