"""Tables: named ranges of rows under headers, with typed columns."""

from __future__ import annotations

import re

from .. import discovery
from ..book import Book, Tab
from ..errors import invalid
from ..geometry import inside, overlap
from ..grid import EMPTY, Row, valued
from ..masks import touches, writing, written
from ..messages import Message, normalised
from ..references import renamed_column, renamed_name
from ..rules import check_condition
from ..shifting import rewrite_formulas
from .batch import Batch, everywhere, located, request, required

_NAME = re.compile(r"[^\W\d]\w{0,249}\Z")


def _check(book: Book, table: Message) -> None:
    tab, (row0, row1, _, _) = book.grid_tab(required(table, "range"))
    if row1 - row0 < 2:
        raise invalid("A table has a header row and at least one more row.")
    others = [other for other in everywhere(book, "tables") if other["tableId"] != table.get("tableId")]
    if not _NAME.match(table.get("name", "")):
        raise invalid(f"Invalid table name: {table.get('name', '')}")
    if any(other["name"].casefold() == table["name"].casefold() for other in others):
        raise invalid(f"A table with the name {table['name']} already exists.")
    if any(overlap(other["range"], table["range"]) for other in others):
        raise invalid("You cannot add a table to a range that already has a table.")
    if any(overlap(other["range"], table["range"]) for other in tab.objects["bandedRanges"]):
        raise invalid(
            "You cannot add alternating background colors to a range that already has alternating background colors."
        )
    if any(overlap(merge, table["range"]) for merge in tab.objects["merges"]):
        raise invalid("A table cannot hold merged cells.")
    for column in table.get("columnProperties", []):
        if (column.get("columnType") == "DROPDOWN") != ("dataValidationRule" in column):
            raise invalid("A dataValidationRule is set on columns of the type DROPDOWN, and only there.")
        if "dataValidationRule" in column:
            check_condition(required(column["dataValidationRule"], "condition"), for_validation=True)


def complete(tab: Tab, table: Message, *, name_columns: bool) -> Message:
    """A table with the properties of every column. Names are those of the header cells; with `name_columns` the
    header cells get the names that the properties give, and blank ones get `Column N`."""
    row0, _, column0, column1 = tab.bounds(table["range"])
    given = {item.get("columnIndex", 0): item for item in table.get("columnProperties", [])}
    columns = []
    headers: Row = {}
    seen: set[str] = set()
    for index in range(column1 - column0):
        cell = tab.grid.get(row0, column0 + index)
        item = {name: part for name, part in given.get(index, {}).items() if name not in ("columnIndex", "columnName")}
        text = cell.value if isinstance(cell.value, str) else None
        wanted = given.get(index, {}).get("columnName") if name_columns else None
        name = wanted or text or f"Column {index + 1}"
        while name.casefold() in seen:
            name += "_1" if name == (wanted or text) else "1"
        seen.add(name.casefold())
        if name != text:
            headers[column0 + index] = valued(cell, name)
        columns.append(({"columnIndex": index} if index else {}) | {"columnName": name} | item)
    if headers:
        tab.grid.put(row0, headers)
    return {**table, "columnProperties": columns}


def settle(book: Book) -> None:
    """After any change: a table's column is named as its header cell says, in formulas too."""
    for tab in book.tabs:
        tables = tab.objects["tables"]
        for place, table in enumerate(tables):
            tables[place] = complete(tab, table, name_columns=False)
            if len(table["columnProperties"]) == len(tables[place]["columnProperties"]):
                for before, after in zip(table["columnProperties"], tables[place]["columnProperties"], strict=True):
                    if before["columnName"] != after["columnName"]:
                        _rename_column(book, table["name"], before["columnName"], after["columnName"])


def _rename_column(book: Book, table: str, old: str, new: str) -> None:
    for tab in book.tabs:
        rewrite_formulas(tab, lambda formula, home: renamed_column(formula, table, old, new), tab)


@request("addTable")
def add_table(batch: Batch, given: Message) -> Message:
    book = batch.book
    item = required(given, "table")
    wanted = item.get("tableId") or str(book.new_id())
    if any(table["tableId"] == wanted for table in everywhere(book, "tables")):
        raise invalid(f"A table with the id {wanted} already exists.")
    table = {"tableId": wanted} | normalised("Table", item) | {"tableId": wanted}
    if "name" not in table:
        table["name"] = _free_name(book)
    _check(book, table)
    tab = book.tab(table["range"].get("sheetId", 0))
    batch.check_area(tab, *tab.bounds(table["range"]))
    stored = complete(tab, table, name_columns=True)
    tab.objects["tables"].append(stored)
    return {"table": stored}


def _free_name(book: Book) -> str:
    names = {table["name"] for table in everywhere(book, "tables")}
    number = 1
    while f"Table{number}" in names:
        number += 1
    return f"Table{number}"


@request("updateTable")
def update_table(batch: Batch, given: Message) -> None:
    book = batch.book
    item = required(given, "table")
    mask = writing(discovery.sheets(), "Table", given.get("fields"))
    tab, place = located(book, "tables", "tableId", required(item, "tableId"), "table")
    old = tab.objects["tables"][place]
    new = written(old, normalised("Table", item), mask) | {"tableId": old["tableId"]}
    _check(book, new)
    if new["range"].get("sheetId", 0) != tab.id:
        raise invalid("A table cannot be moved to another sheet.")
    if touches(mask, "name") and new["name"] != old["name"]:
        for other in book.tabs:
            rewrite_formulas(other, lambda formula, home: renamed_name(formula, old["name"], new["name"]), other)
    tab.objects["tables"][place] = complete(tab, new, name_columns=touches(mask, "columnProperties"))


@request("deleteTable")
def delete_table(batch: Batch, given: Message) -> None:
    """The table goes, and what is in it."""
    tab, place = located(batch.book, "tables", "tableId", required(given, "tableId"), "table")
    table = tab.objects["tables"].pop(place)
    row0, row1, column0, column1 = tab.bounds(table["range"])
    batch.check_area(tab, row0, row1, column0, column1)
    for row in range(row0, row1):
        cells = tab.grid.rows[row]
        tab.grid.put(row, {column: EMPTY for column in cells if column0 <= column < column1})
    tab.objects["conditionalFormats"] = [
        rule
        for rule in tab.objects["conditionalFormats"]
        if not all(inside(given, table["range"]) for given in rule["ranges"])
    ]
