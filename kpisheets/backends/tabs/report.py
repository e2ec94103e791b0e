"""The Report tab: what a manager reads in one minute, on one landscape page's width."""

from __future__ import annotations

from kpisheets.backends.tabs import looks
from kpisheets.backends.tabs.book import PIXELS, SECTIONS, Book, name_cell
from kpisheets.backends.tabs.canvas import Area, Chart, ChartLine, Dropdown, Page, Role, Sheet, Trends, Typing
from kpisheets.backends.tabs.looks import PLAIN, Align, Edge, Look, Stroke
from kpisheets.backends.tabs.statuses import colour_statuses
from kpisheets.backends.tabs.units import signed_percent
from kpisheets.core.formula import Here, op
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
    **{"kpi": 34, "owner": 16, "period": 11, "actual": 15, "target": 21, "variance": 15, "variance_pct": 11},
    **{"status": 16, "trend": 17, "signal": 38, "so_far": 15, "pace": 26},
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
_LINES = (
    ("target", Role.GOAL, True),
    ("target_high", Role.GOAL, False),
    ("mean", Role.MEAN, True),
    ("lower", Role.LIMIT, True),
    ("upper", Role.LIMIT, True),
)
_NUMBER = Look(format="#,##0.0", across=Align.RIGHT)
_LOOKS = {
    "kpi": Look(bold=True, wrap=True),
    "owner": Look(wrap=True),
    "period": PLAIN,
    "actual": _NUMBER | Look(bold=True),
    "target": _NUMBER,
    "variance": _NUMBER,
    "variance_pct": Look(across=Align.RIGHT),
    "status": Look(indent=1),
    "trend": PLAIN,
    "signal": Look(indent=1, size=10),
    "so_far": _NUMBER,
    "pace": Look(indent=1),
}


def add_report(book: Book, sheet: Sheet) -> None:
    _layout(sheet)
    _heading(book, sheet)
    _tiles(book, sheet)
    _list(book, sheet, SUCCESSES, _SUCCESSES, _LINE)
    _list(book, sheet, ATTENTION, _ATTENTION, _TALL)
    _chart(book, sheet)
    _table(book, sheet)
    # Down to the table's end, and further as it grows: the spare rows' sparklines would print as an empty page.
    through = _HEADER + max(len(book.content.kpis), 1), _RIGHT
    sheet.page(Page(book.content.project, _HEADER, through=through))


def _layout(sheet: Sheet) -> None:
    sheet.plain(zoom=90)
    sheet.columns(0, 0, 2)
    for field in _VISIBLE:
        sheet.columns(_COLUMN[field], _COLUMN[field], _WIDTHS[field])
    sheet.columns(_MACHINE, _COLUMN[FIELDS[REPORT][-1]], 12, folded=True)
    for row, height in _HEIGHTS.items():
        sheet.row(row, height)
    for gap in (_ATTENTION - 1, _SECTION - 1):
        sheet.row(gap, _GAP)


def _heading(book: Book, sheet: Sheet) -> None:
    sheet.text(_TITLE, _LEFT, book.content.project, looks.TITLE)
    name_cell(sheet, PROJECT, _TITLE, _LEFT)
    sheet.text(_SUBTITLE, _LEFT, book.say("sheet.report_subtitle"), looks.SUBTITLE)
    stamp = f'"{book.say("data_as_of")} "{book.language.locale.date_time}'
    sheet.blank(_SUBTITLE, _RIGHT, looks.SUBTITLE | Look(format=stamp, across=Align.RIGHT))
    name_cell(sheet, DATA_AS_OF, _SUBTITLE, _RIGHT)
    for column in range(_LEFT, _RIGHT + 1):
        sheet.blank(_VERDICT, column, looks.HEADLINE | Look(size=16, bold=True, ink=looks.SLATE))
    name_cell(sheet, VERDICT, _VERDICT, _LEFT)


def _tiles(book: Book, sheet: Sheet) -> None:
    """Four counts. White edges part the tiles, so that none needs merged cells."""
    for (status, name), (first, last) in zip(COUNTS.items(), _TILES, strict=True):
        ink, fill = looks.STATUS_COLOURS[status]
        look = Look(fill=fill, ink=ink, indent=1, across=Align.LEFT, bold=True)
        number = look | Look(size=24, format="0")
        label = look | Look(size=11, down=Align.TOP)
        left, right = _COLUMN[first], _COLUMN[last]
        bar, gap = Look(left=Edge(Stroke.THICK, ink)), Look(right=Edge(Stroke.THICK, looks.WHITE))
        for column in range(left, right + 1):
            edge = (bar if column == left else PLAIN) | (gap if column == right else PLAIN)
            sheet.blank(_TILE, column, number | edge)
            sheet.blank(_TILE_LABEL, column, label | edge)
        edge = bar | (gap if left == right else PLAIN)
        sheet.text(_TILE_LABEL, left, book.language.status[status], label | edge)
        name_cell(sheet, name, _TILE, left)
        if status is not Status.MET:
            sheet.shade_equal(Area(_TILE, left, _TILE, left), 0, looks.QUIET)


