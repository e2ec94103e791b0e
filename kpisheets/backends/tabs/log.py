"""The Log tab: every run, and every change that a run saw."""

from __future__ import annotations

from kpisheets.backends.tabs import looks
from kpisheets.backends.tabs.book import Book
from kpisheets.backends.tabs.canvas import Page, Sheet
from kpisheets.backends.tabs.looks import Align, Look
from kpisheets.backends.tabs.tables import HEADER_ROW, lay_table, legend
from kpisheets.core.workbook import LOG

_WIDTHS = {"when": 20, "kpi": 26, "period": 12, "field": 20, "old": 26, "new": 46, "why": 60}
_TOP = Look(down=Align.TOP)
_LONG = _TOP | Look(wrap=True, across=Align.LEFT)
_LOOKS = {**dict.fromkeys(("kpi", "period", "field"), _TOP), **dict.fromkeys(("old", "new", "why"), _LONG)}


def add_log(book: Book, sheet: Sheet) -> None:
    when = _TOP | Look(format=book.language.locale.date_time, across=Align.LEFT)
    wanted = {**_LOOKS, "when": when}
    columns = lay_table(book, sheet, LOG, widths=_WIDTHS, wanted=wanted, hints=(), rows=1, frozen=1)
    legend(sheet, columns["when"], book.say("sheet.legend_log"), looks.SUBTITLE)
    sheet.page(Page(book.content.project, HEADER_ROW))
