"""A spreadsheet as one answer of the service tells it: its tabs, names and handles, and the columns that were read.

Rows and columns are counted from 0, ends are exclusive, as the service counts them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kpisheets.backends.google.reading.cells import CellData
from kpisheets.core.workbook import FIELDS, FIXED_ROWS, LATER, NAMED_CELLS, handle

METADATA_KEY = "kpisheets"
"""Key of the developer metadata on our columns; the value is the column's handle."""
RUN_KEY = "kpisheets_run"
"""Key of the spreadsheet's own developer metadata that says which run wrote last."""

_TABS = (
    "sheets(properties(sheetId,title,index,gridProperties(rowCount,columnCount)),tables(tableId,range),"
    "data(startRow,startColumn,columnMetadata(developerMetadata(metadataKey,metadataValue)),"
    "rowData(values(userEnteredValue(formulaValue),effectiveValue,effectiveFormat(numberFormat)))))"
)
_REST = "spreadsheetUrl,properties(title),namedRanges,developerMetadata(metadataId,metadataKey,metadataValue)"
MASK = f"{_REST},{_TABS}"
"""The fields that are read. A plain value is the effective value, so that of what was typed formulas are enough."""


def filters() -> list[dict[str, Any]]:
    """What to read: the columns that have a handle, whole, and the cells that have a name alone. Names that a
    spreadsheet from before lacks would have the request refused; what they stand for is in columns with a handle."""
    columns = {"developerMetadataLookup": {"metadataKey": METADATA_KEY, "locationType": "COLUMN"}}
    blocks = [handle(table, name) for table in FIXED_ROWS for name in FIELDS[table] if name not in LATER.get(table, ())]
    return [columns, *({"a1Range": name} for name in (*NAMED_CELLS, *blocks))]


@dataclass(frozen=True, slots=True)
class Area:
    """A range of cells on one tab; ``None`` is the tab's end."""

    sheet: int
    top: int
    left: int
    bottom: int | None = None
    right: int | None = None

    def covers(self, column: int) -> bool:
        return self.left <= column and (self.right is None or column < self.right)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Area:
        """A ``GridRange``."""
        return cls(
            said.get("sheetId", 0),
            said.get("startRowIndex", 0),
            said.get("startColumnIndex", 0),
            said.get("endRowIndex"),
            said.get("endColumnIndex"),
        )


@dataclass(slots=True)
class Tab:
    """A tab. ``columns`` are the cells that were read, by column, from row 0 on; ``handles`` those that a column has;
    ``tables`` its spreadsheet tables by id."""

    id: int
    title: str
    index: int
    row_count: int
    column_count: int
    tables: dict[str, Area] = field(default_factory=dict)
    columns: dict[int, list[CellData | None]] = field(default_factory=dict)
    handles: dict[int, list[str]] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> CellData | None:
        cells = self.columns.get(column)
        return cells[row] if cells is not None and row < len(cells) else None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``run`` is (metadata id, run id) of the last write, if one is known."""

    url: str
    title: str
    tabs: Mapping[int, Tab]
    names: Mapping[str, Area]
    name_ids: Mapping[str, str] = field(default_factory=dict)
    run: tuple[int, str] | None = None


def snapshot(said: Mapping[str, Any]) -> Snapshot:
    """Read a ``Spreadsheet`` that was asked for with ``MASK``."""
    tabs = {}
    for sheet in said.get("sheets", ()):
        properties = sheet["properties"]
        size = properties.get("gridProperties", {})
        tab = Tab(
            properties.get("sheetId", 0),
            properties.get("title", ""),
            properties.get("index", 0),
            size.get("rowCount", 0),
            size.get("columnCount", 0),
            {table["tableId"]: Area.of(table["range"]) for table in sheet.get("tables", ()) if "range" in table},
        )
        for block in sheet.get("data", ()):
            _lay(tab, block)
        tabs[tab.id] = tab
    names = {item["name"]: Area.of(item["range"]) for item in said.get("namedRanges", ()) if "range" in item}
    ids = {item["name"]: item["namedRangeId"] for item in said.get("namedRanges", ()) if "namedRangeId" in item}
    title = said.get("properties", {}).get("title", "")
    return Snapshot(said.get("spreadsheetUrl", ""), title, tabs, names, ids, run_of(said))


def with_handles(snap: Snapshot, said: Mapping[str, Any]) -> Snapshot:
    """The snapshot with the handles that a search for developer metadata found: what is read without naming ranges
    comes without them."""
    for match in said.get("matchedDeveloperMetadata", ()):
        item = match["developerMetadata"]
        span = item.get("location", {}).get("dimensionRange", {})
        tab = snap.tabs.get(span.get("sheetId", 0))
        if tab is not None and span.get("dimension") == "COLUMNS":
            found = tab.handles.setdefault(span.get("startIndex", 0), [])
            if item.get("metadataValue") not in found:
                found.append(item.get("metadataValue", ""))
    return snap


def run_of(said: Mapping[str, Any]) -> tuple[int, str] | None:
    for item in said.get("developerMetadata", ()):
        if item.get("metadataKey") == RUN_KEY:
            return item["metadataId"], item.get("metadataValue", "")
    return None


def _lay(tab: Tab, block: Mapping[str, Any]) -> None:
    """Lay one ``GridData`` into the tab. Blocks may overlap: the same cells then come twice."""
    top, left = block.get("startRow", 0), block.get("startColumn", 0)
    for place, dimension in enumerate(block.get("columnMetadata", ())):
        for item in dimension.get("developerMetadata", ()):
            found = tab.handles.setdefault(left + place, [])
            if item.get("metadataKey") == METADATA_KEY and item.get("metadataValue") not in found:
                found.append(item.get("metadataValue", ""))
    rows = block.get("rowData", ())
    width = max(len(block.get("columnMetadata", ())), *(len(row.get("values", ())) for row in rows), 0, 0)
    for place in range(width):
        _fill(tab.columns.setdefault(left + place, []), top, [_at(row.get("values", ()), place) for row in rows])


def _at(values: Sequence[CellData], place: int) -> CellData | None:
    return values[place] or None if place < len(values) else None


def _fill(column: list[CellData | None], top: int, cells: list[CellData | None]) -> None:
    if len(column) < top:
        column.extend([None] * (top - len(column)))
    column[top : top + len(cells)] = cells
