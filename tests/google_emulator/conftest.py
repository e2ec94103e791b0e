"""A running emulator, and a client that speaks HTTP to it and knows nothing of its insides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.sheets_emulator import Emulator

Message = dict[str, Any]


@pytest.fixture
def google() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


class Sheets:
    """One spreadsheet over HTTP. Every call gives the answer's JSON; `status` says what was expected."""

    def __init__(self, emulator: Emulator, email: str = "ada@example.org", scopes: list[str] | None = None) -> None:
        self.emulator = emulator
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {emulator.control.token(email, scopes)}"
        self.id = ""

    def call(self, method: str, path: str, *, status: int = 200, **options: Any) -> Any:
        response = self.session.request(method, self.emulator.url + path, timeout=30, **options)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def create(self, *tabs: Message, **properties: Any) -> Sheets:
        body: Message = {"properties": {"title": "Try", **properties}}
        if tabs:
            body["sheets"] = [{"properties": tab} for tab in tabs]
        self.id = self.call("POST", "/v4/spreadsheets", json=body)["spreadsheetId"]
        return self

    def get(self, suffix: str = "", **params: Any) -> Any:
        return self.call("GET", f"/v4/spreadsheets/{self.id}{suffix}", params=params)

    def post(self, suffix: str, body: Message, status: int = 200, **params: Any) -> Any:
        return self.call("POST", f"/v4/spreadsheets/{self.id}{suffix}", json=body, params=params, status=status)

    def batch(self, *requests: Message, status: int = 200, **rest: Any) -> Any:
        return self.post(":batchUpdate", {"requests": list(requests), **rest}, status=status)

    def refused(self, *requests: Message) -> str:
        """The message with which a batch is refused."""
        return str(self.batch(*requests, status=400)["error"]["message"])

    def put(self, where: str, values: list[list[Any]], option: str = "USER_ENTERED", status: int = 200) -> Any:
        path = f"/v4/spreadsheets/{self.id}/values/{quote(where, safe='')}"
        return self.call("PUT", path, json={"values": values}, params={"valueInputOption": option}, status=status)

    def values(self, where: str, **params: Any) -> list[list[Any]]:
        found: list[list[Any]] = self.get(f"/values/{quote(where, safe='')}", **params).get("values", [])
        return found

    def cell(self, where: str, fields: str) -> Message:
        """The fields of one cell."""
        answer = self.get(ranges=where, fields=f"sheets.data.rowData.values({fields})")
        rows = answer["sheets"][0]["data"][0].get("rowData", [{}])
        found: Message = (rows[0].get("values") or [{}])[0]
        return found


@pytest.fixture
def sheets(google: Emulator) -> Sheets:
    return Sheets(google).create()


@pytest.fixture
def client(google: Emulator) -> Callable[..., Sheets]:
    """Makes a client for somebody else: `client(email, scopes)`."""
    return lambda *args: Sheets(google, *args)
