"""The Review tab: KPIs that may no longer be worth following. The tool suggests, people decide."""

from __future__ import annotations

from kpisheets.backends.tabs import looks
from kpisheets.backends.tabs.book import Book
from kpisheets.backends.tabs.canvas import Area, Dropdown, Page, Sheet, Typing
from kpisheets.backends.tabs.looks import Align, Look
from kpisheets.backends.tabs.tables import FIRST_ROW, HEADER_ROW, lay_table, legend
from kpisheets.core.workbook import REVIEW

_WIDTHS = {
    **{"kpi": 32, "owner": 20, "since": 13, "reason": 48, "suggestion": 52, "decision": 16, "note": 40, "done": 34},
}
_TOP = Look(down=Align.TOP)
_LONG = _TOP | Look(wrap=True)
_LOOKS = {
    "kpi": looks.COMPUTED | _LONG | Look(bold=True),
    "owner": looks.COMPUTED | _TOP,
    **dict.fromkeys(("reason", "suggestion", "done"), looks.COMPUTED | _LONG),
    "decision": looks.TYPED | _TOP,
    "note": looks.TYPED | _LONG,
}


def add_review(book: Book, sheet: Sheet) -> None:
    day = _TOP | Look(format=book.language.locale.date, across=Align.LEFT)
    wanted = {**_LOOKS, "since": looks.COMPUTED | day}
    columns = lay_table(book, sheet, REVIEW, widths=_WIDTHS, wanted=wanted, hints=(), rows=1, frozen=1)
    legend(sheet, columns["kpi"], book.say("review_note"), looks.SUBTITLE)
    decisions = tuple(book.language.enums["decision"].values())
    choice = Dropdown(decisions, Typing.REFUSED, book.say("pick_from_list"))
    sheet.dropdown(Area(FIRST_ROW, columns["decision"], None, columns["decision"]), choice)
    sheet.page(Page(book.content.project, HEADER_ROW))
