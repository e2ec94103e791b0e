"""The tabs drawn with XlsxWriter; see ``backends.tabs.canvas``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from kpisheets.backends.excel.build.charts import drawn
from kpisheets.backends.excel.build.styles import TABLE_STYLE, Styles
from kpisheets.backends.tabs.canvas import Area, AtLeast, Chart, Dropdown, Page, Table, Trends, Typing
from kpisheets.backends.tabs.looks import ACCENT, FONT, STATUS_COLOURS, Look
from kpisheets.core.formula import Expression, text
from kpisheets.core.kpi import Status

LAST_ROW = 1_048_575
"""The lowest row of a sheet: rules that reach it need no patching when a table grows."""
_LISTS = "control"
"""The tab that holds, in hidden cells, the items of dropdowns that are too long to stand in the dropdown itself."""
_LISTS_LEFT = 9
_INLINE_LIST = 255
_UNLISTED: Mapping[Typing, Mapping[str, Any]] = {
    Typing.REFUSED: {"error_type": "stop"},
    Typing.QUESTIONED: {"error_type": "warning"},
    Typing.WELCOME: {"show_error": False},
}


class ExcelCanvas:
    """An XlsxWriter workbook. Its first tab is the one that is seen when the file is opened."""

    def __init__(self, workbook: Any) -> None:
        self.workbook = workbook
        self.styles = Styles(workbook)
        self._sheets: dict[str, Any] = {}
        self._lists = 0

    def sheet(self, key: str, title: str, colour: str) -> ExcelSheet:
        made = self._sheets[key] = self.workbook.add_worksheet(title)
        made.set_tab_color(colour)
        if len(self._sheets) == 1:
            made.activate()
            made.set_first_sheet()
        return ExcelSheet(self, made)

    def listed(self, items: Sequence[str]) -> Sequence[str] | str:
        """The source of a dropdown: its items, or the hidden cells that hold them."""
        if len(",".join(items)) <= _INLINE_LIST and not any("," in item or '"' in item for item in items):
            return list(items)
        sheet, column = self._sheets[_LISTS], _LISTS_LEFT + self._lists
        self._lists += 1
        sheet.set_column(column, column, None, None, {"hidden": True})
        for row, item in enumerate(items):
            sheet.write_string(row, column, item)
        return f"={reference(sheet, 0, column, len(items) - 1, column)}"


class ExcelSheet:
    """An XlsxWriter worksheet."""

    def __init__(self, canvas: ExcelCanvas, sheet: Any) -> None:
        self._canvas, self._sheet, self._styles = canvas, sheet, canvas.styles

    def text(self, row: int, column: int, value: str, look: Look) -> None:
        self._sheet.write_string(row, column, value, self._styles.cell(look))

    def number(self, row: int, column: int, value: float, look: Look) -> None:
        self._sheet.write_number(row, column, value, self._styles.cell(look))

    def day(self, row: int, column: int, value: date, look: Look) -> None:
        self._sheet.write_datetime(row, column, value, self._styles.cell(look))

    def blank(self, row: int, column: int, look: Look) -> None:
        self._sheet.write_blank(row, column, None, self._styles.cell(look))

    def merged(self, row: int, left: int, right: int, value: str | None, look: Look) -> None:
        self._sheet.merge_range(row, left, row, right, value, self._styles.cell(look))

    def columns(self, first: int, last: int, width: float, look: Look | None = None, *, folded: bool = False) -> None:
        style = None if look is None else self._styles.cell(look)
        self._sheet.set_column(first, last, width, style, {"level": 1, "hidden": True} if folded else {})
        if folded:
            self._sheet.set_column(last + 1, last + 1, None, None, {"collapsed": True})

    def row(self, row: int, height: float | None = None, look: Look | None = None, *, folded: bool = False) -> None:
        style = None if look is None else self._styles.cell(look)
        self._sheet.set_row(row, height, style, {"level": 1, "hidden": True} if folded else {})
        if folded:
            self._sheet.set_row(row + 1, None, None, {"collapsed": True})

    def rows(self, height: float) -> None:
        self._sheet.set_default_row(height)

    def table(self, table: Table) -> None:
        columns = [
            {"header": column.header, "header_format": self._styles.cell(column.look)} for column in table.columns
        ]
        options = {
            **{"name": table.name, "columns": columns, "style": TABLE_STYLE, "banded_rows": False},
            **{"autofilter": table.filtered},
        }
        self._sheet.add_table(table.top, table.left, table.bottom, table.right, options)
        for place, column in enumerate(table.columns, table.left):
            self.name(column.name, table.top, place, table.bottom)
        # No green corners: periods such as 2026 are text, and rows have different status formulas, on purpose.
        kinds = ("number_stored_as_text", "formula_differs", "formula_range", "empty_cell_reference")
        self._sheet.ignore_errors(dict.fromkeys(kinds, _a1(Area(table.top + 1, table.left, None, table.right))))

    def name(self, name: str, top: int, column: int, bottom: int) -> None:
        self._canvas.workbook.define_name(name, f"={reference(self._sheet, top, column, bottom, column)}")

    def hint(self, row: int, column: int, text: str) -> None:
        self._sheet.data_validation(row, column, row, column, {"validate": "any", "input_message": text[:255]})

    def dropdown(self, area: Area, dropdown: Dropdown) -> None:
        offered = dropdown.offered
        source = f"=OFFSET({offered},1,0,ROWS({offered})-1,1)" if isinstance(offered, str) else None
        rule: dict[str, Any] = {
            **{"validate": "list", "source": source or self._canvas.listed(offered)},
            **_UNLISTED[dropdown.typing],
        }
        if dropdown.message:
            rule["error_message"] = dropdown.message
        if dropdown.prompt:
            rule["input_message"] = dropdown.prompt
        self._sheet.data_validation(*_corners(area), rule)

    def at_least(self, area: Area, rule: AtLeast) -> None:
        kind = "date" if isinstance(rule.minimum, date) else "decimal"
        wanted = {"validate": kind, "criteria": ">=", "value": rule.minimum, "error_message": rule.message}
        self._sheet.data_validation(*_corners(area), wanted)

    def shade_equal(self, area: Area, value: str | int, look: Look) -> None:
        wanted = f'"{value}"' if isinstance(value, str) else value
        rule = {"type": "cell", "criteria": "==", "value": wanted, "format": self._styles.change(look)}
        self._sheet.conditional_format(*_corners(area), rule)

    def shade_where(self, area: Area, condition: Expression, fields: Mapping[str, int], look: Look) -> None:
        from xlsxwriter.utility import xl_rowcol_to_cell

        def here(field: str) -> str:
            return str(xl_rowcol_to_cell(area.top, fields[field], col_abs=True))

        rule = {
            **{"type": "formula", "criteria": f"={text(condition, here)}"},
            "format": self._styles.change(look),
        }
        self._sheet.conditional_format(*_corners(area), rule)

    def trends(self, trends: Trends) -> None:
        from xlsxwriter.utility import xl_rowcol_to_cell

        rows = range(trends.top, trends.bottom + 1)
        self._sheet.add_sparkline(
            trends.top,
            trends.column,
            {
                "location": [xl_rowcol_to_cell(row, trends.column) for row in rows],
                "range": [reference(self._sheet, row, trends.left, row, trends.right).replace("$", "") for row in rows],
                **{"show_hidden": True, "last_point": True, "weight": 1.5, "empty_cells": "gaps"},
                **{"series_color": ACCENT, "last_color": STATUS_COLOURS[Status.MISSED][0]},
            },
        )

    def chart(self, chart: Chart) -> None:
        def cells(top: int, bottom: int, column: int) -> str:
            return f"={reference(self._sheet, top, column, bottom, column)}"

        options = {"object_position": 2, "x_offset": 0, "y_offset": 2, "description": chart.description}
        self._sheet.insert_chart(chart.row, chart.column, drawn(self._canvas.workbook, chart, cells), options)

    def freeze(self, rows: int, columns: int) -> None:
        self._sheet.freeze_panes(rows, columns)
        self._sheet.set_selection(rows, 0, rows, 0)

    def plain(self, zoom: int = 100) -> None:
        self._sheet.hide_gridlines(2)
        self._sheet.set_zoom(zoom)

    def page(self, page: Page) -> None:
        sheet = self._sheet
        if page.portrait:
            sheet.set_portrait()
        else:
            sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(page.wide, 0)
        footer = "".join(letter for letter in page.footer if letter.isprintable())[:60].replace("&", "&&")
        sheet.set_footer(f'&L&"{FONT},Regular"&8{_spaced(footer)}&C&8&A&R&8&P / &N', {"margin": 0.3})
        if page.repeated is not None:
            sheet.repeat_rows(page.repeated)
        if page.columns is not None:
            sheet.repeat_columns(*page.columns)
        if page.through is not None:
            sheet.print_area(0, 0, *page.through)


def reference(sheet: Any, top: int, left: int, bottom: int, right: int) -> str:
    """An absolute reference with the sheet's name: ``'My tab'!$B$2:$B$9``."""
    from xlsxwriter.utility import quote_sheetname, xl_range_abs

    return f"{quote_sheetname(sheet.get_name())}!{xl_range_abs(top, left, bottom, right)}"


def _corners(area: Area) -> tuple[int, int, int, int]:
    return area.top, area.left, LAST_ROW if area.bottom is None else area.bottom, area.right


def _a1(area: Area) -> str:
    from xlsxwriter.utility import xl_range

    return str(xl_range(*_corners(area)))


def _spaced(text: str) -> str:
    """Digits right after a font size in a footer would be read as part of it."""
    return f" {text}" if text[:1].isdigit() else text
