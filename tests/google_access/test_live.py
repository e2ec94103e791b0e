"""scripts/live-google itself runs: its questions are asked of the emulated service, and nothing is left there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpisheets.config import GoogleSettings
from kpisheets.google_access.api import open_api
from kpisheets.google_access.scopes import Need
from tests.docs.papers import ROOT
from tests.sheets_emulator.emulator import Emulator

SCRIPT = ROOT / "scripts" / "live" / "run.py"
# The emulator does not pack its answers, and nobody but a person sees the colours of chips.
BEYOND = {"packed", "chips"}


@pytest.fixture
def google() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


def live(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True, check=False, timeout=120)


def answers(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    return {each["name"]: each for each in json.loads(done.stdout)["answers"]}


def test_every_question_is_asked_and_nothing_is_left(google: Emulator, tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    account = google.control.service_account(storage=False)
    folder = google.control.shared_drive("Team", {account["client_email"]: "fileOrganizer"})
    key.write_text(json.dumps(account))
    words = ("--credentials", str(key), "--api-root", google.url, "--folder", folder)
    done = live(*words, "--user-quota", "10000", "--json")
    assert done.stdout, done.stderr
    found = answers(done)
    assert len(found) >= 32, done.stderr
    for name, each in found.items():
        if name not in BEYOND:
            assert each["found"] in {"yes", "no"}, each
            assert each["relied_on"] in {each["found"], "?"}, each
    # Who may not delete in a Shared Drive puts things into the bin.
    settings = GoogleSettings(credentials=str(key), api_root=google.url)
    api = open_api(settings, tmp_path, need=Need(folder=True), cache=tmp_path)
    left, binned = (
        api.request(
            "GET",
            "/drive/v3/files",
            params={"q": f"trashed = {word}", "supportsAllDrives": "true", "includeItemsFromAllDrives": "true"},
        )["files"]
        for word in ("false", "true")
    )
    assert left == []
    assert len(binned) >= 1


def test_in_a_spreadsheet_of_one_s_own_only_its_tabs_are_taken_away(google: Emulator, tmp_path: Path) -> None:
    token = tmp_path / "token.json"
    grant = google.control.user("ada@example.org", scopes=["drive.file", "spreadsheets"])
    token.write_text(json.dumps(grant))
    made = live("--token", str(token), "--api-root", google.url, "--only", "atomic")
    assert "| Does a batch with one bad request change nothing? | yes | yes |" in made.stdout
    api = open_api(GoogleSettings(credentials=str(token), api_root=google.url), tmp_path, cache=tmp_path)
    kind = "application/vnd.google-apps.spreadsheet"
    own = api.request("POST", "/drive/v3/files", body={"name": "Mine", "mimeType": kind})["id"]
    words = ("--token", str(token), "--api-root", google.url, "--spreadsheet", own)
    done = live(*words, "--only", "atomic", "--only", "app_properties", "--only", "read_only_filter", "--json")
    assert {name: each["found"] for name, each in answers(done).items()} == {
        "read_only_filter": "not asked",
        "atomic": "yes",
        "app_properties": "not asked",
    }
    assert done.returncode == 0, done.stderr
    sheets = api.request("GET", f"/v4/spreadsheets/{own}", params={"fields": "sheets(properties(title))"})["sheets"]
    assert [sheet["properties"]["title"] for sheet in sheets] == ["Sheet1"]


def test_without_credentials_it_says_what_it_needs() -> None:
    done = live()
    assert done.returncode == 77
    assert "--credentials key.json" in done.stdout
    assert "nothing was done" in done.stdout
    assert done.stderr == ""


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_the_command_refuses_before_it_installs_anything(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    environment = {**os.environ, "PYTHON": sys.executable}
    words = ["bash", tmp_path / "scripts" / "live-google"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 77
    assert "nothing was done" in done.stdout
    assert not (tmp_path / ".venv").exists()


def test_a_failure_is_one_line(google: Emulator, tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.write_text(json.dumps(google.control.service_account(storage=False)))
    done = live("--credentials", str(key), "--api-root", google.url)
    assert done.returncode == 77
    assert done.stderr.startswith("live-google: Google Drive: the service account robot@")
    assert done.stderr.count("\n") == 1
