"""The emulator as a program: it says its address, keeps its state in a file, and ends when it is told to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.sheets_emulator import Emulator

from .conftest import Sheets


@contextmanager
def _running(root: Path, *words: str | Path) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.sheets_emulator", *map(str, words)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        process.stdout.close()


def _token(url: str) -> dict[str, str]:
    token = requests.post(f"{url}/_control/token", json={}, timeout=10).json()["result"]
    return {"Authorization": f"Bearer {token}"}


def test_state_outlives_the_program(repository: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with _running(repository, "--port", "0", "--state", state) as url:
        headers = _token(url)
        made = requests.post(f"{url}/v4/spreadsheets", json={}, headers=headers, timeout=10).json()["spreadsheetId"]
        values = f"{url}/v4/spreadsheets/{made}/values/A1"
        body = {"values": [["=40+2", "x"]]}
        requests.put(values, params={"valueInputOption": "USER_ENTERED"}, json=body, headers=headers, timeout=10)
        end = time.monotonic() + 10
        while not (state.exists() and "=40+2" in state.read_text()):  # soon after the change, not only at the end
            assert time.monotonic() < end
            time.sleep(0.02)
    with _running(repository, "--state", state) as url:
        answer = requests.get(f"{url}/v4/spreadsheets/{made}/values/A1:B1", headers=headers, timeout=10)
        assert answer.json()["values"] == [["42", "x"]]


def test_everything_of_a_spreadsheet_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    place = {"startRowIndex": 0, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 2}
    with Emulator(state=path) as first:
        sheets = Sheets(first).create(locale="fr_FR")
        sheets.put("A1", [["a", "b"], [1, True], ["=A2*2", "2 %"]])
        sheets.batch(
            {"addNamedRange": {"namedRange": {"name": "n", "range": place}}},
            {"addTable": {"table": {"name": "T", "range": place}}},
            {"mergeCells": {"range": {**place, "startRowIndex": 5, "endRowIndex": 6}}},
            {"setBasicFilter": {"filter": {"range": {**place, "startRowIndex": 8, "endRowIndex": 9}}}},
            {
                "updateDimensionProperties": {
                    "range": {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 1},
                    "properties": {"pixelSize": 77},
                    "fields": "pixelSize",
                }
            },
            {"setDataValidation": {"range": place, "rule": {"condition": {"type": "BOOLEAN"}}}},
            {
                "createDeveloperMetadata": {
                    "developerMetadata": {
                        "metadataKey": "k",
                        "visibility": "PROJECT",
                        "location": {"dimensionRange": {"dimension": "ROWS", "startIndex": 1, "endIndex": 2}},
                    }
                }
            },
        )
        before = sheets.get(includeGridData=True)
        files = sheets.call("GET", "/drive/v3/files", params={"fields": "files"})
        headers = dict(sheets.session.headers)
    assert json.loads(path.read_text())["version"] == 1
    with Emulator(state=path) as second:
        again = Sheets(second)
        again.session.headers.update(headers)
        again.id = sheets.id
        assert again.get(includeGridData=True) == before
        assert again.call("GET", "/drive/v3/files", params={"fields": "files"}) == files
