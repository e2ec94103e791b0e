"""New spreadsheets."""

from __future__ import annotations

from .book import Book
from .errors import NotImplementedHere
from .grid import Row
from .messages import THEME, Message, normalised
from .requests.batch import Batch
from .requests.cells import row_of
from .requests.names import add_named_range
from .requests.tabs import check_locale, check_time_zone, new_tab
from .view import Caller

KNOWN = {"properties", "sheets", "namedRanges", "spreadsheetId", "spreadsheetUrl"}
KNOWN_OF_SHEETS = {"properties", "data", "merges"}
WHITE: Message = {"red": 1, "green": 1, "blue": 1}


def default_properties(given: Message) -> Message:
    """The `SpreadsheetProperties` of a new spreadsheet."""
    result = {
        "title": given.get("title", "Untitled spreadsheet"),
        "locale": given.get("locale", "en_US"),
        "autoRecalc": given.get("autoRecalc", "ON_CHANGE"),
        "timeZone": given.get("timeZone", "Etc/GMT"),
        "defaultFormat": {
            "backgroundColor": WHITE,
            "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
            "verticalAlignment": "BOTTOM",
            "wrapStrategy": "OVERFLOW_CELL",
            "textFormat": {
                "foregroundColor": {},
                "fontFamily": "arial,sans,sans-serif",
                "fontSize": 10,
                "bold": False,
                "italic": False,
                "strikethrough": False,
                "underline": False,
                "foregroundColorStyle": {"rgbColor": {}},
            },
            "backgroundColorStyle": {"rgbColor": WHITE},
        },
        "spreadsheetTheme": {
            "primaryFontFamily": "Arial",
            "themeColors": [{"colorType": kind, "color": {"rgbColor": parts}} for kind, parts in THEME.items()],
        },
    }
    if "iterativeCalculationSettings" in given:
        result["iterativeCalculationSettings"] = given["iterativeCalculationSettings"]
    return result


def new_book(spreadsheet_id: str, given: Message, caller: Caller) -> Book:
    """The spreadsheet of a `Spreadsheet` message; without sheets it has one of 1,000 rows and 26 columns."""
    if given.keys() - KNOWN:
        raise NotImplementedHere(f"spreadsheets.create with {', '.join(sorted(given.keys() - KNOWN))}")
    properties = given.get("properties", {})
    book = Book(spreadsheet_id, default_properties(properties))
    check_locale(book.locale)
    check_time_zone(book.properties["timeZone"])
    for sheet in given.get("sheets") or [{"properties": {"sheetId": 0, "title": "Sheet1"}}]:
        if sheet.keys() - KNOWN_OF_SHEETS:
            raise NotImplementedHere(f"spreadsheets.create with {', '.join(sorted(sheet.keys() - KNOWN_OF_SHEETS))}")
        tab = new_tab(book, sheet.get("properties", {}))
        for data in sheet.get("data", []):
            for offset, row in enumerate(data.get("rowData", [])):
                values = row.get("values", [])
                start = data.get("startColumn", 0)
                number_of_row = data.get("startRow", 0) + offset
                tab.grid.resize(max(tab.rows, number_of_row + 1), max(tab.columns, start + len(values)))
                cells: Row = row_of(tab, number_of_row, start, start + len(values), values, {})
                tab.grid.put(number_of_row, cells)
        tab.objects["merges"] = [
            normalised("GridRange", {**item, "sheetId": tab.id}) for item in sheet.get("merges", [])
        ]
    for item in given.get("namedRanges", []):
        add_named_range(Batch(book, caller), {"namedRange": item})
    return book
