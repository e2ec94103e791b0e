"""`spreadsheets.values` beyond what was recorded: ragged edges, null and "", renderings, appends, data filters."""

from __future__ import annotations

from typing import Any

from .conftest import Message, Sheets


def _column(index: int, key: str, value: str, sheet_id: int = 0) -> Message:
    span = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": index, "endIndex": index + 1}
    item = {"metadataKey": key, "metadataValue": value, "visibility": "DOCUMENT", "location": {"dimensionRange": span}}
    return {"createDeveloperMetadata": {"developerMetadata": item}}


def _lookup(**wanted: Any) -> Message:
    return {"developerMetadataLookup": wanted}


def _append(sheets: Sheets, where: str, values: list[list[Any]], **params: Any) -> Any:
    return sheets.post(f"/values/{where}:append", {"values": values}, valueInputOption="USER_ENTERED", **params)


def test_edges_are_ragged_and_formulas_that_say_nothing_are_no_blanks(sheets: Sheets) -> None:
    sheets.put("B2", [["x", "", "y", ""], [], ["", '=IF(TRUE;"";1)', ""]])
    assert sheets.values("A1:F9") == [[], ["", "x", "", "y"], [], ["", "", ""]]
    assert sheets.values("A1:F9", majorDimension="COLUMNS") == [[], ["", "x"], ["", "", "", ""], ["", "y"]]
    assert "values" not in sheets.get("/values/E5:F9")


def test_null_leaves_and_an_empty_text_clears(sheets: Sheets) -> None:
    sheets.put("A1", [["a", "b", "c"]])
    sheets.batch(
        {
            "repeatCell": {
                "range": {"startRowIndex": 0, "endRowIndex": 1},
                "cell": {"userEnteredFormat": {"textFormat": {"bold": True}}},
                "fields": "userEnteredFormat",
            }
        }
    )
    answer = sheets.put("A1:C1", [[None, "", "d"]])
    assert answer["updatedCells"] == 2
    assert sheets.values("A1:C1") == [["a", "", "d"]]
    assert sheets.cell("B1", "userEnteredFormat.textFormat") == {"userEnteredFormat": {"textFormat": {"bold": True}}}


def test_raw_is_taken_as_it_is(sheets: Sheets) -> None:
    sheets.put("A1", [["=1+1", "5", 5, True, "2024-01-02"]], "RAW")
    assert sheets.values("A1:E1", valueRenderOption="UNFORMATTED_VALUE") == [["=1+1", "5", 5, True, "2024-01-02"]]
    sheets.put("A1", [["=1+1", "5", 5, True, "2024-01-02"]])
    unformatted = sheets.values("A1:E1", valueRenderOption="UNFORMATTED_VALUE")
    assert unformatted == [[2, 5, 5, True, 45293]]
    assert sheets.values("A1:E1", valueRenderOption="FORMULA") == [["=1+1", 5, 5, True, 45293]]
    assert sheets.values("A1:E1") == [["2", "5", "5", "TRUE", "2024-01-02"]]


def test_errors_are_shown_as_such(sheets: Sheets) -> None:
    sheets.put("A1", [["=1/0", "=NA()", "=nonsense()", "=B9+#REF!"]])
    assert sheets.values("A1:D1", valueRenderOption="UNFORMATTED_VALUE") == [["#DIV/0!", "#N/A", "#NAME?", "#REF!"]]
    assert sheets.cell("A1", "effectiveValue")["effectiveValue"]["errorValue"]["type"] == "DIVIDE_BY_ZERO"


def test_values_must_fit_their_range(sheets: Sheets) -> None:
    error = sheets.put("A1:B1", [["a", "b", "c"]], status=400)["error"]
    assert error["message"] == "Requested writing within range [Sheet1!A1:B1], but tried writing to column [C]"
    error = sheets.put("A1:B1", [["a"], ["b"]], status=400)["error"]
    assert error["message"] == "Requested writing within range [Sheet1!A1:B1], but tried writing to row [2]"
    assert sheets.values("Sheet1") == []
    error = sheets.put("Nowhere!A1", [["a"]], status=400)["error"]
    assert error["message"] == "Unable to parse range: Nowhere!A1"
    error = sheets.put("A1", [["a"]], option="", status=400)["error"]
    assert "value" in error["message"]


