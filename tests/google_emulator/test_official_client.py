"""Google's own client (google-api-python-client) talks to the emulator: each kind of request that kpisheets sends is
answered as the discovery documents say, and what was sent can be read back.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from google.api_core.client_options import ClientOptions
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError

from tests.sheets_emulator import Emulator, discovery

from .requests_sent import CHART, CHOICES, COLUMN, GRID, KINDS, META, NUMBERS, RANGE, REQUESTS, RULE, Message


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@functools.cache
def service(emulator: Emulator, name: str, email: str = "ada@example.org") -> Any:
    """Google's client for one of the two services, from its discovery document."""
    document = {"sheets": discovery.sheets(), "drive": discovery.drive()}[name].raw
    path = document["servicePath"]
    return build_from_document(
        json.dumps({**document, "rootUrl": f"{emulator.url}/", "baseUrl": f"{emulator.url}/{path}"}),
        credentials=Credentials(emulator.control.token(email)),
        client_options=ClientOptions(api_endpoint=f"{emulator.url}/{path}"),
    )


@pytest.fixture(scope="module")
def provisioned(emulator: Emulator) -> tuple[str, Message]:
    """A spreadsheet on which all requests ran in one batch, and the batch's answer."""
    made = service(emulator, "sheets").spreadsheets().create(body={"properties": {"title": "KPIs"}}).execute()
    body = {"requests": REQUESTS, "includeSpreadsheetInResponse": True, "responseRanges": ["Tracking!A1:C2"]}
    found = service(emulator, "sheets").spreadsheets()
    answer = found.batchUpdate(spreadsheetId=made["spreadsheetId"], body={**body, "responseIncludeGridData": True})
    return made["spreadsheetId"], answer.execute()


def test_each_kind_that_kpisheets_sends_is_here(repository: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in (repository / "kpisheets/backends/google").rglob("*.py")]
    words = set(re.findall(r'"([a-z]+[A-Z]\w+)"', "".join(texts)))
    sent = words & set(discovery.sheets().schemas["Request"]["properties"])
    assert "updateCells" in sent
    assert sent <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_each_reply_has_the_shape_of_the_discovery_document(kind: str, provisioned: tuple[str, Message]) -> None:
    documented = discovery.sheets().schemas["Response"]["properties"]
    reply = provisioned[1]["replies"][KINDS.index(kind)]
    if kind not in documented:
        assert reply == {}
        return
    schema = documented[kind]["$ref"]
    assert discovery.sheets().violations(schema, reply[kind]) == []
    # What a reply tells is all of what it can tell, and holds what was sent.
    assert set(reply) == {kind}
    assert set(reply[kind]) == set(discovery.sheets().schemas[schema]["properties"])
    sent = REQUESTS[KINDS.index(kind)][kind]
    for name, told in reply[kind].items():
        if name in sent and kind != "updateDeveloperMetadata":
            assert missing(sent[name], told) == []


def test_what_was_sent_reads_back(emulator: Emulator, provisioned: tuple[str, Message]) -> None:
    sheets = service(emulator, "sheets").spreadsheets()
    book = sheets.get(spreadsheetId=provisioned[0], includeGridData=True).execute()
    (tab,) = book["sheets"]
    assert (book["properties"]["locale"], book["properties"]["timeZone"]) == ("fr_FR", "Europe/Paris")
    assert missing({**GRID, "rowCount": 40 + 2 + 5}, tab["properties"]["gridProperties"]) == []
    assert (
        missing({"sheetId": 7, "title": "Tracking", "tabColorStyle": {"rgbColor": {"blue": 1}}}, tab["properties"])
        == []
    )
    assert book["namedRanges"] == [{"namedRangeId": "n1", "name": "kpi_tracking", "range": RANGE}]
    assert missing([{"protectedRangeId": 3, "range": RANGE, "warningOnly": True}], tab["protectedRanges"]) == []
    assert missing([RULE], tab["conditionalFormats"]) == []
    assert missing([{"tableId": "t1", "range": {**RANGE, "startRowIndex": 0, "endRowIndex": 6}}], tab["tables"]) == []
    assert missing([CHART], tab["charts"]) == []
    assert missing([{"range": COLUMN, "depth": 1, "collapsed": True}], tab["columnGroups"]) == []
    assert tab["merges"] == [{**RANGE, "startRowIndex": 20, "endRowIndex": 21}]
    (grid,) = tab["data"]
    columns = grid["columnMetadata"]
    assert missing({"pixelSize": 120, "hiddenByUser": True}, columns[8]) == []
    header, first = (row["values"] for row in grid["rowData"][:2])
    assert [cell["formattedValue"] for cell in header] == ["KPI", "Period", "Actual"]
    assert [cell["effectiveValue"]["numberValue"] for cell in first[:3]] == [1, 2.5, 3.5]
    assert [cell["formattedValue"] for cell in first[:3]] == ["1,0", "2,5", "3,5"]
    assert first[2]["userEnteredValue"] == {"formulaValue": "=SUM(A2;B2)"}
    assert grid["rowData"][2]["values"][5]["dataValidation"] == CHOICES
    assert grid["rowData"][25]["values"][2]["userEnteredValue"] == {"formulaValue": "=SUM(A26;B26)"}


