"""Alternating colours, and those of tables, which are the same thing."""

from __future__ import annotations

from .book import Tab
from .messages import Message, normalised


def table_banding(table: Message) -> Message | None:
    """A table's colours as the `BandedRange` that they are too."""
    colours = table.get("rowsProperties")
    if not colours:
        return None
    rows = normalised("BandingProperties", colours)
    return {"bandedRangeReference": table["tableId"], "range": table["range"], "rowProperties": rows}


def band_colour(tab: Tab, row: int, column: int) -> Message:
    """The background that a band gives a cell, as fields of a `CellFormat`."""
    tables = (table_banding(table) for table in tab.objects["tables"])
    for item in [*tab.objects["bandedRanges"], *filter(None, tables)]:
        row0, row1, column0, column1 = tab.bounds(item["range"])
        if row0 <= row < row1 and column0 <= column < column1:
            rows = _colour(item.get("rowProperties", {}), row - row0, row1 - row0)
            return rows or _colour(item.get("columnProperties", {}), column - column0, column1 - column0)
    return {}


def _colour(properties: Message, at: int, length: int) -> Message:
    headed = "headerColorStyle" in properties
    if headed and at == 0:
        name = "headerColor"
    elif "footerColorStyle" in properties and at == length - 1:
        name = "footerColor"
    else:
        name = "secondBandColor" if (at - headed) % 2 else "firstBandColor"
    if name not in properties:
        return {}
    return {"backgroundColor": properties[name], "backgroundColorStyle": properties[f"{name}Style"]}