def test_a_batch_of_values_is_atomic(sheets: Sheets) -> None:
    data = [{"range": "A1", "values": [["a"]]}, {"range": "Nowhere!A1", "values": [["b"]]}]
    error = sheets.post("/values:batchUpdate", {"valueInputOption": "RAW", "data": data}, status=400)["error"]
    assert error["message"] == "Invalid data[1]: Unable to parse range: Nowhere!A1"
    assert sheets.values("Sheet1") == []


def test_appended_values_go_below_the_table_that_the_range_touches(sheets: Sheets) -> None:
    # The two tables of the service's own documentation: A1:C2 and B4:D6.
    sheets.put("A1", [["x", "y", "z"], ["x", "y", "z"], [], ["", "x", "y", "z"], ["", "x", "y"], ["", "", "x", "y"]])
    for where, expected in [
        ("Sheet1", "Sheet1!B7"),
        ("C5:D5", "Sheet1!B7"),
        ("B2:D4", "Sheet1!B7"),
        ("A3:G10", "Sheet1!B7"),
        ("A1", "Sheet1!A3"),
        ("E4", "Sheet1!E4"),
    ]:
        answer = _append(sheets, where, [["new"]])
        assert answer["updates"]["updatedRange"] == expected
        sheets.post(f"/values/{expected}:clear", {})


def test_appending_in_new_rows_moves_what_is_below(sheets: Sheets) -> None:
    sheets.put("A1", [["KPI"], ["a"], [], ["below"]])
    answer = _append(sheets, "A1", [["b"], ["c"]], insertDataOption="INSERT_ROWS", includeValuesInResponse=True)
    assert answer["tableRange"] == "Sheet1!A1:A2"
    assert answer["updates"]["updatedData"]["values"] == [["b"], ["c"]]
    assert sheets.values("Sheet1") == [["KPI"], ["a"], ["b"], ["c"], [], ["below"]]
    _append(sheets, "A1", [["over"]])
    assert sheets.values("Sheet1")[4] == ["over"]


def test_the_grid_grows_for_what_is_appended(sheets: Sheets) -> None:
    grid = {"rowCount": 2, "columnCount": 2}
    sheets.batch({"addSheet": {"properties": {"sheetId": 4, "title": "Small", "gridProperties": grid}}})
    for _ in range(3):
        _append(sheets, "Small", [[1, 2, 3]])
    size = sheets.get()["sheets"][1]["properties"]["gridProperties"]
    assert size == {"rowCount": 3, "columnCount": 3}


def test_columns_are_found_by_their_metadata_wherever_they_went(sheets: Sheets) -> None:
    sheets.put("A1", [["Key", "Actual"], ["k1", 1], ["k2", 2]])
    sheets.batch(_column(0, "role", "key"), _column(1, "role", "actual"))
    span = {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}
    sheets.batch({"insertDimension": {"range": span}})
    move = {"source": {"dimension": "COLUMNS", "startIndex": 2, "endIndex": 3}, "destinationIndex": 5}
    sheets.batch({"moveDimension": move})
    wanted = [_lookup(metadataKey="role", metadataValue=value) for value in ("actual", "key")]
    answer = sheets.post("/values:batchGetByDataFilter", {"dataFilters": wanted, "majorDimension": "COLUMNS"})
    found = [item["valueRange"]["values"][0] for item in answer["valueRanges"]]
    assert found == [["Actual", "1", "2"], ["Key", "k1", "k2"]]
    body = {"valueInputOption": "RAW", "data": [{"dataFilter": wanted[0], "values": [[None], [None], [9]]}]}
    updated = sheets.post("/values:batchUpdateByDataFilter", body)
    assert updated["totalUpdatedCells"] == 1
    assert sheets.values("C1:C3") == [["Actual"], ["1"], ["9"]]
    cleared = sheets.post("/values:batchClearByDataFilter", {"dataFilters": [wanted[1]]})
    assert cleared["clearedRanges"] == ["Sheet1!E1:E1000"]


