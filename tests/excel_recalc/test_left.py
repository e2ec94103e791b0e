"""What is in doubt keeps its stored value, and the file asks for a recalculation."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kpisheets.backends.excel.ooxml import Book
from kpisheets.backends.excel.recalc import Refreshed, engine, refresh
from tests.excel_recalc.conftest import build, shown

# Each with the value that it has, so that the doubt alone keeps it from being refreshed.
DOUBTFUL: dict[str, tuple[str, Any]] = {
    "the clock": ("=Data!A1+NOW()*0", 2),
    "a reference made of text": ('=INDIRECT("Data!A1")+Data!A1', 4),
    "a moved reference": ("=OFFSET(Data!A1,1,0)+Data!A1", 6),
    "chance": ("=RAND()*0+Data!A1", 2),
    "another workbook": ("=[1]Sheet1!A1+Data!A1", 12),
    "several sheets at once": ("=SUM(Data:Data2!A1)", 12),
    "the reader's decimal sign": ('=Data!A1/4&" per quarter"', "0.5 per quarter"),
    "the reader's month names": ('=TEXT(Data!A1,"mmm")', "Jan"),
    "text that is a number": ('=Data!A1+"1.5"', 3.5),
    "an unknown word": ("=Data!A1*unheard_of", "#NAME?"),
    "a name that computes": ("=computed+Data!A1", 6),
    "a range where a cell is meant": ("=Data!A1:A3*2", 4),
    "an approximate look-up": ("=VLOOKUP(Data!A1,Data!A1:B3,2)", 1),
    "a cell that a doubtful one feeds": ("=A1+1", 3),
    "a circle": ("=A16+Data!A1", 0),
    "the circle's other half": ("=A15", 0),
    "a sum that cancels out": ("=(Data!A1+0.2-Data!A1-0.2)=0", False),
    "a half that is none in binary": ("=ROUND(Data!B1*0.25125,2)", 0.25),
    "truth as a number": ("=IF(Data!A1>Data!A5,1,2)", 2),
    "text in an order": ('=IF(Data!A1>2,"é"<"z",TRUE)', True),
}
STALE = 4711


def _doubtful(book: Any, value: Callable[[str, str], Any]) -> None:
    data, theirs, more = (book.add_worksheet(name) for name in ("Data", "Theirs", "Data2"))
    for row, (number, label) in enumerate(((2, 1), (4, 2), (6, 3))):
        data.write_row(row, 0, (number, label))
    more.write_row(0, 0, (10,))
    book.define_name("computed", "=Data!$A$1*2")
    data.write_boolean("A5", True)
    for row, (formula, stored) in enumerate(DOUBTFUL.values()):
        theirs.write_formula(row, 0, formula, None, stored)
    theirs.write_array_formula("C1:C3", "{=Data!A1:A3*2}", None, 4)
    theirs.write_formula("D1", "=C1+1", None, 5)
    theirs.write_dynamic_array_formula("E1:E3", "=SORT(Data!A1:A3)", None, 2)
    theirs.write_formula("F1", "=SUM(E1:E3)+Data!A1", None, 14)
    theirs.write_formula("G1", "=Data!A1*10", None, STALE)
    theirs.write_formula("H1", "=G1+Data!A1", None, STALE + 2)
    theirs.write_formula("I1", "=IF(Data!B2=2,J1,0)+Data!A1", None, 9)
    theirs.write_formula("J1", "=Data!B3+4", None, STALE)
    theirs.write_formula("L1", "=C2+Data!A1", None, 2)
    theirs.write_formula("K1", "=Data!A1*3", None, 6)


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    build(path, _doubtful, {})
    return path


def _edited(path: Path) -> tuple[Refreshed, Book]:
    book = Book.open(path)
    edit = book.edit()
    edit.set("Data", 1, 1, 3)
    edit.set("Data", 1, 2, 4)
    done = refresh(book, edit)
    edit.write()
    return done, Book.open(path)


def test_whatever_is_in_doubt_keeps_its_stored_value(doubtful: Path) -> None:
    before = shown(doubtful)["Theirs"]
    done, _ = _edited(doubtful)
    after = shown(doubtful)["Theirs"]
    # K1 shows that the engine was asked and believed, where there is no doubt.
    assert {cell for cell in after if after[cell] != before[cell]} == {"K1"}
    assert after["K1"] == 9
    assert done.refreshed == 1
    assert done.left >= 20
    assert done.why


def test_a_recalculation_is_asked_for_all_the_same(doubtful: Path) -> None:
    _edited(doubtful)
    with zipfile.ZipFile(doubtful) as file:
        assert b'fullCalcOnLoad="1"' in file.read("xl/workbook.xml")


@pytest.mark.parametrize(("how", "word"), [("iterate", "circles"), ("fullPrecision", "precision")])
def test_a_workbook_that_computes_otherwise_is_left(how: str, word: str, doubtful: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.xlsx"
    setting = f'<calcPr {how}="{int(how == "iterate")}"'.encode()
    with zipfile.ZipFile(doubtful) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<calcPr", setting))
    before = shown(other)["Theirs"]
    done, _ = _edited(other)
    assert done.refreshed == 0
    assert word in done.why
    assert shown(other)["Theirs"] == before


def _killed(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_an_engine_that_is_killed_leaves_a_valid_edit(doubtful: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shown(doubtful)["Theirs"]
    real = subprocess.Popen.communicate

    def communicate(process: subprocess.Popen[bytes], *arguments: Any, **named: Any) -> Any:
        _killed(process)
        return real(process, *arguments, **named)

    monkeypatch.setattr(subprocess.Popen, "communicate", communicate)
    done, book = _edited(doubtful)
    assert done.refreshed == 0
    assert "-9" in done.why
    assert shown(doubtful)["Theirs"] == before
    assert book.grid("Data").value(1, 1) == 3


def test_an_engine_that_takes_too_long_is_given_up(doubtful: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = engine.ask
    monkeypatch.setattr(engine, "ask", lambda request: ask(request, seconds=0.01))
    done, book = _edited(doubtful)
    assert (done.refreshed, done.why) == (0, "the engine took longer than 0.01 s")
    assert book.grid("Data").value(1, 1) == 3


def test_an_engine_that_stops_gives_no_answer() -> None:
    nowhere = {"sheets": ["tab_1"], "values": [("tab_1", 0, 0, 1)], "changes": []}
    with pytest.raises(engine.Failed, match="stopped"):
        engine.ask({**nowhere, "formulas": [("nowhere", 1, 1, "1", "1")]})


def test_the_engine_s_memory_is_bounded() -> None:
    resource = pytest.importorskip("resource", reason="Windows sets no bounds")
    code = "import resource\nfrom kpisheets.backends.excel.recalc.worker import _limit\n_limit(7)\n"
    code += (
        "print(*resource.getrlimit(resource.RLIMIT_AS), *resource.getrlimit(resource.RLIMIT_CPU))\nbytearray(3 << 30)"
    )
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert done.stdout.split() == [str(2 << 30)] * 2 + ["7", "7"]
    assert "MemoryError" in done.stderr
    assert resource.getrlimit(resource.RLIMIT_CPU)[0] != 7


def test_without_an_engine_nothing_is_done(doubtful: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "is_installed", lambda: False)
    before = shown(doubtful)["Theirs"]
    done, _ = _edited(doubtful)
    assert done == Refreshed(why="no calculation engine is installed")
    assert shown(doubtful)["Theirs"] == before
