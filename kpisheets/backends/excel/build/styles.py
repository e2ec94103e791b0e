"""Looks as cell formats of XlsxWriter, made once each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpisheets.backends.tabs.looks import BASE, FONT, Align, Edge, Look, Stroke

TABLE_STYLE = "Table Style Light 1"
_STROKES = {Stroke.THIN: 1, Stroke.MEDIUM: 2, Stroke.DOTTED: 4, Stroke.THICK: 5}
_PROPERTIES = {
    **{"size": "font_size", "ink": "font_color", "fill": "bg_color", "across": "align", "down": "valign"},
    **{"wrap": "text_wrap", "format": "num_format", "box": "border"},
}
"""Parts of a look that XlsxWriter calls otherwise."""


class Styles:
    """Makes cell formats; the same look gives the same format."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._cells: dict[Look, Any] = {}
        self._changes: dict[Look, Any] = {}

    def cell(self, look: Look) -> Any:
        """The format of a cell, the base below it."""
        whole = BASE | look
        if whole not in self._cells:
            self._cells[whole] = self._workbook.add_format({"font_name": FONT, **_properties(whole)})
        return self._cells[whole]

    def change(self, look: Look) -> Any:
        """A conditional format: only what it changes."""
        if look not in self._changes:
            self._changes[look] = self._workbook.add_format(_properties(look))
        return self._changes[look]


def _properties(look: Look) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for part, value in look.own.items():
        name = _PROPERTIES.get(part, part)
        match value:
            case Edge(stroke, colour):
                found |= {name: _STROKES[stroke], f"{name}_color": colour}
            case Align.MIDDLE:
                found[name] = "vcenter"
            case Align():
                found[name] = value.value
            case _:
                found[name] = value
    return found
