"""What is sent to make the tabs: as the discovery document has it, in the notation that every locale reads, and with
the words, numbers, widths and formats of the Excel build in the same places."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import to_excel

from kpisheets.backends.excel.build import build
from kpisheets.backends.google.build import draw
from kpisheets.backends.google.build.ids import identity
from kpisheets.core.workbook import CHART, FIELDS, GROWING, MACHINE, POINTS, REPORT, TARGETS, handle
from kpisheets.templates import languages
from tests.google_build.conftest import CHOICES, Google, content_of
from tests.sheets_emulator.discovery import Document

TRENDS = 2 + FIELDS[REPORT].index(POINTS[0])
"""Where, from 1, the Report tab's points begin: above them stand the settings of sparklines."""


def requests_of(code: str, *chosen: str) -> list[dict[str, Any]]:
    return draw(content_of(code, *chosen), fresh=0).requests


@pytest.fixture(scope="module")
def document() -> Document:
    return Document("sheets", "v4")


@pytest.mark.parametrize("choice", CHOICES, ids="-".join)
def test_every_request_fits_the_discovery_document(choice: tuple[str, ...], document: Document) -> None:
    body = {"requests": requests_of(*choice), "includeSpreadsheetInResponse": True}
    assert not document.violations("BatchUpdateSpreadsheetRequest", body)


@pytest.mark.parametrize("code", languages())
def test_formulas_are_in_the_notation_of_every_locale(code: str) -> None:
    found = list(formulas(requests_of(code, "sales", "finance")))
    assert len(found) == 6
    for formula in found:
        assert is_everywhere_the_same(formula), formula


def is_everywhere_the_same(formula: str) -> bool:
    """No comma between arguments, no array, no decimal: those are spelled by the locale."""
    bare = "".join(re.sub(r"'[^']*'!", "", formula).split('"')[::2])
    return not re.search(r"[,{}\\]|[0-9]\.[0-9]", bare)


