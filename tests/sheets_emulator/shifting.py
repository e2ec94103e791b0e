"""Rows and columns inserted, deleted and moved: cells, sizes, objects, metadata and formulas follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .book import OBJECTS, Book, Tab
from .calc_types import Formula
from .geometry import COLUMNS, KEYS, ROWS, GridRange, Shift
from .grid import NO_CELLS, Cell, Row
from .messages import Message, rebuilt
from .references import shifted, touches_tab


def insert(book: Book, tab: Tab, dimension: str, start: int, end: int, *, inherit_from_before: bool = False) -> None:
    """New rows or columns before `start`, formatted as the one before or after them."""
    shift = Shift(tab.id, dimension, "insert", start, end)
    neighbour = start - 1 if inherit_from_before else start
    if dimension == ROWS:
        fresh = _like(tab, neighbour, start)
        tab.grid.rows[start:start] = [fresh] * shift.length
    else:
        _columns(tab, shift)
        tab.grid.columns += shift.length
        _inherit_column(tab, shift, neighbour + shift.length if neighbour >= start else neighbour)
    _follow(book, tab, shift)
    properties = tab.dimension_properties(dimension)
    after = neighbour + shift.length if neighbour >= start else neighbour
    inherited = {name: item for name, item in properties.get(after, {}).items() if name == "pixelSize"}
    if inherited:
        properties.update(dict.fromkeys(range(start, end), inherited))
    book.check_size()


def _like(tab: Tab, neighbour: int, start: int) -> Row:
    """A new row with the formats of its neighbour, and the validation where the rows on both sides share one."""
    if not 0 <= neighbour < tab.rows:
        return NO_CELLS
    before = tab.grid.rows[start - 1] if start else NO_CELLS
    after = tab.grid.rows[start] if start < tab.rows else NO_CELLS
    found = {}
    for column, cell in tab.grid.rows[neighbour].items():
        sides = [side[column].validation for side in (before, after) if column in side]
        shared = cell.validation if len(sides) == 2 and sides[0] == sides[1] else None
        if cell.format or shared:
            found[column] = Cell(format=cell.format, validation=shared)
    return found or NO_CELLS


def _inherit_column(tab: Tab, shift: Shift, neighbour: int) -> None:
    for number, row in enumerate(tab.grid.rows):
        cell = row.get(neighbour)
        if cell is not None and cell.format:
            tab.grid.rows[number] = row | {column: Cell(format=cell.format) for column in range(shift.start, shift.end)}


def delete(book: Book, tab: Tab, dimension: str, start: int, end: int) -> None:
    shift = Shift(tab.id, dimension, "delete", start, end)
    if dimension == ROWS:
        del tab.grid.rows[start:end]
    else:
        _columns(tab, shift)
        tab.grid.columns -= shift.length
    _follow(book, tab, shift)


def move(book: Book, tab: Tab, dimension: str, start: int, end: int, to: int) -> None:
    shift = Shift(tab.id, dimension, "move", start, end, to)
    if dimension == ROWS:
        block = tab.grid.rows[start:end]
        del tab.grid.rows[start:end]
        at = to if to <= start else to - shift.length
        tab.grid.rows[at:at] = block
    else:
        _columns(tab, shift)
    _follow(book, tab, shift)


def _columns(tab: Tab, shift: Shift) -> None:
    places = {column: shift.index(column) for column in range(tab.columns)}
    for number, row in enumerate(tab.grid.rows):
        if row:
            moved = {places[column]: cell for column, cell in row.items()}
            moved.pop(None, None)
            tab.grid.rows[number] = moved or NO_CELLS  # type: ignore[assignment]


def _follow(book: Book, tab: Tab, shift: Shift) -> None:
    """What refers to places follows them: in this tab, and from elsewhere."""
    properties = tab.dimension_properties(shift.dimension)
    kept = {place: item for number, item in properties.items() if (place := shift.index(number)) is not None}
    properties.clear()
    properties.update(kept)
    old_tables = {table["tableId"]: table["range"] for table in tab.objects["tables"]}
    follow_objects(book, shift, lambda formula, home: shifted(formula, shift, home.title, tab.title), tab)
    if shift.dimension == COLUMNS:
        tab.objects["tables"] = [
            _table_columns(table, old_tables[table["tableId"]], shift) for table in tab.objects["tables"]
        ]


def follow_objects(book: Book, shift: Shift, rewrite: Callable[[str, Tab], str], changed: Tab) -> None:
    """Objects, names and metadata by their ranges; formulas of cells, rules and validations by `rewrite`."""
    ranges: dict[str, Callable[[Any], Any]] = {
        "GridRange": shift.grid_range,
        "DimensionRange": lambda given: dimension_range(given, shift),
        "GridCoordinate": lambda given: _coordinate(given, shift),
    }
    for tab in book.tabs:
        changes = ranges | {"ConditionValue": lambda given, home=tab: _condition_value(given, home, rewrite)}
        for name, schema in OBJECTS.items():
            tab.objects[name] = [
                new
                for old in tab.objects[name]
                if (new := rebuilt(schema, old, changes)) is not None and _lives(name, old, new)
            ]
        if tab.basic_filter is not None:
            new = rebuilt("BasicFilter", tab.basic_filter, changes)
            tab.basic_filter = new if "range" in new else None
        rewrite_formulas(tab, rewrite, changed)
    named = (rebuilt("NamedRange", item, ranges) for item in book.named_ranges)
    book.named_ranges = [item for item in named if "range" in item]
    located = ((project, rebuilt("DeveloperMetadata", item, ranges)) for project, item in book.metadata)
    book.metadata = [
        (project, item)
        for project, item in located
        if item["location"]["locationType"] not in ("ROW", "COLUMN") or "dimensionRange" in item["location"]
    ]


def _lives(name: str, old: Message, new: Message) -> bool:
    """Whether an object is still about something."""
    if name == "merges":
        height, width = new["endRowIndex"] - new["startRowIndex"], new["endColumnIndex"] - new["startColumnIndex"]
        return bool(height * width > 1)
    if name == "conditionalFormats":
        return bool(new.get("ranges"))
    if name == "slicers":
        return "dataRange" in new["spec"]
    return name == "charts" or "range" in new or "range" not in old


def dimension_range(given: Message, shift: Shift) -> Message | None:
    if given.get("sheetId", 0) != shift.sheet_id or given.get("dimension") != shift.dimension or shift.band:
        return given
    if "endIndex" not in given:
        return given
    span = shift.span(given.get("startIndex", 0), given["endIndex"])
    return None if span is None else {**given, "startIndex": span[0], "endIndex": span[1]}


def _coordinate(given: Message, shift: Shift) -> Message:
    if given.get("sheetId", 0) != shift.sheet_id or shift.band:
        return given
    name = "rowIndex" if shift.dimension == ROWS else "columnIndex"
    at = shift.index(given.get(name, 0))
    rest = {key: item for key, item in given.items() if key != name}
    place = shift.start if at is None else at
    return rest | ({name: place} if place else {})


def _condition_value(given: Message, home: Tab, rewrite: Callable[[str, Tab], str]) -> Message:
    text = given.get("userEnteredValue", "")
    if not text.startswith("="):
        return given
    new = rewrite(text, home)
    return given if new == text else {**given, "userEnteredValue": new}


def rewrite_formulas(tab: Tab, rewrite: Callable[[str, Tab], str], changed: Tab) -> None:
    """The formulas and validations of a tab's cells after the tab `changed` did."""
    rules: dict[int, tuple[Message, Message]] = {}
    changes = {"ConditionValue": lambda given: _condition_value(given, tab, rewrite)}
    for number, row in tab.cells():
        new: Row = {}
        for column, cell in row.items():
            if type(cell.value) is Formula and (tab is changed or touches_tab(cell.value.text, changed.title)):
                text = rewrite(cell.value.text, tab)
                if text != cell.value.text:
                    cell = new[column] = cell._replace(value=Formula(text))
            if cell.validation is not None:
                known = rules.get(id(cell.validation))
                if known is None:
                    rule = rebuilt("DataValidationRule", cell.validation, changes)
                    known = rules[id(cell.validation)] = (cell.validation, rule)
                if known[1] is not cell.validation:
                    new[column] = cell._replace(validation=known[1])
        if new:
            tab.grid.rows[number] = row | new


def _table_columns(table: Message, old: GridRange, shift: Shift) -> Message:
    """A table's columns after the tab's did: each keeps its properties, wherever in the table it is now."""
    low, high = KEYS[COLUMNS]
    start, end = table["range"].get(low, 0), table["range"][high]
    columns = []
    for item in table.get("columnProperties", []):
        place = shift.index(old.get(low, 0) + item.get("columnIndex", 0))
        if place is not None and start <= place < end:
            rest = {key: part for key, part in item.items() if key != "columnIndex"}
            columns.append(({"columnIndex": place - start} if place > start else {}) | rest)
    columns.sort(key=lambda item: item.get("columnIndex", 0))
    return {**table, "columnProperties": columns}
