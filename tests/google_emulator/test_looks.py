"""What a cell looks like in the end: its own format, alternating colours below it, conditional formats above."""

from __future__ import annotations

from typing import Any

from .conftest import Message, Sheets

GREEN, RED, GREY = {"green": 1}, {"red": 1}, {"red": 0.2}
RANGE = {"startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 3}


def _rule(kind: str, *values: str, **form: Any) -> Message:
    condition = {"type": kind, "values": [{"userEnteredValue": value} for value in values]}
    rule = {"ranges": [RANGE], "booleanRule": {"condition": condition, "format": form}}
    return {"addConditionalFormatRule": {"rule": rule, "index": 0}}


def _backgrounds(sheets: Sheets, where: str) -> list[list[Message]]:
    mask = "sheets.data.rowData.values.effectiveFormat(backgroundColor,textFormat.bold)"
    rows = sheets.get(ranges=where, fields=mask)["sheets"][0]["data"][0]["rowData"]
    return [[cell.get("effectiveFormat", {}) for cell in row.get("values", [])] for row in rows]


def test_a_rule_s_formula_is_read_for_each_cell(sheets: Sheets) -> None:
    sheets.put("A1", [["Actual", "Target", "Status"], [5, 4, "Met"], [1, 4, "Missed"], ["", 4, "No data"]])
    sheets.batch(
        _rule("CUSTOM_FORMULA", '=AND($A2<>"";$A2<$B2)', backgroundColor=RED),
        _rule("CUSTOM_FORMULA", '=AND($A2<>"";$A2>=$B2)', backgroundColor=GREEN),
    )
    colours = [[cell.get("backgroundColor") for cell in row] for row in _backgrounds(sheets, "A2:C4")]
    white = {"red": 1, "green": 1, "blue": 1}
    assert colours == [[GREEN] * 3, [RED] * 3, [None, white, white]]
    span = {"dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    sheets.batch({"insertDimension": {"range": span}})
    assert [cell["backgroundColor"] for cell in _backgrounds(sheets, "A3:C3")[0]] == [GREEN] * 3


def test_the_first_rule_that_sets_something_decides_it(sheets: Sheets) -> None:
    sheets.put("A2", [[10]])
    sheets.batch(
        _rule("NUMBER_GREATER", "5", backgroundColor=RED, textFormat={"bold": True}),
        _rule("NUMBER_BETWEEN", "=5*2", "20", backgroundColor=GREEN),
    )
    assert _backgrounds(sheets, "A2")[0][0] == {"backgroundColor": GREEN, "textFormat": {"bold": True}}


def test_texts_and_blanks(sheets: Sheets) -> None:
    sheets.put("A2", [["Missed ✗", "fine", '=""']])
    sheets.batch(_rule("TEXT_CONTAINS", "missed", backgroundColor=RED), _rule("BLANK", backgroundColor=GREEN))
    colours = [cell["backgroundColor"] for cell in _backgrounds(sheets, "A2:C2")[0]]
    assert colours == [RED, {"red": 1, "green": 1, "blue": 1}, GREEN]


def test_bands_lie_below_a_cell_s_own_format(sheets: Sheets) -> None:
    sheets.put("A2", [["head"], ["one"], ["two"]])
    colours = {"headerColor": GREY, "firstBandColor": GREEN, "secondBandColor": RED}
    banding = {"bandedRangeId": 3, "range": RANGE, "rowProperties": colours}
    own = {"range": {**RANGE, "startRowIndex": 3}, "cell": {"userEnteredFormat": {"backgroundColor": {"blue": 1}}}}
    sheets.batch({"addBanding": {"bandedRange": banding}}, {"repeatCell": {**own, "fields": "userEnteredFormat"}})
    found = [row[0]["backgroundColor"] for row in _backgrounds(sheets, "A2:A4")]
    assert found == [{"red": 0.2}, GREEN, {"blue": 1}]


def test_a_gradient_is_not_pretended(sheets: Sheets) -> None:
    sheets.put("A2", [[1]])
    points = {"minpoint": {"type": "MIN", "color": RED}, "maxpoint": {"type": "MAX", "color": GREEN}}
    sheets.batch({"addConditionalFormatRule": {"rule": {"ranges": [RANGE], "gradientRule": points}}})
    params = {"fields": "sheets.data.rowData.values.effectiveFormat"}
    error = sheets.call("GET", f"/v4/spreadsheets/{sheets.id}", params=params, status=501)["error"]
    assert "gradient" in error["message"]
