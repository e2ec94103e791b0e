"""Rows that are added by columns: what cell by cell gives, as openpyxl sees it; what is spelled wrong is stopped."""

# Cells have no time zone.
# ruff: noqa: DTZ001
from __future__ import annotations

import datetime as dt
import random
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from kpisheets.backends.excel.ooxml import Book, CellError, Edit, Filled, Range
from kpisheets.backends.excel.ooxml.editing import spelling
from kpisheets.backends.excel.ooxml.notation.values import Value
from kpisheets.errors import BadData, Defect

TAB = "My tab"
VALUES: list[Value | dt.date] = [
    *(None, 1, -2.5, 1e300, 0.1 + 0.2, 12345678901234567, True, False, "", "plain", "<b> & “c”", " kept ", "a\nb"),
    *(
        "two  spaces",
        "_x0041_",
        "a\rb",
        "n/a",
        dt.datetime(2026, 3, 4, 5, 6, 7),
        dt.date(2026, 3, 4),
        CellError("#N/A"),
    ),
]
FORMULAS = [None, None, "D\0-C\0", 'IF(D\0<2,"a & b",D\0&"\0")', "ROUND(C\0,9)+$A$1"]


def columns(rows: int, seed: int) -> dict[int, Filled]:
    """Columns of all kinds: one value throughout, all alike, and everything at once."""
    rng = random.Random(seed)
    mixed = [rng.choice(VALUES) for _ in range(rows)]
    return {
        1: Filled([f"key {row}" for row in range(rows)], [None] * rows, [1] * rows),
        3: Filled([row * 1.5 for row in range(rows)], [None] * rows, [0] * rows),
        4: Filled(mixed, [None] * rows, [rng.choice((0, 1)) for _ in range(rows)]),
        5: Filled([row * 0.1 for row in range(rows)], ["D\0-C\0"] * rows, [0] * rows),
        6: Filled([rng.choice((1.5, "x", None)) for _ in range(rows)], rng.choices(FORMULAS, k=rows), [0] * rows),
        30: Filled([None] * rows, [None] * rows, [0] * rows),
    }


def each(edit: Edit, top: int, cells: dict[int, Filled]) -> None:
    for column, filled in cells.items():
        for row, (value, formula, style) in enumerate(zip(*filled, strict=True), top):
            if value is not None or formula is not None or style:
                text = None if formula is None else formula.replace("\0", str(row))
                edit.set(TAB, row, column, value, formula=text, style=style)


@pytest.mark.parametrize("below", [1, 90])
def test_it_is_as_if_each_cell_were_set(sample: Path, below: int, look: SimpleNamespace) -> None:
    other = Path(shutil.copy(sample, sample.with_name("other.xlsx")))
    book, rows = Book.open(sample), 300
    top = book.grid(TAB).last_row + below
    cells = columns(rows, below)
    edit, single = book.edit(), Book.open(other).edit()
    edit.append(TAB, top, cells)
    each(single, top, cells)
    assert not edit.is_empty
    assert sorted(edit.plan(), key=lambda change: change[:3]) == sorted(single.plan(), key=lambda change: change[:3])
    assert edit.write() == single.write()
    for values in (True, False):
        assert look.view(sample, values=values) == look.view(other, values=values)


def test_rows_that_are_there_are_filled_too(plain: Path, look: SimpleNamespace) -> None:
    other = Path(shutil.copy(plain, plain.with_name("other.xlsx")))
    cells = {14: Filled([1, 2, 3], [None, "A\0", None], [0, 0, 0])}
    edit, single = Book.open(plain).edit(), Book.open(other).edit()
    edit.append(TAB, 30, cells)
    each(single, 30, cells)
    assert edit.write() == single.write() == 3
    assert look.view(plain, values=False) == look.view(other, values=False)


def test_cells_set_among_the_new_rows_come_on_top(plain: Path) -> None:
    edit = Book.open(plain).edit()
    edit.append(TAB, 60, {1: Filled([1, 2, 3], [None] * 3, [0] * 3)})
    edit.append("Empty", 1, {2: Filled(["a", "b"], [None] * 2, [0] * 2)})
    edit.set(TAB, 61, 1, "typed")
    edit.set(TAB, 70, 1, "below")
    edit.write()
    seen = openpyxl.load_workbook(plain)
    assert [seen[TAB].cell(row, 1).value for row in (60, 61, 62, 70)] == [1, "typed", 3, "below"]
    assert [seen["Empty"].cell(row, 2).value for row in (1, 2)] == ["a", "b"]


