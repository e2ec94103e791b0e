"""A small project with a synced workbook, ways to spoil it, and the command line as a person meets it."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.worksheet.worksheet import Worksheet

from kpisheets.cli import main
from tests.repairs import watch_writes

BOOK = "Acme KPIs.xlsx"
CONFIG = """\
[project]
name = "Acme"
timezone = "Europe/Paris"
templates = []

[workbook]
path = "Acme KPIs.xlsx"

[sources.shop]
url = "data/"

[sources.crm]
url = "crm/*.csv"

[metrics.revenue]
source = "shop"
table = "orders"
date = "day"
value = "sum(amount)"

[metrics.orders]
source = "shop"
table = "orders"
date = "day"
value = "count(*)"

[metrics.leads]
source = "crm"
table = "leads"
date = "day"
value = "sum(n)"

[reports.weekly]
to = ["team@example.org"]
"""
ORDERS = "day,amount\n2025-01-03,10\n2025-01-20,5.5\n2025-02-03,20.25\n2025-03-31,7\n"
LEADS = "day,n\n2025-01-03,3\n2025-02-03,4\n2025-03-03,5\n"
FIRST, LAST = dt.datetime(2025, 1, 1), dt.datetime(2025, 3, 31)  # noqa: DTZ001 - what a cell holds
MONTHS = ("2025-01", "2025-02", "2025-03")
CATALOGUE = {
    "revenue": {"KPI": "Revenue", "Metric": "revenue", "Target": 12, "Unit": "EUR", "Tolerance %": 0.1},
    "orders": {"KPI": "Orders", "Metric": "orders", "Target": 1, "Direction": "Higher"},
    "leads": {"KPI": "Leads", "Metric": "leads", "Target": 4},
    "mood": {"KPI": "Mood", "Target": 8, "Roll-up": "Average"},
}
HEADER = 3  # the row of the headers in the tabs of a new workbook


@dataclass(frozen=True)
class Outcome:
    """What a command did: its exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)

    def refused(self, code: int, *words: str) -> str:
        """The command failed as documented: nothing on stdout, one line that names ``words`` and says what to do."""
        assert self.code == code, (self.code, self.out, self.err)
        assert self.out == ""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert_helpful(lines[0], *words)
        return lines[0]


def assert_helpful(line: str, *words: str) -> None:
    """A line says what and where, and after a semicolon what to do. No program text leaks into it."""
    what, _, mend = line.rpartition("; ")
    assert what, f"says nothing to do: {line}"
    assert mend.strip(), f"says nothing to do: {line}"
    for leak in ("Traceback", "Error(", "<class", "object at 0x", "None", "Errno", "<kpisheets"):
        assert leak not in line, line
    for word in words:
        assert word in line, f"“{word}” is not in: {line}"


class Folder:
    """A project's folder, and commands run in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.book = root / BOOK
        self.config = root / "kpisheets.toml"

    def run(self, *words: str, project: bool = True) -> Outcome:
        """Run a command in this process."""
        before = ["--project", str(self.root)] if project else []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            done = CliRunner().invoke(main, [*before, *words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise AssertionError(f"{words}: {done.exception!r}") from done.exception
        return Outcome(done.exit_code, done.stdout, done.stderr)

    def spawn(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start a command as a process of its own, in the folder."""
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": self.root} | options
        return subprocess.Popen([*PROGRAM, *words], **options)

    def process(self, *words: str, **options: Any) -> Outcome:
        """Run a command as a process of its own, in the folder."""
        process = self.spawn(*words, **options)
        out, err = process.communicate(timeout=60)
        return Outcome(process.returncode, out.decode(), err.decode())

    def snapshot(self, but: tuple[str, ...] = ()) -> Mapping[str, bytes | None]:
        """Every file's content, every folder, by path; ``but`` leaves out what is below these folders."""
        found: dict[str, bytes | None] = {}
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root).as_posix()
            if not name.startswith(but):
                found[name] = path.read_bytes() if path.is_file() else None
        return found

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def configure(self, old: str, new: str) -> None:
        """Replace a part of kpisheets.toml."""
        text = self.config.read_text(encoding="utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new), encoding="utf-8")

    def tab(self, title: str) -> Tab:
        """A tab as another program reads it, with the values that the file carries."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Tab(openpyxl.load_workbook(self.book, data_only=True)[title])

    @contextmanager
    def edited(self, title: str = "Tracking") -> Iterator[Tab]:
        """The workbook opened, edited and saved by another program."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(self.book)
            yield Tab(book[title])
            book.save(self.book)


class Tab:
    """A tab's cells by header and by the first word of their row."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.columns = {str(cell.value): cell.column for cell in sheet[HEADER] if cell.value is not None}

    def row(self, key: str) -> int:
        """The row of a KPI's ID, or of a key such as ``revenue|2025-01``."""
        column = self.columns.get("Key", 1)
        for row in range(HEADER + 1, self.sheet.max_row + 1):
            if self.sheet.cell(row, column).value == key:
                return row
        raise AssertionError(f"no row {key}")

    def cell(self, key: str, header: str) -> Any:
        return self.sheet.cell(self.row(key), self.columns[header])

    def __getitem__(self, place: tuple[str, str]) -> Any:
        return self.cell(*place).value

    def __setitem__(self, place: tuple[str, str], value: object) -> None:
        self.cell(*place).value = value


PROGRAM = (sys.executable, "-m", "kpisheets")


def fill_catalogue(folder: Folder) -> None:
    with folder.edited("KPIs") as tab:
        for row, (identity, cells) in enumerate(CATALOGUE.items(), HEADER + 1):
            values = {"ID": identity, "Active from": FIRST, "Active to": LAST, "Frequency": "Monthly"} | cells
            for header, value in values.items():
                tab.sheet.cell(row, tab.columns[header]).value = value


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a project with three KPIs from two sources and one typed by hand, provisioned and never synced."""
    folder = Folder(tmp_path_factory.mktemp("made"))
    folder.write("kpisheets.toml", CONFIG)
    folder.write("data/orders.csv", ORDERS)
    folder.write("crm/leads.csv", LEADS)
    assert folder.run("provision").code == 0
    fill_catalogue(folder)
    return folder.root


@pytest.fixture(scope="session")
def _synced(_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Folder(tmp_path_factory.mktemp("synced") / "project")
    shutil.copytree(_made, folder.root)
    done = folder.run("sync")
    assert done.code == 0, done.err
    shutil.rmtree(folder.root / ".kpisheets")
    return folder.root


@pytest.fixture
def fresh(_made: Path, tmp_path: Path) -> Folder:
    """A provisioned project before its first sync."""
    return Folder(Path(shutil.copytree(_made, tmp_path / "project")))


@pytest.fixture
def folder(_synced: Path, tmp_path: Path) -> Folder:
    """A project that was synced once."""
    return Folder(Path(shutil.copytree(_synced, tmp_path / "project")))


@pytest.fixture
def intact(folder: Folder) -> Iterator[Callable[..., None]]:
    """Afterwards the project's files are byte for byte what they were when this was called last."""
    seen: dict[str, Any] = {}

    def remember(*but: str) -> None:
        seen["files"], seen["but"] = folder.snapshot(but), but

    yield remember
    if seen:
        assert folder.snapshot(seen["but"]) == seen["files"]


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture(autouse=True)
def no_repairs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Whatever a test writes with the editor, Excel opens without repairing it."""
    yield from watch_writes(monkeypatch)
