"""The state in a file: spreadsheets, files, accounts. Written whole beside the file, then put in its place."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .auth import Account, Identity
from .book import Book, Tab
from .calc_types import Formula
from .drive_files import DriveFile, SharedDrive
from .grid import NO_CELLS, Cell, Grid, Row
from .world import World

VERSION = 1
PAUSE = 0.2  # seconds after a change until it is written, so that many changes are one writing


def as_json(world: World) -> dict[str, Any]:
    """The state as JSON."""
    with world.lock:
        return {
            "version": VERSION,
            "books": [_book_json(book) for book in world.books.values()],
            "files": [asdict(file) for file in world.files.files.values()],
            "drives": [asdict(drive) for drive in world.files.drives.values()],
            "accounts": [
                {**asdict(account), "scopes": sorted(account.scopes)} for account in world.accounts.accounts.values()
            ],
            "tokens": [
                [token, {**asdict(identity), "scopes": sorted(identity.scopes)}, end]
                for token, (identity, end) in world.accounts.tokens.items()
            ],
        }


def restore(world: World, state: dict[str, Any]) -> None:
    """Put a state into a new world."""
    if state.get("version") != VERSION:
        raise ValueError(f"a state of version {state.get('version')} cannot be read, only of {VERSION}")
    world.books = {item["id"]: _book(item) for item in state["books"]}
    world.files.files = {item["id"]: DriveFile(**item) for item in state["files"]}
    world.files.drives = {item["id"]: SharedDrive(**item) for item in state["drives"]}
    world.accounts.accounts = {
        item["email"]: Account(**{**item, "scopes": frozenset(item["scopes"])}) for item in state["accounts"]
    }
    world.accounts.tokens = {
        token: (Identity(**{**item, "scopes": frozenset(item["scopes"])}), end) for token, item, end in state["tokens"]
    }


def _book_json(book: Book) -> dict[str, Any]:
    return {
        "id": book.id,
        "properties": book.properties,
        "namedRanges": book.named_ranges,
        "metadata": book.metadata,
        "tabs": [_tab_json(tab) for tab in book.tabs],
    }


def _tab_json(tab: Tab) -> dict[str, Any]:
    shared: dict[int, tuple[int, Any]] = {}

    def number(message: Any) -> int | None:
        """Formats and validations are shared by many cells: each is written once."""
        if message is None:
            return None
        return shared.setdefault(id(message), (len(shared), message))[0]

    rows = [
        [
            index,
            [
                [column, _value_json(cell), number(cell.format), cell.note, number(cell.validation), cell.extra]
                for column, cell in row.items()
            ],
        ]
        for index, row in tab.cells()
    ]
    return {
        "properties": tab.properties,
        "rowCount": tab.rows,
        "columnCount": tab.columns,
        "rows": rows,
        "shared": [message for _, message in shared.values()],
        "objects": tab.objects,
        "basicFilter": tab.basic_filter,
        "rowProperties": list(tab.row_properties.items()),
        "columnProperties": list(tab.column_properties.items()),
    }


def _value_json(cell: Cell) -> Any:
    return {"formula": cell.value.text} if isinstance(cell.value, Formula) else cell.value


def _book(item: dict[str, Any]) -> Book:
    book = Book(item["id"], item["properties"])
    book.named_ranges = item["namedRanges"]
    book.metadata = [(project, message) for project, message in item["metadata"]]
    book.tabs = [_tab(one) for one in item["tabs"]]
    return book


def _tab(item: dict[str, Any]) -> Tab:
    rows: list[Row] = [NO_CELLS] * item["rowCount"]
    shared = item["shared"]
    for index, cells in item["rows"]:
        rows[index] = {
            column: Cell(
                Formula(value["formula"]) if isinstance(value, dict) else value,
                None if form is None else shared[form],
                note,
                None if validation is None else shared[validation],
                extra,
            )
            for column, value, form, note, validation, extra in cells
        }
    tab = Tab(item["properties"], Grid(rows, item["columnCount"]))
    tab.objects.update(item["objects"])
    tab.basic_filter = item["basicFilter"]
    tab.row_properties = dict(item["rowProperties"])
    tab.column_properties = dict(item["columnProperties"])
    return tab


class StateFile:
    """Keeps a world in a file: soon after each change, and when it is closed."""

    def __init__(self, world: World, path: Path) -> None:
        self.world = world
        self.path = path
        self._changed = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def open(self) -> None:
        """Read the file if there is one, and begin to keep it."""
        with contextlib.suppress(FileNotFoundError):
            restore(self.world, json.loads(self.path.read_text("utf-8")))
        self.world.on_change = self._changed.set
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._changed.set()
        self._thread.join()
        self.write()

    def write(self) -> None:
        beside = self.path.with_name(self.path.name + ".new")
        with beside.open("w", encoding="utf-8") as stream:
            json.dump(as_json(self.world), stream, ensure_ascii=False, separators=(",", ":"))
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(self.path)

    def _keep(self) -> None:
        while True:
            self._changed.wait()
            if self._closed.wait(PAUSE):
                return
            self._changed.clear()
            self.write()
