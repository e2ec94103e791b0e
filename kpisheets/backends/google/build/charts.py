"""The chart of the chosen KPI, as Google Sheets draws it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpisheets.backends.google.build.formats import colour
from kpisheets.backends.google.build.geometry import grid_range
from kpisheets.backends.google.build.ids import identity
from kpisheets.backends.google.writing.requests import Request
from kpisheets.backends.tabs.canvas import Area, Chart, Role
from kpisheets.backends.tabs.looks import ACCENT, FONT, INK, SIGNAL

_OFFSET = 2
_STROKES: Mapping[Role, Mapping[str, Any]] = {
    Role.GOAL: {
        "ink": INK,
        "lineStyle": {"type": "MEDIUM_DASHED", "width": 2},
        "pointStyle": {"shape": "CIRCLE", "size": 5},
    },
    Role.MEAN: {"ink": SIGNAL, "lineStyle": {"type": "SOLID", "width": 2}},
    Role.LIMIT: {"ink": SIGNAL, "lineStyle": {"type": "DOTTED", "width": 2}},
}


def added_chart(sheet: int, chart: Chart) -> Request:
    """Columns for the actuals, lines for target and limits; the figures stand in hidden cells."""

    def figures(column: int) -> dict[str, Any]:
        area = Area(chart.heading, column, chart.bottom, column)
        return {"sourceRange": {"sources": [grid_range(sheet, area)]}}

    def series(column: int, kind: str, ink: str, **more: object) -> dict[str, Any]:
        own = {"type": kind, "colorStyle": colour(ink), "targetAxis": "LEFT_AXIS"}
        return {"series": figures(column), **own, **more}

    basic = {
        "chartType": "COMBO",
        "legendPosition": "TOP_LEGEND",
        "headerCount": 1,
        "domains": [{"domain": figures(chart.labels)}],
        "series": [
            series(chart.bars, "COLUMN", ACCENT),
            *(series(line.column, "LINE", **_STROKES[line.role]) for line in chart.lines),
        ],
    }
    place = {
        "anchorCell": {"sheetId": sheet, "rowIndex": chart.row, "columnIndex": chart.column},
        "offsetYPixels": _OFFSET,
        "widthPixels": chart.width,
        "heightPixels": chart.height,
    }
    spec = {
        "altText": chart.description,
        "fontName": FONT,
        "hiddenDimensionStrategy": "SHOW_ALL",
        "basicChart": basic,
    }
    made = {
        "chartId": identity(f"chart {sheet}"),
        "spec": spec,
        "position": {"overlayPosition": place},
    }
    return {"addChart": {"chart": made}}
