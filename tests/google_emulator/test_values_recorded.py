"""What the real service made of values that were written to it: recorded by gspread's tests, computed here again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.sheets_emulator.calc import compute
from tests.sheets_emulator.calc_types import CalcBook, CalcSheet, CalcValue, Formula
from tests.sheets_emulator.entered import Entered, entered
from tests.sheets_emulator.formats import formatted

_VALUES = re.compile(r"/v4/spreadsheets/[^/:]+/values/(?P<range>[^:?]+(?::[A-Z]+\d+)?)$")
_CELL = re.compile(r"'?[^']*'?!([A-Z])(\d+)(?::[A-Z]\d+)?")


class Cells:
    """One tab, as the recorded requests fill it."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], Entered] = {}

    def put(self, row: int, column: int, given: Any, option: str) -> None:
        if given is None:
            return
        typed = option == "USER_ENTERED" and isinstance(given, str)
        cell = entered(given, "en_US") if typed else Entered(None if given == "" else given)
        if isinstance(cell.value, int) and not isinstance(cell.value, bool):
            cell = Entered(float(cell.value))
        self._cells[row, column] = cell

    def shown(self, row: int, column: int, render: str, dates: str) -> Any:
        cell = self._cells.get((row, column), Entered(None))
        value: Any = cell.value
        if isinstance(value, Formula):
            if render == "FORMULA":
                return value.text
            sheet = CalcSheet(0, "Sheet1", 1000, 26, {at: other.value for at, other in self._cells.items()})
            value = compute(CalcBook([sheet]))[0, row, column]
        if value is None:
            return ""
        is_date = (cell.number_format or {}).get("type") == "DATE"
        if render == "FORMATTED_VALUE" or (render == "UNFORMATTED_VALUE" and is_date and dates == "FORMATTED_STRING"):
            found: CalcValue = value
            return formatted(found, cell.number_format, "en_US")
        return value


def _answers(path: Path) -> Iterator[tuple[Any, Any]]:
    """What the service answered, and what we say, for each reading after a writing."""
    tabs: dict[str, Cells] = {}
    for interaction in json.loads(path.read_text())["interactions"]:
        request, response = interaction["request"], interaction["response"]["body"]["string"]
        url = urlsplit(request["uri"])
        match = _VALUES.search(unquote(url.path))
        if not match or not response:
            continue
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        answer, spreadsheet = json.loads(response), url.path.split("/")[3]
        cells = tabs.setdefault(spreadsheet, Cells())
        start = _CELL.fullmatch(answer.get("updatedRange") or answer.get("range") or "")
        if start is None:
            continue
        top, left = int(start[2]) - 1, ord(start[1]) - 65
        if request["method"] == "PUT":
            written = json.loads(request["body"])["values"]
            if isinstance(written, list):
                for row, line in enumerate(written, top):
                    for column, given in enumerate(line, left):
                        cells.put(row, column, given, query["valueInputOption"])
        elif request["method"] == "GET":
            render = query.get("valueRenderOption", "FORMATTED_VALUE")
            for row, line in enumerate(answer.get("values", []), top):
                for column, told in enumerate(line, left):
                    yield told, cells.shown(row, column, render, query.get("dateTimeRenderOption", "SERIAL_NUMBER"))


# Recordings that only write values and read them; the others move rows, merge cells or copy tabs in between.
_RECORDINGS = (
    "CellTest.test_a1_value",
    "CellTest.test_numeric_value",
    "CellTest.test_properties",
    "WorksheetTest.test_find",
    "WorksheetTest.test_get_all_records_numericise_unformatted",
    "WorksheetTest.test_get_all_records_value_render_options",
    "WorksheetTest.test_get_all_values_date_time_render_options",
    "WorksheetTest.test_update_acell",
    "WorksheetTest.test_update_and_get",
    "WorksheetTest.test_update_cell",
    "WorksheetTest.test_update_cell_multiline",
    "WorksheetTest.test_update_cell_unicode",
    "WorksheetTest.test_update_cells_noncontiguous",
)


def test_values_come_back_as_the_service_gave_them_back(shared_corpus: Path) -> None:
    compared = 0
    for name in _RECORDINGS:
        for told, ours in _answers(shared_corpus / "sheets-api-recordings" / f"{name}.json"):
            assert ours == told, name
            compared += 1
    assert compared > 300
