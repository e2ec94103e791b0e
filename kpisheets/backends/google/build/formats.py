"""Looks as cell formats of Google Sheets."""

from __future__ import annotations

from typing import Any

from kpisheets.backends.tabs.looks import BASE, FONT, Align, Edge, Look, Stroke
from kpisheets.backends.tabs.units import GENERAL, TEXT

_STROKES = {
    Stroke.THIN: "SOLID",
    Stroke.MEDIUM: "SOLID_MEDIUM",
    Stroke.THICK: "SOLID_THICK",
    Stroke.DOTTED: "DOTTED",
}
_SIDES = ("top", "bottom", "left", "right")
_PADDING = {"top": 2, "right": 3, "bottom": 2, "left": 3}
"""Pixels around a cell's text, as a cell has them that nobody has formatted."""
_INDENT = 9
"""Pixels of an indent."""


def cell_format(look: Look) -> dict[str, Any]:
    """The ``CellFormat`` of a cell, the base below its look."""
    whole = BASE | look
    found: dict[str, Any] = {"textFormat": {"fontFamily": FONT, **_text(whole)}}
    if whole.fill is not None:
        found["backgroundColorStyle"] = colour(whole.fill)
    if whole.across is not None:
        found["horizontalAlignment"] = whole.across.name
    if whole.down is not None:
        found["verticalAlignment"] = whole.down.name
    if whole.wrap:
        found["wrapStrategy"] = "WRAP"
    if whole.indent:
        side = "right" if whole.across is Align.RIGHT else "left"
        found["padding"] = {**_PADDING, side: _PADDING[side] + whole.indent * _INDENT}
    if whole.format is not None and whole.format != GENERAL:
        found["numberFormat"] = number_format(whole.format)
    if borders := _borders(whole):
        found["borders"] = borders
    return found


def changed_format(look: Look) -> dict[str, Any]:
    """The format of a conditional format, which changes text and fill alone; empty where the look says neither."""
    found: dict[str, Any] = {}
    if text := _text(look):
        found["textFormat"] = text
    if look.fill is not None:
        found["backgroundColorStyle"] = colour(look.fill)
    return found


def number_format(pattern: str) -> dict[str, str]:
    """The ``NumberFormat`` of a pattern as spreadsheet programs share it."""
    bare = "".join(pattern.split('"')[::2]).casefold()
    if pattern == TEXT:
        kind = "TEXT"
    elif "y" in bare:
        kind = "DATE_TIME" if "h" in bare else "DATE"
    else:
        kind = "PERCENT" if "%" in bare else "NUMBER"
    return {"type": kind, "pattern": pattern}


def colour(written: str) -> dict[str, dict[str, float]]:
    """The ``ColorStyle`` of ``#RRGGBB``."""
    red, green, blue = (int(written[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return {"rgbColor": {"red": red, "green": green, "blue": blue}}


def _text(look: Look) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if look.size is not None:
        found["fontSize"] = round(look.size)
    if look.ink is not None:
        found["foregroundColorStyle"] = colour(look.ink)
    if look.bold is not None:
        found["bold"] = look.bold
    if look.italic is not None:
        found["italic"] = look.italic
    return found


def _borders(look: Look) -> dict[str, Any]:
    edges: dict[str, Edge] = dict.fromkeys(_SIDES, look.box) if look.box is not None else {}
    edges |= {
        side: edge
        for side, edge in (("bottom", look.bottom), ("left", look.left), ("right", look.right))
        if edge is not None
    }
    return {side: {"style": _STROKES[edge.stroke], "colorStyle": colour(edge.colour)} for side, edge in edges.items()}
