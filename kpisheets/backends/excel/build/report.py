"""The Report tab: what a manager reads in one minute, on one landscape page's width."""

from __future__ import annotations

from typing import Any

from kpisheets.backends.excel.build import styles
from kpisheets.backends.excel.build.book import LAST_ROW, PIXELS, SECTIONS, Book, page, reference
from kpisheets.backends.excel.build.statuses import colour_statuses
from kpisheets.backends.excel.build.units import GENERAL, SIGNED_PERCENT
from kpisheets.core.kpi import Status
from kpisheets.core.workbook import (
    ATTENTION,
    CHART,
    CHOICE,
    CHOICE_LINE,
    COUNTS,
    DATA_AS_OF,
    FIELDS,
    FIXED_ROWS,
    LIST_LENGTH,
    MACHINE,
    POINTS,
    PROJECT,
    REPORT,
    SUCCESSES,
    VERDICT,
    handle,
)

SPARE_ROWS = 40
"""KPIs that may come later and find their sparkline and formats prepared."""

_LEFT = 1
_VISIBLE = tuple(field for field in FIELDS[REPORT] if field not in MACHINE[REPORT])
_WIDTHS = {
    **{"kpi": 31, "owner": 18, "period": 11, "actual": 16, "target": 16, "variance": 16, "variance_pct": 11},
    **{"status": 16, "trend": 20, "so_far": 16, "pace": 27},
}
_COLUMN = {field: _LEFT + place for place, field in enumerate(FIELDS[REPORT])}
_RIGHT = _COLUMN[_VISIBLE[-1]]
_MACHINE = _RIGHT + 1
_CHART_BLOCK = _MACHINE + 2
"""First column of the chart's hidden figures; the lists' hidden line numbers stand in ``_MACHINE``."""

_TITLE, _SUBTITLE, _VERDICT = 1, 2, 3
_TILE, _TILE_LABEL = 5, 6
_SUCCESSES = 8
_ATTENTION = _SUCCESSES + LIST_LENGTH + 2
_SECTION = _ATTENTION + LIST_LENGTH + 2
_HEADER = _SECTION + 1
_HEIGHTS = {0: 9, _TITLE: 33, _SUBTITLE: 18, _VERDICT: 31, 4: 9, _TILE: 36, _TILE_LABEL: 21, 7: 12, _HEADER: 24}
_LINE, _TALL, _GAP = 19, 31, 12
_TILES = (("kpi", "kpi"), ("owner", "period"), ("actual", "target"), ("variance", "variance_pct"))
_CHART = ("status", "pace")


def add_report(book: Book, sheet: Any) -> None:
    _layout(sheet)
    _heading(book, sheet)
    _tiles(book, sheet)
    _list(book, sheet, SUCCESSES, _SUCCESSES, _LINE)
    _list(book, sheet, ATTENTION, _ATTENTION, _TALL)
    _chart(book, sheet)
    _table(book, sheet)
    page(book, sheet, _HEADER)
    # Down to the table's end, and further as it grows: the spare rows' sparklines would print as an empty page.
    sheet.print_area(0, 0, _HEADER + max(len(book.content.kpis), 1), _RIGHT)


def _layout(sheet: Any) -> None:
    sheet.hide_gridlines(2)
    sheet.set_zoom(90)
    sheet.set_column(0, 0, 2)
    for field in _VISIBLE:
        sheet.set_column(_COLUMN[field], _COLUMN[field], _WIDTHS[field])
    last = _COLUMN[FIELDS[REPORT][-1]]
    sheet.set_column(_MACHINE, last, 12, None, {"level": 1, "hidden": True})
    sheet.set_column(last + 1, last + 1, None, None, {"collapsed": True})
    for row, height in _HEIGHTS.items():
        sheet.set_row(row, height)
    for gap in (_ATTENTION - 1, _SECTION - 1):
        sheet.set_row(gap, _GAP)


def _heading(book: Book, sheet: Any) -> None:
    cell = book.styles.cell
    sheet.write_string(_TITLE, _LEFT, book.content.project, cell(styles.TITLE))
    book.name_cell(PROJECT, sheet, _TITLE, _LEFT)
    sheet.write_string(_SUBTITLE, _LEFT, book.say("sheet.report_subtitle"), cell(styles.SUBTITLE))
    stamp = f'"{book.say("data_as_of")} "{book.language.locale.date_time}'
    sheet.write_blank(_SUBTITLE, _RIGHT, None, cell(styles.SUBTITLE, num_format=stamp, align="right"))
    book.name_cell(DATA_AS_OF, sheet, _SUBTITLE, _RIGHT)
    rule = {"bottom": 2, "bottom_color": styles.ACCENT}
    for column in range(_LEFT, _RIGHT + 1):
        sheet.write_blank(_VERDICT, column, None, cell(rule, font_size=16, bold=True, font_color=styles.SLATE))
    book.name_cell(VERDICT, sheet, _VERDICT, _LEFT)


