"""Google Sheets from `init` to the mail, by the command line, each command with what it costs in requests."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from kpisheets.cli import main
from tests.sheets_emulator import exports
from tests.sheets_emulator.emulator import Emulator

GOOGLE = '\n[google]\ncredentials = "{key}"\napi_root = "{url}"\ndeadline = 3\n'


class Acme:
    """A project made by `init`, and its way to the emulator."""

    def __init__(self, folder: Path, emulator: Emulator) -> None:
        self.folder, self.emulator = folder, emulator
        made = CliRunner().invoke(main, ["init", str(folder), "--backend", "google", "--template", "sales"])
        assert made.exit_code == 0, made.output
        self.config = folder / "kpisheets.toml"
        words = self.config.read_text("utf-8")
        self.config.write_text(words + GOOGLE.format(key="key.json", url=emulator.url), "utf-8")
        (folder / "key.json").write_text(json.dumps(emulator.control.user()), "utf-8")

    def run(self, *words: str, code: int = 0) -> Result:
        self.emulator.control.reset_log()
        done = CliRunner().invoke(main, ["--project", str(self.folder), *words])
        assert done.exit_code == code, done.output
        return done

    @property
    def cost(self) -> tuple[int, int, int]:
        """(reads of Sheets, writes to Sheets, requests to Drive) of the last command."""
        kinds = [(entry.api, entry.kind) for entry in self.emulator.control.entries]
        drive = sum(api == "drive" for api, _ in kinds)
        return kinds.count(("sheets", "read")), kinds.count(("sheets", "write")), drive


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acme]:
    """Provisioned and synced."""
    with Emulator() as emulator:
        found = Acme(tmp_path_factory.mktemp("google") / "acme", emulator)
        found.run("provision")
        found.run("sync", code=0)
        yield found


def test_each_command_and_its_requests(acme: Acme) -> None:
    assert "actuals" in acme.run("sync").output
    assert acme.cost == (1, 0, 0), "nothing new"
    acme.run("sync", "--dry-run")
    assert acme.cost == (1, 0, 0)
    told = json.loads(acme.run("sync", "--json").stdout)
    assert (told["written"], told["problems"]) == (0, [])
    assert told["unchanged"] > 50
    assert told["workbook"].startswith("https://docs.google.com/spreadsheets/d/")
    link = told["workbook"]
    report = json.loads(acme.run("report", "--json").stdout)
    assert acme.cost == (1, 0, 0)
    assert (report["workbook"], len(report["kpis"])) == (link, sum(report["verdict"].values()))
    assert f'href="{link}"' in acme.run("report", "--format", "html").stdout
    explained = json.loads(acme.run("explain", "revenue", "--json").stdout)
    assert acme.cost == (1, 0, 0)
    assert explained["actual"] == explained["source_value"] == explained["source_says"]["value"]
    assert json.loads(acme.run("check", "--json").stdout) == {"problems": []}
    assert acme.cost == (1, 0, 0)
    acme.run("provision")
    assert acme.cost == (1, 0, 0), "up to date"


def test_a_mail_with_the_workbook(acme: Acme) -> None:
    words = acme.config.read_text("utf-8")
    try:
        acme.config.write_text(
            words + '\n[reports.monthly]\nto = ["ada@example.org"]\nattach = ["pdf", "workbook-pdf", "xlsx"]\n', "utf-8"
        )
        acme.run("send", "monthly")
        assert acme.cost == (1, 0, 2)
        (mail,) = (acme.folder / "outbox").glob("*monthly*.eml")
        message = message_from_bytes(mail.read_bytes(), policy=default)
        files = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
        report, *whole = sorted(files, key=lambda name: "KPIs" in str(name))
        assert sorted(map(str, whole)) == ["acme KPIs.pdf", "acme KPIs.xlsx"]
        assert files["acme KPIs.pdf"].startswith(b"%PDF")
        assert "Page 1 of" in PdfReader(io.BytesIO(files[report])).pages[0].extract_text()
        assert "Tracking" in openpyxl.load_workbook(io.BytesIO(files["acme KPIs.xlsx"])).sheetnames
        html = message.get_body(("html",))
        assert html is not None
        assert "https://docs.google.com/spreadsheets/d/" in html.get_content()
    finally:
        acme.config.write_text(words, "utf-8")


def test_the_export_of_google(acme: Acme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    acme.run("report", "--format", "workbook-pdf", "-o", str(tmp_path / "report.pdf"))
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    assert "goes into a file" in acme.run("report", "--format", "workbook-pdf", code=2).output
    monkeypatch.setattr(exports, "MOST_BYTES", 1000)
    said = acme.run("report", "--format", "xlsx", "-o", str(tmp_path / "large.xlsx"), code=65).output
    assert "larger than what Google exports (10 MB)" in said
    assert not (tmp_path / "large.xlsx").exists()


def test_each_failure_is_a_line_with_its_code(acme: Acme, tmp_path: Path) -> None:
    control = acme.emulator.control
    for command in (["sync"], ["report"], ["explain", "revenue"]):
        control.fault("503", path="spreadsheets", times=1000)
        line = acme.run(*command, code=75).output
        control.no_faults()
        assert line.count("\n") == 1
    control.disable("sheets")
    assert "console.cloud.google.com" in acme.run("sync", code=77).output
    control.disable("sheets", disabled=False)
    assert "does not exist" in _fresh(acme, tmp_path).run("sync", code=65).output


def test_check_tells_of_a_sign_in_that_fails(acme: Acme) -> None:
    key = acme.folder / "key.json"
    words = key.read_text("utf-8")
    try:
        key.unlink()
        (problem,) = json.loads(acme.run("check", "--json", code=77).stdout)["problems"]
        assert "key.json" in problem["where"] + problem["what"]
        assert acme.cost == (0, 0, 0)
        assert acme.run("sync", code=77).output.count("\n") == 1
    finally:
        key.write_text(words, "utf-8")


def _fresh(acme: Acme, folder: Path) -> Acme:
    return Acme(folder / "other", acme.emulator)