def test_get_by_data_filter_brings_positions_and_cells(sheets: Sheets) -> None:
    sheets.put("B1", [["Key"], ["k1"], ["=1+1"]])
    sheets.batch(_column(1, "role", "key"))
    cells = "rowData.values(userEnteredValue,effectiveValue)"
    mask = f"sheets.data(startColumn,columnMetadata.developerMetadata.metadataValue,{cells})"
    answer = sheets.post(":getByDataFilter", {"dataFilters": [_lookup(metadataKey="role")]}, fields=mask)
    data = answer["sheets"][0]["data"][0]
    assert data["startColumn"] == 1
    assert data["columnMetadata"] == [{"developerMetadata": [{"metadataValue": "key"}]}]
    assert data["rowData"][2]["values"][0] == {
        "userEnteredValue": {"formulaValue": "=1+1"},
        "effectiveValue": {"numberValue": 2},
    }
    nothing = sheets.post(":getByDataFilter", {"dataFilters": [_lookup(metadataKey="other")]}, fields="sheets.data")
    assert nothing.get("sheets", []) == []


def test_a_masked_get_tells_of_column_metadata_only_with_ranges(sheets: Sheets) -> None:
    sheets.batch(_column(0, "role", "key"))
    mask = "sheets.data.columnMetadata.developerMetadata.metadataValue"
    without = sheets.get(fields=mask)["sheets"][0]["data"][0]["columnMetadata"]
    assert not any(without)
    ranged = sheets.get(fields=mask, ranges="Sheet1")["sheets"][0]["data"][0]["columnMetadata"]
    assert ranged[0] == {"developerMetadata": [{"metadataValue": "key"}]}


def test_metadata_is_searched_by_every_field_and_by_place(sheets: Sheets) -> None:
    made = sheets.batch(_column(0, "role", "key"), _column(1, "role", "actual"))["replies"]
    wanted = made[1]["createDeveloperMetadata"]["developerMetadata"]["metadataId"]

    def search(**lookup: Any) -> list[str]:
        answer = sheets.post("/developerMetadata:search", {"dataFilters": [_lookup(**lookup)]})
        found = answer.get("matchedDeveloperMetadata", [])
        return [item["developerMetadata"]["metadataValue"] for item in found]

    assert search(metadataKey="role") == ["key", "actual"]
    assert search(metadataId=wanted) == ["actual"]
    assert search(metadataKey="role", metadataValue="key") == ["key"]
    assert search(locationType="ROW") == []
    span = {"dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    assert search(metadataLocation={"dimensionRange": span}) == ["actual"]
    whole = {"locationMatchingStrategy": "INTERSECTING_LOCATION", "metadataLocation": {"sheetId": 0}}
    assert search(**whole) == ["key", "actual"]
    assert sheets.get(f"/developerMetadata/{wanted}")["metadataValue"] == "actual"
    change = {"dataFilters": [_lookup(metadataId=wanted)], "developerMetadata": {"metadataValue": "new"}}
    sheets.batch({"updateDeveloperMetadata": {**change, "fields": "metadataValue"}})
    assert search(metadataId=wanted) == ["new"]
    gone = sheets.batch({"deleteDeveloperMetadata": {"dataFilter": _lookup(metadataId=wanted)}})["replies"][0]
    assert gone["deleteDeveloperMetadata"]["deletedDeveloperMetadata"][0]["metadataId"] == wanted
    assert search(metadataKey="role") == ["key"]
