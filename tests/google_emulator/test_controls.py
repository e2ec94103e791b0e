"""What tests ask of the emulator: quotas, faults, people who edit in between, permissions, and the journal."""

from __future__ import annotations

import time
from collections.abc import Callable

import google.auth.transport.requests
import pytest
import requests
from google.auth.exceptions import RefreshError
from google.oauth2.credentials import Credentials
from google.oauth2.service_account import Credentials as ServiceAccount

from tests.sheets_emulator import Emulator

from .conftest import Message, Sheets

Client = Callable[..., Sheets]
SCOPES = ["https://www.googleapis.com/auth/drive.file", "https://www.googleapis.com/auth/spreadsheets"]
WRITE: Message = {"updateSpreadsheetProperties": {"properties": {"title": "Written"}, "fields": "title"}}


def test_quotas_count_reads_and_writes_apart_and_refill(google: Emulator, sheets: Sheets) -> None:
    google.control.clock(now=1_000_000.0)
    google.control.quota(project=5, user=3, window=60)
    path = f"/v4/spreadsheets/{sheets.id}"
    for _ in range(3):
        sheets.get()
    error = sheets.call("GET", path, status=429)["error"]
    assert error["status"] == "RESOURCE_EXHAUSTED"
    assert "'Read requests per minute per user'" in error["message"]
    sheets.batch(WRITE)
    other = Sheets(google, "bob@example.org")
    google.control.permit(sheets.id, "bob@example.org", "reader")
    for _ in range(2):
        other.call("GET", path)
    error = other.call("GET", path, status=429)["error"]
    assert error["details"][0]["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerProject"
    google.control.clock(advance=60)
    sheets.get()


@pytest.mark.parametrize(
    ("kind", "status", "done"),
    [("429", 429, False), ("500", 500, False), ("503", 503, False), ("403-rate", 403, False), ("truncated", 200, True)],
)
def test_faults_with_an_answer(google: Emulator, sheets: Sheets, kind: str, status: int, done: bool) -> None:
    google.control.fault(kind, method="POST", path=":batchUpdate", retry_after=7)
    url = f"{google.url}/v4/spreadsheets/{sheets.id}:batchUpdate"
    sheets.get()  # another method has no fault
    if kind == "truncated":
        with pytest.raises(requests.exceptions.RequestException):
            sheets.session.post(url, json={"requests": [WRITE]}, timeout=5)
    else:
        response = sheets.session.post(url, json={"requests": [WRITE]}, timeout=5)
        assert response.status_code == status
        assert response.headers["Retry-After"] == "7"
    assert (sheets.get()["properties"]["title"] == "Written") == done
    sheets.batch(WRITE)


@pytest.mark.parametrize(
    ("kind", "done"),
    [("closed-before", False), ("closed-after", True), ("timeout-before", False), ("timeout-after", True)],
)
def test_faults_without_an_answer(google: Emulator, sheets: Sheets, kind: str, done: bool) -> None:
    google.control.fault(kind, method="POST")
    with pytest.raises((requests.exceptions.ConnectionError, requests.exceptions.Timeout)):
        sheets.session.post(
            f"{google.url}/v4/spreadsheets/{sheets.id}:batchUpdate", json={"requests": [WRITE]}, timeout=0.3
        )
    assert (sheets.get()["properties"]["title"] == "Written") == done


def test_a_person_edits_between_a_read_and_a_write(google: Emulator, sheets: Sheets) -> None:
    sheets.put("A1", [["KPI", "Value"], ["b", 2], ["a", 1], ["c", 3]])
    google.control.person_later(
        sheets.id,
        [
            {"do": "insert_rows", "tab": "Sheet1", "at": 1},
            {"do": "set_cells", "cells": {"Sheet1!A2": "z", "B2": "50%"}},
            {"do": "sort", "range": "A2:B5", "column": 0},
            {"do": "rename_tab", "tab": "Sheet1", "title": "Mine"},
        ],
        method="POST",
        path=":batchUpdate",
    )
    assert sheets.values("Sheet1")[1][0] == "b"
    sheets.batch(WRITE)
    assert sheets.values("Mine") == [["KPI", "Value"], ["a", "1"], ["b", "2"], ["c", "3"], ["z", "50%"]]
    google.control.person(
        sheets.id,
        [
            {"do": "move_columns", "tab": "Mine", "at": 0, "to": 2},
            {"do": "paste", "at": "Mine!D1", "text": "x\ty\n1\t2"},
            {"do": "filter", "range": "Mine!A1:B5", "column": 1, "hidden": ["b"]},
            {"do": "delete_rows", "tab": "Mine", "at": 1},
        ],
    )
    assert sheets.values("Mine")[:2] == [["Value", "KPI", "", "x", "y"], ["2", "b"]]
    rows = sheets.get(ranges="Mine!A1:A3", fields="sheets.data.rowMetadata")["sheets"][0]["data"][0]["rowMetadata"]
    assert [row.get("hiddenByFilter", False) for row in rows] == [False, True, False]


def test_who_may_do_what(google: Emulator, sheets: Sheets, client: Client) -> None:
    bob = client("bob@example.org")
    path = f"/v4/spreadsheets/{sheets.id}"
    assert bob.call("GET", path, status=403)["error"]["message"] == "The caller does not have permission"
    assert bob.call("GET", path.replace(sheets.id, "1" * 44), status=404)["error"]["status"] == "NOT_FOUND"
    missing = bob.call("GET", f"/drive/v3/files/{sheets.id}", status=404)["error"]
    assert missing["errors"][0]["reason"] == "notFound"
    google.control.permit(sheets.id, "bob@example.org", "reader")
    bob.id = sheets.id
    bob.get()
    assert bob.batch(WRITE, status=403)["error"]["status"] == "PERMISSION_DENIED"
    denied = bob.call("DELETE", f"/drive/v3/files/{sheets.id}", status=403)["error"]
    assert denied["errors"][0]["reason"] == "insufficientFilePermissions"
    google.control.permit(sheets.id, "bob@example.org", "writer")
    bob.batch(WRITE)


def test_protected_ranges_stop_others(google: Emulator, sheets: Sheets, client: Client) -> None:
    bob = client("bob@example.org")
    bob.id = sheets.id
    google.control.permit(sheets.id, "bob@example.org", "writer")
    column = {"sheetId": 0, "startColumnIndex": 1, "endColumnIndex": 2}
    made = sheets.batch({"addProtectedRange": {"protectedRange": {"range": column, "description": "machine"}}})
    assert made["replies"][0]["addProtectedRange"]["protectedRange"]["requestingUserCanEdit"] is True
    assert "protected cell or object" in bob.put("B1", [["x"]], status=400)["error"]["message"]
    repeat = {"repeatCell": {"range": {**column, "startRowIndex": 0, "endRowIndex": 3}, "cell": {}, "fields": "*"}}
    assert bob.refused(repeat).startswith("Invalid requests[0].repeatCell: You are trying to edit a protected")
    sort = {"range": {"sheetId": 0, "endRowIndex": 5}, "sortSpecs": [{"dimensionIndex": 0}]}
    assert "protected" in bob.refused({"sortRange": sort})
    bob.put("A1", [["free"]])
    assert "requestingUserCanEdit" not in bob.get()["sheets"][0]["protectedRanges"][0]
    sheets.put("B1", [["mine"]])
    sheets.batch({"updateProtectedRange": {
        "protectedRange": {
            "protectedRangeId": made["replies"][0]["addProtectedRange"]["protectedRange"]["protectedRangeId"],
            "editors": {"users": ["bob@example.org"]},
        },
        "fields": "editors",
    }})  # fmt: skip
    bob.put("B1", [["now bob's too"]])


def test_a_service_account_signs_in_and_has_no_storage(google: Emulator) -> None:
    key = google.control.service_account(storage=False)
    credentials = ServiceAccount.from_service_account_info(key, scopes=SCOPES)
    session = google_session(credentials)
    error = session.post(f"{google.url}/drive/v3/files", json={"name": "x"}).json()["error"]
    assert error["errors"][0]["reason"] == "storageQuotaExceeded"
    assert session.post(f"{google.url}/v4/spreadsheets", json={}).status_code == 403
    drive = google.control.shared_drive("Team", {key["client_email"]: "fileOrganizer"})
    body = {"name": "x", "mimeType": "application/vnd.google-apps.spreadsheet", "parents": [drive]}
    made = session.post(f"{google.url}/drive/v3/files?supportsAllDrives=true", json=body)
    assert made.status_code == 200, made.text
    assert session.get(f"{google.url}/v4/spreadsheets/{made.json()['id']}").status_code == 200


def google_session(credentials: object) -> google.auth.transport.requests.AuthorizedSession:
    return google.auth.transport.requests.AuthorizedSession(credentials)


def test_a_wrong_key_is_no_key(google: Emulator) -> None:
    key = google.control.service_account("one")
    other = google.control.service_account("two")
    forged = ServiceAccount.from_service_account_info({**key, "private_key": other["private_key"]}, scopes=SCOPES)
    with pytest.raises(RefreshError, match="Invalid JWT Signature"):
        google_session(forged).get(f"{google.url}/drive/v3/files")


def test_delegation_must_be_allowed(google: Emulator) -> None:
    key = google.control.service_account(storage=False)
    for_ada = ServiceAccount.from_service_account_info(key, scopes=SCOPES, subject="ada@example.org")
    with pytest.raises(RefreshError, match="unauthorized_client"):
        google_session(for_ada).get(f"{google.url}/drive/v3/files")
    google.control.delegate(key["client_email"], "ada@example.org")
    made = google_session(for_ada).post(f"{google.url}/v4/spreadsheets", json={})
    assert made.status_code == 200


def test_grants_are_renewed_and_taken_back(google: Emulator) -> None:
    info = google.control.user("ada@example.org")
    names = ("refresh_token", "token_uri", "client_id", "client_secret")
    credentials = Credentials(None, **{name: info[name] for name in names})
    session = google_session(credentials)
    assert session.post(f"{google.url}/v4/spreadsheets", json={}).status_code == 200
    google.control.expire_tokens()
    assert session.get(f"{google.url}/drive/v3/files").status_code == 200  # with a new token
    google.control.revoke("ada@example.org")
    with pytest.raises(RefreshError, match="invalid_grant"):
        session.get(f"{google.url}/drive/v3/files")


def test_tokens_and_scopes_are_needed(google: Emulator, sheets: Sheets, client: Client) -> None:
    path = f"/v4/spreadsheets/{sheets.id}"
    response = requests.get(google.url + path, timeout=5)
    assert response.status_code == 401
    assert response.json()["error"]["status"] == "UNAUTHENTICATED"
    reader = client("ada@example.org", ["spreadsheets.readonly"])
    reader.id = sheets.id
    reader.get()
    error = reader.post(":getByDataFilter", {}, status=403)["error"]
    assert error["message"] == "Request had insufficient authentication scopes."
    assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_drive_file_is_about_the_app_s_own_files(google: Emulator, client: Client) -> None:
    theirs = google.control.spreadsheet("ada@example.org")
    app = client("ada@example.org", ["drive.file"])
    app.call("GET", f"/v4/spreadsheets/{theirs}", status=404)
    app.call("GET", f"/drive/v3/files/{theirs}", status=404)
    own = app.create().id
    files = app.call("GET", "/drive/v3/files")["files"]
    assert [file["id"] for file in files] == [own]


def test_a_service_that_nobody_enabled(google: Emulator, sheets: Sheets) -> None:
    google.control.disable("sheets")
    error = sheets.call("GET", f"/v4/spreadsheets/{sheets.id}", status=403)["error"]
    assert error["details"][0]["reason"] == "SERVICE_DISABLED"
    google.control.disable("drive")
    error = sheets.call("GET", "/drive/v3/files", status=403)["error"]
    assert error["errors"][0]["reason"] == "accessNotConfigured"
    google.control.disable("sheets", disabled=False)
    sheets.get()


def test_the_journal_counts(google: Emulator, sheets: Sheets) -> None:
    google.control.reset_log()
    sheets.get()
    sheets.batch(WRITE)
    sheets.call("GET", "/drive/v3/files")
    summary = google.control.summary()
    assert (summary["requests"], summary["reads"], summary["writes"], summary["drive"]) == (3, 2, 1, 1)
    assert summary["bytes_in"] == len('{"requests": [') + len(str(WRITE)) + len("]}")
    assert [entry.call for entry in google.control.entries][1] == "sheets.spreadsheets.batchUpdate"


def test_controls_over_http(google: Emulator, sheets: Sheets) -> None:
    def control(name: str, status: int = 200, **arguments: object) -> object:
        response = requests.post(f"{google.url}/_control/{name}", json=arguments, timeout=5)
        assert response.status_code == status, response.text
        return response.json().get("result")

    control("person", spreadsheet_id=sheets.id, actions=[{"do": "set_cells", "cells": {"A1": "hello"}}])
    assert sheets.values("A1") == [["hello"]]
    control("fault", kind="503")
    sheets.call("GET", "/drive/v3/files", status=503)
    token = control("token", email="eve@example.org")
    assert (
        requests.get(f"{google.url}/drive/v3/files", headers={"Authorization": f"Bearer {token}"}, timeout=5).json()[
            "files"
        ]
        == []
    )
    control("fault", kind="earthquake", status=400)
    control("nothing", status=404)


def test_identical_validation_wipes_the_colours_of_chips(google: Emulator, sheets: Sheets) -> None:
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "a"}]}, "showCustomUi": True}
    place = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}
    sheets.batch({"setDataValidation": {"range": place, "rule": rule}})
    google.control.chip_colours(sheets.id, "A1", {"a": "red"})
    sheets.put("A1", [["a"]])
    assert google.control.chip_colours(sheets.id, "A1") == {"a": "red"}
    sheets.batch({"setDataValidation": {"range": place, "rule": rule}})
    assert google.control.chip_colours(sheets.id, "A1") == {}


def test_requests_are_quick(sheets: Sheets) -> None:
    sheets.put("A1", [["=1+1", 2]])
    start = time.perf_counter()
    for _ in range(100):
        sheets.batch(WRITE)
    assert (time.perf_counter() - start) / 100 < 0.05
