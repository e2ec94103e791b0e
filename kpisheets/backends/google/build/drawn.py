"""What has been drawn on one tab, and the requests that draw it; the tab as it will be read thereafter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kpisheets.backends.google.build import cells, charts, rules
from kpisheets.backends.google.build.formats import colour, number_format
from kpisheets.backends.google.build.geometry import grid_range
from kpisheets.backends.google.reading.a1 import letters
from kpisheets.backends.google.reading.cells import CellData
from kpisheets.backends.google.reading.handles import column_metadata
from kpisheets.backends.google.reading.snapshot import Area as Span
from kpisheets.backends.google.reading.snapshot import Tab
from kpisheets.backends.google.writing.requests import Request
from kpisheets.backends.tabs.canvas import Area, Chart, Dropdown, Table, TableColumn, Trends
from kpisheets.backends.tabs.looks import PLAIN, SLATE, WHITE, Look
from kpisheets.backends.tabs.units import GENERAL

ROWS, COLUMNS = "ROWS", "COLUMNS"
_SPARE_ROWS, _SPARE_COLUMNS = 30, 4
"""What a tab has below and beside its cells for people. Every row is read at every run, so there are no thousands."""
_BAND = "#F7F9FA"
"""Every second row of a table, instead of rules between rows, which conditional formats cannot draw here."""
_WHY = "kpisheets keeps its memory here"


@dataclass(slots=True)
class Drawn:
    """Sizes are in pixels; ``height`` is that of every row that has none of its own. ``trends`` come with the cells
    that hold the settings of their lines."""

    id: int
    title: str
    colour: str
    names: dict[str, Area] = field(default_factory=dict)
    looks: dict[cells.Position, Look] = field(default_factory=dict)
    typed: dict[cells.Position, Mapping[str, Any]] = field(default_factory=dict)
    notes: dict[cells.Position, str] = field(default_factory=dict)
    column_looks: dict[int, Look] = field(default_factory=dict)
    row_looks: dict[int, Look] = field(default_factory=dict)
    widths: dict[int, int] = field(default_factory=dict)
    heights: dict[int, int] = field(default_factory=dict)
    height: int | None = None
    folded: dict[str, set[int]] = field(default_factory=lambda: {ROWS: set(), COLUMNS: set()})
    merged: list[Area] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    trends: list[tuple[Trends, Area]] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    dropdowns: list[tuple[Area, Dropdown]] = field(default_factory=list)
    rules: list[Request] = field(default_factory=list)
    grid: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        rows = max(row for row, _ in self.looks) + 1 + _SPARE_ROWS
        columns = max(column for _, column in self.looks) + 1 + _SPARE_COLUMNS
        return rows, columns

    def to_add(self) -> Request:
        """The tab itself, blank."""
        rows, columns = self.size
        properties = {
            "sheetId": self.id,
            "title": self.title,
            "gridProperties": {"rowCount": rows, "columnCount": columns, **self.grid},
            "tabColorStyle": colour(self.colour),
        }
        return {"addSheet": {"properties": properties}}

    def to_fill(self) -> list[Request]:
        """Its cells and tables. Looks of columns, then of rows, then of cells: each lies over those before."""
        rows, columns = self.size
        heights = self.heights if self.height is None else dict.fromkeys(range(rows), self.height) | self.heights
        return [
            *cells.sizes(self.id, COLUMNS, self.widths),
            *cells.sizes(self.id, ROWS, heights),
            *(cells.look(self.id, Area(0, at, None, at), look) for at, look in self.column_looks.items()),
            *(cells.look(self.id, Area(at, 0, at, columns - 1), look) for at, look in self.row_looks.items()),
            *cells.looks(self.id, self.looks),
            *({"mergeCells": {"range": grid_range(self.id, area), "mergeType": "MERGE_ALL"}} for area in self.merged),
            *(self._added(table) for table in self.tables),
            *cells.values(self.id, self.typed),
            *cells.notes(self.id, self.notes),
            *(self._sparkling(trends, settings) for trends, settings in self.trends),
            *(column_metadata(self.id, at, column.name) for at, column in self._columns()),
            *(request for kind, numbers in self.folded.items() for request in cells.folded(self.id, kind, numbers)),
        ]

    def to_rule(self, columns: Mapping[str, tuple[Drawn, Area]]) -> list[Request]:
        """Its rules, protections and charts; ``columns`` are the named ones of every tab."""
        return [
            *self.rules,
            *(rules.dropdown(self.id, area, each, _source(each, columns)) for area, each in self.dropdowns),
            *(rules.protected(self.id, area, _WHY) for table in self.tables for area in _machinery(table)),
            *(charts.added_chart(self.id, chart) for chart in self.charts),
        ]

    def tab(self, index: int) -> Tab:
        """The tab as it will be read."""
        tab = Tab(self.id, self.title, index, *self.size)
        for table in self.tables:
            tab.tables[table.name] = Span(self.id, table.top, table.left, table.bottom + 1, table.right + 1)
        for at, column in self._columns():
            tab.handles[at] = [column.name]
        for row, at in sorted({*self.typed, *((0, marked) for marked in tab.handles)}):
            known = tab.columns.setdefault(at, [])
            known.extend([None] * (row + 1 - len(known)))
            known[row] = self._cell(row, at)
        return tab

    def _cell(self, row: int, column: int) -> CellData | None:
        typed = self.typed.get((row, column))
        if typed is None:
            return None
        pattern = self.looks.get((row, column), PLAIN).format
        if pattern is None or pattern == GENERAL:
            return {"effectiveValue": typed}
        return {"effectiveValue": typed, "effectiveFormat": {"numberFormat": number_format(pattern)}}

    def _columns(self) -> Iterator[tuple[int, TableColumn]]:
        for table in self.tables:
            yield from enumerate(table.columns, table.left)

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

    def _sparkling(self, trends: Trends, settings: Area) -> Request:
        numbers = f"{letters(trends.left)}{trends.top + 1}:{letters(trends.right)}{trends.top + 1}"
        formula = f'=IFERROR(SPARKLINE({numbers};{_fixed(settings)});"")'
        return cells.filled(self.id, Area(trends.top, trends.column, trends.bottom, trends.column), formula)


def _machinery(table: Table) -> Iterator[Area]:
    """The table's columns for the tool alone, which stand together."""
    machine = [at for at, column in enumerate(table.columns, table.left) if column.machine]
    if machine:
        yield Area(table.top, machine[0], None, machine[-1])


def _source(dropdown: Dropdown, columns: Mapping[str, tuple[Drawn, Area]]) -> str:
    """Where the items stand, as far as the column goes; blank where they are given themselves."""
    if not isinstance(dropdown.offered, str):
        return ""
    sheet, column = columns[dropdown.offered]
    letter, title = letters(column.left), sheet.title.replace("'", "''")
    return f"='{title}'!${letter}${column.top + 2}:${letter}"


def _fixed(area: Area) -> str:
    bottom = area.top if area.bottom is None else area.bottom
    return f"${letters(area.left)}${area.top + 1}:${letters(area.right)}${bottom + 1}"
