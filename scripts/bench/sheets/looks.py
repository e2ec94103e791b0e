"""The requests of the Sheets API for the looks that gspread itself has no words for."""

from __future__ import annotations

from typing import Any

from layout import CHOICES, COLOURS, NUMBERS, SHARES


def _column(sheet: int, column: int, last: int | None = None) -> dict[str, int]:
    return {"sheetId": sheet, "startRowIndex": 1, "startColumnIndex": column, "endColumnIndex": last or column + 1}


def properties(sheet: int, title: str, fields: str) -> dict[str, Any]:
    grid = {"frozenRowCount": 1}
    return {
        "updateSheetProperties": {
            "properties": {"sheetId": sheet, "title": title, "gridProperties": grid},
            "fields": fields,
        }
    }


def formats(name: str, sheet: int) -> list[dict[str, Any]]:
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    first = {"sheetId": sheet, "startRowIndex": 0, "endRowIndex": 1}
    out = [{"repeatCell": {"range": first, "cell": bold, "fields": "userEnteredFormat.textFormat.bold"}}]
    for area, kind, pattern in ((NUMBERS[name], "NUMBER", "#,##0.0"), (SHARES[name], "PERCENT", "0.0%")):
        left, right = ord(area[0]) - 65, ord(area[-1]) - 64
        look = {"userEnteredFormat": {"numberFormat": {"type": kind, "pattern": pattern}}}
        fields = "userEnteredFormat.numberFormat"
        out.append({"repeatCell": {"range": _column(sheet, left, right), "cell": look, "fields": fields}})
    return out


def colours(sheet: int, column: int) -> list[dict[str, Any]]:
    rules = []
    for word, (red, green, blue) in COLOURS.items():
        condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": word}]}
        fill = {"backgroundColor": {"red": red, "green": green, "blue": blue}}
        rule = {"ranges": [_column(sheet, column)], "booleanRule": {"condition": condition, "format": fill}}
        rules.append({"addConditionalFormatRule": {"rule": rule, "index": 0}})
    return rules


def choices(sheet: int) -> list[dict[str, Any]]:
    out = []
    for area, words in CHOICES.items():
        condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": word} for word in words]}
        rule = {"condition": condition, "showCustomUi": True}
        out.append({"setDataValidation": {"range": _column(sheet, ord(area[0]) - 65), "rule": rule}})
    return out
