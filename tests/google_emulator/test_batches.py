"""`batchUpdate` as the service does it: all or nothing, named failures, masks, and the spreadsheet in the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sheets_emulator import Emulator, discovery
from tests.sheets_emulator.requests.batch import HANDLERS

from .conftest import Message, Sheets

# What the emulator refuses with 501: nothing that kpisheets sends.
LEFT_OUT = {
    "addCommentReply",
    "addDataSource",
    "autoFill",
    "cancelDataSourceRefresh",
    "deleteComment",
    "deleteCommentReply",
    "deleteDataSource",
    "deleteDuplicates",
    "insertComment",
    "randomizeRange",
    "refreshDataSource",
    "textToColumns",
    "trimWhitespace",
    "updateCommentPost",
    "updateDataSource",
}


def _range(row0: int, row1: int, column0: int, column1: int, sheet_id: int = 0) -> Message:
    return {
        "sheetId": sheet_id,
        "startRowIndex": row0,
        "endRowIndex": row1,
        "startColumnIndex": column0,
        "endColumnIndex": column1,
    }


def _text(value: str) -> Message:
    return {"userEnteredValue": {"stringValue": value}}


def test_every_kind_of_request_is_known_or_refused_by_name(sheets: Sheets) -> None:
    kinds = set(discovery.sheets().schemas["Request"]["properties"])
    assert kinds == set(HANDLERS) | LEFT_OUT
    for kind in sorted(LEFT_OUT):
        error = sheets.batch({kind: {}}, status=501)["error"]
        assert kind in error["message"]
        assert error["status"] == "UNIMPLEMENTED"


def test_a_batch_is_done_whole_or_not_at_all(sheets: Sheets) -> None:
    sheets.put("A1", [["before"]])
    before = sheets.get(includeGridData=True)
    message = sheets.refused(
        {"updateCells": {"start": {}, "fields": "userEnteredValue", "rows": [{"values": [_text("after")]}]}},
        {"insertDimension": {"range": {"dimension": "ROWS", "startIndex": 0, "endIndex": 3}}},
        {"addNamedRange": {"namedRange": {"name": "n", "range": _range(0, 1, 0, 1)}}},
        {"addSheet": {"properties": {"title": "Sheet1"}}},
    )
    assert message.startswith('Invalid requests[3].addSheet: A sheet with the name "Sheet1" already exists.')
    assert sheets.get(includeGridData=True) == before


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"requests": [{"addSheet": {"properties": {"titel": "x"}}}]},
            "Invalid JSON payload received. Unknown name \"titel\" at 'requests[0].add_sheet.properties': "
            "Cannot find field.",
        ),
        (
            {"requests": [{"addSheet": {"properties": {"sheetId": "x"}}}]},
            "Invalid value at 'requests[0].add_sheet.properties.sheet_id' (TYPE_INT32), \"x\"",
        ),
        (
            {"requests": [{"mergeCells": {"mergeType": "MERGE_SOME"}}]},
            "Invalid value at 'requests[0].merge_cells.merge_type' "
            '(type.googleapis.com/google.apps.sheets.v4.MergeCellsRequest.MergeType), "MERGE_SOME"',
        ),
        ({"request": []}, 'Invalid JSON payload received. Unknown name "request": Cannot find field.'),
        ({"requests": []}, "Must specify at least one request."),
    ],
)
def test_what_is_no_request_is_refused_in_the_service_s_words(sheets: Sheets, body: Message, words: str) -> None:
    error = sheets.post(":batchUpdate", body, status=400)["error"]
    assert error["message"] == words
    assert error["status"] == "INVALID_ARGUMENT"


def test_parameters_and_masks_are_checked(sheets: Sheets) -> None:
    path = f"/v4/spreadsheets/{sheets.id}"
    error = sheets.call("GET", path, params={"colour": "red"}, status=400)["error"]
    assert "Cannot bind query parameter. Field 'colour' could not be found" in error["message"]
    error = sheets.call("GET", path, params={"fields": "sheets.propertys"}, status=400)["error"]
    assert error["details"][0]["fieldViolations"][0]["field"] == "sheets.propertys"
    change: Message = {"properties": {"title": "x"}}
    assert "At least one field must be listed in 'fields'" in sheets.refused({"updateSheetProperties": change})
    assert "Invalid field: tite" in sheets.refused({"updateSheetProperties": {**change, "fields": "tite"}})


def test_a_mask_of_writing_clears_what_is_not_given(sheets: Sheets) -> None:
    cell = {"userEnteredValue": {"numberValue": 1}, "note": "n", "userEnteredFormat": {"textFormat": {"bold": True}}}
    sheets.batch({"repeatCell": {"range": _range(0, 1, 0, 1), "cell": cell, "fields": "*"}})
    form = {"userEnteredFormat": {"textFormat": {"italic": True}}}
    sheets.batch(
        {
            "repeatCell": {
                "range": _range(0, 1, 0, 1),
                "cell": form,
                "fields": "userEnteredFormat.textFormat.italic,note",
            }
        }
    )
    assert sheets.cell("A1", "userEnteredValue,userEnteredFormat.textFormat,note") == {
        "userEnteredValue": {"numberValue": 1},
        "userEnteredFormat": {"textFormat": {"bold": True, "italic": True}},
    }


def test_a_range_is_written_to_its_end_and_a_start_only_as_far_as_given(sheets: Sheets) -> None:
    sheets.put("A1", [["a", "b", "c"], ["d", "e", "f"]])
    rows = [{"values": [_text("x")]}]
    sheets.batch({"updateCells": {"start": {}, "fields": "userEnteredValue", "rows": rows}})
    assert sheets.values("Sheet1") == [["x", "b", "c"], ["d", "e", "f"]]
    sheets.batch({"updateCells": {"range": _range(0, 2, 0, 2), "fields": "userEnteredValue", "rows": rows}})
    assert sheets.values("Sheet1") == [["x", "", "c"], ["", "", "f"]]
    too_many = {"range": _range(0, 1, 0, 1), "fields": "userEnteredValue", "rows": rows * 2}
    assert "Attempting to write row: 1, beyond the last requested row of: 0" in sheets.refused(
        {"updateCells": too_many}
    )


def test_the_spreadsheet_in_the_answer_is_the_changed_one(sheets: Sheets) -> None:
    write = {"updateCells": {"start": {}, "fields": "userEnteredValue", "rows": [{"values": [_text("new")]}]}}
    answer = sheets.batch(write, includeSpreadsheetInResponse=True)
    assert "data" not in answer["updatedSpreadsheet"]["sheets"][0]
    answer = sheets.batch(
        write, includeSpreadsheetInResponse=True, responseRanges=["A1:A2"], responseIncludeGridData=True
    )
    data = answer["updatedSpreadsheet"]["sheets"][0]["data"]
    assert data[0]["rowData"][0]["values"][0]["effectiveValue"] == {"stringValue": "new"}
    body = {"requests": [write], "includeSpreadsheetInResponse": True, "responseRanges": ["A1", "B1:B2"]}
    mask = "updatedSpreadsheet.sheets(data(startColumn,rowData.values.userEnteredValue))"
    answer = sheets.post(":batchUpdate", body, fields=mask)
    assert answer == {
        "updatedSpreadsheet": {
            "sheets": [
                {
                    "data": [
                        {"rowData": [{"values": [_text("new")]}]},
                        {"startColumn": 1},
                    ]
                }
            ]
        }
    }


def test_replies_stand_at_the_places_of_their_requests(sheets: Sheets) -> None:
    answer = sheets.batch(
        {"updateSheetProperties": {"properties": {"title": "Main"}, "fields": "title"}},
        {
            "addSheet": {
                "properties": {"sheetId": 9, "title": "New", "gridProperties": {"rowCount": 3, "columnCount": 2}}
            }
        },
        {"addNamedRange": {"namedRange": {"namedRangeId": "mine", "name": "n", "range": _range(0, 1, 0, 1, 9)}}},
    )
    assert answer["replies"][0] == {}
    assert answer["replies"][1]["addSheet"]["properties"]["gridProperties"] == {"rowCount": 3, "columnCount": 2}
    assert answer["replies"][2]["addNamedRange"]["namedRange"]["namedRangeId"] == "mine"


def test_one_batch_may_refer_to_what_it_makes(sheets: Sheets) -> None:
    series = {"series": {"sourceRange": {"sources": [_range(0, 5, 1, 2, 77)]}}}
    sheets.batch(
        {"addSheet": {"properties": {"sheetId": 77, "title": "Made"}}},
        {"addProtectedRange": {"protectedRange": {"protectedRangeId": 5, "range": {"sheetId": 77}}}},
        {"addTable": {"table": {"tableId": "t", "name": "T", "range": _range(0, 5, 0, 2, 77)}}},
        {
            "addChart": {
                "chart": {
                    "chartId": 6,
                    "spec": {"basicChart": {"chartType": "LINE", "series": [series]}},
                    "position": {"overlayPosition": {"anchorCell": {"sheetId": 77}}},
                }
            }
        },
        {
            "updateProtectedRange": {
                "protectedRange": {"protectedRangeId": 5, "description": "d"},
                "fields": "description",
            }
        },
        {
            "updateChartSpec": {
                "chartId": 6,
                "spec": {"title": "t", "basicChart": {"chartType": "BAR", "series": [series]}},
            }
        },
    )
    made = sheets.get()["sheets"][1]
    assert made["protectedRanges"][0]["description"] == "d"
    assert made["charts"][0]["spec"]["title"] == "t"


TWICE: dict[str, Callable[[], list[Message]]] = {
    "tab id": lambda: [{"addSheet": {"properties": {"sheetId": 5, "title": title}}} for title in "ab"],
    "tab title": lambda: [{"addSheet": {"properties": {"title": title}}} for title in ("Data", "DATA")],
    "range name": lambda: [
        {"addNamedRange": {"namedRange": {"name": name, "range": _range(0, 1, 0, 1)}}} for name in ("nm", "NM")
    ],
    "range id": lambda: [
        {"addNamedRange": {"namedRange": {"namedRangeId": "i", "name": name, "range": _range(0, 1, 0, 1)}}}
        for name in ("one", "two")
    ],
    "protection": lambda: (
        [{"addProtectedRange": {"protectedRange": {"protectedRangeId": 4, "range": {"sheetId": 0}}}}] * 2
    ),
    "metadata": lambda: (
        [
            {
                "createDeveloperMetadata": {
                    "developerMetadata": {
                        "metadataId": 3,
                        "metadataKey": "k",
                        "visibility": "DOCUMENT",
                        "location": {"spreadsheet": True},
                    }
                }
            }
        ]
        * 2
    ),
    "table name": lambda: [
        {"addTable": {"table": {"name": "T", "range": _range(row, row + 2, 0, 1)}}} for row in (0, 5)
    ],
    "table place": lambda: [
        {"addTable": {"table": {"name": name, "range": _range(0, 3, 0, 2)}}} for name in ("one", "two")
    ],
    "banding": lambda: (
        [
            {
                "addBanding": {
                    "bandedRange": {"range": _range(0, 3, 0, 3), "rowProperties": {"firstBandColor": {"red": 1}}}
                }
            }
        ]
        * 2
    ),
}


@pytest.mark.parametrize("kind", TWICE)
def test_nothing_is_made_twice(sheets: Sheets, kind: str) -> None:
    first, second = TWICE[kind]()
    message = sheets.refused(first, second)
    assert message.startswith(f"Invalid requests[1].{next(iter(second))}: ")
    sheets.batch(first)


IMPOSSIBLE: dict[str, Message] = {
    "No sheet with id: 99": {"deleteSheet": {"sheetId": 99}},
    "No grid with id: 99": {"repeatCell": {"range": {"sheetId": 99}, "cell": {}, "fields": "*"}},
    "You can't remove all": {"deleteSheet": {"sheetId": 0}},
    "exceeds grid limits. Max rows: 1000, max columns: 26": {
        "repeatCell": {"range": _range(999, 1001, 0, 1), "cell": {}, "fields": "*"}
    },
    "beyond the last": {
        "updateCells": {"start": {"rowIndex": 1000}, "fields": "*", "rows": [{"values": [_text("x")]}]}
    },
    "You can't delete all the rows": {"deleteDimension": {"range": {"dimension": "ROWS"}}},
    "You can't freeze all": {
        "updateSheetProperties": {
            "properties": {"gridProperties": {"frozenRowCount": 1000}},
            "fields": "gridProperties.frozenRowCount",
        }
    },
    "No conditional format on sheet: 0 at index: 0": {"deleteConditionalFormatRule": {}},
    "exactly one row or column": {
        "createDeveloperMetadata": {
            "developerMetadata": {
                "metadataKey": "k",
                "visibility": "DOCUMENT",
                "location": {"dimensionRange": {"dimension": "ROWS", "startIndex": 0, "endIndex": 2}},
            }
        }
    },
    "Invalid name: A1": {"addNamedRange": {"namedRange": {"name": "A1", "range": _range(0, 1, 0, 1)}}},
    "ConditionType 'NUMBER_BETWEEN'": {
        "setDataValidation": {
            "range": _range(0, 1, 0, 1),
            "rule": {"condition": {"type": "NUMBER_BETWEEN", "values": [{"userEnteredValue": "1"}]}},
        }
    },
    "is not supported for conditional formatting": {
        "addConditionalFormatRule": {
            "rule": {
                "ranges": [_range(0, 1, 0, 1)],
                "booleanRule": {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "x"}]}},
            }
        }
    },
    "Unsupported locale": {"updateSpreadsheetProperties": {"properties": {"locale": "klingon"}, "fields": "locale"}},
    "Invalid time zone": {"updateSpreadsheetProperties": {"properties": {"timeZone": "Mars/X"}, "fields": "timeZone"}},
    "The destination must not be inside the source": {
        "moveDimension": {
            "source": {"dimension": "ROWS", "startIndex": 1, "endIndex": 4},
            "destinationIndex": 2,
        }
    },
}


@pytest.mark.parametrize("words", IMPOSSIBLE)
def test_what_cannot_be_done_is_refused(sheets: Sheets, words: str) -> None:
    before = sheets.get(includeGridData=True)
    assert words in sheets.refused(IMPOSSIBLE[words])
    assert sheets.get(includeGridData=True) == before


def test_merged_cells_keep_the_first_value(sheets: Sheets) -> None:
    sheets.put("A1", [["a", "b"], ["c", "d"]])
    sheets.batch({"mergeCells": {"range": _range(0, 2, 0, 2), "mergeType": "MERGE_ALL"}})
    assert sheets.values("Sheet1") == [["a"]]
    part: Any = {"mergeCells": {"range": _range(1, 3, 0, 2), "mergeType": "MERGE_ALL"}}
    assert "You must select all cells in a merged range" in sheets.refused(part)


def test_frozen_rows_come_and_go_with_their_rows(sheets: Sheets) -> None:
    grid = {"rowCount": 5, "columnCount": 2, "frozenRowCount": 2}
    sheets.batch({"addSheet": {"properties": {"sheetId": 8, "title": "Frozen", "gridProperties": grid}}})

    def span(start: int, end: int) -> Message:
        return {"range": {"sheetId": 8, "dimension": "ROWS", "startIndex": start, "endIndex": end}}

    def frozen() -> int:
        return int(sheets.get()["sheets"][1]["properties"]["gridProperties"].get("frozenRowCount", 0))

    sheets.batch({"insertDimension": span(1, 2)})
    assert frozen() == 3
    assert "non-frozen rows" in sheets.refused({"deleteDimension": span(3, 6)})
    sheets.batch({"deleteDimension": span(0, 2)})
    assert frozen() == 1


def test_indexes_of_conditional_formats_shift(sheets: Sheets) -> None:
    def rule(text: str) -> Message:
        condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": text}]}
        return {"ranges": [_range(0, 5, 0, 1)], "booleanRule": {"condition": condition, "format": {}}}

    sheets.batch(*({"addConditionalFormatRule": {"rule": rule(text), "index": 0}} for text in "abc"))
    sheets.batch({"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}})
    rules = sheets.get()["sheets"][0]["conditionalFormats"]
    texts = [item["booleanRule"]["condition"]["values"][0]["userEnteredValue"] for item in rules]
    assert texts == ["b", "a"]
    reply = sheets.batch({"updateConditionalFormatRule": {"index": 1, "newIndex": 0, "sheetId": 0}})["replies"][0]
    assert reply["updateConditionalFormatRule"]["oldIndex"] == 1


def test_an_emulator_that_answers_amiss_says_so(google: Emulator, sheets: Sheets) -> None:
    book = google.world.books[sheets.id]
    book.properties = {**book.properties, "colour": "red"}
    error = sheets.call("GET", f"/v4/spreadsheets/{sheets.id}", status=500)["error"]
    assert "EMULATOR DEFECT" in error["message"]
    assert "colour" in google.control.bugs()[0]
    google.world.bugs.clear()
