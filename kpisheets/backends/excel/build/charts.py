"""The chart of the chosen KPI, as XlsxWriter draws it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kpisheets.backends.tabs.canvas import Chart, Role
from kpisheets.backends.tabs.looks import ACCENT, FONT, INK, MUTED, RULE, SIGNAL
from kpisheets.backends.tabs.units import GENERAL

_NONE = {"type": "none"}
_STROKES: Mapping[Role, Mapping[str, Any]] = {
    Role.GOAL: {
        "marker": {"type": "long_dash", "size": 7, "fill": {"color": INK}, "border": {"color": INK}},
        "line": {"color": INK, "width": 1.5, "dash_type": "dash"},
    },
    Role.MEAN: {"marker": _NONE, "line": {"color": SIGNAL, "width": 1.5}},
    Role.LIMIT: {"marker": _NONE, "line": {"color": SIGNAL, "width": 1.5, "dash_type": "round_dot"}},
}


def drawn(workbook: Any, chart: Chart, cells: Callable[[int, int, int], str]) -> Any:
    """Columns for the actuals, lines for target and limits; the figures stand in hidden cells. ``cells`` writes a
    reference to (top, bottom, column)."""

    def figures(column: int) -> str:
        return cells(chart.heading + 1, chart.bottom, column)

    def title(column: int) -> str:
        return cells(chart.heading, chart.heading, column).split(":")[0]

    font = {"name": FONT, "size": 9, "color": MUTED}
    bars = workbook.add_chart({"type": "column"})
    bars.add_series(
        {
            **{"name": title(chart.bars), "categories": figures(chart.labels), "values": figures(chart.bars)},
            **{"gap": 55, "fill": {"color": ACCENT}, "border": {"none": True}},
        }
    )
    lines = workbook.add_chart({"type": "line"})
    for line in chart.lines:
        figured = {"categories": figures(chart.labels), "values": figures(line.column)}
        lines.add_series({"name": title(line.column), **figured, **_STROKES[line.role]})
    bars.combine(lines)
    bars.show_hidden_data()
    silent = [place for place, line in enumerate(chart.lines, 1) if not line.listed]
    bars.set_legend({"position": "top", "font": font, "delete_series": silent})
    bars.set_x_axis({"num_font": font, "line": {"color": RULE}, "major_tick_mark": "none"})
    bars.set_y_axis(
        {
            **{"num_font": font, "num_format": GENERAL, "num_format_linked": True, "line": {"none": True}},
            **{"major_gridlines": {"visible": True, "line": {"color": RULE, "width": 0.75}}},
            **{"major_tick_mark": "none"},
        }
    )
    bars.set_chartarea({"border": {"none": True}, "fill": {"none": True}})
    bars.set_plotarea({"fill": {"none": True}})
    bars.set_size({"width": chart.width, "height": chart.height})
    return bars
