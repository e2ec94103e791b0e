"""The Tracking tab: one row per KPI and period; people type, sources fill, formulas judge."""

from __future__ import annotations

from kpisheets.backends.tabs import looks
from kpisheets.backends.tabs.book import Book
from kpisheets.backends.tabs.canvas import Area, Page, Sheet
from kpisheets.backends.tabs.looks import Align, Look
from kpisheets.backends.tabs.statuses import colour_statuses
from kpisheets.backends.tabs.tables import FIRST_ROW, HEADER_ROW, lay_table, legend
from kpisheets.backends.tabs.units import signed_percent
from kpisheets.core.flag import TARGET
from kpisheets.core.formula import Here, call, op
from kpisheets.core.workbook import TRACKING

_WIDTHS = {
    **{"kpi": 34, "period": 11, "target": 16, "actual": 16, "variance": 16, "variance_pct": 12, "status": 27},
    **{"owner": 20, "comment": 46, "proposed": 17},
}
_NUMBER = Look(format="#,##0.0", across=Align.RIGHT)
_LOOKS = {
    "kpi": looks.COMPUTED | Look(bold=True),
    "period": looks.COMPUTED,
    "target": looks.TYPED | _NUMBER,
    "actual": looks.TYPED | _NUMBER,
    "variance": looks.COMPUTED | _NUMBER,
    "variance_pct": looks.COMPUTED | Look(across=Align.RIGHT),
    "status": looks.COMPUTED | Look(indent=1),
    "owner": looks.COMPUTED,
    "comment": looks.TYPED | Look(wrap=True),
    "proposed": looks.COMPUTED | _NUMBER,
}
_ACTUAL, _SOURCE = Here("actual"), Here("source_value")
_DIFFERS = call("AND", op(_ACTUAL, "<>", ""), op(_SOURCE, "<>", ""), op(_ACTUAL, "<>", _SOURCE))
"""An Actual that is not what its source said."""
_LATE = op(call("IFERROR", call("FIND", f"{TARGET} ", Here("flag")), 0), ">", 0)
"""A Target that was changed after its period closed."""


def add_tracking(book: Book, sheet: Sheet) -> None:
    wanted = {
        **_LOOKS,
        "variance_pct": _LOOKS["variance_pct"] | Look(format=signed_percent(book.language.code)),
        "as_of": Look(format=book.language.locale.date_time, across=Align.LEFT),
    }
    sheet.rows(18)
    columns = lay_table(book, sheet, TRACKING, widths=_WIDTHS, wanted=wanted, hints=_WIDTHS, rows=1, frozen=2)
    legend(sheet, columns["kpi"], book.say("sheet.legend_input"), looks.TYPED)
    legend(sheet, columns["target"], book.say("sheet.legend_formula"), looks.COMPUTED)
    override = book.say("sheet.legend_override")
    legend(sheet, columns["status"], override, looks.OVERRIDDEN, through=columns["comment"])
    for field, condition in (("actual", _DIFFERS), ("target", _LATE)):
        cells = Area(FIRST_ROW, columns[field], None, columns[field])
        sheet.shade_where(cells, condition, columns, looks.OVERRIDDEN | looks.OVERRIDDEN_EDGE)
    colour_statuses(book, sheet, FIRST_ROW, columns["status"])
    sheet.page(Page(book.content.project, HEADER_ROW))