def test_a_table_grows_over_them_and_a_new_one_may_begin_there(plain: Path) -> None:
    edit = Book.open(plain).edit()
    edit.append("Other", 20, {1: Filled(["head", 1, 2], [None] * 3, [0] * 3)})
    edit.add_table("fresh", Range("Other", 20, 1, 22, 1), ["head"])
    edit.write()
    assert openpyxl.load_workbook(plain)["Other"].tables["fresh"].ref == "A20:A22"


@pytest.mark.parametrize(
    ("filled", "said"),
    [
        (Filled([1.0, float("nan")], [None] * 2, [0] * 2), "B61.*not a number"),
        (Filled(["a", "b\x07"], [None] * 2, [0] * 2), "B61.*control character"),
        (Filled([0, 0], ["A\0", "A\0\x07"], [0] * 2), "B61.*formula"),
        (Filled([0, 0], [None, ""], [0] * 2), "B61.*formula"),
        (Filled([0, dt.date(1890, 1, 1)], [None] * 2, [0] * 2), "B61.*before"),
        (Filled([0, 0], [None] * 2, [0, 999]), "no such cell style"),
        (Filled([0, object()], [None] * 2, [0, 0]), "B61.*not a cell's value"),  # type: ignore[list-item]
    ],
)  # fmt: skip
def test_what_no_cell_can_hold_is_refused(plain: Path, filled: Filled, said: str) -> None:
    with pytest.raises(BadData, match=f"(?s){said}"):
        Book.open(plain).edit().append(TAB, 60, {2: filled})


def test_rows_beyond_the_last_one_are_refused(plain: Path) -> None:
    with pytest.raises(BadData, match="no such cells"):
        Book.open(plain).edit().append(TAB, 1_048_576, {2: Filled([1, 2], [None] * 2, [0] * 2)})


SPOILED = {
    "value": lambda text: text.replace("<v>150</v>", "<v>151</v>"),
    "text": lambda text: text.replace("key 77<", "key 78<"),
    "style": lambda text: text.replace('r="C200"', 'r="C200" s="1"'),
    "formula": lambda text: text.replace("D120-C120", "D120-C121"),
    "no formula": lambda text: text.replace("<f>D120-C120</f>", ""),
    "row": lambda text: text.replace('<row r="130">', '<row r="131">', 1),
    "cell": lambda text: text.replace('<c r="C140"', '<c r="H140"'),
    "one too many": lambda text: text.replace("</row>", '<c r="ZZ60"><v>1</v></c></row>', 1),
}


@pytest.mark.parametrize("spoil", SPOILED)
def test_what_is_spelled_wrong_is_not_written(plain: Path, monkeypatch: pytest.MonkeyPatch, spoil: str) -> None:
    spell, before = spelling.spelled, plain.read_bytes()

    def spoiled(*arguments: Any) -> Any:
        for some, rows in spell(*arguments):
            changed = SPOILED[spoil](rows.decode()).encode()
            assert changed != rows
            yield some, changed

    monkeypatch.setattr("kpisheets.backends.excel.ooxml.editing.plan.spelled", spoiled)
    edit = Book.open(plain).edit()
    edit.append(TAB, 60, columns(200, 1))
    with pytest.raises((Defect, BadData)):
        edit.write()
    assert plain.read_bytes() == before


def test_rows_of_another_style_or_formula_are_read_as_they_are(tmp_path: Path) -> None:
    """Rows are read by one expression that spells out what all have in common: these have it not."""
    path, rows = tmp_path / "alike.xlsx", 4_000
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, bold = book.add_worksheet("Data"), book.add_format({"bold": True})
        for row in range(rows):
            odd = row % 97 == 5 or 3_000 < row < 3_100
            sheet.write_string(row, 0, f"key {row}", bold if odd else None)
            sheet.write_number(row, 1, row / 3)
            formula = f"=B{row + 1}*{row % 7}" if odd else f"=B{row + 1}+10"
            sheet.write_formula(row, 2, formula, None, row)
    grid, seen = Book.open(path).grid("Data"), openpyxl.load_workbook(path)["Data"]
    assert grid.formulas(3, 1, rows) == [cell.value.removeprefix("=") for cell in seen["C"]]
    assert grid.column(1, 1, rows) == [cell.value for cell in seen["A"]]
    assert grid.column(2, 1, rows) == [cell.value for cell in seen["B"]]
    assert [bool(grid.cell(row, 1).style) for row in range(1, rows + 1)] == [cell.font.bold for cell in seen["A"]]
