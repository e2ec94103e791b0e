"""What the sync engine relies on: names, tables, headers, blank cells; judged by openpyxl and the file's parts."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kpisheets.core.workbook import (
    ACTIONS,
    CATALOGUE,
    FIELDS,
    FIXED_ROWS,
    GROWING,
    GUIDE,
    LANGUAGE,
    LOG,
    MACHINE,
    NAMED_CELLS,
    PACKS,
    PROJECT,
    REPORT,
    REVIEW,
    SCHEMA,
    SCHEMA_VERSION,
    TARGETS,
    TRACKING,
    handle,
)
from kpisheets.templates import language

TABS = ("report", "tracking", "kpis", "actions", "review", "control", "log", "guide", "targets")
SECTION = {
    **{TRACKING: "tracking", CATALOGUE: "catalogue", ACTIONS: "actions", REVIEW: "review"},
    **{TARGETS: "targets", LOG: "log", REPORT: "report", GUIDE: "guide"},
}
ROWS = {TRACKING: 1, CATALOGUE: 3, ACTIONS: 1, REVIEW: 1, TARGETS: 1, LOG: 1, REPORT: 3, GUIDE: 3}


def opened(path: Path) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says that it would drop sparklines
        return openpyxl.load_workbook(path)


def spot(book: Workbook, name: str) -> tuple[Worksheet, tuple[int, int, int, int]]:
    """The sheet of a defined name, and its left, top, right, bottom."""
    title, area = book.defined_names[name].attr_text.rsplit("!", 1)
    return book[title.strip("'").replace("''", "'")], range_boundaries(area.replace("$", ""))


def is_hidden(sheet: Worksheet, column: int, level: int = 0) -> bool:
    """Whether a column is hidden; openpyxl keeps neighbours that look alike under the first of them."""
    alike = [found for found in sheet.column_dimensions.values() if found.min <= column <= found.max]
    return any(found.hidden and found.outline_level == level for found in alike)


def test_tabs_stand_in_order_and_it_opens_on_the_first(sample: Path, code: str) -> None:
    book = opened(sample)
    assert book.sheetnames == [language(code).tabs[key] for key in TABS]
    assert book.active.title == book.sheetnames[0]
    assert not any(sheet.protection.sheet for sheet in book)


@pytest.mark.parametrize("table", GROWING)
def test_each_name_spans_the_header_and_the_rows_of_its_column(sample: Path, code: str, table: str) -> None:
    book = opened(sample)
    words = language(code).columns[SECTION[table]]
    lefts = []
    for field in FIELDS[table]:
        sheet, (left, top, right, bottom) = spot(book, handle(table, field))
        assert left == right
        assert bottom - top == ROWS[table]
        assert sheet.cell(top, left).value == words.get(field, field)
        lefts.append(left)
        if table != CATALOGUE or field == "seen":
            assert all(sheet.cell(row, left).value is None for row in range(top + 1, bottom + 1))
    assert lefts == list(range(lefts[0], lefts[0] + len(lefts)))
    found = sheet.tables[table]
    assert range_boundaries(found.ref) == (lefts[0], top, lefts[-1], bottom)
    headers = [column.name for column in found.tableColumns]
    assert headers == [sheet.cell(top, left).value for left in lefts]
    assert len({header.casefold() for header in headers}) == len(headers)
    assert not found.totalsRowCount
    assert not any(column.calculatedColumnFormula for column in found.tableColumns)


@pytest.mark.parametrize("table", FIXED_ROWS)
def test_fixed_blocks_have_a_header_and_their_rows_side_by_side(sample: Path, table: str) -> None:
    book = opened(sample)
    spots = [spot(book, handle(table, field)) for field in FIELDS[table]]
    assert len({(sheet.title, top, bottom) for sheet, (_, top, _, bottom) in spots}) == 1
    for sheet, (left, top, _, bottom) in spots:
        assert bottom - top == FIXED_ROWS[table]
        assert sheet.cell(top, left).value
        assert all(sheet.cell(row, left).value is None for row in range(top + 1, bottom + 1))


def test_every_single_cell_has_its_name_alone(sample: Path, code: str) -> None:
    book = opened(sample)
    places = set()
    known = {PROJECT: "Acme", LANGUAGE: code, PACKS: "sales,hr", SCHEMA: SCHEMA_VERSION}
    for name in NAMED_CELLS:
        sheet, (left, top, right, bottom) = spot(book, name)
        assert (left, top) == (right, bottom)
        assert sheet.cell(top, left).value == known.get(name)
        places.add((sheet.title, top, left))
    assert len(places) == len(NAMED_CELLS)
    assert book.custom_doc_props["kpisheets.schema"].value == SCHEMA_VERSION


def test_there_is_no_formula_in_any_cell(sample: Path) -> None:
    with zipfile.ZipFile(sample) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == len(TABS)
        assert not any(b"<f>" in parts.read(name) or b"<f " in parts.read(name) for name in sheets)


@pytest.mark.parametrize("table", MACHINE)
def test_the_columns_of_the_tool_are_grouped_and_hidden_and_the_others_are_not(sample: Path, table: str) -> None:
    book = opened(sample)
    for field in FIELDS[table]:
        sheet, (left, *_) = spot(book, handle(table, field))
        assert is_hidden(sheet, left, level=1) == (field in MACHINE[table]), field


def test_hidden_rows_of_the_control_tab(sample: Path) -> None:
    book = opened(sample)
    for name in NAMED_CELLS:
        sheet, (_, top, _, _) = spot(book, name)
        hidden = name.startswith("kpi_elapsed") or name in (PACKS, SCHEMA)
        assert bool(sheet.row_dimensions[top].hidden) == hidden, name


def test_the_report_table_stands_below_everything_else_of_its_tab(sample: Path) -> None:
    book = opened(sample)
    sheet, (_, top, _, bottom) = spot(book, handle(REPORT, "id"))
    assert max(cell.row for row in sheet for cell in row if cell.value is not None) == top
    assert all(spot(book, handle(table, FIELDS[table][0]))[1][3] < top for table in FIXED_ROWS)
    # Room for forty more KPIs has its formats and sparklines.
    trend = sheet.cell(bottom, range_boundaries(sheet.tables[REPORT].ref)[0] + FIELDS[REPORT].index("variance_pct"))
    assert sheet.cell(bottom + 40, trend.column).number_format == trend.number_format
    assert trend.number_format.replace('"\xa0"', "") == "+0.0%;-0.0%;0.0%"
    with zipfile.ZipFile(sample) as parts:
        text = parts.read("xl/worksheets/sheet1.xml").decode()
    letter = get_column_letter(2 + FIELDS[REPORT].index("trend"))
    for row in range(top + 1, bottom + 41):
        assert f"<xm:sqref>{letter}{row}</xm:sqref>" in text
    assert 'displayHidden="1"' in text


def test_the_catalogue_says_what_the_kpis_are(sample: Path, code: str) -> None:
    book = opened(sample)
    enums = language(code).enums

    def column(field: str) -> list[object]:
        sheet, (left, top, _, bottom) = spot(book, handle(CATALOGUE, field))
        return [sheet.cell(row, left).value for row in range(top + 1, bottom + 1)]

    assert column("id") == ["revenue", "delivery_time", "satisfaction"]
    assert column("direction") == [enums["direction"][word] for word in ("Higher", "Lower", "Range")]
    assert column("frequency") == [enums["frequency"][word] for word in ("Monthly", "Weekly", "Quarterly")]
    assert column("roll_up") == [enums["roll_up"][word] for word in ("Sum", "Average", "Average")]
    assert column("department") == [enums["department"][word] for word in ("Sales", "Operations", "HR")]
    assert column("target") == [120000, 3.5, None]
    assert column("low") == [None, None, 7]
    assert column("tolerance") == [0.05, 0, 0]
    assert [str(day)[:10] for day in column("active_from")] == ["2026-01-01", "None", "2026-04-01"]
    assert column("owner_email") == ["camille@example.org", None, None]
