"""How the workbook looks: its colours, and cell formats made from them once each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpisheets.core.kpi import Status

FONT = "Calibri"
INK, SLATE, MUTED, RULE, WHITE = "#1F2933", "#22384D", "#66717C", "#D5DAE0", "#FFFFFF"
ACCENT = "#1F6F8B"
INPUT, INPUT_FILL = "#0B3FBF", "#F3F7FE"
"""People type here: blue, as in financial models."""
MACHINE_INK, MACHINE_FILL = "#8A949E", "#ECEFF2"

STATUS_COLOURS: Mapping[Status, tuple[str, str]] = {
    Status.MET: ("#0B5D56", "#D9F0EC"),
    Status.AT_RISK: ("#7A4B00", "#FFEFC9"),
    Status.MISSED: ("#8E1B3A", "#F8DCE3"),
    Status.NO_DATA: ("#56616C", "#ECEFF2"),
    Status.NO_TARGET: ("#56616C", "#ECEFF2"),
    Status.IN_PROGRESS: ("#2B4C7E", "#E4ECF7"),
}
"""Text and fill. Teal, amber and crimson stay apart for colour-blind eyes, and their words carry symbols besides."""

TABLE_STYLE = "Table Style Light 1"

Properties = Mapping[str, Any]

BASE: Properties = {"font_name": FONT, "font_size": 11, "font_color": INK, "valign": "vcenter"}
TITLE: Properties = {"font_size": 22, "bold": True, "font_color": SLATE}
TAB_TITLE: Properties = {"font_size": 16, "bold": True, "font_color": SLATE}
SUBTITLE: Properties = {"font_color": MUTED}
SECTION: Properties = {"font_size": 12, "bold": True, "font_color": SLATE, "bottom": 2, "bottom_color": ACCENT}
SECTION_NOTE: Properties = {"font_size": 10, "font_color": MUTED, "bottom": 2, "bottom_color": ACCENT}
HEADER: Properties = {
    **{"bold": True, "font_color": WHITE, "bg_color": SLATE, "text_wrap": True, "valign": "vcenter"},
}
MACHINE_HEADER: Properties = {"italic": True, "font_size": 9, "font_color": MACHINE_INK, "bg_color": MACHINE_FILL}
MACHINE: Properties = {"font_size": 9, "font_color": MACHINE_INK}
TYPED: Properties = {"font_color": INPUT}
COMPUTED: Properties = {"font_color": "#000000"}
SETTING: Properties = {
    **{
        "font_color": INPUT,
        "bg_color": INPUT_FILL,
        "border": 1,
        "border_color": "#A9BDE8",
        "align": "left",
        "indent": 1,
    },
}
OVERRIDDEN: Properties = {"font_color": "#5C3B00", "bg_color": "#FFE3A3", "bold": True}
"""An Actual that a person typed over what its source says."""
OVERRIDDEN_EDGE = "#B7791F"


class Styles:
    """Makes cell formats; the same properties give the same format."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def cell(self, *layers: Properties, **own: Any) -> Any:
        """A cell format: the base, then each layer over it, then ``own``."""
        merged = {key: value for layer in (BASE, *layers, own) for key, value in layer.items()}
        return self._once(merged)

    def change(self, **properties: Any) -> Any:
        """A conditional format: only what it changes."""
        return self._once(properties | {"_": "conditional"})

    def status(self, status: Status) -> Any:
        """The conditional format of a status word."""
        ink, fill = STATUS_COLOURS[status]
        return self.change(font_color=ink, bg_color=fill, bold=status is Status.MISSED)

    def _once(self, properties: Mapping[str, Any]) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            wanted = {name: value for name, value in properties.items() if name != "_"}
            self._made[key] = self._workbook.add_format(wanted)
        return self._made[key]
