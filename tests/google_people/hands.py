"""What people do in Google Sheets, as the requests that their hands become: places are looked up as they are now."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from openpyxl.utils.datetime import to_excel

from tests.google_people.sheet import SheetCells, SmallSheet
from tests.people.reading import Spot

Action = dict[str, Any]


def look(small: SmallSheet) -> SheetCells:
    return SheetCells(small.book)


def sheet_id(cells: SheetCells, title: str) -> int:
    return next(identity for identity, found in cells.ids.items() if found == title)


def entered(value: Any) -> Action:
    if value is None:
        return {}
    if isinstance(value, (date, datetime)):
        return {"userEnteredValue": {"numberValue": to_excel(value)}}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, (int, float)):
        return {"userEnteredValue": {"numberValue": value}}
    kind = "formulaValue" if value.startswith("=") else "stringValue"
    return {"userEnteredValue": {kind: value}}


def put(cells: SheetCells, title: str, row: int, column: int, value: Any) -> Action:
    """Type into a cell; row and column are counted from 1. What is typed as a date gets a date's format."""
    at = {"sheetId": sheet_id(cells, title), "rowIndex": row - 1, "columnIndex": column - 1}
    cell, fields = entered(value), "userEnteredValue"
    if isinstance(value, date):
        cell["userEnteredFormat"], fields = (
            {"numberFormat": {"type": "DATE"}},
            f"{fields},userEnteredFormat.numberFormat",
        )
    return {"requests": [{"updateCells": {"start": at, "rows": [{"values": [cell]}], "fields": fields}}]}


def write(cells: SheetCells, key: str, field: str, value: Any) -> Action:
    place = cells.places["kpi_tracking"]
    return put(cells, place.sheet, cells.rows[key], place.columns[field], value)


def define(small: SmallSheet, identity: str, field: str, value: Any) -> None:
    cells = look(small)
    place = cells.places["kpi_catalogue"]
    (row,) = (row for row in place.rows if cells.typed[place.sheet].get((row, place.columns["id"])) == identity)
    small.person(put(cells, place.sheet, row, place.columns[field], value))


def add_kpi(small: SmallSheet, kpi: dict[str, Any]) -> None:
    """Type a KPI right below the catalogue's last filled row."""
    cells = look(small)
    place, row = cells.places["kpi_catalogue"], cells.places["kpi_catalogue"].header + 1
    while cells.typed[place.sheet].get((row, place.columns["id"])) is not None:
        row += 1
    small.person(*(put(cells, place.sheet, row, place.columns[field], value) for field, value in kpi.items()))


def filled(cells: SheetCells) -> list[int]:
    """The tracking rows that have a Key."""
    return sorted(cells.rows.values())


def grid(cells: SheetCells, place: Spot, top: int, left: int, bottom: int, right: int) -> Action:
    """All counted from 1, ends included."""
    return {
        **{"sheetId": sheet_id(cells, place.sheet), "startRowIndex": top - 1, "endRowIndex": bottom},
        **{"startColumnIndex": left - 1, "endColumnIndex": right},
    }


def width(cells: SheetCells, place: Spot) -> int:
    tab = cells.book.titled(place.sheet)
    assert tab is not None
    return tab.columns


def sort(cells: SheetCells, field: str, *, descending: bool = False) -> Action:
    """Sort the filled rows, whole, as a filter's arrow does."""
    place, rows = cells.places["kpi_tracking"], filled(cells)
    order = {"dimensionIndex": place.columns[field] - 1, "sortOrder": "DESCENDING" if descending else "ASCENDING"}
    area = grid(cells, place, place.header + 1, 1, max(rows), width(cells, place))
    return {"requests": [{"sortRange": {"range": area, "sortSpecs": [order]}}]}


def dimension(cells: SheetCells, what: str, title: str, kind: str, at: int, count: int = 1) -> Action:
    """``insertDimension`` or ``deleteDimension`` of rows or columns from ``at`` (counted from 1) on."""
    span = {"sheetId": sheet_id(cells, title), "dimension": kind, "startIndex": at - 1, "endIndex": at - 1 + count}
    return {"requests": [{what: {"range": span}}]}


def move_column(cells: SheetCells, source: int, target: int) -> Action:
    """Drag a column so that it comes to stand before the one at ``target``."""
    place = cells.places["kpi_tracking"]
    span = {"dimension": "COLUMNS", "startIndex": source - 1, "endIndex": source}
    source_span = {"sheetId": sheet_id(cells, place.sheet), **span}
    return {"requests": [{"moveDimension": {"source": source_span, "destinationIndex": target - 1}}]}


def rename_tab(cells: SheetCells, title: str, name: str) -> Action:
    properties = {"sheetId": sheet_id(cells, title), "title": name}
    return {"requests": [{"updateSheetProperties": {"properties": properties, "fields": "title"}}]}


def paste(cells: SheetCells, row: int, column: int, text: str) -> Action:
    place = cells.places["kpi_tracking"]
    at = {"sheetId": sheet_id(cells, place.sheet), "rowIndex": row - 1, "columnIndex": column - 1}
    return {"requests": [{"pasteData": {"coordinate": at, "data": text, "delimiter": "\t"}}]}


def hide_by_filter(cells: SheetCells, hidden: str) -> Action:
    """A filter view's arrow that hides the rows of one KPI."""
    place = cells.places["kpi_tracking"]
    spec = {"columnIndex": place.columns["kpi"] - 1, "filterCriteria": {"hiddenValues": [hidden]}}
    area = grid(cells, place, place.header, 1, place.bottom, width(cells, place))
    tab = cells.book.titled(place.sheet)
    number = len(tab.objects["filterViews"]) if tab else 0
    view = {"filter": {"title": f"without {hidden} {number}", "range": area, "filterSpecs": [spec]}}
    return {"requests": [{"addFilterView": view}]}