def _tiles(book: Book, sheet: Any) -> None:
    """Four counts. White edges part the tiles, so that none needs merged cells."""
    for (status, name), (first, last) in zip(COUNTS.items(), _TILES, strict=True):
        ink, fill = styles.STATUS_COLOURS[status]
        look = {"bg_color": fill, "font_color": ink, "indent": 1, "align": "left"}
        number = {**look, "font_size": 24, "bold": True, "num_format": "0"}
        label = {**look, "font_size": 11, "bold": True, "valign": "top"}
        left, right = _COLUMN[first], _COLUMN[last]
        bar, gap = {"left": 5, "left_color": ink}, {"right": 5, "right_color": styles.WHITE}
        for column in range(left, right + 1):
            edge = {**(bar if column == left else {}), **(gap if column == right else {})}
            sheet.write_blank(_TILE, column, None, book.styles.cell(number, edge))
            sheet.write_blank(_TILE_LABEL, column, None, book.styles.cell(label, edge))
        edge = {**bar, **(gap if left == right else {})}
        sheet.write_string(_TILE_LABEL, left, book.language.status[status], book.styles.cell(label, edge))
        book.name_cell(name, sheet, _TILE, left)
        if status is not Status.MET:
            quiet = {"type": "cell", "criteria": "==", "value": 0, "format": book.styles.change(font_color="#8A949E")}
            sheet.conditional_format(_TILE, left, _TILE, left, quiet)


def _list(book: Book, sheet: Any, table: str, header: int, height: float) -> None:
    """A list of KPIs with a note each: a header, five rows, the line numbers in a hidden column."""
    cell = book.styles.cell
    section = SECTIONS[table]
    note, last = _COLUMN["owner"], _COLUMN["variance_pct"]
    status = Status.MET if table == SUCCESSES else Status.MISSED
    heading = {**styles.SECTION, "font_color": styles.STATUS_COLOURS[status][0]}
    sheet.set_row(header, 21)
    for column in range(note, last + 1):
        sheet.write_blank(header, column, None, cell(styles.SECTION_NOTE))
    sheet.write_string(header, _LEFT, book.say(section), cell(heading))
    sheet.write_string(header, note, book.language.columns[section]["note"], cell(styles.SECTION_NOTE))
    sheet.write_string(header, _MACHINE, book.language.columns["report"]["line"], cell(styles.MACHINE_HEADER))
    rows = range(header + 1, header + 1 + FIXED_ROWS[table])
    rule = {"bottom": 4, "bottom_color": styles.RULE}
    for row in rows:
        sheet.set_row(row, height)
        sheet.write_blank(row, _MACHINE, None, cell(styles.MACHINE))
        sheet.write_blank(row, _LEFT, None, cell(rule, bold=True, text_wrap=True))
        # The note is as wide as the list and wraps, which only a merged cell does.
        sheet.merge_range(row, note, row, last, None, cell(rule, text_wrap=True, font_size=10))
    for field, column in (("line", _MACHINE), ("kpi", _LEFT), ("note", note)):
        book.name_range(handle(table, field), sheet, header, column, rows[-1])


def _chart(book: Book, sheet: Any) -> None:
    cell = book.styles.cell
    left, right = (_COLUMN[field] for field in _CHART)
    sheet.write_string(
        _TILE, left, book.say("chart_of"), cell(styles.SUBTITLE, valign="bottom", align="left", indent=1)
    )
    sheet.merge_range(_TILE_LABEL, left, _TILE_LABEL, right, None, cell(styles.SETTING, bold=True))
    book.name_cell(CHOICE, sheet, _TILE_LABEL, left)
    names = handle(REPORT, "kpi")
    sheet.data_validation(
        _TILE_LABEL,
        left,
        _TILE_LABEL,
        left,
        {
            **{"validate": "list", "source": f"=OFFSET({names},1,0,ROWS({names})-1,1)"},
            **{"input_message": book.say("choose_kpi"), "error_type": "warning"},
        },
    )
    sheet.write_string(
        _TILE_LABEL, _CHART_BLOCK - 1, book.language.columns["report"]["line"], cell(styles.MACHINE_HEADER)
    )
    sheet.write_blank(_TILE_LABEL + 1, _CHART_BLOCK - 1, None, cell(styles.MACHINE))
    book.name_cell(CHOICE_LINE, sheet, _TILE_LABEL + 1, _CHART_BLOCK - 1)
    top, bottom = _TILE_LABEL, _TILE_LABEL + FIXED_ROWS[CHART]
    titles = book.headers(CHART)
    for place, (field, title) in enumerate(zip(FIELDS[CHART], titles, strict=True)):
        column = _CHART_BLOCK + place
        sheet.write_string(top, column, title, cell(styles.MACHINE_HEADER))
        for row in range(top + 1, bottom + 1):
            sheet.write_blank(row, column, None, cell(styles.MACHINE))
        book.name_range(handle(CHART, field), sheet, top, column, bottom)
    sheet.insert_chart(_SUCCESSES, left, _drawn(book, sheet, top, bottom), _chart_options(book))


def _chart_options(book: Book) -> dict[str, Any]:
    return {"object_position": 2, "x_offset": 0, "y_offset": 2, "description": book.say("sheet.chart_description")}


