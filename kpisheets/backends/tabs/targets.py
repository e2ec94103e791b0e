"""The Targets tab: the months of a year side by side, for those who plan; its numbers go on to Tracking."""

from __future__ import annotations

from kpisheets.backends.tabs import looks
from kpisheets.backends.tabs.book import Book
from kpisheets.backends.tabs.canvas import Page, Sheet
from kpisheets.backends.tabs.looks import Align, Look
from kpisheets.backends.tabs.tables import HEADER_ROW, lay_table, legend
from kpisheets.core.workbook import MONTHS, TARGETS

_WIDTHS = {"kpi": 34, "year": 10, **dict.fromkeys(MONTHS, 13)}
_LOOKS = {
    "kpi": looks.COMPUTED | Look(bold=True),
    "year": looks.COMPUTED | Look(across=Align.LEFT),
    **dict.fromkeys(MONTHS, looks.TYPED | Look(format="#,##0.0", across=Align.RIGHT)),
}


def add_targets(book: Book, sheet: Sheet) -> None:
    columns = lay_table(book, sheet, TARGETS, widths=_WIDTHS, wanted=_LOOKS, hints=(), rows=1, frozen=2)
    legend(sheet, columns["kpi"], book.say("targets_note"), looks.SUBTITLE)
    sheet.page(Page(book.content.project, HEADER_ROW))
