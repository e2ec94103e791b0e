"""Dropdowns, conditional formats, the chart, printing and properties."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from kpisheets.core.kpi import Kpi, Status
from kpisheets.core.workbook import CATALOGUE, CHART, CHOICE, REQUEST, TRACKING, handle
from kpisheets.templates import language, languages

from .conftest import Builder
from .test_contract import is_hidden, opened, spot

BOTTOM = 1_048_576


def dropdown(sheet: Worksheet, row: int, column: int) -> str:
    cell = sheet.cell(row, column).coordinate
    found = [rule for rule in sheet.data_validations.dataValidation if cell in rule.sqref and rule.type == "list"]
    assert len(found) == 1
    return found[0].formula1


def items(formula: str) -> list[str]:
    assert len(formula) - 2 <= 255
    return formula.strip('"').split(",")


@pytest.mark.parametrize("field", ["direction", "frequency", "roll_up"])
def test_words_of_the_language_are_offered_to_the_last_row(sample: Path, code: str, field: str) -> None:
    sheet, (left, top, _, _) = spot(opened(sample), handle(CATALOGUE, field))
    wanted = list(language(code).enums[field].values())
    assert items(dropdown(sheet, top + 1, left)) == wanted == items(dropdown(sheet, BOTTOM, left))


def test_a_cell_for_each_choice_of_people(sample: Path, code: str) -> None:
    book = opened(sample)
    sheet, (left, top, _, _) = spot(book, REQUEST)
    assert items(dropdown(sheet, top, left)) == list(language(code).enums["request"].values())
    sheet, (left, top, _, _) = spot(book, "kpi_language")
    assert items(dropdown(sheet, top, left)) == list(languages())
    sheet, (left, top, _, _) = spot(book, CHOICE)
    assert "kpi_report_kpi" in dropdown(sheet, top, left)
    sheet, (left, top, _, _) = spot(book, handle(CATALOGUE, "metric"))
    assert items(dropdown(sheet, top + 1, left)) == ["revenue", "orders"]


def test_long_lists_and_lists_with_commas_stand_in_hidden_cells(built: Builder) -> None:
    names = [f"metric_{n}" for n in range(200)]
    departments = [
        Kpi(f"k{n}", f"K{n}", department=name) for n, name in enumerate(("Research, applied", 'The "A" team'))
    ]
    book = opened(built(metric_names=names, kpis=departments))
    for field, wanted in (("metric", names), ("department", ["Research, applied", 'The "A" team'])):
        sheet, (left, top, _, _) = spot(book, handle(CATALOGUE, field))
        title, area = dropdown(sheet, top + 1, left).lstrip("=").rsplit("!", 1)
        cells = [cell for (cell,) in book[title][area.replace("$", "")]]
        assert set(wanted) <= {cell.value for cell in cells}
        assert is_hidden(book[title], cells[0].column)


def test_no_metrics_no_dropdown(built: Builder) -> None:
    sheet, (left, top, _, _) = spot(opened(built(metric_names=())), handle(CATALOGUE, "metric"))
    cell = sheet.cell(top + 1, left).coordinate
    assert not [rule for rule in sheet.data_validations.dataValidation if cell in rule.sqref]


@pytest.mark.parametrize(("table", "field"), [(TRACKING, "status"), ("kpi_report", "status"), ("kpi_report", "pace")])
def test_each_status_word_has_its_colours_to_the_last_row(sample: Path, code: str, table: str, field: str) -> None:
    sheet, (left, top, _, _) = spot(opened(sample), handle(table, field))
    words = language(code).for_workbook
    wanted = {words.status[status]: status for status in Status}
    wanted |= {words.in_progress(status): status for status in (Status.MET, Status.AT_RISK, Status.MISSED)}
    first, last = sheet.cell(top + 1, left).coordinate, f"{sheet.cell(top, left).column_letter}{BOTTOM}"
    found = {
        rule.formula[0].strip('"'): rule.dxf
        for area in sheet.conditional_formatting
        if str(area.sqref) == f"{first}:{last}"
        for rule in area.rules
        if rule.type == "cellIs"
    }
    assert found.keys() == wanted.keys()
    fills = {status: found[word].fill.bgColor.rgb for word, status in wanted.items()}
    assert len({fills[status] for status in (Status.MET, Status.AT_RISK, Status.MISSED, Status.NO_DATA)}) == 4
    for word, status in wanted.items():
        assert found[word].fill.bgColor.rgb == fills[status]
        assert contrast(found[word].font.color.rgb, fills[status]) >= 4.5


def contrast(ink: str, fill: str) -> float:
    """The contrast ratio of WCAG 2; 4.5 is what text needs."""

    def luminance(colour: str) -> float:
        parts = [int(colour[-6:][at : at + 2], 16) / 255 for at in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(ink), luminance(fill)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_an_actual_typed_over_its_source_is_marked(sample: Path) -> None:
    book = opened(sample)
    sheet, (left, top, _, _) = spot(book, handle(TRACKING, "actual"))
    source = sheet.cell(top, spot(book, handle(TRACKING, "source_value"))[1][0]).column_letter
    letter = sheet.cell(top, left).column_letter
    rules = [
        rule.formula[0]
        for area in sheet.conditional_formatting
        if str(area.sqref) == f"{letter}{top + 1}:{letter}{BOTTOM}"
        for rule in area.rules
    ]
    actual, source = f"${letter}{top + 1}", f"${source}{top + 1}"
    assert rules == [f'AND({actual}<>"",{source}<>"",{actual}<>{source})']


def test_inputs_are_blue_and_formulas_black(sample: Path) -> None:
    book = opened(sample)

    def ink(table: str, field: str) -> str:
        sheet, (left, top, _, _) = spot(book, handle(table, field))
        return str(sheet.cell(top + 1, left).font.color.rgb)[-6:]

    blue = {ink(TRACKING, field) for field in ("target", "actual", "comment")} | {ink(CATALOGUE, "target")}
    assert blue == {"0B3FBF"}
    assert {ink(TRACKING, field) for field in ("variance", "variance_pct", "status")} == {"000000"}


def test_targets_wear_their_unit(sample: Path, code: str) -> None:
    sheet, (left, top, _, _) = spot(opened(sample), handle(CATALOGUE, "target"))
    money, days = sheet.cell(top + 1, left).number_format, sheet.cell(top + 2, left).number_format
    assert "€" in money
    assert f'"{language(code).word("report.days")}"' in days.replace("\N{NO-BREAK SPACE}", "")


def test_the_chart_reads_the_hidden_block(sample: Path) -> None:
    book = opened(sample)
    with zipfile.ZipFile(sample) as parts:
        chart = parts.read("xl/charts/chart1.xml").decode()
    assert '<c:plotVisOnly val="1"/>' not in chart
    references = re.findall(r"<c:f>(.*?)</c:f>", chart)
    for field in ("label", "actual", "target"):
        _, (left, top, _, bottom) = spot(book, handle(CHART, field))
        sheet = book.worksheets[0]
        letter = sheet.cell(top, left).column_letter
        assert any(text.endswith(f"!${letter}${top + 1}:${letter}${bottom}") for text in references)


def test_printing(sample: Path) -> None:
    book = opened(sample)
    for sheet in book:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert str(sheet.page_setup.paperSize) == "9"
        assert sheet.page_setup.fitToHeight == 0
        assert "&P" in sheet.oddFooter.right.text
    report, tracking = book.worksheets[:2]
    assert report.page_setup.orientation == tracking.page_setup.orientation == "landscape"
    _, (_, top, _, _) = spot(book, handle(TRACKING, "kpi"))
    assert tracking.print_title_rows == f"${top}:${top}"
    assert tracking.freeze_panes == f"C{top + 1}"


def test_properties(sample: Path) -> None:
    facts = opened(sample).properties
    assert facts.title == "Acme"
    assert facts.created == facts.modified == datetime(2026, 11, 23)  # noqa: DTZ001
    assert facts.description == "made by kpisheets"
    assert not facts.creator


def test_headers_explain_themselves(sample: Path, code: str) -> None:
    sheet, (left, top, _, _) = spot(opened(sample), handle(TRACKING, "actual"))
    cell = sheet.cell(top, left).coordinate
    (rule,) = [rule for rule in sheet.data_validations.dataValidation if cell in rule.sqref]
    assert rule.prompt == language(code).word("sheet.hint_tracking_actual")
    hints = [text for key, text in language(code).words.items() if key.startswith("sheet.hint_")]
    assert hints
    assert max(len(text) for text in hints) <= 255
