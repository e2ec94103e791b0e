"""The door at the emulated service: faults before and after the work, rights, quotas, and the commands of a person."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kpisheets.config import GoogleSettings
from kpisheets.errors import BadData, KpisheetsError, NotAllowed, TryLater
from kpisheets.google_access.api import Api, Unanswered, open_api
from kpisheets.google_access.retry import Time
from kpisheets.google_access.scopes import Need
from tests.google_access.conftest import Waits
from tests.sheets_emulator.emulator import Emulator

SHEET = "application/vnd.google-apps.spreadsheet"


@pytest.fixture
def google() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def opened(google: Emulator, tmp_path: Path, waits: Waits) -> Callable[..., Api]:
    """Opens the API with a key or a grant of the emulator."""

    def opened(
        credentials: dict[str, Any], need: Need | None = None, passing: Time = waits.time, **settings: Any
    ) -> Api:
        wanted = {"credentials": json.dumps(credentials), "api_root": google.url, **settings}
        return open_api(GoogleSettings(**wanted), tmp_path, need=need, cache=tmp_path / "cache", passing=passing)

    return opened


@pytest.fixture
def robot(google: Emulator, opened: Callable[..., Api]) -> Api:
    """A service account that may own files, as those of old did."""
    return opened(google.control.service_account())


def made(api: Api, **more: Any) -> str:
    body = {"name": "Acme", "mimeType": SHEET, **more}
    params = {"fields": "id", "supportsAllDrives": "true"}
    return str(api.request("POST", "/drive/v3/files", params=params, body=body, repeatable=False)["id"])


def add_tab(api: Api, spreadsheet: str, *, repeatable: bool) -> None:
    """Adds a tab called New: a second one of that name is refused."""
    body = {"requests": [{"addSheet": {"properties": {"title": "New"}}}]}
    api.request("POST", f"/v4/spreadsheets/{spreadsheet}:batchUpdate", body=body, repeatable=repeatable)


def tabs(api: Api, spreadsheet: str) -> list[str]:
    answer = api.request("GET", f"/v4/spreadsheets/{spreadsheet}", params={"fields": "sheets(properties(title))"})
    return [sheet["properties"]["title"] for sheet in answer["sheets"]]


# --- faults ---


@pytest.mark.parametrize("kind", ["429", "403-rate"])
def test_what_was_refused_is_sent_again(google: Emulator, robot: Api, kind: str) -> None:
    spreadsheet = made(robot)
    google.control.fault(kind, path="batchUpdate", times=3)
    add_tab(robot, spreadsheet, repeatable=False)
    assert tabs(robot, spreadsheet) == ["Sheet1", "New"]


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("500", False),
        ("503", False),
        ("closed-before", False),
        ("closed-after", True),
        ("truncated", True),
        ("timeout-before", False),
        ("timeout-after", True),
    ],
)
def test_what_was_not_answered_is_sent_once_and_can_be_looked_up(
    google: Emulator, opened: Callable[..., Api], robot: Api, kind: str, written: bool
) -> None:
    spreadsheet = made(robot)
    api = opened(google.control.service_account("second"), deadline=1) if kind.startswith("timeout") else robot
    if api is not robot:
        google.control.permit(spreadsheet, api.caller.email, "writer")
    google.control.fault(kind, path="batchUpdate", seconds=3)
    google.control.reset_log()
    with pytest.raises(Unanswered) as caught:
        add_tab(api, spreadsheet, repeatable=False)
    assert caught.value.exit_code == 75
    assert sum(entry.path.endswith(":batchUpdate") for entry in google.control.entries) == 1
    assert ("New" in tabs(robot, spreadsheet)) is written


@pytest.mark.parametrize("kind", ["500", "503", "closed-before", "closed-after", "truncated"])
def test_what_may_be_done_twice_gets_through(google: Emulator, robot: Api, kind: str) -> None:
    spreadsheet = made(robot)
    google.control.fault(kind, path="batchUpdate", times=2)
    value = {"rows": [{"values": [{"userEnteredValue": {"numberValue": 7}}]}], "fields": "userEnteredValue"}
    asked = {"updateCells": {"start": {"sheetId": 0}, **value}}
    robot.request("POST", f"/v4/spreadsheets/{spreadsheet}:batchUpdate", body={"requests": [asked]})
    answer = robot.request("GET", f"/v4/spreadsheets/{spreadsheet}/values/A1")
    assert answer["values"] == [["7"]]


def test_a_token_that_ran_out_is_renewed(google: Emulator, robot: Api) -> None:
    spreadsheet = made(robot)
    google.control.expire_tokens()
    assert tabs(robot, spreadsheet) == ["Sheet1"]


# --- rights ---


def test_a_service_account_without_storage(google: Emulator, opened: Callable[..., Api]) -> None:
    api = opened(google.control.service_account(storage=False))
    with pytest.raises(NotAllowed, match=r"robot@kpis\.iam\.gserviceaccount\.com has no storage in Drive"):
        made(api)


def test_a_shared_drive_takes_it(google: Emulator, opened: Callable[..., Api]) -> None:
    key = google.control.service_account(storage=False)
    drive = google.control.shared_drive("Team", {key["client_email"]: "fileOrganizer"})
    api = opened(key, Need(adopt=False, folder=True))
    assert tabs(api, made(api, parents=[drive])) == ["Sheet1"]


def test_a_spreadsheet_that_is_not_shared(google: Emulator, opened: Callable[..., Api], robot: Api) -> None:
    spreadsheet = made(robot)
    other = opened(google.control.service_account("other"))
    with pytest.raises(NotAllowed, match=r"not shared with other@kpis\.iam\.gserviceaccount\.com as Editor"):
        tabs(other, spreadsheet)
    google.control.permit(spreadsheet, other.caller.email, "reader")
    assert tabs(other, spreadsheet) == ["Sheet1"]
    with pytest.raises(NotAllowed, match="click Share, and add other@"):
        add_tab(other, spreadsheet, repeatable=False)
    google.control.permit(spreadsheet, other.caller.email, "writer")
    add_tab(other, spreadsheet, repeatable=False)


def test_an_id_that_does_not_exist(robot: Api) -> None:
    with pytest.raises(BadData, match=r"spreadsheet 1Gone: .*correct \[workbook\] id"):
        tabs(robot, "1Gone")


@pytest.mark.parametrize(("service", "name"), [("sheets", "Google Sheets API"), ("drive", "Google Drive API")])
def test_an_api_that_is_not_enabled(google: Emulator, robot: Api, service: str, name: str) -> None:
    spreadsheet = made(robot)
    google.control.disable(service)
    with pytest.raises(NotAllowed, match=rf"{name} is not enabled .*project kpis; open https://\S+{service}"):
        made(robot) if service == "drive" else tabs(robot, spreadsheet)


def test_a_person_who_granted_their_own_files_alone(google: Emulator, opened: Callable[..., Api], robot: Api) -> None:
    """drive.file is enough for what kpisheets made, and for nothing else."""
    person = opened(google.control.user("ada@example.org", scopes=["drive.file"]))
    own = made(person)
    add_tab(person, own, repeatable=False)
    assert tabs(person, own) == ["Sheet1", "New"]
    theirs = made(robot)
    google.control.permit(theirs, "ada@example.org", "writer")
    with pytest.raises(KpisheetsError, match="kpisheets login` again"):
        tabs(person, theirs)


def test_an_export_of_what_people_made(google: Emulator, opened: Callable[..., Api], robot: Api) -> None:
    """A service account asks for enough; a person is not asked for the whole of their Drive."""
    other = opened(google.control.service_account("other"), Need(adopt=True))
    person = opened(google.control.user("ada@example.org", scopes=["drive.file", "spreadsheets"]))
    spreadsheet, params = made(robot), {"mimeType": "application/pdf"}
    for email in (other.caller.email, "ada@example.org"):
        google.control.permit(spreadsheet, email, "writer")
    path = f"/drive/v3/files/{spreadsheet}/export"
    assert other.download(path, params=params).startswith(b"%PDF")
    add_tab(person, spreadsheet, repeatable=False)
    with pytest.raises(NotAllowed, match="only what kpisheets made"):
        person.download(path, params=params)
    assert person.download(f"/drive/v3/files/{made(person)}/export", params=params).startswith(b"%PDF")


def test_delegation(google: Emulator, opened: Callable[..., Api]) -> None:
    key = google.control.service_account(storage=False)
    api = opened(key, Need(adopt=False), subject="ada@example.org")
    with pytest.raises(NotAllowed, match=r"may not act for ada@example\.org"):
        made(api)
    google.control.delegate(key["client_email"], "ada@example.org")
    assert tabs(api, made(api)) == ["Sheet1"]


def test_what_was_taken_back(google: Emulator, opened: Callable[..., Api]) -> None:
    person = opened(google.control.user("ada@example.org"))
    spreadsheet = made(person)
    google.control.revoke("ada@example.org")
    with pytest.raises(NotAllowed, match="has expired or was revoked"):
        tabs(person, spreadsheet)


# --- quotas ---


@pytest.mark.parametrize("accounts", [2, 6], ids=["each account's own", "the project's"])
def test_a_fleet_uses_the_quota_and_is_never_refused(
    google: Emulator, opened: Callable[..., Api], accounts: int
) -> None:
    """Many spreadsheets in one process, at a fifth and a tenth of Google's quotas; the clock is the emulator's."""
    begin = google.control.clock(now=time.time())

    def sleep(seconds: float) -> None:
        google.control.clock(advance=seconds)

    passing = Time(google.control.clock, sleep, wall=google.control.clock)
    user, project = 6, 30
    google.control.quota(project=project, user=user)
    fleet = [
        opened(
            google.control.service_account(f"robot{number}"), passing=passing, user_quota=user, project_quota=project
        )
        for number in range(accounts)
    ]
    files = [made(api) for api in fleet]
    google.control.reset_log()
    rounds, asked = 12, 0
    for _ in range(rounds):
        for api, spreadsheet in zip(fleet, files, strict=True):
            tabs(api, spreadsheet)
            asked += 1
    sheets = [entry for entry in google.control.entries if entry.api == "sheets"]
    assert len(sheets) == asked
    assert {entry.status for entry in sheets} == {200}
    # The first of a quota go at once, the others as they come free.
    whole = -(-asked // min(project, user * accounts)) - 1
    assert google.control.clock() - begin <= whole * 60 / 0.95


def test_who_does_not_pace_is_refused(google: Emulator, opened: Callable[..., Api]) -> None:
    """The judge of the fleet can condemn."""
    google.control.quota(project=30, user=6)
    api = opened(google.control.service_account(), user_quota=1000)
    spreadsheet = made(api)
    for _ in range(6):
        tabs(api, spreadsheet)
    with pytest.raises(TryLater):
        tabs(api, spreadsheet)
    assert 429 in {entry.status for entry in google.control.entries}


# --- the commands ---


def project(folder: Path, google: Emulator, key: dict[str, Any], **google_settings: Any) -> Path:
    (folder / "key.json").write_text(json.dumps(key))
    lines = [f"{name} = {json.dumps(value)}" for name, value in google_settings.items()]
    (folder / "kpisheets.toml").write_text(
        '[project]\nname = "Acme"\n[workbook]\nbackend = "google"\n'
        f'[google]\ncredentials = "key.json"\napi_root = "{google.url}"\n' + "\n".join(lines) + "\n"
    )
    return folder


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "kpisheets", *words, "--project", str(folder)]
    return subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)


def test_a_service_that_stays_busy_ends_a_command_with_75(google: Emulator, tmp_path: Path) -> None:
    folder = project(tmp_path, google, google.control.service_account(), deadline=2)
    google.control.fault("429", path="^/(v4|drive)/", times=10_000)
    begin = time.monotonic()
    done = command(folder, "provision")
    assert done.returncode == 75, done.stderr
    assert "takes no more requests" in done.stderr
    assert done.stderr.count("\n") == 1
    assert time.monotonic() - begin < 30
    assert len(google.control.entries) > 1


def test_check_says_what_is_wrong_with_the_sign_in(google: Emulator, tmp_path: Path) -> None:
    key = google.control.service_account()
    google.control.revoke(key["client_email"])
    done = command(project(tmp_path, google, key), "check", "--json")
    assert done.returncode == 77, done.stdout + done.stderr
    [problem] = json.loads(done.stdout)["problems"]
    assert "does not know this key" in problem["what"]
    assert "make a new key" in problem["mend"]
