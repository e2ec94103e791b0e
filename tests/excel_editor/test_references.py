"""References and moved formulas, judged by openpyxl and XlsxWriter."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.formula.translate import Translator
from openpyxl.utils import get_column_letter, quote_sheetname
from xlsxwriter.utility import xl_rowcol_to_cell

from kpisheets.backends.excel.ooxml import Range
from kpisheets.backends.excel.ooxml.notation import refs

rows, columns = st.integers(1, refs.MAX_ROW), st.integers(1, refs.MAX_COLUMN)


@given(rows, columns)
def test_names_of_cells(row: int, column: int) -> None:
    assert refs.cell_name(row, column) == xl_rowcol_to_cell(row - 1, column - 1)
    assert refs.parse_cell(refs.cell_name(row, column)) == (row, column)
    assert refs.column_letters(column) == get_column_letter(column)


@given(st.text(string.printable + "é'", min_size=1, max_size=31).filter(lambda name: not set(name) & set("[]:*?/\\!")))
def test_a_range_reads_back(name: str) -> None:
    where = Range(name, 5, 1, 9, 3)
    assert where.a1.endswith("!$A$5:$C$9")
    assert where.a1.rpartition("!")[0] in (name, quote_sheetname(name))
    if name == name.strip():
        assert refs.parse_range(where.a1) == where


@pytest.mark.parametrize(
    "text", ["Sheet1!A:A", "#REF!", "Sheet1!#REF!", "A1", "Sheet1!A1,Sheet1!B2", "[1]Sheet1!A1", "'[a]b'!A1", "0.2",
             "Sheet1:Sheet3!A1", "OFFSET(Sheet1!A1,1,1)", "Sheet1!A1048577", "Sheet1!XFE1", "Sheet1!1:3"],
)  # fmt: skip
def test_what_is_no_plain_range(text: str) -> None:
    assert refs.parse_range(text) is None


@pytest.mark.parametrize("name", ["A1", "R1C1", "rc", "2026", "My tab", "it's", "été"])
def test_names_that_need_quotes(name: str) -> None:
    assert refs.quote_sheet(name).startswith("'")


@pytest.mark.parametrize(
    "formula",
    [
        "A1+$A1+A$1+$A$1", "SUM(B2:C10)*LOG10(D4)", "'A1 B2'!C3&\"A1\"", 'IF(B2="A1 ""B2""",C3,D4)', "Sheet1!B5",
        "SUM(C:C)+SUM($D:D)", "SUM(5:7)", "kpi_1+A1B+rate.C3", "T[[#This Row],[A1]]+B3", "1E5+B2", "SUM(T[A1])",
        "B2%+-C3^2", "#REF!+B2", "Sheet1!B2:C3",
    ],
)  # fmt: skip
@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, 0), (0, 2), (7, 30)])
def test_moved_formulas(formula: str, down: int, right: int) -> None:
    judge = Translator("=" + formula, origin="A1").translate_formula(xl_rowcol_to_cell(down, right))
    assert refs.RelativeFormula(formula).at(down, right) == judge.removeprefix("=")


def test_a_reference_that_leaves_the_sheet() -> None:
    assert refs.RelativeFormula("A1+$A$1").at(-1, 0) == "#REF!+$A$1"


def test_a_range_that_ends_in_a_function() -> None:
    # openpyxl leaves the first reference where it was.
    assert refs.RelativeFormula("A1:INDEX(B2:B9,3)").at(1, 1) == "B2:INDEX(C3:C10,3)"
