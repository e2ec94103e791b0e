"""The failure lines of docs/google.md are lines that the program gives, and those that it gives are there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from kpisheets.config import GoogleSettings
from kpisheets.google_access.api import open_api
from kpisheets.google_access.failures import explained
from kpisheets.google_access.refusals import refusal
from tests.docs.papers import ROOT, Paper, quoted, read, rows
from tests.google_access.test_failures import CASES, encoded
from tests.sheets_emulator.emulator import Emulator

PAPER = read("docs/google.md")
LINES = [
    (message, int(cells[1]))
    for heading, text in PAPER.sections.items()
    for cells in rows(text)
    if len(cells) == 3 and cells[1].isdigit()
    for message in quoted(cells[0])
]


@pytest.fixture(scope="module")
def program() -> str:
    """The program's text, its strings joined that stand on several lines."""
    folders = (ROOT / "kpisheets" / "google_access", ROOT / "kpisheets" / "backends" / "google")
    files = (path for folder in folders for path in sorted(folder.rglob("*.py")))
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return re.sub(r'"\s*\n\s*(?:else )?f?"', "", text)


def test_the_way_of_a_service_account_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Step by step as the paper says, in the hands of a reader who fills in their own id; the emulator is Google."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    way = PAPER.text.partition("## A service account")[2].partition("**Let the account make")[0]
    blocks = Paper(PAPER.path, way).blocks
    [settings] = [block.text for block in blocks if block.language == "toml"]
    steps = [line[2:] for block in blocks if block.language == "console" for line in block.text.splitlines()]
    assert [step.split()[1] for step in steps] == ["init", "acme", "provision", "sync", "check"]
    with Emulator() as google:
        key = google.control.service_account(storage=False)
        owner = google.control.user("ada@example.org", scopes=["drive"])
        mine = {"credentials": json.dumps(owner), "api_root": google.url}
        api = open_api(GoogleSettings(**mine), tmp_path, cache=tmp_path / "cache")
        file = {"name": "The team's", "mimeType": "application/vnd.google-apps.spreadsheet"}
        spreadsheet = api.request("POST", "/drive/v3/files", body=file)["id"]
        google.control.permit(spreadsheet, key["client_email"], "writer")
        here = tmp_path
        for step in steps:
            program, *words = shlex.split(step)
            if program == "cd":
                here /= words[0]
                (here / "kpisheets-key.json").write_text(json.dumps(key))
                path = here / "kpisheets.toml"
                before, _, rest = path.read_text(encoding="utf-8").partition("[workbook]")
                ours = settings.replace("1AbCdEfGhIjKlMnOpQrStUvWxYz", spreadsheet) + f'api_root = "{google.url}"\n'
                path.write_text(before + ours + "[sources" + rest.partition("\n[sources")[2], encoding="utf-8")
                continue
            command = [sys.executable, "-m", "kpisheets", *words]
            done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False, timeout=120)
            assert done.returncode == 0, done.stdout + done.stderr
            assert done.stderr == "", done.stderr
        titles = api.request("GET", f"/v4/spreadsheets/{spreadsheet}", params={"fields": "sheets(properties(title))"})
    assert {"Report", "Tracking", "KPIs"} <= {sheet["properties"]["title"] for sheet in titles["sheets"]}
    assert done.stdout == "No problems found.\n"


@pytest.mark.parametrize(("message", "code"), LINES)
def test_line_is_given(message: str, code: int, program: str) -> None:
    fixed = [part.strip() for part in message.split("…")]
    assert [part for part in fixed if len(part) > 3 and part not in program] == []


@pytest.mark.parametrize(("reply", "caller", "path", "kind", "words"), CASES)
def test_given_line_is_documented(reply, caller, path, kind, words) -> None:
    error = explained(refusal(reply.code, reply.headers, encoded(reply), 0.0), caller, path)
    codes = {code for message, code in LINES if _fits(message, error.what)}
    assert codes == {error.exit_code}, error.what


def _fits(message: str, what: str) -> bool:
    return re.match(".+".join(re.escape(part) for part in message.split("…")), what) is not None
