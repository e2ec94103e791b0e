"""Rows and columns: inserted, deleted, moved, appended, sized, hidden, grouped."""

from __future__ import annotations

from .. import discovery
from ..book import Tab
from ..computed import effective, shown
from ..errors import NotImplementedHere, invalid
from ..geometry import COLUMNS, ROWS
from ..masks import writing, written
from ..messages import Message, normalised
from ..shifting import delete, insert, move
from .batch import Batch, request, required

PIXELS_A_CHARACTER = 7


def _place(batch: Batch, given: Message) -> tuple[Tab, str, int, int]:
    """Tab, dimension and the closed indices of a `DimensionRange`."""
    tab = batch.book.tab(given.get("sheetId", 0), "grid")
    dimension = given.get("dimension", "DIMENSION_UNSPECIFIED")
    if dimension not in (ROWS, COLUMNS):
        raise invalid("range.dimension must be set to ROWS or COLUMNS.")
    size = tab.rows if dimension == ROWS else tab.columns
    start, end = given.get("startIndex", 0), given.get("endIndex", size)
    if start < 0 or end <= start:
        raise invalid(f"range.endIndex[{end}] must be larger than range.startIndex[{start}].")
    return tab, dimension, start, end


def _existing(batch: Batch, given: Message) -> tuple[Tab, str, int, int]:
    tab, dimension, start, end = _place(batch, given)
    size = tab.rows if dimension == ROWS else tab.columns
    if end > size:
        raise invalid(f"Cannot use a dimension that doesn't exist. Tried to use {start} to {end}, there are {size}.")
    return tab, dimension, start, end


def _check(batch: Batch, tab: Tab, dimension: str, start: int, end: int) -> None:
    if dimension == ROWS:
        batch.check_area(tab, start, end, 0, tab.columns)
    else:
        batch.check_area(tab, 0, tab.rows, start, end)


@request("insertDimension")
def insert_dimension(batch: Batch, given: Message) -> None:
    tab, dimension, start, end = _place(batch, required(given, "range"))
    size = tab.rows if dimension == ROWS else tab.columns
    before = given.get("inheritFromBefore", False)
    if before and start == 0:
        raise invalid("inheritFromBefore cannot be true when inserting at the first row or column.")
    if start > size or (start == size and not before):
        raise invalid(
            f"range.startIndex[{start}] must be less than the grid size ({size}) if inheritFromBefore is false."
        )
    _check_between(batch, tab, dimension, start)
    insert(batch.book, tab, dimension, start, end, inherit_from_before=before)
    if start < _frozen(tab, dimension):
        _freeze(tab, dimension, _frozen(tab, dimension) + end - start)


def _check_between(batch: Batch, tab: Tab, dimension: str, at: int) -> None:
    """Rows and columns come into a protected range only between two of its own."""
    size = tab.rows if dimension == ROWS else tab.columns
    if 0 < at < size:
        for item in tab.objects["protectedRanges"]:
            bounds = tab.bounds(item["range"]) if "range" in item else None
            low, high = (bounds[:2] if dimension == ROWS else bounds[2:]) if bounds else (0, 0)
            if low < at < high and high - low < size:
                _check(batch, tab, dimension, at, at + 1)


@request("deleteDimension")
def delete_dimension(batch: Batch, given: Message) -> None:
    tab, dimension, start, end = _place(batch, required(given, "range"))
    size = tab.rows if dimension == ROWS else tab.columns
    noun = "rows" if dimension == ROWS else "columns"
    if start >= size or end > size:
        raise invalid(
            f"Cannot delete a {noun[:-1]} that doesn't exist. Tried to delete {noun[:-1]} index {end - 1} "
            f"but there are only {size} {noun}."
        )
    if end - start == size:
        raise invalid(f"You can't delete all the {noun} on the sheet.")
    frozen = _frozen(tab, dimension)
    left = frozen - max(0, min(end, frozen) - start)
    if size - (end - start) <= left:
        raise invalid(f"Sorry, it is not possible to delete all non-frozen {noun}.")
    _check(batch, tab, dimension, start, end)
    delete(batch.book, tab, dimension, start, end)
    _freeze(tab, dimension, left)


FROZEN = {ROWS: "frozenRowCount", COLUMNS: "frozenColumnCount"}


def _frozen(tab: Tab, dimension: str) -> int:
    return int(tab.properties.get("gridProperties", {}).get(FROZEN[dimension], 0))


def _freeze(tab: Tab, dimension: str, count: int) -> None:
    """As many frozen rows or columns; they grow and shrink with what comes and goes among them."""
    name = FROZEN[dimension]
    rest = {key: item for key, item in tab.properties.get("gridProperties", {}).items() if key != name}
    tab.properties = {**tab.properties, "gridProperties": rest | ({name: count} if count else {})}


@request("moveDimension")
def move_dimension(batch: Batch, given: Message) -> None:
    tab, dimension, start, end = _existing(batch, required(given, "source"))
    to = given.get("destinationIndex", 0)
    size = tab.rows if dimension == ROWS else tab.columns
    if not 0 <= to <= size:
        raise invalid(f"destinationIndex[{to}] is out of bounds.")
    if start < to < end:
        raise invalid("The destination must not be inside the source.")
    _check(batch, tab, dimension, start, end)
    move(batch.book, tab, dimension, start, end, to)


