"""The Actions tab: what is done about KPIs that miss. The tool opens and closes rows; the rest of them is people's."""

from __future__ import annotations

from datetime import date

from kpisheets.backends.tabs import looks
from kpisheets.backends.tabs.book import Book
from kpisheets.backends.tabs.canvas import Area, AtLeast, Dropdown, Page, Sheet, Typing
from kpisheets.backends.tabs.looks import Align, Look
from kpisheets.backends.tabs.tables import FIRST_ROW, HEADER_ROW, lay_table, legend
from kpisheets.core.workbook import ACTIONS

_WIDTHS = {
    **{"kpi": 32, "period": 11, "gap": 24, "opened": 13, "cause": 40, "action": 44, "owner": 20, "due": 13},
    **{"status": 15, "closed": 13, "effect": 34},
}
_TOP = Look(down=Align.TOP)
_LONG = _TOP | Look(wrap=True)
_LOOKS = {
    "kpi": looks.COMPUTED | _LONG | Look(bold=True),
    "period": looks.COMPUTED | _TOP,
    **dict.fromkeys(("gap", "effect"), looks.COMPUTED | _LONG),
    **dict.fromkeys(("cause", "action"), looks.TYPED | _LONG),
    **dict.fromkeys(("owner", "status"), looks.TYPED | _TOP),
}
_EARLIEST = date(2000, 1, 1)


def add_actions(book: Book, sheet: Sheet) -> None:
    day = _TOP | Look(format=book.language.locale.date, across=Align.LEFT)
    wanted = {**_LOOKS, "opened": looks.COMPUTED | day, "due": looks.TYPED | day, "closed": looks.COMPUTED | day}
    columns = lay_table(book, sheet, ACTIONS, widths=_WIDTHS, wanted=wanted, hints=(), rows=1, frozen=1)
    legend(sheet, columns["kpi"], book.say("actions_note"), looks.SUBTITLE)
    states = tuple(book.language.enums["action_status"].values())
    choice = Dropdown(states, Typing.REFUSED, book.say("pick_from_list"))
    sheet.dropdown(Area(FIRST_ROW, columns["status"], None, columns["status"]), choice)
    sheet.at_least(Area(FIRST_ROW, columns["due"], None, columns["due"]), AtLeast(_EARLIEST, book.say("type_a_date")))
    sheet.page(Page(book.content.project, HEADER_ROW))
