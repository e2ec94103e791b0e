"""The Tracking tab: one row per KPI and period; people type, sources fill, formulas judge."""

from __future__ import annotations

from typing import Any

from kpisheets.backends.excel.build import styles
from kpisheets.backends.excel.build.book import LAST_ROW, Book
from kpisheets.backends.excel.build.statuses import colour_statuses
from kpisheets.backends.excel.build.tables import FIRST_ROW, lay_table, legend
from kpisheets.backends.excel.build.units import SIGNED_PERCENT
from kpisheets.core.workbook import TRACKING

_WIDTHS = {
    **{"kpi": 34, "period": 11, "target": 16, "actual": 16, "variance": 16, "variance_pct": 12, "status": 27},
    **{"owner": 20, "comment": 46},
}
_NUMBER = {"num_format": "#,##0.0", "align": "right"}
_LOOKS: dict[str, styles.Properties] = {
    **{"kpi": {**styles.COMPUTED, "bold": True}, "period": styles.COMPUTED, "owner": styles.COMPUTED},
    **{"target": {**styles.TYPED, **_NUMBER}, "actual": {**styles.TYPED, **_NUMBER}},
    **{"variance": {**styles.COMPUTED, **_NUMBER}, "status": {**styles.COMPUTED, "indent": 1}},
    **{"variance_pct": {**styles.COMPUTED, "num_format": SIGNED_PERCENT, "align": "right"}},
    **{
        "comment": {**styles.TYPED, "text_wrap": True},
    },
}


def add_tracking(book: Book, sheet: Any) -> None:
    looks = {**_LOOKS, "as_of": {"num_format": book.language.locale.date_time, "align": "left"}}
    sheet.set_default_row(18)
    columns = lay_table(book, sheet, TRACKING, widths=_WIDTHS, looks=looks, hints=_WIDTHS, rows=1, frozen=2)
    legend(book, sheet, columns["kpi"], book.say("sheet.legend_input"), styles.TYPED)
    legend(book, sheet, columns["target"], book.say("sheet.legend_formula"), styles.COMPUTED)
    legend(
        book, sheet, columns["status"], book.say("sheet.legend_override"), styles.OVERRIDDEN, through=columns["comment"]
    )
    _mark_overrides(book, sheet, columns)
    colour_statuses(book, sheet, FIRST_ROW, columns["status"], LAST_ROW)


def _mark_overrides(book: Book, sheet: Any, columns: dict[str, int]) -> None:
    """Mark an Actual that differs from what its source said."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    actual, source = (
        xl_rowcol_to_cell(FIRST_ROW, columns[field], col_abs=True) for field in ("actual", "source_value")
    )
    rule = {
        **{"type": "formula", "criteria": f'=AND({actual}<>"",{source}<>"",{actual}<>{source})'},
        "format": book.styles.change(**styles.OVERRIDDEN, border=1, border_color=styles.OVERRIDDEN_EDGE),
    }
    sheet.conditional_format(FIRST_ROW, columns["actual"], LAST_ROW, columns["actual"], rule)
