"""A tab that is one growing table: title, legend, frozen header, formats of whole columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpisheets.backends.base import TAB_OF
from kpisheets.backends.tabs import looks
from kpisheets.backends.tabs.book import SECTIONS, Book
from kpisheets.backends.tabs.canvas import Sheet
from kpisheets.backends.tabs.looks import PLAIN, Look
from kpisheets.core.workbook import FIELDS, MACHINE

TITLE_ROW, LEGEND_ROW, HEADER_ROW = 0, 1, 2
FIRST_ROW = HEADER_ROW + 1
_MACHINE_WIDTH = 18


def lay_table(
    book: Book,
    sheet: Sheet,
    table: str,
    *,
    widths: Mapping[str, float],
    wanted: Mapping[str, Look],
    hints: Iterable[str],
    rows: int,
    frozen: int,
) -> dict[str, int]:
    """Lay out the tab. ``wanted`` looks and ``widths`` are by field, ``hints`` the fields whose header explains
    itself; ``frozen`` columns stay in sight. Returns the columns."""
    machine = MACHINE.get(table, frozenset())
    for column, field in enumerate(FIELDS[table]):
        look = (looks.MACHINE if field in machine else PLAIN) | wanted.get(field, PLAIN)
        # The whole column has the look, so that rows which people add look like the others.
        sheet.columns(column, column, widths.get(field, _MACHINE_WIDTH), look, folded=field in machine)
        for row in range(FIRST_ROW, FIRST_ROW + rows):
            sheet.blank(row, column, look)
    for row, height in ((TITLE_ROW, 27), (LEGEND_ROW, 20)):
        sheet.row(row, height, PLAIN)
    sheet.text(TITLE_ROW, 0, book.language.tabs[TAB_OF[table]], looks.TAB_TITLE)
    sheet.row(HEADER_ROW, 32)
    laid = book.table(table, HEADER_ROW, 0, rows)
    sheet.table(laid)
    places = {column.field: place for place, column in enumerate(laid.columns)}
    for field in hints:
        sheet.hint(HEADER_ROW, places[field], book.say(f"sheet.hint_{SECTIONS[table]}_{field}"))
    sheet.freeze(FIRST_ROW, frozen)
    return places


def legend(sheet: Sheet, column: int, text: str, look: Look, through: int | None = None) -> None:
    """A line above the table that shows a colour by wearing it, from ``column`` ``through`` another."""
    for place in range(column, (through or column) + 1):
        sheet.blank(LEGEND_ROW, place, look | Look(size=10))
    sheet.text(LEGEND_ROW, column, text, look | Look(size=10))
