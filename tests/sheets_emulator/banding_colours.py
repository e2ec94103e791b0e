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


class Bands:
    """The alternating colours of a tab."""

    def __init__(self, tab: Tab) -> None:
        tables = (table_banding(table) for table in tab.objects["tables"])
        items = [*tab.objects["bandedRanges"], *filter(None, tables)]
        self._bands = [
            (tab.bounds(item["range"]), _colours(item.get("rowProperties")), _colours(item.get("columnProperties")))
            for item in items
        ]

    def colour(self, row: int, column: int) -> Message | None:
        """The background that a band gives a cell, as fields of a `CellFormat`."""
        for (row0, row1, column0, column1), rows, columns in self._bands:
            if row0 <= row < row1 and column0 <= column < column1:
                return _one(rows, row - row0, row1 - row0) or _one(columns, column - column0, column1 - column0)
        return None


def _colours(properties: Message | None) -> dict[str, Message]:
    """The colours of a band by `header`, `firstBand`, `secondBand` and `footer`."""
    given = properties or {}
    return {
        name: {"backgroundColor": given[f"{name}Color"], "backgroundColorStyle": given[f"{name}ColorStyle"]}
        for name in ("header", "firstBand", "secondBand", "footer")
        if f"{name}ColorStyle" in given
    }


def _one(colours: dict[str, Message], at: int, length: int) -> Message | None:
    headed = "header" in colours
    if headed and at == 0:
        return colours["header"]
    if "footer" in colours and at == length - 1:
        return colours["footer"]
    return colours.get("secondBand" if (at - headed) % 2 else "firstBand")