def _list(book: Book, sheet: Sheet, table: str, header: int, height: float) -> None:
    """A list of KPIs with a note each: a header, five rows, the line numbers in a hidden column."""
    section = SECTIONS[table]
    note, last = _COLUMN["owner"], _COLUMN["variance_pct"]
    status = Status.MET if table == SUCCESSES else Status.MISSED
    sheet.row(header, 21)
    for column in range(note, last + 1):
        sheet.blank(header, column, looks.SECTION_NOTE)
    sheet.text(header, _LEFT, book.say(section), looks.SECTION | Look(ink=looks.STATUS_COLOURS[status][0]))
    sheet.text(header, note, book.language.columns[section]["note"], looks.SECTION_NOTE)
    sheet.text(header, _MACHINE, book.language.columns["report"]["line"], looks.MACHINE_HEADER)
    rows = range(header + 1, header + 1 + FIXED_ROWS[table])
    for row in rows:
        sheet.row(row, height)
        sheet.blank(row, _MACHINE, looks.MACHINE)
        sheet.blank(row, _LEFT, looks.RULED | Look(bold=True, wrap=True))
        # The note is as wide as the list and wraps, which only a merged cell does.
        sheet.merged(row, note, last, None, looks.RULED | Look(wrap=True, size=10))
    for field, column in (("line", _MACHINE), ("kpi", _LEFT), ("note", note)):
        sheet.name(handle(table, field), header, column, rows[-1])


def _chart(book: Book, sheet: Sheet) -> None:
    """The cell that chooses a KPI, the hidden figures of that KPI, and the chart over them."""
    left, right = (_COLUMN[field] for field in _CHART)
    said = looks.SUBTITLE | Look(down=Align.BOTTOM, across=Align.LEFT, indent=1)
    sheet.text(_TILE, left, book.say("chart_of"), said)
    sheet.merged(_TILE_LABEL, left, right, None, looks.SETTING | Look(bold=True))
    name_cell(sheet, CHOICE, _TILE_LABEL, left)
    sheet.dropdown(
        Area(_TILE_LABEL, left, _TILE_LABEL, left),
        Dropdown(handle(REPORT, "kpi"), Typing.QUESTIONED, prompt=book.say("choose_kpi")),
    )
    sheet.text(_TILE_LABEL, _CHART_BLOCK - 1, book.language.columns["report"]["line"], looks.MACHINE_HEADER)
    sheet.blank(_TILE_LABEL + 1, _CHART_BLOCK - 1, looks.MACHINE)
    name_cell(sheet, CHOICE_LINE, _TILE_LABEL + 1, _CHART_BLOCK - 1)
    top, bottom = _TILE_LABEL, _TILE_LABEL + FIXED_ROWS[CHART]
    columns = {field: _CHART_BLOCK + place for place, field in enumerate(FIELDS[CHART])}
    for (field, column), title in zip(columns.items(), book.headers(CHART), strict=True):
        sheet.text(top, column, title, looks.MACHINE_HEADER)
        for row in range(top + 1, bottom + 1):
            sheet.blank(row, column, looks.MACHINE)
        sheet.name(handle(CHART, field), top, column, bottom)
    first, last = (_VISIBLE.index(field) for field in _CHART)
    width = sum(_WIDTHS[field] * PIXELS + 5 for field in _VISIBLE[first : last + 1])
    points = 2 * 21 + LIST_LENGTH * (_LINE + _TALL) + _GAP
    sheet.chart(
        Chart(
            row=_SUCCESSES,
            column=left,
            width=width,
            height=round(points * 4 / 3) - 4,
            heading=top,
            bottom=bottom,
            labels=columns["label"],
            bars=columns["actual"],
            lines=[ChartLine(columns[field], role, listed) for field, role, listed in _LINES],
            description=book.say("sheet.chart_description"),
        )
    )


def _table(book: Book, sheet: Sheet) -> None:
    for column in range(_LEFT, _RIGHT + 1):
        sheet.blank(_SECTION, column, looks.SECTION)
    sheet.row(_SECTION, 21)
    sheet.text(_SECTION, _LEFT, book.say("all_kpis"), looks.SECTION)
    rows = max(len(book.content.kpis), 1)
    sheet.table(book.table(REPORT, _HEADER, _LEFT, rows, filtered=False))
    first, last = _HEADER + 1, _HEADER + rows + SPARE_ROWS
    wanted = {**_LOOKS, "variance_pct": _LOOKS["variance_pct"] | Look(format=signed_percent(book.language.code))}
    for row in range(first, last + 1):
        sheet.row(row, _LINE)
        for field in FIELDS[REPORT]:
            sheet.blank(row, _COLUMN[field], looks.COMPUTED | wanted[field] if field in wanted else looks.MACHINE)
    sheet.trends(Trends(_COLUMN["trend"], first, last, _COLUMN[POINTS[0]], _COLUMN[POINTS[-1]]))
    colour_statuses(book, sheet, first, _COLUMN["status"])
    colour_statuses(book, sheet, first, _COLUMN["pace"])
    calm, signal = book.say("insight.routine"), _COLUMN["signal"]
    # Some programs apply the first rule alone that holds: it rules the line too.
    sheet.shade_equal(Area(first, signal, None, signal), calm[:1].upper() + calm[1:], looks.QUIET | looks.RULED)
    # Rules between the lines, only where there is a line.
    sheet.shade_where(Area(first, _LEFT, None, _RIGHT), op(Here("kpi"), "<>", ""), _COLUMN, looks.RULED)
