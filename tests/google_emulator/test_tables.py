"""Tables as the service keeps them: headers that name columns, rows that come and go, formulas that name the table."""

from __future__ import annotations

from .conftest import Message, Sheets

RANGE = {"startRowIndex": 0, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 2}


def _table(sheets: Sheets) -> Message:
    found: Message = sheets.get()["sheets"][0]["tables"][0]
    return found


def _made(sheets: Sheets) -> Sheets:
    sheets.put("A1", [["KPI", "Actual"], ["a", 1], ["b", 2]])
    column = {"columnIndex": 1, "columnName": "Actual", "columnType": "DOUBLE"}
    table = {"tableId": "t1", "name": "kpis", "range": RANGE, "columnProperties": [column]}
    sheets.batch({"addTable": {"table": table}})
    return sheets


def test_columns_are_named_by_their_header_cells(sheets: Sheets) -> None:
    _made(sheets)
    assert _table(sheets)["columnProperties"] == [
        {"columnName": "KPI"},
        {"columnIndex": 1, "columnName": "Actual", "columnType": "DOUBLE"},
    ]
    sheets.put("B1", [["Result"]])
    assert _table(sheets)["columnProperties"][1]["columnName"] == "Result"


def test_names_given_with_the_table_become_header_cells(sheets: Sheets) -> None:
    columns = [{"columnName": "One"}, {"columnIndex": 1, "columnName": "Two"}]
    sheets.batch({"addTable": {"table": {"name": "t", "range": RANGE, "columnProperties": columns}}})
    assert sheets.values("A1:B1") == [["One", "Two"]]


def test_columns_that_move_keep_their_properties(sheets: Sheets) -> None:
    _made(sheets)
    span = {"dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    sheets.batch({"insertDimension": {"range": span}})
    columns = _table(sheets)["columnProperties"]
    assert [column["columnName"] for column in columns] == ["KPI", "Column 2", "Actual"]
    assert columns[2] == {"columnIndex": 2, "columnName": "Actual", "columnType": "DOUBLE"}


def test_append_cells_with_a_table_drops_the_values(sheets: Sheets) -> None:
    _made(sheets)
    rows = [{"values": [{"userEnteredValue": {"stringValue": "c"}}]}]
    sheets.batch({"appendCells": {"tableId": "t1", "rows": rows, "fields": "userEnteredValue"}})
    assert _table(sheets)["range"]["endRowIndex"] == 4
    assert sheets.values("A4:B4") == []


def test_values_append_with_new_rows_grows_the_table(sheets: Sheets) -> None:
    _made(sheets)
    sheets.post(
        "/values/A1:append",
        {"values": [["c", 3]]},
        valueInputOption="USER_ENTERED",
        insertDataOption="INSERT_ROWS",
    )
    assert _table(sheets)["range"]["endRowIndex"] == 4
    assert sheets.values("A4:B4") == [["c", "3"]]


def test_formulas_name_the_table_and_follow_its_name(sheets: Sheets) -> None:
    _made(sheets)
    sheets.put("D1", [["=SUM(kpis[Actual])"]])
    assert sheets.values("D1") == [["3"]]
    sheets.batch({"updateTable": {"table": {"tableId": "t1", "name": "figures"}, "fields": "name"}})
    assert sheets.values("D1", valueRenderOption="FORMULA") == [["=SUM(figures[Actual])"]]
    assert sheets.values("D1") == [["3"]]
    sheets.put("B1", [["Result"]])
    assert sheets.values("D1", valueRenderOption="FORMULA") == [["=SUM(figures[Result])"]]
    assert sheets.values("D1") == [["3"]]


def test_a_table_takes_its_cells_along_when_it_is_deleted(sheets: Sheets) -> None:
    _made(sheets)
    sheets.put("D1", [["stays"]])
    sheets.batch({"deleteTable": {"tableId": "t1"}})
    assert sheets.values("Sheet1") == [["", "", "", "stays"]]
    assert "tables" not in sheets.get()["sheets"][0]
