"""Ranges as the service counts them: from 0, ends exclusive, an end that is missing is open."""

from __future__ import annotations

from kpisheets.backends.tabs.canvas import Area


def grid_range(sheet: int, area: Area) -> dict[str, int]:
    found = {"sheetId": sheet, "startRowIndex": area.top, "startColumnIndex": area.left}
    if area.bottom is not None:
        found["endRowIndex"] = area.bottom + 1
    return {**found, "endColumnIndex": area.right + 1}


def dimension(sheet: int, kind: str, first: int, last: int) -> dict[str, object]:
    """``kind`` is ROWS or COLUMNS."""
    return {"sheetId": sheet, "dimension": kind, "startIndex": first, "endIndex": last + 1}
