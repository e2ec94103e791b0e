"""The workbook being built: its tabs, names and words, as every tab's module sees them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kpisheets.backends.excel.build.styles import HEADER, MACHINE_HEADER, TABLE_STYLE, Properties, Styles
from kpisheets.core.kpi import Kpi
from kpisheets.core.workbook import (
    ATTENTION,
    CATALOGUE,
    CHART,
    FIELDS,
    LOG,
    MACHINE,
    REPORT,
    SUCCESSES,
    TRACKING,
    handle,
)
from kpisheets.templates import Language

LAST_ROW = 1_048_575
"""The lowest row of a sheet, counted from 0: rules that reach it need no patching when a table grows."""
SECTIONS = {
    **{TRACKING: "tracking", CATALOGUE: "catalogue", LOG: "log", REPORT: "report"},
    **{CHART: "chart", SUCCESSES: "successes", ATTENTION: "attention"},
}
"""Tables → their section in the language files."""
PIXELS = 7
"""Width of a digit in the workbook's font, as spreadsheet programs count column widths."""
LINE_HEIGHT = 15.75
"""Points that a line of text takes."""
_INLINE_LIST = 255


@dataclass(frozen=True, slots=True)
class Content:
    """What the workbook is made from; see ``build``."""

    project: str
    kpis: Sequence[Kpi]
    language: Language
    currency: str
    timezone: str
    today: date
    packs: Sequence[str]
    metric_names: Sequence[str]


class Book:
    """An XlsxWriter workbook with the words and styles of this one. Rows and columns are counted from 0."""

    def __init__(self, workbook: Any, content: Content, tabs: Mapping[str, str]) -> None:
        self.workbook = workbook
        self.tabs = tabs
        self.content = content
        self.language = content.language
        self.styles = Styles(workbook)
        self._lists = 0

    def add_tab(self, key: str, colour: str) -> Any:
        sheet = self.workbook.add_worksheet(self.tabs[key])
        sheet.set_tab_color(colour)
        return sheet

    def say(self, key: str, **values: str) -> str:
        """Static text of the tabs, in the workbook's language."""
        return self.language.word(key, **values)

    def name_cell(self, name: str, sheet: Any, row: int, column: int) -> None:
        self.name_range(name, sheet, row, column, row)

    def name_range(self, name: str, sheet: Any, top: int, column: int, bottom: int) -> None:
        """Give a workbook-wide name to the cells of one column."""
        self.workbook.define_name(name, f"={reference(sheet, top, column, bottom, column)}")

    def headers(self, table: str) -> list[str]:
        """The column headers of a table, unique as spreadsheet tables want them."""
        words = self.language.columns.get(SECTIONS[table], {})
        found: list[str] = []
        for field in FIELDS[table]:
            text = words.get(field, field)
            while text.casefold() in (known.casefold() for known in found):
                text = f"{text} {field}"
            found.append(text)
        return found

    def add_table(
        self, sheet: Any, table: str, top: int, left: int, rows: int, *, autofilter: bool = True
    ) -> dict[str, int]:
        """A spreadsheet table with blank rows and the names of its columns. Returns each field's column."""
        machine = MACHINE.get(table, frozenset())
        columns = []
        for field, header in zip(FIELDS[table], self.headers(table), strict=True):
            look: Properties = {**HEADER, **MACHINE_HEADER} if field in machine else HEADER
            align = "right" if field in _NUMBERS else "left"
            columns.append(
                {
                    "header": header,
                    "header_format": self.styles.cell(look, align=align, indent=1 if field in _INDENTED else 0),
                }
            )
        bottom, right = top + rows, left + len(columns) - 1
        options = {
            **{"name": table, "columns": columns, "style": TABLE_STYLE, "banded_rows": False},
            **{"autofilter": autofilter},
        }
        sheet.add_table(top, left, bottom, right, options)
        places = {field: left + place for place, field in enumerate(FIELDS[table])}
        for field, column in places.items():
            self.name_range(handle(table, field), sheet, top, column, bottom)
        return places

    def ignore_warnings(self, sheet: Any, top: int, left: int, right: int) -> None:
        """No green corners: periods such as 2026 are text, and rows have different status formulas, on purpose."""
        from xlsxwriter.utility import xl_range

        area = xl_range(top, left, LAST_ROW, right)
        kinds = ("number_stored_as_text", "formula_differs", "formula_range", "empty_cell_reference")
        sheet.ignore_errors(dict.fromkeys(kinds, area))

    def choice(self, items: Sequence[str], control: Any) -> str | list[str]:
        """The source of a dropdown: the items themselves or, where they are too long for that, hidden cells that
        hold them."""
        listed = [item for item in dict.fromkeys(items) if item]
        if len(",".join(listed)) <= _INLINE_LIST and not any("," in item or '"' in item for item in listed):
            return listed
        column = LISTS_LEFT + self._lists
        self._lists += 1
        control.set_column(column, column, None, None, {"hidden": True})
        for row, item in enumerate(listed):
            control.write_string(row, column, item)
        return f"={reference(control, 0, column, len(listed) - 1, column)}"


LISTS_LEFT = 9
"""First column of the Control tab that may hold a dropdown's items."""
_INDENTED = frozenset({"status", "pace", "roll_up", "active_from"})
"""Columns of text that follow columns of numbers; the gap keeps them apart."""
_NUMBERS = frozenset(
    {"target", "actual", "variance", "variance_pct", "low", "high", "tolerance", "so_far", "source_value"}
)


def reference(sheet: Any, top: int, left: int, bottom: int, right: int) -> str:
    """An absolute reference with the sheet's name: ``'My tab'!$B$2:$B$9``."""
    from xlsxwriter.utility import quote_sheetname, xl_range_abs

    return f"{quote_sheetname(sheet.get_name())}!{xl_range_abs(top, left, bottom, right)}"


def lines(text: str, width: float) -> int:
    """How many lines a text takes in a cell of that width, a little generously: rows don't grow by themselves when a
    file is opened in every program, and merged cells never do."""
    return math.ceil(len(text) * 0.9 / width)


def hint(sheet: Any, row: int, column: int, text: str) -> None:
    """A message that appears when the cell is selected."""
    sheet.data_validation(row, column, row, column, {"validate": "any", "input_message": text[:255]})


def page(book: Book, sheet: Any, header_row: int | None) -> None:
    """Printing: A4 landscape, as wide as one page, the header repeated, page numbers."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    project = "".join(letter for letter in book.content.project if letter.isprintable())[:60].replace("&", "&&")
    sheet.set_footer(f'&L&"{FOOTER_FONT}"&8{_spaced(project)}&C&8&A&R&8&P / &N', {"margin": 0.3})
    if header_row is not None:
        sheet.repeat_rows(header_row)


FOOTER_FONT = "Calibri,Regular"


def _spaced(text: str) -> str:
    """Digits right after a font size in a footer would be read as part of it."""
    return f" {text}" if text[:1].isdigit() else text