def _drawn(book: Book, sheet: Any, top: int, bottom: int) -> Any:
    """Columns for the actuals, a line for the target; the figures stand in hidden cells."""

    def cells(field: str) -> str:
        column = _CHART_BLOCK + FIELDS[CHART].index(field)
        return f"={reference(sheet, top + 1, column, bottom, column)}"

    def title(field: str) -> str:
        column = _CHART_BLOCK + FIELDS[CHART].index(field)
        return f"={reference(sheet, top, column, top, column).split(':')[0]}"

    font = {"name": styles.FONT, "size": 9, "color": styles.MUTED}
    chart = book.workbook.add_chart({"type": "column"})
    chart.add_series(
        {
            **{"name": title("actual"), "categories": cells("label"), "values": cells("actual"), "gap": 55},
            **{"fill": {"color": styles.ACCENT}, "border": {"none": True}},
        }
    )
    target = book.workbook.add_chart({"type": "line"})
    mark = {"type": "long_dash", "size": 7, "fill": {"color": styles.INK}, "border": {"color": styles.INK}}
    target.add_series(
        {
            **{"name": title("target"), "categories": cells("label"), "values": cells("target"), "marker": mark},
            **{"line": {"color": styles.INK, "width": 1.5, "dash_type": "dash"}},
        }
    )
    chart.combine(target)
    chart.show_hidden_data()
    chart.set_legend({"position": "top", "font": font})
    chart.set_x_axis({"num_font": font, "line": {"color": styles.RULE}, "major_tick_mark": "none"})
    chart.set_y_axis(
        {
            **{"num_font": font, "num_format": GENERAL, "num_format_linked": True, "line": {"none": True}},
            **{"major_gridlines": {"visible": True, "line": {"color": styles.RULE, "width": 0.75}}},
            **{"major_tick_mark": "none"},
        }
    )
    chart.set_chartarea({"border": {"none": True}, "fill": {"none": True}})
    chart.set_plotarea({"fill": {"none": True}})
    left, right = (_VISIBLE.index(field) for field in _CHART)
    width = sum(_WIDTHS[field] * PIXELS + 5 for field in _VISIBLE[left : right + 1])
    points = 2 * 21 + LIST_LENGTH * (_LINE + _TALL) + _GAP
    chart.set_size({"width": width, "height": round(points * 4 / 3) - 4})
    return chart


def _table(book: Book, sheet: Any) -> None:
    cell = book.styles.cell
    for column in range(_LEFT, _RIGHT + 1):
        sheet.write_blank(_SECTION, column, None, cell(styles.SECTION))
    sheet.set_row(_SECTION, 21)
    sheet.write_string(_SECTION, _LEFT, book.say("all_kpis"), cell(styles.SECTION))
    rows = max(len(book.content.kpis), 1)
    book.add_table(sheet, REPORT, _HEADER, _LEFT, rows, autofilter=False)
    number = {"num_format": "#,##0.0", "align": "right"}
    looks: dict[str, styles.Properties] = {
        **{"kpi": {"bold": True, "text_wrap": True}, "owner": {"text_wrap": True}, "period": {}},
        **{"actual": {**number, "bold": True}, "target": number, "variance": number, "so_far": number},
        **{"variance_pct": {"num_format": SIGNED_PERCENT, "align": "right"}, "status": {"indent": 1}},
        **{"trend": {}, "pace": {"indent": 1}},
    }
    first, last = _HEADER + 1, _HEADER + rows + SPARE_ROWS
    for row in range(first, last + 1):
        sheet.set_row(row, _LINE)
        for field in FIELDS[REPORT]:
            look = looks.get(field, styles.MACHINE)
            sheet.write_blank(row, _COLUMN[field], None, cell(styles.COMPUTED if field in looks else {}, look))
    points = _COLUMN[POINTS[0]], _COLUMN[POINTS[-1]]
    sheet.add_sparkline(
        first,
        _COLUMN["trend"],
        {
            "location": [_a1(row, _COLUMN["trend"]) for row in range(first, last + 1)],
            "range": [
                reference(sheet, row, points[0], row, points[1]).replace("$", "") for row in range(first, last + 1)
            ],
            **{"show_hidden": True, "last_point": True, "weight": 1.5, "empty_cells": "gaps"},
            **{"series_color": styles.ACCENT, "last_color": styles.STATUS_COLOURS[Status.MISSED][0]},
        },
    )
    colour_statuses(book, sheet, first, _COLUMN["status"], LAST_ROW)
    colour_statuses(book, sheet, first, _COLUMN["pace"], LAST_ROW)
    # Rules between the lines, only where there is a line.
    ruled = book.styles.change(bottom=4, bottom_color=styles.RULE)
    here = f"=${_a1(first, _LEFT)}"
    sheet.conditional_format(
        first, _LEFT, LAST_ROW, _RIGHT, {"type": "formula", "criteria": f'{here}<>""', "format": ruled}
    )
    book.ignore_warnings(sheet, first, _LEFT, _COLUMN[FIELDS[REPORT][-1]])


def _a1(row: int, column: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    return str(xl_rowcol_to_cell(row, column))