def test_the_answer_of_a_batch_brings_the_ranges_that_were_asked_for(provisioned: tuple[str, Message]) -> None:
    tab = provisioned[1]["updatedSpreadsheet"]["sheets"][0]
    rows = tab["data"][0]["rowData"]
    assert [cell["formattedValue"] for cell in rows[1]["values"]] == ["1,0", "2,5", "3,5"]
    assert len(rows) == 2


def test_columns_are_found_by_their_metadata(emulator: Emulator, provisioned: tuple[str, Message]) -> None:
    sheets, lookup = service(emulator, "sheets").spreadsheets(), {"developerMetadataLookup": {"metadataKey": "kpi"}}
    wanted = {**META, "metadataValue": "target"}
    found = sheets.developerMetadata().search(spreadsheetId=provisioned[0], body={"dataFilters": [lookup]}).execute()
    (match,) = found["matchedDeveloperMetadata"]
    assert missing(wanted, match["developerMetadata"]) == []
    assert match["dataFilters"] == [lookup]
    assert missing(wanted, sheets.developerMetadata().get(spreadsheetId=provisioned[0], metadataId=42).execute()) == []
    filters = {"dataFilters": [lookup], "includeGridData": True}
    book = sheets.getByDataFilter(spreadsheetId=provisioned[0], body=filters).execute()
    (data,) = book["sheets"][0]["data"]
    assert data["startColumn"] == 3
    assert missing([wanted], data["columnMetadata"][0]["developerMetadata"]) == []
    values = sheets.values().batchGetByDataFilter(
        spreadsheetId=provisioned[0], body={"dataFilters": [lookup], "majorDimension": "COLUMNS"}
    )
    (answer,) = values.execute()["valueRanges"]
    assert answer["dataFilters"] == [lookup]
    assert answer["valueRange"]["range"].startswith("Tracking!D1:D")


def test_a_batch_with_one_bad_request_changes_nothing(emulator: Emulator, provisioned: tuple[str, Message]) -> None:
    sheets = service(emulator, "sheets").spreadsheets()
    before = sheets.get(spreadsheetId=provisioned[0], includeGridData=True).execute()
    good = {"updateCells": {"start": {"sheetId": 7, "rowIndex": 0}, "rows": [NUMBERS], "fields": "userEnteredValue"}}
    bad = {"deleteSheet": {"sheetId": 999}}
    with pytest.raises(HttpError) as refused:
        sheets.batchUpdate(spreadsheetId=provisioned[0], body={"requests": [good, bad]}).execute()
    assert refused.value.status_code == 400
    assert refused.value.reason.startswith("Invalid requests[1].deleteSheet: ")
    assert sheets.get(spreadsheetId=provisioned[0], includeGridData=True).execute() == before


def test_a_request_sees_the_values_of_those_before_it(emulator: Emulator) -> None:
    sheets = service(emulator, "sheets").spreadsheets()
    id = sheets.create(body={}).execute()["spreadsheetId"]

    def typed(column: int, **value: object) -> Message:
        row = {"values": [{"userEnteredValue": value}]}
        return {"updateCells": {"start": {"columnIndex": column}, "rows": [row], "fields": "userEnteredValue"}}

    ends = [{"startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": at, "endColumnIndex": at + 1} for at in (1, 2)]
    paste = {"copyPaste": {"source": ends[0], "destination": ends[1], "pasteType": "PASTE_VALUES"}}
    requests = [typed(0, numberValue=1), typed(1, formulaValue="=A1*2"), paste, typed(0, numberValue=5)]
    sheets.batchUpdate(spreadsheetId=id, body={"requests": requests}).execute()
    found = sheets.values().get(spreadsheetId=id, range="A1:C1", valueRenderOption="UNFORMATTED_VALUE").execute()
    assert found["values"] == [[5, 10, 2]]


