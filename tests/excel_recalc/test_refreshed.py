"""What people computed from cells that an edit changes is right afterwards, as LibreOffice computes it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
import xlsxwriter

from kpisheets.backends.excel.ooxml import Book, Range
from kpisheets.backends.excel.recalc import Refreshed, refresh
from tests.excel_recalc import grammar
from tests.excel_recalc.conftest import agree, build, shown
from tests.libreoffice import recalculated

ROWS = [("north", 10.0, 46023), ("south", 20.5, 46054), ("north", 30.25, 46082), ("été", 40.0, 46113)]
THEIRS = (
    "=SUM(Data!B:B)",
    "=SUM(Amounts)*Rate",
    "=SUM(Sales[Amount])",
    "=SUM(Sales[[#All],[Amount]])+ROWS(Sales[Amount])",
    '=SUMIFS(Sales[Amount],Sales[Region],"north")',
    "=A1+A2*2",
    '=IF(A1>100,"big","small")',
    '=VLOOKUP("south",Data!$A$2:$D$5,2,FALSE)',
    '=INDEX(Data!B2:B5,MATCH("été",Data!A2:A5,0))',
    "=ROUND(A1/7,2)",
    '=IFERROR(1/(Data!B2-15),"none")',
    "=EOMONTH(Data!C2,1)",
    '=YEAR(A12)&"-"&TEXT(A12,"yyyy-mm")',
    '=COUNTIF(Data!B2:B5,">=20")&" regions"',
    "=Data!B2=15",
    "=SUMPRODUCT(Data!B2:B5,Data!C2:C5)",
    "=SUM(Sales[Twice])",
    "=MAX('Their tab'!A1:A6)",
    "=1/(Data!B2-15)",
    "='other one'!B2+1",
)


def _their_workbook(book: Any, value: Callable[[str, str], Any]) -> None:
    data, theirs, other = (book.add_worksheet(name) for name in ("Data", "Their tab", "Other one"))
    columns = [{"header": name} for name in ("Region", "Amount", "Day", "Twice")]
    data.add_table("A1:D5", {"name": "Sales", "columns": columns, "data": ROWS})
    for row in range(2, 6):
        data.write_formula(row - 1, 3, "=Sales[[#This Row],[Amount]]*2", None, value("Data", f"D{row}"))
    book.define_name("Amounts", "=Data!$B$2:$B$5")
    book.define_name("Rate", "=0.2")
    for row, formula in enumerate(THEIRS, 1):
        theirs.write_formula(row - 1, 0, formula, None, value("Their tab", f"A{row}"))
    other.write_formula("B2", "='Their tab'!A6", None, value("Other one", "B2"))
    other.write_formula("B3", "=LEN(Data!A9)", None, value("Other one", "B3"))


def test_every_kind_of_formula_follows(stored: Callable[..., Path], soffice: str, tmp_path: Path) -> None:
    path = stored(_their_workbook)
    before = shown(path)
    book = Book.open(path)
    edit = book.edit()
    for row, amount in enumerate((15, 21.75, -3.25, 44), 2):
        edit.set("Data", row, 2, amount)
    edit.set("Data", 2, 3, 46388)
    assert refresh(book, edit) == Refreshed(refreshed=len(THEIRS) + 5, left=0)
    edit.write()
    after, judged = shown(path), recalculated(soffice, path, tmp_path / "judged")
    for sheet, cells in judged.items():
        for cell, theirs in cells.items():
            assert agree(after[sheet][cell], theirs), (sheet, cell)
    changed = {cell for cell, value in after["Their tab"].items() if value != before["Their tab"][cell]}
    assert changed == {f"A{row}" for row in range(1, len(THEIRS) + 1)}


def test_a_table_that_grows_carries_its_sums_along(stored: Callable[..., Path], soffice: str, tmp_path: Path) -> None:
    path = stored(_their_workbook)
    book = Book.open(path)
    edit = book.edit()
    for column, value in enumerate(("west", 7.5, 46140), 1):
        edit.set("Data", 6, column, value)
    edit.set("Data", 6, 4, 15, formula="Sales[[#This Row],[Amount]]*2")
    edit.resize_table("Sales", 6)
    edit.define_name("Amounts", "Data!$B$2:$B$6")
    refreshed = refresh(book, edit)
    edit.write()
    after, judged = shown(path), recalculated(soffice, path, tmp_path / "judged")
    assert refreshed.left == 0
    assert after["Their tab"]["A3"] == 108.25
    assert after["Their tab"]["A4"] == 113.25
    for cell, theirs in judged["Their tab"].items():
        assert agree(after["Their tab"][cell], theirs), cell


def test_formulas_and_all_else_stay_byte_for_byte(stored: Callable[..., Path]) -> None:
    path = stored(_their_workbook)
    with zipfile.ZipFile(path) as file:
        old = {name: file.read(name) for name in file.namelist()}
    book = Book.open(path)
    edit = book.edit()
    edit.set("Data", 2, 2, 15)
    refresh(book, edit)
    edit.write()
    with zipfile.ZipFile(path) as file:
        new = {name: file.read(name) for name in file.namelist()}
    sheets = {f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3)}
    assert {name for name in old if old[name] != new[name]} <= {*sheets, "xl/workbook.xml"}
    for name in ("xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml"):
        assert _without_values(new[name]) == _without_values(old[name])
        assert new[name] != old[name]


def _without_values(sheet: bytes) -> bytes:
    return re.sub(rb' t="\w+"|<v>[^<]*</v>', b"", sheet)


def test_the_caller_s_own_formulas_start_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "book.xlsx"
    build(path, _their_workbook, {})
    book = Book.open(path)
    edit = book.edit()
    edit.set("Data", 2, 2, 15)
    started: list[object] = []
    monkeypatch.setattr("subprocess.Popen", lambda *a, **k: started.append(a))
    everything = [Range(sheet, 1, 1, 50, 10) for sheet in book.sheets]
    assert refresh(book, edit, everything) == Refreshed()
    lone = book.edit()
    lone.set("Other one", 20, 20, 1)
    assert refresh(book, lone) == Refreshed()
    assert started == []


def test_nothing_refreshed_differs_from_what_libreoffice_computes(
    stored: Callable[..., Path], soffice: str, tmp_path: Path
) -> None:
    """Hundreds of random formulas on inputs that programs like to differ on; the draw is the same every time."""
    rng = Random(1)
    data, formulas = grammar.inputs(rng), grammar.formulas(rng, 400)

    def builder(book: xlsxwriter.Workbook, value: Callable[[str, str], Any]) -> None:
        sheet, calc = book.add_worksheet("Data"), book.add_worksheet("Calc")
        grammar.fill(sheet, data)
        for row, formula in enumerate(formulas, 1):
            calc.write_formula(row - 1, 0, formula, None, value("Calc", f"A{row}"))

    path = stored(builder)
    before = shown(path)["Calc"]
    book = Book.open(path)
    edit = book.edit()
    for place in rng.sample(sorted(data), 8):
        edit.set("Data", *place, grammar.value_for(rng, place[1]))
    done = refresh(book, edit)
    assert done.refreshed > 60
    edit.write()
    after, judged = shown(path)["Calc"], recalculated(soffice, path, tmp_path / "judged")["Calc"]
    moved = [cell for cell in after if after[cell] != before[cell]]
    assert len(moved) > 10
    wrong = [
        (cell, formulas[int(cell[1:]) - 1], after[cell], judged[cell])
        for cell in moved
        if not agree(after[cell], judged[cell])
    ]
    assert wrong == []
