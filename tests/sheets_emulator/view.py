"""`Spreadsheet` as an answer: what a mask and ranges ask for, and nothing computed beyond."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import cell_data
from .banding_colours import table_banding
from .book import OBJECTS, Book, Tab
from .conditional import Looks
from .geometry import COLUMNS, ROWS, grid_range, overlap
from .masks import Mask, below, selected, touches
from .messages import Message
from .metadata import place, visible
from .ranges import Area

PIXELS = {ROWS: 21, COLUMNS: 100}


@dataclass(frozen=True)
class Caller:
    """Who asks: an e-mail address, the project of its credentials, and whether the file is theirs."""

    email: str
    project: str
    owner: bool = False


class Viewer:
    """One reading: of a spreadsheet, by an identity of a project, through a mask."""

    def __init__(self, book: Book, caller: Caller, *, exclude_table_banding: bool = False) -> None:
        self.book = book
        self.caller = caller
        self.metadata = visible(book, caller.project)
        self.exclude_table_banding = exclude_table_banding

    def spreadsheet(self, mask: Mask, areas: Sequence[Area] | None, *, grid_data: bool) -> Message:
        """The whole answer. `areas` limits it to the tabs, cells and objects that they touch; `None` is everything."""
        book = self.book
        result: Message = {"spreadsheetId": book.id, "properties": book.properties}
        if book.named_ranges:
            result["namedRanges"] = book.named_ranges
        result["spreadsheetUrl"] = f"https://docs.google.com/spreadsheets/d/{book.id}/edit"
        own = [item for item in self.metadata if place(item) is None]
        if own:
            result["developerMetadata"] = own
        answer: Message = selected(result, mask)
        if touches(mask, "sheets"):
            inner = below(mask, "sheets")
            answer["sheets"] = [
                self.sheet(tab, index, inner, areas, grid_data=grid_data)
                for index, tab in enumerate(book.tabs)
                if areas is None or any(area.tab is tab for area in areas)
            ]
        return answer

    def sheet(self, tab: Tab, index: int, mask: Mask, areas: Sequence[Area] | None, *, grid_data: bool) -> Message:
        result: Message = {"properties": sheet_properties(tab, index)}
        own = None if areas is None else [area for area in areas if area.tab is tab]
        for name, schema in OBJECTS.items():
            items = self._objects(tab, name) if touches(mask, name) else []
            if own is not None:
                items = [item for item in items if _touched(schema, item, own)]
            if items:
                result[name] = items
        if tab.basic_filter is not None and (own is None or _touched("BasicFilter", tab.basic_filter, own)):
            result["basicFilter"] = tab.basic_filter
        metadata = [item for item in self.metadata if place(item) == {"sheetId": tab.id}]
        if metadata:
            result["developerMetadata"] = metadata
        answer: Message = selected(result, mask)
        if grid_data and touches(mask, "data"):
            inner = below(mask, "data")
            wanted = [Area(tab, 0, tab.rows, 0, tab.columns)] if own is None else own
            answer["data"] = [self.grid_data(area, inner, metadata=areas is not None or not mask) for area in wanted]
        return answer

    def _objects(self, tab: Tab, name: str) -> list[Message]:
        items = tab.objects[name]
        if name == "protectedRanges":
            return [protected_range(item, self.caller.email, self.caller.owner) for item in items]
        if name == "bandedRanges" and not self.exclude_table_banding:
            return [*items, *(banding for table in tab.objects["tables"] if (banding := table_banding(table)))]
        return items

    def grid_data(self, area: Area, mask: Mask, *, metadata: bool = True) -> Message:
        """A `GridData`, masked. Metadata of rows and columns comes along when no mask was given, or ranges were."""
        result: Message = {}
        if area.row0 and touches(mask, "startRow"):
            result["startRow"] = area.row0
        if area.column0 and touches(mask, "startColumn"):
            result["startColumn"] = area.column0
        if touches(mask, "rowData"):
            rows = self._rows(area, below(mask, "rowData"))
            if rows:
                result["rowData"] = rows
        if touches(mask, "rowMetadata"):
            items = self._dimension(area.tab, ROWS, area.row0, area.row1, metadata)
            result["rowMetadata"] = selected(items, below(mask, "rowMetadata"))
        if touches(mask, "columnMetadata"):
            items = self._dimension(area.tab, COLUMNS, area.column0, area.column1, metadata)
            result["columnMetadata"] = selected(items, below(mask, "columnMetadata"))
        return result

    def _rows(self, area: Area, mask: Mask) -> list[Message]:
        """The rows up to the last that holds something, each up to its last cell that does."""
        inner = below(mask, "values")
        looks = None
        if touches(inner, "effectiveFormat"):
            looks = Looks(self.book, area.tab, below(inner, "effectiveFormat"))
        rows: list[Message] = []
        length = 0
        for index in range(area.row0, area.row1):
            row = area.tab.grid.rows[index]
            columns = [column for column in row if area.column0 <= column < area.column1] if row else []
            if not columns:
                rows.append({})
                continue
            values: list[Message] = [{} for _ in range(max(columns) + 1 - area.column0)]
            for column in columns:
                values[column - area.column0] = cell_data.message(
                    self.book, area.tab, index, column, row[column], inner, looks
                )
            rows.append({"values": values})
            length = len(rows)
        del rows[length:]
        return rows

    def _dimension(self, tab: Tab, dimension: str, start: int, end: int, metadata: bool) -> list[Message]:
        properties = tab.dimension_properties(dimension)
        default = {"pixelSize": PIXELS[dimension]}
        own: dict[int, list[Message]] = {}
        for item in self.metadata if metadata else ():
            given = item["location"].get("dimensionRange")
            if given and given.get("sheetId", 0) == tab.id and given["dimension"] == dimension:
                own.setdefault(given.get("startIndex", 0), []).append(item)
        return [
            {**default, **properties.get(index, {}), **({"developerMetadata": own[index]} if index in own else {})}
            for index in range(start, end)
        ]


def sheet_properties(tab: Tab, index: int) -> Message:
    """`SheetProperties` with the place and the size that the tab has now."""
    properties = dict(tab.properties)
    grid = {"rowCount": tab.rows, "columnCount": tab.columns, **properties.get("gridProperties", {})}
    head = {name: properties.pop(name) for name in ("sheetId", "title")}
    properties.pop("gridProperties", None)
    kind = properties.pop("sheetType", "GRID")
    return {**head, "index": index, "sheetType": kind, "gridProperties": grid, **properties}


def protected_range(item: Message, email: str, owner: bool) -> Message:
    """A `ProtectedRange` as somebody sees it: the editors only where they may edit it."""
    rest = {name: part for name, part in item.items() if name not in ("editors", "requestingUserCanEdit")}
    if not owner and not may_edit(item, email):
        return rest
    return {**rest, "requestingUserCanEdit": True, "editors": item.get("editors", {})}


def may_edit(item: Message, email: str) -> bool:
    """Whether somebody who doesn't own the file may edit a protected range: a warning stops nobody."""
    return bool(item.get("warningOnly")) or email in item.get("editors", {}).get("users", [])


def _touched(schema: str, item: Message, areas: Sequence[Area]) -> bool:
    """Whether an object of a tab lies in one of some areas, at least in part; one without a place always does."""
    ranges: list[Any] = [item] if schema == "GridRange" else item.get("ranges") or [item.get("range")]
    if schema == "DimensionGroup" or ranges == [None]:
        return True
    return any(
        overlap(given, grid_range(area.tab.id, area.row0, area.row1, area.column0, area.column1))
        for given in ranges
        for area in areas
    )
