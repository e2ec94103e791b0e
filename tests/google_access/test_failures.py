"""What each refusal of Google's asks of a person: the error, its exit code, and what to click or run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kpisheets.errors import BadConfig, BadData, CannotWrite, Defect, KpisheetsError, NotAllowed, TryLater
from kpisheets.google_access.api import Api
from kpisheets.google_access.caller import Caller, Kind
from kpisheets.google_access.failures import Moved, explained
from kpisheets.google_access.file_rules import NoSpreadsheet
from kpisheets.google_access.refusals import refusal
from tests.google_access.conftest import EMAIL
from tests.google_access.scripted import Reply, Scripted, drive_error, sheets_error

SHEET, FILES = "/v4/spreadsheets/1AbC:batchUpdate", "/drive/v3/files"
PERSON = Caller(Kind.PERSON, "token.json", "ann@example.org", "123", user="ann")
SERVICE = Caller(Kind.SERVICE, "key.json", EMAIL, "acme-project", user=EMAIL)
DELEGATE = Caller(Kind.SERVICE, "key.json", EMAIL, "acme-project", "ann@example.org", user="ann")
DEFAULT = Caller(Kind.DEFAULT, "application default credentials", "", "123", user="x")

DENIED = sheets_error(403, "The caller does not have permission", "PERMISSION_DENIED")
UNSEEN = sheets_error(404, "Requested entity was not found.", "NOT_FOUND")
FULL = drive_error(403, "The user's Drive storage quota has been exceeded.", "storageQuotaExceeded")
NO_STORAGE = drive_error(
    403, "Service Accounts do not have storage quota. Leverage shared drives", "storageQuotaExceeded"
)
DISABLED = (
    "Google {} API has not been used in project 123456 before or it is disabled. Enable it by visiting "
    "https://console.developers.google.com/apis/api/x.googleapis.com/overview?project=123456 then retry."
)
TOO_MANY = "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
SCOPES = sheets_error(
    403,
    "Request had insufficient authentication scopes.",
    "PERMISSION_DENIED",
    reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    service="sheets.googleapis.com",
)
PROTECTED = "Invalid requests[3].updateCells: You are trying to edit a protected cell or object. Please contact the"

CASES = [
    (DENIED, SERVICE, SHEET, NotAllowed, f"not shared with {EMAIL} as Editor; .* click Share, and add {EMAIL}"),
    (DENIED, PERSON, SHEET, NotAllowed, "not shared with ann@example.org.*kpisheets login"),
    (DENIED, DELEGATE, SHEET, NotAllowed, "not shared with ann@example.org as Editor"),
    (UNSEEN, SERVICE, SHEET, NoSpreadsheet, f"spreadsheet 1AbC: .*{EMAIL}; correct .*id .* share it with {EMAIL}"),
    (UNSEEN, PERSON, SHEET, NoSpreadsheet, "ann@example.org as Editor, or run `kpisheets login` again"),
    (UNSEEN, DEFAULT, SHEET, NoSpreadsheet, "share it with the account that signed in"),
    (
        drive_error(404, "File not found: 0Fold.", "notFound"),
        SERVICE,
        FILES,
        NotAllowed,
        "folder 0Fold .*correct folder",
    ),
    (
        drive_error(404, "File not found: 1AbC.", "notFound"),
        SERVICE,
        "/drive/v3/files/1AbC/export",
        NoSpreadsheet,
        "spreadsheet 1AbC",
    ),
    (
        drive_error(404, "File not found: 1AbC.", "notFound"),
        PERSON,
        "/drive/v3/files/1AbC/export",
        NotAllowed,
        "exports for ann@example.org only what kpisheets made; .*title instead of id",
    ),
    (NO_STORAGE, SERVICE, FILES, NotAllowed, f"{EMAIL} has no storage .*id; or .*Shared Drive.*; or .*kpisheets login"),
    (FULL, SERVICE, FILES, NotAllowed, "has no storage in Drive"),
    (FULL, PERSON, FILES, CannotWrite, "the Drive of ann@example.org is full; make room"),
    (FULL, DELEGATE, FILES, CannotWrite, "the Drive of ann@example.org is full"),
    (
        sheets_error(403, DISABLED.format("Sheets"), "PERMISSION_DENIED"),
        SERVICE,
        SHEET,
        NotAllowed,
        r"Sheets API is not enabled in the Google Cloud project 123456; open https://\S+sheets\S+project=123456, click",
    ),
    (
        sheets_error(403, "x", reason="SERVICE_DISABLED", consumer="projects/77", service="drive.googleapis.com"),
        SERVICE,
        SHEET,
        NotAllowed,
        r"Drive API is not enabled in the Google Cloud project 77; open https://\S+drive\.googleapis\.com\?project=77,",
    ),
    (
        drive_error(403, DISABLED.format("Drive"), "accessNotConfigured", "usageLimits"),
        PERSON,
        FILES,
        NotAllowed,
        "Drive API is not enabled",
    ),
    (SCOPES, PERSON, SHEET, NotAllowed, "kpisheets login` again, and tick every box"),
    (SCOPES, DEFAULT, SHEET, NotAllowed, "gcloud auth application-default login --scopes="),
    (SCOPES, SERVICE, SHEET, NotAllowed, "does not cover"),
    (
        drive_error(403, "Insufficient Permission", "insufficientPermissions"),
        PERSON,
        FILES,
        NotAllowed,
        "tick every box",
    ),
    (
        sheets_error(400, PROTECTED, "INVALID_ARGUMENT"),
        SERVICE,
        SHEET,
        NotAllowed,
        f"Protect sheets .*let {EMAIL} edit",
    ),
    (
        sheets_error(400, f"Invalid requests[0].addSheet: {TOO_MANY}", "INVALID_ARGUMENT"),
        SERVICE,
        SHEET,
        BadData,
        "the spreadsheet is full .*10000000 cells.*delete",
    ),
    (
        drive_error(403, "This file is too large to be exported.", "exportSizeLimitExceeded"),
        SERVICE,
        "/drive/v3/files/1AbC/export",
        BadData,
        "10 MB.*attach",
    ),
    (
        sheets_error(400, "This operation is not supported for this document", "FAILED_PRECONDITION"),
        SERVICE,
        SHEET,
        BadData,
        "Excel file in Drive.*Save as Google Sheets",
    ),
    (
        sheets_error(400, "Invalid requests[0].updateCells: No grid with id: 7"),
        SERVICE,
        SHEET,
        Moved,
        "not as it was read",
    ),
    (sheets_error(400, "Invalid value at 'data.values'"), SERVICE, SHEET, Defect, "Invalid value.*please report"),
    (
        drive_error(403, "denied", "appNotAuthorizedToFile"),
        PERSON,
        FILES,
        NotAllowed,
        "only the files that kpisheets made",
    ),
    (drive_error(403, "denied", "domainPolicy"), PERSON, FILES, NotAllowed, "administrator"),
    (
        sheets_error(
            403, "The sheets.googleapis.com API requires a quota project", reason="SERVICE_DISABLED", consumer=""
        ),
        DEFAULT,
        SHEET,
        NotAllowed,
        "set-quota-project",
    ),
    (
        drive_error(400, "The specified emailAddress is invalid.", "invalidSharingRequest"),
        PERSON,
        "/drive/v3/files/1AbC/permissions",
        NotAllowed,
        "cannot be shared like this .*invalid.*correct the address",
    ),
    (drive_error(403, "Daily limit", "dailyLimitExceeded"), PERSON, FILES, TryLater, "tomorrow"),
    (drive_error(403, "unheard of", "unheardOf"), PERSON, FILES, NotAllowed, "unheard of"),
    (
        sheets_error(401, "bad token", "UNAUTHENTICATED"),
        PERSON,
        SHEET,
        NotAllowed,
        "token.json: .*kpisheets login` again",
    ),
    (sheets_error(401, "bad token", "UNAUTHENTICATED"), DEFAULT, SHEET, NotAllowed, "gcloud auth"),
    (sheets_error(409, "The operation was aborted.", "ABORTED"), SERVICE, SHEET, TryLater, "Google fails"),
    (Reply(418, "teapot"), SERVICE, SHEET, Defect, "teapot"),
]


def encoded(reply: Reply) -> bytes:
    return json.dumps(reply.document).encode()


@pytest.mark.parametrize(("reply", "caller", "path", "kind", "words"), CASES)
def test_each_refusal_says_what_to_do(
    reply: Reply, caller: Caller, path: str, kind: type[KpisheetsError], words: str
) -> None:
    said = refusal(reply.code, reply.headers, encoded(reply), 0.0)
    error = explained(said, caller, path)
    assert type(error) is kind
    assert re.search(words, str(error)), str(error)
    assert error.what
    assert error.where
    assert error.mend
    assert "\n" not in str(error)
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"error": "x"}',
        b'{"error": {"code": "x"}}',
        b"\xff\xfe",
        b'{"error": {"errors": [1], "code": 403}}',
    ],
)
def test_any_answer_can_be_read(body: bytes) -> None:
    error = explained(refusal(403, {"Retry-After": "soon"}, body, 0.0), SERVICE, SHEET)
    assert error.exit_code == 77


def test_recorded_refusals_are_explained(shared_corpus: Path) -> None:
    """Refusals as the real service gave them."""
    expected = {404: NoSpreadsheet, 403: NotAllowed, 400: Defect}
    seen = set()
    for path in sorted((shared_corpus / "sheets-api-recordings").glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        for one in document.get("interactions", document.get("http_interactions", [])):
            code, body = one["response"]["status"]["code"], one["response"]["body"].get("string", "")
            if code >= 400:
                where = re.sub(r"^https://[^/]+", "", one["request"]["uri"]).partition("?")[0]
                error = explained(refusal(code, {}, body.encode(), 0.0), SERVICE, where)
                assert type(error) is expected[code], (path.name, str(error))
                seen.add(code)
    assert seen == {400, 403, 404}


def test_an_address_that_is_wrong(door: Callable[..., Api], google: Scripted) -> None:
    google.script.append(Reply(404, {"detail": "Not Found"}))
    with pytest.raises(BadConfig, match="correct api_root") as caught:
        door().request("GET", "/v4/spreadsheets/1AbC")
    assert caught.value.exit_code == 78
