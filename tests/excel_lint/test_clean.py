"""Files that Excel opens without a word have no error: other programs' own, and those that Excel saved."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import ColorScaleRule, FormulaRule
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from kpisheets.backends.excel.lint import errors, lint
from kpisheets.errors import BadData
from tests.libreoffice import convert

# Files that say they are Excel's and have a fault that is real.
REPAIRED = {
    "noactive_negativeId.xlsx": "made by hand to have an active tab that does not exist",
    "NamedRangeWithInvalidCharacter.xlsx": "made by hand to have a name with brackets",
    "formats.xlsx": "LibreOffice saved it under Excel's name, with dxfs behind colors",
}


def test_xlsxwriter(base: Path) -> None:
    assert lint(base) == []


@pytest.fixture(scope="module")
def by_openpyxl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("openpyxl") / "book.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["When", "Who", "How many\nof them"])
    for day in range(1, 9):
        sheet.append([dt.date(2026, 1, day), f"person {day}", day / 3])
    sheet.add_table(Table(displayName="people", ref="A1:C9"))
    sheet["E2"] = "=SUM(people[How many\nof them])"
    sheet["E3"] = '=IF(C2>1,"a;b","")'
    sheet["F2"] = "_x0041_ and \r line"
    sheet.merge_cells("H1:J3")
    sheet["H1"] = "merged"
    sheet["B3"].comment = Comment("note", "somebody")
    sheet["B4"].hyperlink = "https://example.org"
    sheet.conditional_formatting.add("C2:C9", FormulaRule(formula=["$C2>1"]))
    sheet.conditional_formatting.add("C2:C9", ColorScaleRule("min", None, "FFFFFF", "max", None, "FF0000"))
    choice = DataValidation(type="list", formula1='"a,b"')
    choice.add("B2:B9")
    sheet.add_data_validation(choice)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=3, min_row=1, max_row=9), titles_from_data=True)
    sheet.add_chart(chart, "L2")
    sheet.freeze_panes = "B2"
    other = book.create_sheet("Second & last")
    other.auto_filter.ref = "A1:B3"
    book.save(path)
    return path


def test_openpyxl(by_openpyxl: Path) -> None:
    assert lint(by_openpyxl) == []


@pytest.mark.parametrize("maker", ["base", "by_openpyxl"])
def test_libreoffice(maker: str, request: pytest.FixtureRequest, soffice: str, tmp_path: Path) -> None:
    assert lint(convert(soffice, request.getfixturevalue(maker), "xlsx", tmp_path / "out")) == []


def test_openpyxl_saves_the_base(base: Path, tmp_path: Path) -> None:
    openpyxl.load_workbook(base).save(tmp_path / "saved.xlsx")
    assert lint(tmp_path / "saved.xlsx") == []


def _application(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            found = re.search(rb"<Application>([^<]*)<", archive.read("docProps/app.xml"))
    except (zipfile.BadZipFile, KeyError):
        return ""
    return found[1].decode() if found else ""


def test_the_corpus(shared_corpus: Path) -> None:
    """Files that Excel saved have no error; few others have; none is too much for the linter."""
    wrong: dict[str, list[str]] = {}
    of_excel = refused = looked = with_errors = 0
    for path in sorted((shared_corpus / "workbooks").rglob("*.xls*")):
        try:
            found = errors(lint(path))
        except BadData:
            refused += 1
            continue
        looked += 1
        with_errors += bool(found)
        if _application(path).startswith("Microsoft"):
            of_excel += 1
            if found:
                wrong[path.name] = [str(finding) for finding in found]
    if not looked:
        pytest.skip("the corpus has no workbooks")
    assert of_excel > 100
    assert wrong.keys() == REPAIRED.keys(), wrong
    assert refused < 20
    assert with_errors < looked / 20
