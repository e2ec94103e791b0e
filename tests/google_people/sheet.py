"""A small project whose workbook is a spreadsheet of the emulator, and an independent look at its cells."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from openpyxl.utils.datetime import from_excel

from kpisheets.project import Project
from tests.people.judge import Cells, Judge
from tests.people.reading import Spot
from tests.people.small import CONFIG, KPIS, Small
from tests.sheets_emulator.book import Book
from tests.sheets_emulator.calc_types import CalcError, Formula
from tests.sheets_emulator.computed import effective
from tests.sheets_emulator.emulator import Emulator
from tests.sheets_emulator.grid import Cell
from tests.sheets_emulator.person import People

GOOGLE = """
[google]
credentials = "key.json"
api_root = "{url}"
user_quota = 100000
project_quota = 100000
"""
NINE = time(9)
_DATES = ("DATE", "DATE_TIME")
_GROWING = ("kpi_tracking", "kpi_catalogue", "kpi_actions", "kpi_review", "kpi_log", "kpi_report", "kpi_guide")
_OPTIONAL = ("kpi_targets",)
_FIXED = ("kpi_chart", "kpi_successes", "kpi_attention")
_SINGLE = ("kpi_report_date", "kpi_chart_choice", "kpi_chart_line")
_ERRORS = {"DIVIDE_BY_ZERO": "#DIV/0!", "N_A": "#N/A", "VALUE": "#VALUE!", "REF": "#REF!", "NAME": "#NAME?"}


class SmallSheet(Small):
    """See ``Small``; the emulator is shared, the spreadsheet is the project's own."""

    def __init__(self, folder: Path, emulator: Emulator, *, language: str = "en") -> None:
        self.emulator = emulator
        super().__init__(folder, language=language)
        words = CONFIG.format(language=language).replace('path = "Small KPIs.xlsx"', 'backend = "google"')
        (folder / "kpisheets.toml").write_text(words + GOOGLE.format(url=emulator.url), encoding="utf-8")
        (folder / "key.json").write_text(json.dumps(emulator.control.user()), encoding="utf-8")

    @property
    def id(self) -> str:
        return str(json.loads((self.folder / ".kpisheets" / "google.json").read_text("utf-8"))["id"])

    @property
    def book(self) -> Book:
        return self.emulator.world.books[self.id]

    @book.setter
    def book(self, book: Book) -> None:
        self.emulator.world.replace(book)

    def again(self) -> SmallSheet:
        """The same project; ``done`` puts it back as it is now."""
        found = copy.copy(self)
        found.sales, found.start = copy.deepcopy(self.sales), self.book
        found.write_source()
        found.emulator.control.reset_log()
        return found

    def done(self) -> None:
        world = self.emulator.world
        world.people, world.faults.due = People(world), []
        self.book = self.start

    def project(self) -> Project:
        return Project.load(self.folder, lambda: datetime.combine(self.today, NINE, UTC))

    def fill_catalogue(self, kpis: tuple[dict[str, Any], ...] = KPIS, *, row: int = 4) -> None:
        from tests.google_people import hands

        for kpi in kpis:
            hands.add_kpi(self, {"direction": "Higher", "tolerance": 0.1, "active_from": "2026-01-01", **kpi})

    def person(self, *actions: dict[str, Any]) -> None:
        self.emulator.control.person(self.id, list(actions))


def begun(folder: Path, emulator: Emulator) -> SmallSheet:
    """Provisioned, with three KPIs, synced."""
    made = SmallSheet(folder, emulator)
    made.provision()
    made.fill_catalogue()
    made.sync()
    return made


class SheetJudge(Judge):
    """See ``Judge``."""

    small: SmallSheet

    def look(self) -> Cells:
        return SheetCells(self.small.book)


class SheetCells(Cells):
    """See ``Cells``: tables are where the columns' handles and the names say. Rows and columns are counted from 1."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.typed, self.shown, self.ends = {}, {}, {}
        self.ids = {tab.id: tab.title for tab in book.tabs}
        for tab in book.tabs:
            if tab.properties.get("hidden"):
                continue
            typed, shown = self.typed.setdefault(tab.title, {}), self.shown.setdefault(tab.title, {})
            for row, cells in tab.cells():
                for column, cell in cells.items():
                    if cell.value is not None:
                        at, value = (row + 1, column + 1), effective(book, tab, row, column, cell)
                        typed[at] = cell.value.text if isinstance(cell.value, Formula) else _value(value, cell)
                        if value not in (None, ""):
                            shown[at] = _value(value, cell)
            self.ends |= {table["name"]: table["range"]["endRowIndex"] for table in tab.objects["tables"]}
        self.names = {item["name"]: item["range"] for item in book.named_ranges}
        optional = [table for table in _OPTIONAL if any(name.startswith(f"{table}_") for name in self.names)]
        self.places = {table: self._place(table) for table in (*_GROWING, *optional, *_FIXED)}
        self.arrange()

    def check(self) -> None:
        """Handles and names agree, and the spreadsheet tables reach around their rows."""
        for table in _GROWING:
            place = self.places[table]
            for field, column in place.columns.items():
                area = self.names[f"{table}_{field}"]
                assert (self.ids[area["sheetId"]], area["startRowIndex"] + 1) == (place.sheet, place.header)
                assert area["startColumnIndex"] + 1 == column
                assert "endRowIndex" not in area or area["endRowIndex"] >= place.bottom
        for table, end in self.ends.items():
            place = self.places[table]
            columns = {column for field, column in place.columns.items() if field in ("key", "id", "when")}
            filled = [row for (row, column) in self.typed[place.sheet] if column in columns and row >= place.header]
            assert end >= max(filled), f"{table} ends at {end}, and row {max(filled)} is filled"

    def cell(self, name: str) -> tuple[str, int, int]:
        area = self.names[name]
        return self.ids[area["sheetId"]], area.get("startRowIndex", 0) + 1, area.get("startColumnIndex", 0) + 1

    def _place(self, table: str) -> Spot:
        names = {
            name.removeprefix(f"{table}_"): area
            for name, area in self.names.items()
            if name.startswith(f"{table}_") and name not in _SINGLE
        }
        areas = list(names.values())
        sheet, header = areas[0]["sheetId"], areas[0].get("startRowIndex", 0) + 1
        columns = {field: area.get("startColumnIndex", 0) + 1 for field, area in names.items()}
        if table in _FIXED:
            return Spot(self.ids[sheet], header, areas[0]["endRowIndex"], columns)
        handled = {
            message["metadataValue"].removeprefix(f"{table}_"): message["location"]["dimensionRange"]["startIndex"] + 1
            for _, message in self.book.metadata
            if message["metadataKey"] == "kpisheets"
            and message["metadataValue"].startswith(f"{table}_")
            and message["location"]["locationType"] == "COLUMN"
        }
        assert handled == columns, f"{table}: handles and names disagree"
        cells = self.typed[self.ids[sheet]]
        own = {column for field, column in columns.items() if field != "trend"}
        filled = [row for row, column in cells if row > header and column in own]
        bottom = max([header + 1, self.ends.get(table, 0), *filled])
        return Spot(self.ids[sheet], header, bottom, columns)


def _value(value: Any, cell: Cell) -> Any:
    if isinstance(value, CalcError):
        return _ERRORS.get(value.type, "#ERROR!")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        kind = (cell.format or {}).get("numberFormat", {}).get("type")
        return from_excel(value) if kind in _DATES else value
    return value
