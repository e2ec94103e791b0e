"""Random edits: only the edited cells differ, in openpyxl's eyes, and every other entry is byte for byte the same."""

# Cells have no time zone.
# ruff: noqa: DTZ001
from __future__ import annotations

import datetime as dt
import math
import re
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import to_excel
from openpyxl.utils.escape import unescape
from openxml_audit import OpenXmlValidator

from kpisheets.backends.excel.ooxml import Book, CellError

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30
) | st.sampled_from(["_x000D_", "a\nb", " lead", "trail ", "<&>\"'", "_x0041_x0042_", "=1+1", "é\t1", "x\r\ny", "]]>"])
values = st.one_of(
    st.none(), st.booleans(), texts,
    st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False, width=64),
    st.sampled_from([CellError("#DIV/0!"), CellError("#N/A")]),
    st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),
)  # fmt: skip
formulas = st.none() | st.sampled_from(["SUM(C2:C9)", 'IF(A1="<","&",1)', "numbers[[#This Row],[Target]]*2"])
edits = st.lists(
    st.tuples(st.sampled_from(["My tab", "Other", "Empty"]), st.integers(2, 60), st.integers(1, 18), values, formulas),
    min_size=1, max_size=25, unique_by=lambda edit: edit[:3],
)  # fmt: skip


def stored(value: Any) -> Any:
    """What openpyxl should say of a value, dates as numbers."""
    if isinstance(value, str):
        return str(value)
    return to_excel(value) if isinstance(value, dt.datetime) else value


def seen(value: Any) -> Any:
    if isinstance(value, dt.time):
        value = dt.datetime.combine(dt.date(1899, 12, 30), value)
    if isinstance(value, str):
        return unescape(value)
    return to_excel(value) if isinstance(value, dt.datetime) else value


def agree(expected: Any, value: Any) -> bool:
    expected, value = stored(expected), seen(value)
    if expected == "" and value is None:  # openpyxl's reading of some empty texts
        return True
    if isinstance(expected, bool) or not isinstance(expected, int | float):
        return expected == value and isinstance(expected, bool) == isinstance(value, bool)
    return isinstance(value, int | float) and math.isclose(expected, value, rel_tol=1e-15, abs_tol=1e-7)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
)
@given(edits)
def test_only_the_edited_cells_differ(
    original: Path, tmp_path: Path, look: SimpleNamespace, changes: list[tuple[str, int, int, Any, str | None]]
) -> None:
    path = Path(shutil.copy(original, tmp_path / "random.xlsx"))
    before, before_formulas = look.view(path, values=True), look.view(path, values=False)
    raw = look.raw_entries(path)
    edit = Book.open(path).edit()
    made = {}
    for sheet, row, column, value, formula in changes:
        # A date needs a date style to be read as one; numbers that land on date styles are theirs to interpret.
        if Book.open(path).grid(sheet).locked(row, column):
            continue
        if (isinstance(value, int | float) and column in (2, *range(12, 16))) or row == 41:
            continue
        edit.set(sheet, row, column, value, formula)
        made[sheet, row, column] = (value, formula)
    edit.write()
    after, after_formulas = look.view(path, values=True), look.view(path, values=False)
    for key in before.keys() | after.keys():
        if key in made:
            value, formula = made[key]
            assert agree(value, after.get(key, (None,))[0]), (key, value, after.get(key))
            if formula:
                assert after_formulas[key][0] == "=" + formula
            if key in before and key in after:
                assert after[key][1] == before[key][1], "the number format stays"
        else:
            assert after.get(key) == before.get(key), key
            assert after_formulas.get(key) == before_formulas.get(key), key
    now = look.raw_entries(path)
    sheets = {f"xl/worksheets/sheet{('My tab', 'Other', 'Empty').index(key[0]) + 1}.xml" for key in made}
    allowed = sheets | {"xl/workbook.xml"}
    if "xl/calcChain.xml" in raw.keys() - now.keys():
        allowed |= {"xl/calcChain.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"}
    assert {name for name in raw.keys() | now.keys() if raw.get(name) != now.get(name)} <= allowed


