"""docs/workbook.md describes the workbook that is made: its tabs, columns and formulas."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from tests.docs.papers import quoted, read, rows

PAPER = read("docs/workbook.md")


@pytest.fixture(scope="module")
def book(project: Path) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says what it does not understand
        return openpyxl.load_workbook(project / "acme KPIs.xlsx")


def headers(book: Workbook, tab: str) -> list[str]:
    [table] = book[tab].tables.values()
    return [cell.value for cell in book[tab][table.ref][0]]


def test_tabs(book: Workbook) -> None:
    assert quoted(PAPER.sections["Tabs"])[: len(book.sheetnames)] == book.sheetnames
    assert set(book.sheetnames) <= set(PAPER.sections)


@pytest.mark.parametrize("tab", ["Tracking", "KPIs", "Actions", "Review", "Log", "Guide"])
def test_columns(book: Workbook, tab: str) -> None:
    assert [cells[0] for cells in rows(PAPER.sections[tab])] == headers(book, tab)


@pytest.mark.parametrize("tab", ["Tracking", "KPIs", "Actions", "Review", "Guide"])
def test_hidden_columns(book: Workbook, tab: str) -> None:
    told = [cells[0] for cells in rows(PAPER.sections[tab]) if cells[1].startswith("hidden")]
    sheet = book[tab]
    hidden: set[int] = set()
    for width in sheet.column_dimensions.values():
        if width.hidden:
            hidden |= set(range(width.min, width.max + 1))
    [table] = sheet.tables.values()
    first = sheet[table.ref][0][0].column
    assert [header for column, header in enumerate(headers(book, tab), first) if column in hidden] == told


def test_tables_have_the_names_told(book: Workbook) -> None:
    for tab in ("Tracking", "KPIs", "Actions", "Review", "Guide"):
        assert set(book[tab].tables) <= set(quoted(PAPER.sections[tab]))


def test_formulas_are_those_of_cells(book: Workbook) -> None:
    [shown] = [block for block in PAPER.blocks if block.language == "excel"]

    def anywhere(formula: str) -> str:
        return re.sub(r"(?<=\b[A-Z])\d+\b", "#", formula)

    written = {
        anywhere(cell.value)
        for row in book["Tracking"].iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith("=")
    }
    told = {anywhere(line) for line in shown.text.splitlines()}
    assert told <= written
    assert len(told) == 3
