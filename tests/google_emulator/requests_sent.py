"""A request of each kind that kpisheets sends, for one batch: each finds what it needs of those before it."""

from __future__ import annotations

from typing import Any

Message = dict[str, Any]
GRID = {"rowCount": 40, "columnCount": 12, "frozenRowCount": 1}
RANGE = {"sheetId": 7, "startRowIndex": 1, "endRowIndex": 5, "startColumnIndex": 0, "endColumnIndex": 3}
COLUMN = {"sheetId": 7, "dimension": "COLUMNS", "startIndex": 8, "endIndex": 10}
META = {
    "metadataId": 42,
    "metadataKey": "kpi",
    "metadataValue": "actual",
    "visibility": "DOCUMENT",
    "location": {"dimensionRange": {"sheetId": 7, "dimension": "COLUMNS", "startIndex": 3, "endIndex": 4}},
}
HEADER = [{"userEnteredValue": {"stringValue": text}} for text in ("KPI", "Period", "Actual")]
SUM: Message = {"userEnteredValue": {"formulaValue": "=SUM(A2;B2)"}}
NUMBERS: Message = {"values": [{"userEnteredValue": {"numberValue": number}} for number in (1, 2.5)] + [SUM]}
CHART: Message = {
    "chartId": 9,
    "spec": {
        "title": "Trend",
        "basicChart": {
            "chartType": "LINE",
            "domains": [{"domain": {"sourceRange": {"sources": [{**RANGE, "endColumnIndex": 1}]}}}],
            "series": [
                {"series": {"sourceRange": {"sources": [{**RANGE, "startColumnIndex": 1, "endColumnIndex": 2}]}}}
            ],
        },
    },
    "position": {"overlayPosition": {"anchorCell": {"sheetId": 7, "rowIndex": 6, "columnIndex": 4}}},
}
RULE: Message = {
    "ranges": [RANGE],
    "booleanRule": {
        "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": '=$A2="Met"'}]},
        "format": {"backgroundColorStyle": {"rgbColor": {"green": 1}}},
    },
}
CHOICES: Message = {
    "condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Higher"}, {"userEnteredValue": "Lower"}]},
    "strict": True,
    "showCustomUi": True,
}
NUMBER_FORMAT = {"numberFormat": {"type": "NUMBER", "pattern": "#,##0.0"}}

REQUESTS: list[Message] = [
    {
        "updateSpreadsheetProperties": {
            "properties": {"locale": "fr_FR", "timeZone": "Europe/Paris"},
            "fields": "locale,timeZone",
        }
    },
    {"addSheet": {"properties": {"sheetId": 7, "title": "Tracking", "index": 0, "gridProperties": GRID}}},
    {
        "updateSheetProperties": {
            "properties": {"sheetId": 7, "hidden": False, "tabColorStyle": {"rgbColor": {"blue": 1}}},
            "fields": "hidden,tabColorStyle",
        }
    },
    {
        "updateCells": {
            "start": {"sheetId": 7, "rowIndex": 0, "columnIndex": 0},
            "rows": [{"values": HEADER}, NUMBERS],
            "fields": "userEnteredValue",
        }
    },
    {
        "repeatCell": {
            "range": RANGE,
            "cell": {"userEnteredFormat": NUMBER_FORMAT},
            "fields": "userEnteredFormat.numberFormat",
        }
    },
    {"setDataValidation": {"range": {**RANGE, "startColumnIndex": 5, "endColumnIndex": 6}, "rule": CHOICES}},
    {"addNamedRange": {"namedRange": {"namedRangeId": "n1", "name": "kpi_tracking_actual", "range": RANGE}}},
    {
        "updateNamedRange": {
            "namedRange": {"namedRangeId": "n1", "name": "kpi_tracking", "range": RANGE},
            "fields": "name",
        }
    },
    {"addNamedRange": {"namedRange": {"namedRangeId": "n2", "name": "kpi_lost", "range": RANGE}}},
    {"deleteNamedRange": {"namedRangeId": "n2"}},
    {
        "addProtectedRange": {
            "protectedRange": {"protectedRangeId": 3, "range": RANGE, "warningOnly": True, "description": "machine"}
        }
    },
    {"addConditionalFormatRule": {"rule": RULE, "index": 0}},
    {"addTable": {"table": {"tableId": "t1", "name": "kpi_tracking_table", "range": {**RANGE, "startRowIndex": 0}}}},
    {
        "updateTable": {
            "table": {"tableId": "t1", "range": {**RANGE, "startRowIndex": 0, "endRowIndex": 6}},
            "fields": "range",
        }
    },
    {"addChart": {"chart": CHART}},
    {"createDeveloperMetadata": {"developerMetadata": META}},
    {
        "updateDeveloperMetadata": {
            "dataFilters": [{"developerMetadataLookup": {"metadataId": 42}}],
            "developerMetadata": {"metadataValue": "target"},
            "fields": "metadataValue",
        }
    },
    {"addDimensionGroup": {"range": COLUMN}},
    {
        "updateDimensionGroup": {
            "dimensionGroup": {"range": COLUMN, "depth": 1, "collapsed": True},
            "fields": "collapsed",
        }
    },
    {
        "updateDimensionProperties": {
            "range": COLUMN,
            "properties": {"pixelSize": 120, "hiddenByUser": True},
            "fields": "pixelSize,hiddenByUser",
        }
    },
    {
        "insertDimension": {
            "range": {"sheetId": 7, "dimension": "ROWS", "startIndex": 8, "endIndex": 10},
            "inheritFromBefore": True,
        }
    },
    {"appendDimension": {"sheetId": 7, "dimension": "ROWS", "length": 5}},
    {"mergeCells": {"range": {**RANGE, "startRowIndex": 20, "endRowIndex": 21}, "mergeType": "MERGE_ALL"}},
    {
        "copyPaste": {
            "source": {**RANGE, "endRowIndex": 2},
            "destination": {**RANGE, "startRowIndex": 25, "endRowIndex": 26},
            "pasteType": "PASTE_FORMULA",
        }
    },
    {"deleteSheet": {"sheetId": 0}},
]
KINDS = [next(iter(request)) for request in REQUESTS]