@request("appendDimension")
def append_dimension(batch: Batch, given: Message) -> None:
    tab = batch.book.tab(given.get("sheetId", 0), "grid")
    length = given.get("length", 0)
    if length < 1:
        raise invalid("length must be greater than 0.")
    if given.get("dimension", ROWS) == ROWS:
        tab.grid.resize(tab.rows + length, tab.columns)
    else:
        tab.grid.resize(tab.rows, tab.columns + length)
    batch.book.check_size()


@request("updateDimensionProperties")
def update_dimension_properties(batch: Batch, given: Message) -> None:
    if "dataSourceSheetRange" in given:
        raise NotImplementedHere("updateDimensionProperties.dataSourceSheetRange")
    tab, dimension, start, end = _existing(batch, required(given, "range"))
    mask = writing(discovery.sheets(), "DimensionProperties", given.get("fields"))
    new = normalised("DimensionProperties", given.get("properties", {}))
    for name in ("hiddenByFilter", "developerMetadata"):
        if name in mask:
            raise invalid(f"Invalid field: {name} is read-only.")
    properties = tab.dimension_properties(dimension)
    for index in range(start, end):
        result = written(properties.get(index), new, mask)
        if result:
            properties[index] = result
        else:
            properties.pop(index, None)


@request("autoResizeDimensions")
def auto_resize_dimensions(batch: Batch, given: Message) -> None:
    if "dataSourceSheetDimensions" in given:
        raise NotImplementedHere("autoResizeDimensions.dataSourceSheetDimensions")
    tab, dimension, start, end = _existing(batch, required(given, "dimensions"))
    properties = tab.dimension_properties(dimension)
    for index in range(start, end):
        rest = {name: item for name, item in properties.get(index, {}).items() if name != "pixelSize"}
        if dimension == COLUMNS and (width := _width(batch, tab, index)):
            rest["pixelSize"] = width
        properties[index] = rest
        if not rest:
            del properties[index]


def _width(batch: Batch, tab: Tab, column: int) -> int:
    """A column's width for its longest text, by a rule of thumb: the service measures its fonts."""
    longest = 0
    for number, row in tab.cells():
        cell = row.get(column)
        if cell is not None and cell.value is not None:
            text = shown(effective(batch.book, tab, number, column, cell), cell, batch.book.locale)
            longest = max(longest, len(text))
    return longest * PIXELS_A_CHARACTER + 6 if longest else 0


def _groups(tab: Tab, dimension: str) -> list[Message]:
    return tab.objects["rowGroups" if dimension == ROWS else "columnGroups"]


def _answer(tab: Tab, dimension: str) -> Message:
    groups = _groups(tab, dimension)
    return {"dimensionGroups": list(groups)} if groups else {}


@request("addDimensionGroup")
def add_dimension_group(batch: Batch, given: Message) -> Message:
    tab, dimension, start, end = _existing(batch, required(given, "range"))
    groups = _groups(tab, dimension)
    depth = 1
    for index, group in enumerate(groups):
        low, high = group["range"]["startIndex"], group["range"]["endIndex"]
        if low < end and start < high:
            if (low, high) != (start, end) and start <= low and high <= end:
                groups[index] = {**group, "depth": group["depth"] + 1}
            elif low <= start and end <= high:
                depth = max(depth, group["depth"] + 1)
            else:
                raise invalid("Groups must not overlap partially.")
    span = normalised(
        "DimensionRange", {"sheetId": tab.id, "dimension": dimension, "startIndex": start, "endIndex": end}
    )
    groups.append({"range": span, "depth": depth})
    groups.sort(key=lambda group: (group["range"]["startIndex"], group["depth"]))
    name = "rowGroupControlAfter" if dimension == ROWS else "columnGroupControlAfter"
    tab.properties = {**tab.properties, "gridProperties": {**tab.properties.get("gridProperties", {}), name: True}}
    return _answer(tab, dimension)


@request("deleteDimensionGroup")
def delete_dimension_group(batch: Batch, given: Message) -> Message:
    tab, dimension, start, end = _existing(batch, required(given, "range"))
    groups = _groups(tab, dimension)
    for group in sorted(groups, key=lambda group: -group["depth"]):
        if (group["range"]["startIndex"], group["range"]["endIndex"]) == (start, end):
            groups.remove(group)
            return _answer(tab, dimension)
    raise invalid("There are no groups in the specified range.")


@request("updateDimensionGroup")
def update_dimension_group(batch: Batch, given: Message) -> None:
    new = required(given, "dimensionGroup")
    writing(discovery.sheets(), "DimensionGroup", given.get("fields"))
    tab, dimension, start, end = _existing(batch, required(new, "range"))
    groups = _groups(tab, dimension)
    for index, group in enumerate(groups):
        place = (group["range"]["startIndex"], group["range"]["endIndex"])
        if place == (start, end) and group["depth"] == new.get("depth", 1):
            rest = {name: item for name, item in group.items() if name != "collapsed"}
            groups[index] = rest | ({"collapsed": True} if new.get("collapsed") else {})
            _hide(tab, dimension, start, end, bool(new.get("collapsed")))
            return
    raise invalid("No group with the specified range and depth.")


def _hide(tab: Tab, dimension: str, start: int, end: int, hidden: bool) -> None:
    properties = tab.dimension_properties(dimension)
    for index in range(start, end):
        result = written(properties.get(index), {"hiddenByUser": True} if hidden else {}, {"hiddenByUser": {}})
        properties[index] = result
        if not result:
            del properties[index]