def test_files_are_made_listed_shared_copied_and_removed(emulator: Emulator) -> None:
    drive = service(emulator, "drive")
    kind = "application/vnd.google-apps.spreadsheet"
    properties = {"kpisheets": "project"}
    made = drive.files().create(body={"name": "KPIs", "mimeType": kind, "appProperties": properties}).execute()
    assert made == {"kind": "drive#file", "id": made["id"], "name": "KPIs", "mimeType": kind}
    query = "appProperties has { key='kpisheets' and value='project' } and trashed=false"
    listed = drive.files().list(q=query, fields="files(id,name,appProperties)").execute()
    assert listed == {"files": [{"id": made["id"], "name": "KPIs", "appProperties": properties}]}
    grant = {"type": "user", "role": "writer", "emailAddress": "bob@example.org"}
    shared = drive.permissions().create(fileId=made["id"], body=grant, sendNotificationEmail=False).execute()
    assert missing({"kind": "drive#permission", "type": "user", "role": "writer"}, shared) == []
    other = service(emulator, "sheets", "bob@example.org").spreadsheets()
    assert other.get(spreadsheetId=made["id"]).execute()["properties"]["title"] == "KPIs"
    copied = drive.files().copy(fileId=made["id"], body={"name": "Another"}).execute()
    assert copied["name"] == "Another"
    assert copied["id"] != made["id"]
    assert drive.files().delete(fileId=copied["id"]).execute() in ("", b"")
    with pytest.raises(HttpError) as refused:
        drive.files().get(fileId=copied["id"]).execute()
    assert refused.value.status_code == 404
    assert refused.value.error_details[0]["reason"] == "notFound"


def test_who_has_no_part_in_a_spreadsheet_is_refused(emulator: Emulator, provisioned: tuple[str, Message]) -> None:
    with pytest.raises(HttpError) as refused:
        service(emulator, "sheets", "eve@example.org").spreadsheets().get(spreadsheetId=provisioned[0]).execute()
    assert (refused.value.status_code, refused.value.reason) == (403, "The caller does not have permission")
    with pytest.raises(HttpError) as refused:
        service(emulator, "sheets").spreadsheets().get(spreadsheetId="nothing").execute()
    assert (refused.value.status_code, refused.value.reason) == (404, "Requested entity was not found.")


def test_answers_travel_packed_to_those_who_take_that(emulator: Emulator, provisioned: tuple[str, Message]) -> None:
    token, sizes, answers = emulator.control.token("ada@example.org"), {}, {}
    for encoding in ("gzip", "identity"):
        emulator.control.reset_log()
        headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": encoding}
        answer = requests.get(f"{emulator.url}/v4/spreadsheets/{provisioned[0]}", headers=headers, timeout=10)
        answers[encoding] = answer.json()
        sizes[encoding] = emulator.control.entries[0].bytes_out
        assert sizes[encoding] == int(answer.headers["Content-Length"])
    assert answers["gzip"] == answers["identity"]
    assert sizes["gzip"] < sizes["identity"] / 2


def missing(sent: Any, told: Any, where: str = "") -> list[str]:
    """What was sent and is not told. Zero, false and the empty text are not told (proto3)."""
    if isinstance(sent, dict):
        found = []
        for name, value in sent.items():
            if name in (told or {}):
                found += missing(value, told[name], f"{where}.{name}")
            elif value not in (0, False, ""):
                found.append(f"{where}.{name}")
        return found
    if isinstance(sent, list):
        if len(sent) != len(told):
            return [f"{where}: {len(sent)} sent, {len(told)} told"]
        return [
            gap
            for i, (one, other) in enumerate(zip(sent, told, strict=True))
            for gap in missing(one, other, f"{where}[{i}]")
        ]
    return [] if sent == told else [f"{where}: {sent!r} sent, {told!r} told"]