def test_reading_agrees_with_openpyxl(sample: Path, look: SimpleNamespace) -> None:
    book = Book.open(sample)
    assert set(book.sheets) == {"My tab", "Other", "Empty"}
    cached, formulas = look.view(sample, values=True), look.view(sample, values=False)
    assert len(cached) > 150
    for (sheet, row, column), (value, _) in cached.items():
        cell = book.grid(sheet).cell(row, column)
        assert cell.value == value, (sheet, row, column)
        formula = formulas[sheet, row, column][0]
        if isinstance(formula, str) and formula.startswith("="):
            assert cell.formula == formula[1:]
    grid = book.grid("My tab")
    assert grid.column(3, 1, 5) == [cached["My tab", row, 3][0] for row in range(1, 6)]
    assert grid.formulas(5, 1, 2) == [None, "D2-C2"]
    assert grid.top == 1
    assert grid.bottom >= 31


def test_a_blank_edit_and_a_repeated_value_touch_nothing(sample: Path) -> None:
    before = (sample.read_bytes(), sample.stat().st_mtime_ns)
    book = Book.open(sample)
    edit = book.edit()
    for row in range(2, 32):
        for column in range(1, 7):
            cell = book.grid("My tab").cell(row, column)
            edit.set("My tab", row, column, cell.value, cell.formula, cell.style)
    assert edit.plan() == ()
    assert edit.write() == 0
    assert (sample.read_bytes(), sample.stat().st_mtime_ns) == before


def test_the_validator_finds_nothing_new(sample: Path) -> None:
    def errors() -> set[str]:
        found = OpenXmlValidator(max_errors=1000).validate(str(sample)).errors
        # It counts inline texts, which are what is written on purpose.
        return {re.sub(r"\d+", "#", f"{error.part_uri} {error.description}") for error in found}

    before = errors()
    book = Book.open(sample)
    edit = book.edit()
    style = edit.style_like(book.grid("My tab").cell(5, 3).style, "#,##0.000 €")
    for row in range(32, 40):
        edit.set("My tab", row, 1, f"new {row}")
        edit.set("My tab", row, 3, row / 7, style=style)
        edit.set("My tab", row, 5, row / 7, f"D{row}-C{row}")
    edit.resize_table("numbers", 39)
    edit.define_name("fresh", "'My tab'!$A$32:$A$39")
    edit.write()
    assert errors() <= before


def test_formulas_gone_take_the_calculation_chain_along(plain: Path, look: SimpleNamespace) -> None:
    chain = (
        b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="E2" i="1"/></calcChain>'
    )
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    link = b'<Relationship Id="rId99" Type="' + kind + b'" Target="calcChain.xml"/></Relationships>'
    content = b"application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    override = b'<Override PartName="/xl/calcChain.xml" ContentType="' + content + b'"/></Types>'
    look.rewritten(
        plain,
        {
            "xl/_rels/workbook.xml.rels": lambda data: data.replace(b"</Relationships>", link),
            "[Content_Types].xml": lambda data: data.replace(b"</Types>", override),
        },
        {"xl/calcChain.xml": chain},
    )
    edit = Book.open(plain).edit()
    edit.set("My tab", 2, 5, 3.5, "D2-C2+1")  # another formula in the same cell: the chain still holds
    edit.write()
    assert "xl/calcChain.xml" in look.raw_entries(plain)
    edit = Book.open(plain).edit()
    edit.set("My tab", 2, 5, 3.5)
    edit.write()
    with zipfile.ZipFile(plain) as archive:
        assert "xl/calcChain.xml" not in archive.namelist()
        for name in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
            assert b"calcChain" not in archive.read(name)
        assert b'fullCalcOnLoad="1"' in archive.read("xl/workbook.xml")


@pytest.mark.parametrize("system", ["1900", "1904"])
def test_dates(tmp_path: Path, system: str) -> None:
    import openpyxl
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    path, moments = tmp_path / "dates.xlsx", [dt.datetime(2026, 3, 1, 13, 45, 30), dt.datetime(1950, 1, 1)]
    book = openpyxl.Workbook()
    if system == "1904":
        book.epoch = CALENDAR_MAC_1904
    for row, moment in enumerate(moments, 1):
        book.active.cell(row, 1, moment)
        book.active.cell(row, 2, moment.date())
    book.save(path)
    mine = Book.open(path)
    grid = mine.grid("Sheet")
    assert grid.column(1, 1, 2) == moments
    edit = mine.edit()
    edit.set("Sheet", 1, 1, dt.datetime(2027, 5, 6, 7, 8, 9))
    edit.set("Sheet", 2, 2, dt.date(2027, 5, 6))
    edit.write()
    sheet = openpyxl.load_workbook(path).active
    assert sheet["A1"].value == dt.datetime(2027, 5, 6, 7, 8, 9)
    assert sheet["B2"].value == dt.datetime(2027, 5, 6)