def formulas(node: Any) -> Iterator[str]:
    """Every formula in the requests, those of rules too."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("formulaValue", "userEnteredValue") and isinstance(value, str) and value.startswith("="):
                yield value
            else:
                yield from formulas(value)
    elif isinstance(node, list):
        for value in node:
            yield from formulas(value)


def test_a_text_is_never_typed_as_a_formula() -> None:
    from dataclasses import replace

    content = content_of("en", "sales")
    hostile = replace(content.kpis[0], name="=1+1", objective="+49 30", owner="@ada", definition="'quoted")
    drawn = draw(replace(content, kpis=(hostile,), project="=HYPERLINK(1)"), fresh=0).requests
    text = json.dumps(drawn)
    for said in ("=1+1", "+49 30", "@ada", "'quoted", "=HYPERLINK(1)"):
        assert json.dumps({"stringValue": said}) in text
        assert json.dumps({"formulaValue": said}) not in text


def test_the_same_content_gives_the_same_requests() -> None:
    assert requests_of("fr", "sales") == requests_of("fr", "sales")


def test_ids_are_free_and_fit() -> None:
    assert 0 < identity("tab report") < 2**31
    taken = {identity("tab report"), identity("tab report") + 1}
    assert identity("tab report", taken) not in taken


# --- the same words in the same places as in the Excel build ---


@pytest.mark.parametrize("choice", CHOICES, ids="-".join)
def test_it_says_what_the_excel_build_says(choice: tuple[str, ...], service: Google, tmp_path: Path) -> None:
    content = content_of(*choice)
    build(tmp_path / "book.xlsx", content)
    theirs = openpyxl.load_workbook(tmp_path / "book.xlsx")
    id = service.blank("Sheet1")
    service.batch(id, *draw(content, fresh=0).requests)
    ours = service.spreadsheet(id)
    assert [sheet["properties"]["title"] for sheet in ours["sheets"]] == theirs.sheetnames
    for sheet in ours["sheets"]:
        compare(sheet, theirs[sheet["properties"]["title"]], is_report=sheet is ours["sheets"][0])


def compare(ours: Mapping[str, Any], theirs: Any, *, is_report: bool) -> None:
    data = ours["data"][0]
    grid = [row.get("values", []) for row in data["rowData"]]

    def cell(row: int, column: int) -> Mapping[str, Any]:
        cells = grid[row - 1] if row <= len(grid) else []
        return cells[column - 1] if column <= len(cells) else {}

    trend = 2 + FIELDS[REPORT].index("trend") if is_report else 0
    places = {(row, column) for row, cells in enumerate(grid, 1) for column in range(1, len(cells) + 1)}
    places |= {(found.row, found.column) for line in theirs for found in line}
    for row, column in sorted(places):
        if is_report and (column == trend or (row <= 4 and column >= TRENDS)):
            continue
        other = theirs.cell(row, column)
        shown = next(iter(cell(row, column).get("effectiveValue", {}).values()), None)
        value = to_excel(other.value) if isinstance(other.value, date | datetime) else other.value
        if other.column >= 10 and ours["properties"]["title"] == theirs.parent.sheetnames[5]:
            continue  # where Excel keeps the items of dropdowns that are too long for it
        assert shown == value, (theirs.title, other.coordinate)
        said = cell(row, column).get("userEnteredFormat", {})
        if value is not None:
            assert said.get("numberFormat", {}).get("pattern", "General") == other.number_format, other.coordinate
            assert bool(said["textFormat"].get("bold")) == bool(other.font.bold), other.coordinate
            assert said["textFormat"]["fontSize"] == other.font.sz, other.coordinate
            assert hexed(said["textFormat"]["foregroundColorStyle"]) == other.font.color.rgb[2:], other.coordinate
            assert (said.get("wrapStrategy") == "WRAP") == bool(other.alignment.wrap_text), other.coordinate
    merged = {
        (area["startRowIndex"] + 1, area["startColumnIndex"] + 1, area["endRowIndex"], area["endColumnIndex"])
        for area in ours.get("merges", ())
    }
    assert merged == {(a.min_row, a.min_col, a.max_row, a.max_col) for a in theirs.merged_cells.ranges}
    frozen = ours["properties"]["gridProperties"]
    pane = theirs.sheet_view.pane
    assert frozen.get("frozenRowCount", 0) == (pane.ySplit if pane else 0)
    assert frozen.get("frozenColumnCount", 0) == (pane.xSplit if pane else 0)
    assert bool(frozen.get("hideGridlines")) == (theirs.sheet_view.showGridLines is False)
    for letters, dimension in theirs.column_dimensions.items():
        for at in range(dimension.min, dimension.max + 1):
            known = data["columnMetadata"][at - 1] if at <= len(data["columnMetadata"]) else {}
            if dimension.hidden and at <= len(data["columnMetadata"]):
                assert known.get("hiddenByUser"), (theirs.title, letters)
            if not dimension.hidden and not dimension.collapsed:
                assert known["pixelSize"] == pytest.approx(dimension.width * 7, abs=1), (theirs.title, letters)
    for number, dimension in theirs.row_dimensions.items():
        if dimension.height is not None:
            assert data["rowMetadata"][number - 1]["pixelSize"] == pytest.approx(dimension.height * 4 / 3, abs=1)


def hexed(style: Mapping[str, Any]) -> str:
    rgb = style["rgbColor"]
    return "".join(f"{round(rgb.get(part, 0) * 255):02X}" for part in ("red", "green", "blue"))


# --- what the spreadsheet has besides cells ---


@pytest.fixture(scope="module")
def made(service: Google) -> dict[str, Any]:
    id = service.blank("Sheet1")
    service.batch(id, *draw(content_of("fr", "sales", "hr"), fresh=0).requests)
    return service.spreadsheet(id)


def test_locale_and_time_zone_are_the_projects(made: dict[str, Any]) -> None:
    assert made["properties"]["locale"] == "fr_FR"
    assert made["properties"]["timeZone"] == "Europe/Paris"
    assert [sheet["properties"]["index"] for sheet in made["sheets"]] == list(range(8))
    assert len({hexed(sheet["properties"]["tabColorStyle"]) for sheet in made["sheets"]}) > 2


def test_tables_and_their_columns_have_their_handles(made: dict[str, Any]) -> None:
    tables = {table["name"]: (sheet, table) for sheet in made["sheets"] for table in sheet.get("tables", ())}
    assert set(tables) == set(GROWING) - {TARGETS}  # that one is optional
    names = {item["name"]: item["range"] for item in made["namedRanges"]}
    for name, (sheet, table) in tables.items():
        area = table["range"]
        header = sheet["data"][0]["rowData"][area["startRowIndex"]]["values"]
        metadata = sheet["data"][0]["columnMetadata"]
        for at, (field, column) in enumerate(zip(FIELDS[name], table["columnProperties"], strict=True)):
            place = area["startColumnIndex"] + at
            assert column["columnName"] == header[place]["effectiveValue"]["stringValue"]
            [mark] = metadata[place]["developerMetadata"]
            assert (mark["metadataKey"], mark["metadataValue"]) == ("kpisheets", handle(name, field))
            assert names[handle(name, field)] == {
                "sheetId": sheet["properties"]["sheetId"],
                "startRowIndex": area["startRowIndex"],
                "startColumnIndex": place,
                "endColumnIndex": place + 1,
            }


def test_machine_columns_are_folded_and_warn_without_locking_anybody_out(made: dict[str, Any]) -> None:
    tables = {table["name"]: (sheet, table) for sheet in made["sheets"] for table in sheet.get("tables", ())}
    for name, (sheet, table) in tables.items():
        left = table["range"]["startColumnIndex"]
        metadata = sheet["data"][0]["columnMetadata"]
        hidden = {field for at, field in enumerate(FIELDS[name]) if metadata[left + at].get("hiddenByUser")}
        assert hidden == MACHINE.get(name, frozenset())
        warned = {
            FIELDS[name][at - left]
            for area in sheet.get("protectedRanges", ())
            for at in range(area["range"]["startColumnIndex"], area["range"]["endColumnIndex"])
        }
        assert warned == hidden
        assert all(area["warningOnly"] for area in sheet.get("protectedRanges", ()))
        assert bool(hidden) == bool(sheet.get("columnGroups"))


def test_dropdowns_offer_the_words_of_the_language(made: dict[str, Any]) -> None:
    report, _, kpis, _, _, control, *_ = made["sheets"]
    first = kpis["data"][0]["rowData"][3]["values"]

    def rule(field: str) -> dict[str, Any]:
        found: dict[str, Any] = first[FIELDS["kpi_catalogue"].index(field)]["dataValidation"]
        return found

    def items(found: dict[str, Any]) -> list[str]:
        return [value["userEnteredValue"] for value in found["condition"]["values"]]

    assert items(rule("direction")) == list(content_of("fr").language.enums["direction"].values())
    assert rule("direction")["strict"]
    assert rule("frequency")["strict"]
    assert not rule("metric").get("strict")
    assert "revenue" in items(rule("metric"))
    assert not rule("unit").get("strict")
    assert rule("tolerance")["condition"]["type"] == "NUMBER_GREATER_THAN_EQ"
    requested = [
        cell["dataValidation"]["condition"]
        for row in control["data"][0]["rowData"]
        for cell in row.get("values", ())
        if "dataValidation" in cell
    ]
    assert [found["type"] for found in requested] == ["DATE_ON_OR_AFTER", "ONE_OF_LIST", "ONE_OF_LIST"]
    [choice] = [
        cell["dataValidation"]
        for row in report["data"][0]["rowData"]
        for cell in row.get("values", ())
        if "dataValidation" in cell
    ]
    assert choice["condition"]["type"] == "ONE_OF_RANGE"
    assert choice["condition"]["values"][0]["userEnteredValue"].startswith("='Rapport'!$B$")


def test_status_words_are_coloured_in_the_words_of_the_language(made: dict[str, Any]) -> None:
    tracking = made["sheets"][1]
    words = content_of("fr").language.status.values()
    said = [rule["booleanRule"]["condition"]["values"][0] for rule in tracking["conditionalFormats"]]
    assert set(words) <= {value["userEnteredValue"] for value in said}
    formulas = sorted(value["userEnteredValue"] for value in said if value["userEnteredValue"].startswith("="))
    assert formulas == [
        '=AND($C3<>$C$3;IFERROR(FIND("target ";$O3);0)>0)',
        '=AND($D3<>$D$3;AND($D3<>"";$K3<>"";$D3<>$K3))',
    ]


def test_the_chart_shows_the_hidden_figures(made: dict[str, Any]) -> None:
    [chart] = made["sheets"][0]["charts"]
    spec = chart["spec"]
    assert spec["hiddenDimensionStrategy"] == "SHOW_ALL"
    assert [series["type"] for series in spec["basicChart"]["series"]] == ["COLUMN", *["LINE"] * 5]
    names = {item["name"]: item["range"] for item in made["namedRanges"]}
    for field, series in zip(FIELDS[CHART][1:7], spec["basicChart"]["series"], strict=True):
        assert series["series"]["sourceRange"]["sources"] == [names[handle("kpi_chart", field)]]


def test_headers_explain_themselves(made: dict[str, Any]) -> None:
    header = made["sheets"][1]["data"][0]["rowData"][2]["values"]
    assert sum("note" in cell for cell in header) == 10


def test_each_line_of_the_report_has_its_trend(made: dict[str, Any]) -> None:
    grid = made["sheets"][0]["data"][0]["rowData"]
    column = 1 + FIELDS[REPORT].index("trend")
    found = [
        (number, cell["userEnteredValue"]["formulaValue"])
        for number, row in enumerate(grid, 1)
        for at, cell in enumerate(row.get("values", ()))
        if at == column and "formulaValue" in cell.get("userEnteredValue", {})
    ]
    assert len(found) > 40
    for number, formula in found:
        assert re.search(rf"SPARKLINE\([A-Z]+{number}:[A-Z]+{number};\$", formula), formula
