"""The tabs drawn as requests for Google Sheets; see ``backends.tabs.canvas``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from kpisheets.backends.google.a1 import letters
from kpisheets.backends.google.build import cells, charts, names, rules
from kpisheets.backends.google.build.formats import colour, number_format
from kpisheets.backends.google.build.geometry import grid_range
from kpisheets.backends.google.build.ids import identity
from kpisheets.backends.google.cells import CellData, entered
from kpisheets.backends.google.handles import column_metadata
from kpisheets.backends.google.requests import Request
from kpisheets.backends.google.snapshot import Area as Span
from kpisheets.backends.google.snapshot import Snapshot, Tab
from kpisheets.backends.tabs.book import PIXELS
from kpisheets.backends.tabs.canvas import Area, AtLeast, Chart, Dropdown, Page, Table, Trends
from kpisheets.backends.tabs.looks import ACCENT, PLAIN, SLATE, WHITE, Look
from kpisheets.backends.tabs.units import GENERAL
from kpisheets.core.formula import Expression

_ROWS, _COLUMNS = "ROWS", "COLUMNS"
_SPARE_ROWS, _SPARE_COLUMNS = 30, 4
"""What a tab has below and beside its cells for people. Every row is read at every run, so there are no thousands."""
_BAND = "#F7F9FA"
"""Every second row of a table, instead of rules between rows, which conditional formats cannot draw here."""


class GoogleCanvas:
    """A spreadsheet to which tabs are added. ``taken`` are the ids of the tabs that it has."""

    def __init__(self, taken: Collection[int] = ()) -> None:
        self._taken = set(taken)
        self.sheets: list[GoogleSheet] = []

    def sheet(self, key: str, title: str, colour: str) -> GoogleSheet:
        number = identity(f"tab {key}", self._taken)
        self._taken.add(number)
        made = GoogleSheet(number, title, colour)
        self.sheets.append(made)
        return made

    def requests(self) -> list[Request]:
        """In an order in which each finds what it speaks of: tabs, their cells, names, rules."""
        columns = {name: (sheet, area) for sheet in self.sheets for name, area in sheet.names.items()}
        return [
            *(sheet.added() for sheet in self.sheets),
            *(request for sheet in self.sheets for request in sheet.drawn()),
            *(names.named(name, sheet.id, area) for name, (sheet, area) in columns.items()),
            *(request for sheet in self.sheets for request in sheet.ruled(columns)),
        ]

    def snapshot(self, title: str) -> Snapshot:
        spans = {
            name: Span(sheet.id, area.top, area.left, None if area.bottom is None else area.bottom + 1, area.right + 1)
            for sheet in self.sheets
            for name, area in sheet.names.items()
        }
        return Snapshot("", title, {sheet.id: sheet.tab(at) for at, sheet in enumerate(self.sheets)}, spans)


class GoogleSheet:
    """What one tab holds, as far as it has been drawn."""

    def __init__(self, number: int, title: str, colour: str) -> None:
        self.id, self.title, self.colour = number, title, colour
        self.names: dict[str, Area] = {}
        self._looks: dict[cells.Position, Look] = {}
        self._typed: dict[cells.Position, Mapping[str, Any]] = {}
        self._notes: dict[cells.Position, str] = {}
        self._column_looks: dict[int, Look] = {}
        self._row_looks: dict[int, Look] = {}
        self._widths: dict[int, int] = {}
        self._heights: dict[int, int] = {}
        self._height: int | None = None
        self._folded: dict[str, set[int]] = {_ROWS: set(), _COLUMNS: set()}
        self._merged: list[Area] = []
        self._tables: list[Table] = []
        self._trends: list[Trends] = []
        self._charts: list[Chart] = []
        self._dropdowns: list[tuple[Area, Dropdown]] = []
        self._rules: list[Request] = []
        self._grid: dict[str, Any] = {}

    # --- drawing ---

    def text(self, row: int, column: int, value: str, look: Look) -> None:
        self._put(row, column, entered(value), look)

    def number(self, row: int, column: int, value: float, look: Look) -> None:
        self._put(row, column, entered(value), look)

    def day(self, row: int, column: int, value: date, look: Look) -> None:
        self._put(row, column, entered(value), look)

    def blank(self, row: int, column: int, look: Look) -> None:
        self._put(row, column, {}, look)

    def merged(self, row: int, left: int, right: int, value: str | None, look: Look) -> None:
        for column in range(left, right + 1):
            self._put(row, column, entered(value) if column == left else {}, look)
        self._merged.append(Area(row, left, row, right))

    def columns(self, first: int, last: int, width: float, look: Look | None = None, *, folded: bool = False) -> None:
        for column in range(first, last + 1):
            self._widths[column] = round(width * PIXELS) + 5
            if look is not None:
                self._column_looks[column] = look
            if folded:
                self._folded[_COLUMNS].add(column)

    def row(self, row: int, height: float | None = None, look: Look | None = None, *, folded: bool = False) -> None:
        if height is not None:
            self._heights[row] = _pixels(height)
        if look is not None:
            self._row_looks[row] = look
        if folded:
            self._folded[_ROWS].add(row)

    def rows(self, height: float) -> None:
        self._height = _pixels(height)

    def table(self, table: Table) -> None:
        self._tables.append(table)
        for place, column in enumerate(table.columns, table.left):
            self._put(table.top, place, entered(column.header), column.look)
            self.names[column.name] = Area(table.top, place, None, place)

    def name(self, name: str, top: int, column: int, bottom: int) -> None:
        self.names[name] = Area(top, column, bottom, column)

    def hint(self, row: int, column: int, text: str) -> None:
        self._notes[row, column] = text

    def dropdown(self, area: Area, dropdown: Dropdown) -> None:
        # Where the list would be too long for Sheets, any text may be typed; what is wrong with it `check` tells.
        if isinstance(dropdown.offered, str) or len(dropdown.offered) <= rules.MOST_ITEMS:
            self._dropdowns.append((area, dropdown))

    def at_least(self, area: Area, rule: AtLeast) -> None:
        self._rules.append(rules.at_least(self.id, area, rule))

    def shade_equal(self, area: Area, value: str | int, look: Look) -> None:
        self._rules.append(rules.shade_equal(self.id, self._from_header(area), value, look))

    def shade_where(self, area: Area, condition: Expression, fields: Mapping[str, int], look: Look) -> None:
        if look.ink is not None or look.fill is not None:
            self._rules.append(rules.shade_where(self.id, self._from_header(area), area.top, condition, fields, look))

    def trends(self, trends: Trends) -> None:
        self._trends.append(trends)
        # A line's settings are cells: an array in a formula is spelled differently from country to country.
        for row, (name, value) in enumerate(_LINE.items()):
            self._typed[row, trends.left] = entered(name)
            self._typed[row, trends.left + 1] = entered(value)

    def chart(self, chart: Chart) -> None:
        self._charts.append(chart)

    def freeze(self, rows: int, columns: int) -> None:
        self._grid |= {"frozenRowCount": rows, "frozenColumnCount": columns}

    def plain(self, zoom: int = 100) -> None:  # noqa: ARG002 - each reader has their own zoom
        self._grid["hideGridlines"] = True

    def page(self, page: Page) -> None:
        """Printing is set up in Google's own dialogue alone."""

    def _put(self, row: int, column: int, typed: Mapping[str, Any], look: Look) -> None:
        self._looks[row, column] = look
        self._typed.pop((row, column), None)
        if typed:
            self._typed[row, column] = typed

    def _from_header(self, area: Area) -> Area:
        """The area of a table's rows with its header: rows that are inserted above its first one are in it then."""
        ours = any(area.bottom is None and area.top == table.top + 1 for table in self._tables)
        return replace(area, top=area.top - 1) if ours else area

    # --- what was drawn ---

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        rows = max(row for row, _ in self._looks) + 1 + _SPARE_ROWS
        columns = max(column for _, column in self._looks) + 1 + _SPARE_COLUMNS
        return rows, columns

    def added(self) -> Request:
        rows, columns = self.size
        properties = {
            "sheetId": self.id,
            "title": self.title,
            "gridProperties": {"rowCount": rows, "columnCount": columns, **self._grid},
            "tabColorStyle": colour(self.colour),
        }
        return {"addSheet": {"properties": properties}}

    def drawn(self) -> list[Request]:
        """The tab's cells."""
        rows, columns = self.size
        heights = (
            self._heights if self._height is None else {**dict.fromkeys(range(rows), self._height), **self._heights}
        )
        return [
            *cells.sizes(self.id, _COLUMNS, self._widths),
            *cells.sizes(self.id, _ROWS, heights),
            *(cells.look(self.id, Area(0, at, None, at), look) for at, look in self._column_looks.items()),
            *(cells.look(self.id, Area(at, 0, at, columns - 1), look) for at, look in self._row_looks.items()),
            *cells.looks(self.id, self._looks),
            *({"mergeCells": {"range": grid_range(self.id, area), "mergeType": "MERGE_ALL"}} for area in self._merged),
            *(self._added(table) for table in self._tables),
            *cells.values(self.id, self._typed),
            *cells.notes(self.id, self._notes),
            *(self._sparkling(trends) for trends in self._trends),
            *(column_metadata(self.id, at, column.name) for at, column in self._marked()),
            *(request for kind, numbers in self._folded.items() for request in cells.folded(self.id, kind, numbers)),
        ]

    def ruled(self, columns: Mapping[str, tuple[GoogleSheet, Area]]) -> list[Request]:
        """The tab's rules, protections and charts; ``columns`` are the named ones of every tab."""
        found = list(self._rules)
        for area, dropdown in self._dropdowns:
            source = ""
            if isinstance(dropdown.offered, str):
                sheet, column = columns[dropdown.offered]
                letter = letters(column.left)
                source = f"='{_quoted(sheet.title)}'!${letter}${column.top + 2}:${letter}"
            found.append(rules.dropdown(self.id, area, dropdown, source))
        for table in self._tables:
            machine = [at for at, column in enumerate(table.columns, table.left) if column.machine]
            if machine:
                area = Area(table.top, machine[0], None, machine[-1])
                found.append(rules.protected(self.id, area, _WHY))
        return [*found, *(charts.added_chart(self.id, chart) for chart in self._charts)]

    def tab(self, index: int) -> Tab:
        """The tab as it will be read."""
        rows, columns = self.size
        tab = Tab(self.id, self.title, index, rows, columns)
        for table in self._tables:
            tab.tables[table.name] = Span(self.id, table.top, table.left, table.bottom + 1, table.right + 1)
        for at, column in self._marked():
            tab.handles[at] = [column.name]
        for row, column in sorted({*self._typed, *((0, at) for at in tab.handles)}):
            known = tab.columns.setdefault(column, [])
            known.extend([None] * (row + 1 - len(known)))
            known[row] = self._cell(row, column)
        return tab

    def _cell(self, row: int, column: int) -> CellData | None:
        typed = self._typed.get((row, column))
        if typed is None:
            return None
        pattern = self._looks.get((row, column), PLAIN).format
        shown = {} if pattern in (None, GENERAL) else {"effectiveFormat": {"numberFormat": number_format(str(pattern))}}
        return {"effectiveValue": typed, **shown}

    def _marked(self) -> list[tuple[int, Any]]:
        return [(at, column) for table in self._tables for at, column in enumerate(table.columns, table.left)]

    def _added(self, table: Table) -> Request:
        columns = [{"columnIndex": at, "columnName": column.header} for at, column in enumerate(table.columns)]
        bands = {"headerColorStyle": SLATE, "firstBandColorStyle": WHITE, "secondBandColorStyle": _BAND}
        made = {
            "name": table.name,
            "range": grid_range(self.id, Area(table.top, table.left, table.bottom, table.right)),
            "columnProperties": columns,
            "rowsProperties": {part: colour(ink) for part, ink in bands.items()},
        }
        return {"addTable": {"table": made}}

    def _sparkling(self, trends: Trends) -> Request:
        left, right = letters(trends.left), letters(trends.right)
        settings = f"${left}$1:${letters(trends.left + 1)}${len(_LINE)}"
        row = trends.top + 1
        formula = f'=IFERROR(SPARKLINE({left}{row}:{right}{row};{settings});"")'
        return cells.filled(self.id, Area(trends.top, trends.column, trends.bottom, trends.column), formula)


_LINE: Mapping[str, str | int] = {"charttype": "line", "color": ACCENT, "linewidth": 2, "empty": "ignore"}
"""Settings of a sparkline."""
_WHY = "kpisheets keeps its memory here"


def _pixels(points: float) -> int:
    return round(points * 4 / 3)


def _quoted(title: str) -> str:
    return title.replace("'", "''")
