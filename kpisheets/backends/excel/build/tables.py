"""A tab that is one growing table: title, legend, frozen header, formats of whole columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kpisheets.backends.excel.build import styles
from kpisheets.backends.excel.build.book import SECTIONS, Book, hint, page
from kpisheets.core.workbook import FIELDS, MACHINE

TITLE_ROW, LEGEND_ROW, HEADER_ROW = 0, 1, 2
FIRST_ROW = HEADER_ROW + 1
_MACHINE_WIDTH = 18


def lay_table(
    book: Book,
    sheet: Any,
    table: str,
    *,
    widths: Mapping[str, float],
    looks: Mapping[str, styles.Properties],
    hints: Iterable[str],
    rows: int,
    frozen: int,
) -> dict[str, int]:
    """Lay out the tab. ``looks`` and ``widths`` are by field, ``hints`` the fields whose header explains
    itself; ``frozen`` columns stay in sight. Returns the columns."""
    cell = book.styles.cell
    machine = MACHINE.get(table, frozenset())
    for column, field in enumerate(FIELDS[table]):
        look = cell(styles.MACHINE if field in machine else {}, looks.get(field, {}))
        # The whole column has the format, so that rows which people add look like the others.
        hidden = {"level": 1, "hidden": True} if field in machine else {}
        sheet.set_column(column, column, widths.get(field, _MACHINE_WIDTH), look, hidden)
        for row in range(FIRST_ROW, FIRST_ROW + rows):
            sheet.write_blank(row, column, None, look)
    end = len(FIELDS[table])
    if machine:
        sheet.set_column(end, end, None, None, {"collapsed": True})
    for row, height in ((TITLE_ROW, 27), (LEGEND_ROW, 20)):
        sheet.set_row(row, height, cell())
    sheet.write_string(TITLE_ROW, 0, book.language.tabs[_TAB[table]], cell(styles.TAB_TITLE))
    sheet.set_row(HEADER_ROW, 32)
    places = book.add_table(sheet, table, HEADER_ROW, 0, rows)
    for field in hints:
        hint(sheet, HEADER_ROW, places[field], book.say(f"sheet.hint_{SECTIONS[table]}_{field}"))
    sheet.freeze_panes(FIRST_ROW, frozen)
    sheet.set_selection(FIRST_ROW, 0, FIRST_ROW, 0)
    book.ignore_warnings(sheet, FIRST_ROW, 0, end - 1)
    page(book, sheet, HEADER_ROW)
    return places


_TAB = {"kpi_tracking": "tracking", "kpi_catalogue": "kpis", "kpi_log": "log"}


def legend(book: Book, sheet: Any, column: int, text: str, look: styles.Properties, through: int | None = None) -> None:
    """A line above the table that shows a colour by wearing it, from ``column`` ``through`` another."""
    for place in range(column, (through or column) + 1):
        sheet.write_blank(LEGEND_ROW, place, None, book.styles.cell(look, font_size=10))
    sheet.write_string(LEGEND_ROW, column, text, book.styles.cell(look, font_size=10))
