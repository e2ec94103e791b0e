"""What a person sees who waits: on a terminal alone, and gone when the answer comes."""

from __future__ import annotations

import io
import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from kpisheets.cli.session import Session
from kpisheets.cli.waiting import Waiting

SLOW = """\
import time

def records(table, window):
    for number in range(2000):
        if number % 500 == 0:
            time.sleep(0.15)
        yield {"day": "2026-10-05", "amount": number}
"""
CONFIG = """\
[project]
name = "Acme"
[workbook]
path = "Acme.xlsx"
[sources.warehouse]
url = "python:slow:records"
[metrics.revenue]
source = "warehouse"
table = "orders"
date = "day"
value = "sum(amount)"
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("slow")
    (folder / "slow.py").write_text(SLOW)
    (folder / "kpisheets.toml").write_text(CONFIG)
    return folder


def watched(folder: Path, *words: str) -> tuple[str, str]:
    """What a command writes to the terminal (its stderr) and to stdout."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "kpisheets", *words]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=theirs, stdin=subprocess.DEVNULL, env=environment, text=True
    ) as process:
        os.close(theirs)
        shown, ends = b"", time.monotonic() + 60
        while time.monotonic() < ends:
            if select.select([ours], [], [], 0.2)[0]:
                try:
                    part = os.read(ours, 65536)
                except OSError:
                    break
                if not part:
                    break
                shown += part
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, shown
    os.close(ours)
    return shown.decode(), said


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")
def test_each_source_has_a_line(project: Path) -> None:
    subprocess.run([sys.executable, "-m", "kpisheets", "provision", "-q"], cwd=project, check=True, timeout=60)
    add_kpi(project / "Acme.xlsx")
    shown, said = watched(project, "sync")
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert "warehouse" in plain
    assert re.search(r"reading orders\s+(500|1 000|1 500) records", plain)
    assert said.startswith("Wrote ")
    # At the end everything is taken away, and the cursor is back.
    assert shown.rstrip().endswith("\x1b[2K") or "\x1b[?25h" in shown
    shown, said = watched(project, "sync", "--json")
    assert shown == ""
    assert said.startswith("{")


def add_kpi(path: Path) -> None:
    from datetime import date

    import openpyxl

    book = openpyxl.load_workbook(path)
    sheet = book["KPIs"]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "ID" for cell in row))
    places = {cell.value: cell.column for cell in head if cell.value}
    values = {"ID": "revenue", "KPI": "Revenue", "Direction": "Higher", "Frequency": "Monthly", "Metric": "revenue"}
    for name, value in {**values, "Active from": date(2026, 1, 1)}.items():
        sheet.cell(head[0].row + 1, places[name]).value = value
    book.save(path)


@pytest.mark.parametrize(
    ("quiet", "as_json", "terminal"),
    [(True, False, True), (False, True, True), (False, False, False)],
    ids=["--quiet", "--json", "no terminal"],
)
def test_nobody_is_shown_anything(quiet: bool, as_json: bool, terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    session = Session(None, quiet, False, as_json)
    session.tell("Reading")
    session.watch("shop", "reading orders", 5)
    session.done()
    assert stream.getvalue() == ""


def test_finished_sources_leave_with_the_next_step() -> None:
    stream = Terminal()
    waiting = Waiting(Console(file=stream, force_terminal=True, width=90))
    waiting.step("Asking")
    waiting.source("shop", "reading [bold]orders", 1234)
    waiting.source("shop", "", 0)
    waiting.source("web", "connecting", 0)
    waiting.step("Planning")
    stream.truncate(0)
    waiting.done()
    waiting.source("web", "reading", 5)  # a source that was given up, and does not know
    left = stream.getvalue()
    assert "Planning…" in left
    assert "web" in left
    assert "shop" not in left
