"""The Drive service: searches, folders, copies, exports, permissions."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from tests.sheets_emulator import Emulator

from .conftest import Sheets

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
FOLDER = "application/vnd.google-apps.folder"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _make(client: Sheets, name: str, **more: Any) -> str:
    body = {"name": name, "mimeType": SPREADSHEET, **more}
    return str(client.call("POST", "/drive/v3/files", json=body)["id"])


def _found(client: Sheets, query: str) -> set[str]:
    answer = client.call("GET", "/drive/v3/files", params={"q": query, "fields": "files(name)"})
    return {file["name"] for file in answer["files"]}


def test_searches(sheets: Sheets) -> None:
    folder = _make(sheets, "Team's", mimeType=FOLDER)
    _make(sheets, "KPIs 2026", parents=[folder], appProperties={"kpisheets": "abc"})
    trashed = _make(sheets, "Old KPIs")
    sheets.call("PATCH", f"/drive/v3/files/{trashed}", json={"trashed": True})
    assert _found(sheets, f"'{folder}' in parents") == {"KPIs 2026"}
    assert _found(sheets, "appProperties has { key='kpisheets' and value='abc' } and trashed = false") == {"KPIs 2026"}
    assert _found(sheets, "name contains 'KPIs' and not trashed=true") == {"KPIs 2026"}
    assert _found(sheets, f"mimeType='{FOLDER}' and name = 'Team\\'s'") == {"Team's"}
    assert _found(sheets, "(name='Old KPIs' or name='Nothing') and trashed=true") == {"Old KPIs"}
    error = sheets.call("GET", "/drive/v3/files", params={"q": "name is 'x'"}, status=400)["error"]
    assert error["errors"][0] == {
        "message": "Invalid Value",
        "domain": "global",
        "reason": "invalid",
        "location": "q",
        "locationType": "parameter",
    }


def test_pages(sheets: Sheets) -> None:
    for number in range(5):
        _make(sheets, str(number))
    seen: list[str] = []
    token = ""
    while True:
        params = {"pageSize": 2, "pageToken": token, "fields": "nextPageToken,files(name)"}
        answer = sheets.call("GET", "/drive/v3/files", params=params)
        seen += [file["name"] for file in answer["files"]]
        if not (token := answer.get("nextPageToken", "")):
            break
    assert sorted(seen) == ["0", "1", "2", "3", "4", "Try"]


def test_a_copy_is_whole_and_apart(sheets: Sheets) -> None:
    sheets.put("A1", [["=1+1"]])
    location = {"spreadsheet": True}
    item = {"metadataKey": "k", "visibility": "DOCUMENT", "location": location}
    sheets.batch({"createDeveloperMetadata": {"developerMetadata": item}})
    copied = sheets.call("POST", f"/drive/v3/files/{sheets.id}/copy", json={"name": "Second"})
    sheets.put("A1", [["changed"]])
    sheets.id = copied["id"]
    assert sheets.values("A1") == [["2"]]
    book = sheets.get()
    assert book["properties"]["title"] == "Second"
    assert book["developerMetadata"][0]["metadataKey"] == "k"


def test_a_renamed_file_is_a_renamed_spreadsheet(sheets: Sheets) -> None:
    sheets.call("PATCH", f"/drive/v3/files/{sheets.id}", json={"name": "New name"})
    assert sheets.get()["properties"]["title"] == "New name"
    change = {"properties": {"title": "Newer"}, "fields": "title"}
    sheets.batch({"updateSpreadsheetProperties": change})
    assert sheets.call("GET", f"/drive/v3/files/{sheets.id}")["name"] == "Newer"


@pytest.fixture
def filled(sheets: Sheets) -> Sheets:
    sheets.put("A1", [["KPI", "Actual"], ["a,b", 1.5], ["=UPPER(A2)", "=B2*2"], ["share", "12%"]])
    return sheets


def _export(client: Sheets, mime_type: str) -> bytes:
    url = f"{client.emulator.url}/drive/v3/files/{client.id}/export"
    response = client.session.get(url, params={"mimeType": mime_type}, timeout=10)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == mime_type
    return response.content


def test_exports(filled: Sheets) -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(_export(filled, XLSX)))
    assert [[cell.value for cell in row] for row in workbook["Sheet1"]] == [
        ["KPI", "Actual"],
        ["a,b", 1.5],
        ["A,B", 3],
        ["share", 0.12],
    ]
    assert workbook["Sheet1"]["B4"].number_format == "0%"
    assert _export(filled, "text/csv") == b'KPI,Actual\r\n"a,b",1.5\r\n"A,B",3\r\nshare,12%'
    assert _export(filled, "text/tab-separated-values").startswith(b"KPI\tActual\r\n")
    assert _export(filled, "application/pdf").startswith(b"%PDF-1.4")
    params = {"mimeType": "image/png"}
    error = filled.call("GET", f"/drive/v3/files/{filled.id}/export", params=params, status=400)["error"]
    assert error["message"] == "The requested conversion is not supported."


def test_sharing(google: Emulator, sheets: Sheets, client: Callable[..., Sheets]) -> None:
    path = f"/drive/v3/files/{sheets.id}/permissions"
    body = {"type": "user", "role": "writer", "emailAddress": "bob@example.org"}
    made = sheets.call("POST", path, json=body)
    bob = client("bob@example.org")
    bob.id = sheets.id
    bob.put("A1", [["hello"]])
    fields = {"fields": "permissions(emailAddress,role)"}
    assert sheets.call("GET", path, params=fields)["permissions"] == [
        {"emailAddress": "ada@example.org", "role": "owner"},
        {"emailAddress": "bob@example.org", "role": "writer"},
    ]
    sheets.call("DELETE", f"{path}/{made['id']}", status=204)
    bob.put("A1", [["hello"]], status=403)
    error = sheets.call("POST", path, json={"type": "somebody", "role": "reader"}, status=400)["error"]
    assert error["errors"][0]["location"] == "permission.type"
    sheets.call("POST", path, json={"type": "anyone", "role": "reader"})
    bob.get()


def test_what_drive_is_not_asked_for_is_refused(sheets: Sheets) -> None:
    assert sheets.call("GET", "/drive/v3/changes", status=501)["error"]["message"].endswith("drive.changes.list.")
    error = sheets.call("GET", f"/drive/v3/files/{sheets.id}", params={"fields": "nome"}, status=400)["error"]
    assert error["message"] == "Invalid field selection nome"
    answer = sheets.call("GET", "/drive/v3/about", params={"fields": "user(emailAddress)"})
    assert answer == {"user": {"emailAddress": "ada@example.org"}}
