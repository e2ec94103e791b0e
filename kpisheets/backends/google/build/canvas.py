"""The tabs drawn for Google Sheets; see ``backends.tabs.canvas``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from kpisheets.backends.google.build import names, rules
from kpisheets.backends.google.build.drawn import COLUMNS, ROWS, Drawn
from kpisheets.backends.google.build.ids import identity
from kpisheets.backends.google.reading.cells import entered
from kpisheets.backends.google.reading.snapshot import Area as Span
from kpisheets.backends.google.reading.snapshot import Snapshot
from kpisheets.backends.google.writing.requests import Request
from kpisheets.backends.tabs.book import PIXELS
from kpisheets.backends.tabs.canvas import Area, AtLeast, Chart, Dropdown, Page, Table, Trends
from kpisheets.backends.tabs.looks import ACCENT, Look
from kpisheets.core.formula import Expression

_LINE: Mapping[str, str | int] = {"charttype": "line", "color": ACCENT, "linewidth": 2, "empty": "ignore"}
"""Settings of a sparkline."""


class GoogleCanvas:
    """A spreadsheet to which tabs are added. ``taken`` are the ids of the tabs that it has."""

    def __init__(self, taken: Collection[int] = ()) -> None:
        self._taken = set(taken)
        self._tabs: list[Drawn] = []

    def sheet(self, key: str, title: str, colour: str) -> GoogleSheet:
        number = identity(f"tab {key}", self._taken)
        self._taken.add(number)
        self._tabs.append(Drawn(number, title, colour))
        return GoogleSheet(self._tabs[-1])

    def requests(self) -> list[Request]:
        """In an order in which each finds what it speaks of: tabs, their cells, names, rules."""
        columns = {name: (tab, area) for tab in self._tabs for name, area in tab.names.items()}
        return [
            *(tab.to_add() for tab in self._tabs),
            *(request for tab in self._tabs for request in tab.to_fill()),
            *(names.named(name, tab.id, area) for name, (tab, area) in columns.items()),
            *(request for tab in self._tabs for request in tab.to_rule(columns)),
        ]

    def snapshot(self, title: str) -> Snapshot:
        """The spreadsheet as it will be read."""
        spans = {
            name: Span(tab.id, area.top, area.left, None if area.bottom is None else area.bottom + 1, area.right + 1)
            for tab in self._tabs
            for name, area in tab.names.items()
        }
        return Snapshot("", title, {tab.id: tab.tab(at) for at, tab in enumerate(self._tabs)}, spans)


class GoogleSheet:
    """Draws on one tab."""

    def __init__(self, drawn: Drawn) -> None:
        self._drawn = drawn

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
        self._drawn.merged.append(Area(row, left, row, right))

    def columns(self, first: int, last: int, width: float, look: Look | None = None, *, folded: bool = False) -> None:
        for column in range(first, last + 1):
            self._drawn.widths[column] = round(width * PIXELS) + 5
            if look is not None:
                self._drawn.column_looks[column] = look
            if folded:
                self._drawn.folded[COLUMNS].add(column)

    def row(self, row: int, height: float | None = None, look: Look | None = None, *, folded: bool = False) -> None:
        if height is not None:
            self._drawn.heights[row] = _pixels(height)
        if look is not None:
            self._drawn.row_looks[row] = look
        if folded:
            self._drawn.folded[ROWS].add(row)

    def rows(self, height: float) -> None:
        self._drawn.height = _pixels(height)

    def table(self, table: Table) -> None:
        self._drawn.tables.append(table)
        for place, column in enumerate(table.columns, table.left):
            self._put(table.top, place, entered(column.header), column.look)
            self._drawn.names[column.name] = Area(table.top, place, None, place)

    def name(self, name: str, top: int, column: int, bottom: int) -> None:
        self._drawn.names[name] = Area(top, column, bottom, column)

    def hint(self, row: int, column: int, text: str) -> None:
        self._drawn.notes[row, column] = text

    def dropdown(self, area: Area, dropdown: Dropdown) -> None:
        # Where the list would be too long for Sheets, any text may be typed; what is wrong with it `check` tells.
        if isinstance(dropdown.offered, str) or len(dropdown.offered) <= rules.MOST_ITEMS:
            self._drawn.dropdowns.append((area, dropdown))

    def at_least(self, area: Area, rule: AtLeast) -> None:
        self._drawn.rules.append(rules.at_least(self._drawn.id, area, rule))

    def shade_equal(self, area: Area, value: str | int, look: Look) -> None:
        self._drawn.rules.append(rules.shade_equal(self._drawn.id, self._from_header(area), value, look))

    def shade_where(self, area: Area, condition: Expression, fields: Mapping[str, int], look: Look) -> None:
        if look.ink is not None or look.fill is not None:
            whole = self._from_header(area)
            self._drawn.rules.append(rules.shade_where(self._drawn.id, whole, area.top, condition, fields, look))

    def trends(self, trends: Trends) -> None:
        # A line's settings are cells: an array in a formula is spelled differently from country to country.
        for row, (name, value) in enumerate(_LINE.items()):
            self._drawn.typed[row, trends.left] = entered(name)
            self._drawn.typed[row, trends.left + 1] = entered(value)
        self._drawn.trends.append((trends, Area(0, trends.left, len(_LINE) - 1, trends.left + 1)))

    def chart(self, chart: Chart) -> None:
        self._drawn.charts.append(chart)

    def freeze(self, rows: int, columns: int) -> None:
        self._drawn.grid |= {"frozenRowCount": rows, "frozenColumnCount": columns}

    def plain(self, zoom: int = 100) -> None:  # noqa: ARG002 - each reader has their own zoom
        self._drawn.grid["hideGridlines"] = True

    def page(self, page: Page) -> None:
        """Printing is set up in Google's own dialogue alone."""

    def _put(self, row: int, column: int, typed: Mapping[str, Any], look: Look) -> None:
        self._drawn.looks[row, column] = look
        self._drawn.typed.pop((row, column), None)
        if typed:
            self._drawn.typed[row, column] = typed

    def _from_header(self, area: Area) -> Area:
        """The area of a table's rows with its header: rows that are inserted above its first one are in it then."""
        ours = any(area.bottom is None and area.top == table.top + 1 for table in self._drawn.tables)
        return replace(area, top=area.top - 1) if ours else area


def _pixels(points: float) -> int:
    return round(points * 4 / 3)
