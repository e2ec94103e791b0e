"""The Review tab: what is up for a decision. The tool suggests, with its evidence; people decide."""

from __future__ import annotations

from kpisheets.backends.tabs import looks
from kpisheets.backends.tabs.book import LINE_HEIGHT, Book
from kpisheets.backends.tabs.canvas import Area, Dropdown, Page, Sheet, Typing
from kpisheets.backends.tabs.looks import Align, Look
from kpisheets.backends.tabs.tables import FIRST_ROW, HEADER_ROW, lay_table, legend
from kpisheets.core.workbook import REVIEW

_WIDTHS = {
    **{"kpi": 28, "finding": 22, "evidence": 48, "suggestion": 50, "raised": 13, "decision": 16, "new_target": 14},
    **{"note": 34, "outcome": 36, "done": 13},
}
_TOP = Look(down=Align.TOP)
_LONG = _TOP | Look(wrap=True)
_LOOKS = {
    "kpi": looks.COMPUTED | _LONG | Look(bold=True),
    **dict.fromkeys(("finding", "evidence", "suggestion", "outcome"), looks.COMPUTED | _LONG),
    "decision": looks.TYPED | _TOP,
    "new_target": looks.TYPED | _TOP | Look(across=Align.LEFT),
    "note": looks.TYPED | _LONG,
}


def add_review(book: Book, sheet: Sheet) -> None:
    day = _TOP | Look(format=book.language.locale.date, across=Align.LEFT)
    wanted = {**_LOOKS, "raised": looks.COMPUTED | day, "done": looks.COMPUTED | day}
    hints = ("decision", "new_target")
    columns = lay_table(book, sheet, REVIEW, widths=_WIDTHS, wanted=wanted, hints=hints, rows=1, frozen=1)
    legend(sheet, columns["kpi"], book.say("review_note"), looks.SUBTITLE)
    decisions = tuple(book.language.enums["decision"].values())
    choice = Dropdown(decisions, Typing.REFUSED, book.say("pick_from_list"))
    sheet.dropdown(Area(FIRST_ROW, columns["decision"], None, columns["decision"]), choice)
    # Rows that a program has not laid out itself, LibreOffice's for one, would show one line of three.
    sheet.rows(3 * LINE_HEIGHT)
    sheet.page(Page(book.content.project, HEADER_ROW))
