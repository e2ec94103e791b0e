"""A spreadsheet as the emulator keeps it.

Everything in it is a value: whoever changes a message, a cell or a row puts a new one in its place. `Book.fork` is a
copy that shares them all, so a batch works on a fork, which becomes the spreadsheet when every request has succeeded.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from .a1 import written
from .calc_types import CalcValue, Formula
from .errors import ApiError, invalid
from .geometry import GridRange
from .grid import Grid, Row
from .messages import Message

# The objects of a tab, by their field of `Sheet`, with their message types.
OBJECTS = {
    "merges": "GridRange",
    "conditionalFormats": "ConditionalFormatRule",
    "filterViews": "FilterView",
    "protectedRanges": "ProtectedRange",
    "charts": "EmbeddedChart",
    "bandedRanges": "BandedRange",
    "slicers": "Slicer",
    "tables": "Table",
    "rowGroups": "DimensionGroup",
    "columnGroups": "DimensionGroup",
}
MOST_CELLS = 10_000_000


class Tab:
    """A sheet of a spreadsheet. `properties` has no `index` and no row and column counts: order and grid have them."""

    def __init__(self, properties: Message, grid: Grid) -> None:
        self.properties = properties
        self.grid = grid
        self.objects: dict[str, list[Message]] = {name: [] for name in OBJECTS}
        self.basic_filter: Message | None = None
        self.row_properties: dict[int, Message] = {}
        self.column_properties: dict[int, Message] = {}

    @property
    def id(self) -> int:
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        return str(self.properties["title"])

    @property
    def rows(self) -> int:
        return len(self.grid.rows)

    @property
    def columns(self) -> int:
        return self.grid.columns

    def dimension_properties(self, dimension: str) -> dict[int, Message]:
        return self.row_properties if dimension == "ROWS" else self.column_properties

    def fork(self) -> Tab:
        other = Tab(self.properties, self.grid.fork())
        other.objects = {name: items.copy() for name, items in self.objects.items()}
        other.basic_filter = self.basic_filter
        other.row_properties = self.row_properties.copy()
        other.column_properties = self.column_properties.copy()
        return other

    def bounds(self, given: GridRange) -> tuple[int, int, int, int]:
        """The rows and columns of a `GridRange` in this tab, open sides closed by the grid."""
        return (
            given.get("startRowIndex", 0),
            given.get("endRowIndex", self.rows),
            given.get("startColumnIndex", 0),
            given.get("endColumnIndex", self.columns),
        )

    def cells(self) -> Iterator[tuple[int, Row]]:
        """The rows that hold something, with their numbers."""
        return ((number, row) for number, row in enumerate(self.grid.rows) if row)


class Book:
    """A spreadsheet. `metadata` are its `DeveloperMetadata`, each with the project that made it."""

    def __init__(self, spreadsheet_id: str, properties: Message) -> None:
        self.id = spreadsheet_id
        self.properties = properties
        self.tabs: list[Tab] = []
        self.named_ranges: list[Message] = []
        self.metadata: list[tuple[str, Message]] = []
        self.values: dict[tuple[int, int, int], CalcValue] | None = None

    def fork(self) -> Book:
        other = Book(self.id, self.properties)
        other.tabs = [tab.fork() for tab in self.tabs]
        other.named_ranges = self.named_ranges.copy()
        other.metadata = self.metadata.copy()
        return other

    @property
    def locale(self) -> str:
        return str(self.properties["locale"])

    def find(self, sheet_id: int) -> Tab | None:
        return next((tab for tab in self.tabs if tab.id == sheet_id), None)

    def tab(self, sheet_id: int, noun: str = "sheet") -> Tab:
        found = self.find(sheet_id)
        if found is None:
            raise invalid(f"No {noun} with id: {sheet_id}")
        return found

    def titled(self, title: str) -> Tab | None:
        """The tab of that title, whatever its case."""
        return next((tab for tab in self.tabs if tab.title.casefold() == title.casefold()), None)

    def grid_tab(self, given: GridRange) -> tuple[Tab, tuple[int, int, int, int]]:
        """The tab of a `GridRange` and its closed bounds. Raises where they exceed the grid."""
        tab = self.tab(given.get("sheetId", 0), "grid")
        row0, row1, column0, column1 = tab.bounds(given)
        if row0 >= row1 or column0 >= column1 or row0 < 0 or column0 < 0:
            raise invalid("The range is empty or its indices are out of order.")
        if row1 > tab.rows or column1 > tab.columns:
            raise exceeds(tab, row0, row1, column0, column1)
        return tab, (row0, row1, column0, column1)

    def taken_ids(self) -> set[int]:
        """Every number that is the id of something here."""
        ids = {tab.id for tab in self.tabs} | {message["metadataId"] for _, message in self.metadata}
        names = ("protectedRangeId", "chartId", "bandedRangeId", "slicerId", "filterViewId")
        for tab in self.tabs:
            ids |= {item[name] for items in tab.objects.values() for item in items for name in names if name in item}
        return ids

    def new_id(self) -> int:
        taken = self.taken_ids()
        while (number := random.randrange(1, 2**31)) in taken:
            pass
        return number

    def check_size(self) -> None:
        total = sum(tab.rows * tab.columns for tab in self.tabs)
        if total > MOST_CELLS:
            raise invalid(
                f"This action would increase the number of cells in the workbook above the limit of {MOST_CELLS} cells."
            )

    def has_formulas(self) -> bool:
        return any(
            isinstance(cell.value, Formula) for tab in self.tabs for _, row in tab.cells() for cell in row.values()
        )


def exceeds(tab: Tab, row0: int, row1: int, column0: int, column1: int) -> ApiError:
    place = written(tab.title, row0, row1, column0, column1)
    return invalid(f"Range ({place}) exceeds grid limits. Max rows: {tab.rows}, max columns: {tab.columns}")
