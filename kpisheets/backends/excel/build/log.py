"""The Log tab: every run, and every change that a run saw."""

from __future__ import annotations

from typing import Any

from kpisheets.backends.excel.build import styles
from kpisheets.backends.excel.build.book import Book
from kpisheets.backends.excel.build.tables import lay_table, legend
from kpisheets.core.workbook import LOG

_WIDTHS = {"when": 20, "kpi": 26, "period": 12, "field": 20, "old": 26, "new": 46, "why": 60}
_TOP = {"valign": "top"}
_LONG = {**_TOP, "text_wrap": True, "align": "left"}
_LOOKS: dict[str, styles.Properties] = {
    **dict.fromkeys(("kpi", "period", "field"), _TOP),
    **dict.fromkeys(("old", "new", "why"), _LONG),
}


def add_log(book: Book, sheet: Any) -> None:
    looks = {**_LOOKS, "when": {**_TOP, "num_format": book.language.locale.date_time, "align": "left"}}
    columns = lay_table(book, sheet, LOG, widths=_WIDTHS, looks=looks, hints=(), rows=1, frozen=1)
    legend(book, sheet, columns["when"], book.say("sheet.legend_log"), styles.SUBTITLE)
