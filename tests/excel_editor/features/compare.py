"""Byte by byte: what differs between two versions of a workbook. Expat says where things stand."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from openpyxl.utils.cell import coordinate_from_string

Spot = tuple[int, int]


def entries(path: Path, *, unpacked: bool = True) -> dict[str, bytes]:
    """Every entry's compressed bytes, its method before them; ``unpacked``: and that each unpacks to its checksum."""
    found = {}
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        assert not unpacked or archive.testzip() is None, path
        for info in archive.infolist():
            assert info.filename not in found, info.filename
            file.seek(info.header_offset)
            header = file.read(30)
            file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
            found[info.filename] = bytes([info.compress_type]) + file.read(info.compress_size)
    return found


def content(path: Path, entry: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(entry)


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """The names of the entries that differ, came or went."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


class Sheet(NamedTuple):
    """A sheet part taken apart.

    ``outside`` is all of it without the rows in question (their place stays marked) and without the range that the
    ``dimension`` names. ``rows`` holds, of the rows in question, the attributes but ``spans``; ``cells`` their cells.
    """

    outside: bytes
    rows: dict[int, dict[str, str]]
    cells: dict[str, bytes]


def sheet(data: bytes, rows: Iterable[int], known: Iterable[int] | None = None) -> Sheet:
    """``known``: the rows that were there before; the others leave no mark in ``outside``."""
    wanted, marked = set(rows), set(rows) if known is None else set(known)
    parser = expat.ParserCreate()
    spans: list[tuple[int, int, bytes]] = []
    found: dict[int, dict[str, str]] = {}
    cells: dict[str, bytes] = {}
    opened: list[tuple[str, dict[str, str], int]] = []

    def start(name: str, named: dict[str, str]) -> None:
        opened.append((name.rpartition(":")[2], named, parser.CurrentByteIndex))

    def end(raw: str) -> None:
        name, named, begin = opened.pop()
        if name not in ("row", "c", "dimension"):
            return
        finish = parser.CurrentByteIndex
        if data.startswith(b"</%b" % raw.encode(), finish):  # else it closed itself, and Expat stands behind it
            finish = data.index(b">", finish) + 1
        depth = len(opened)
        if name == "dimension" and depth == 1:
            spans.append((begin, finish, b"<dimension/>"))
        elif name == "row" and depth == 2 and int(named["r"]) in wanted:
            number = int(named["r"])
            found[number] = {key: value for key, value in named.items() if key != "spans"}
            spans.append((begin, finish, b"<row %d/>" % number if number in marked else b""))
        elif name == "c" and depth == 3 and int(opened[-1][1]["r"]) in wanted:
            assert named["r"] not in cells, named["r"]
            cells[named["r"]] = data[begin:finish]

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(data, True)
    pieces, at = [], 0
    for begin, finish, instead in spans:
        pieces += [data[at:begin], instead]
        at = finish
    outside = b"".join([*pieces, data[at:]])
    # A section of no cells is opened when it gets its first.
    outside = re.sub(rb"<((?:\w+:)?)sheetData ?/>", rb"<\1sheetData></\1sheetData>", outside)
    return Sheet(outside, found, cells)


def differences(before: bytes, after: bytes, edited: set[str]) -> list[str]:
    """What an edit of the cells ``edited`` (A1, B2, …) did to a sheet part besides."""
    rows = {coordinate_from_string(cell)[1] for cell in edited}
    old = sheet(before, rows)
    new = sheet(after, rows, old.rows)
    found = [] if old.outside == new.outside else [f"outside the rows: {_first(old.outside, new.outside)}"]
    found += [f"row {number}: {named} → {new.rows.get(number)}" for number, named in old.rows.items()
              if named != new.rows.get(number)]  # fmt: skip
    rest = (old.cells.keys() | new.cells.keys()) - edited
    found += [f"{cell}: {old.cells.get(cell)!r} → {new.cells.get(cell)!r}" for cell in sorted(rest)
              if old.cells.get(cell) != new.cells.get(cell)]  # fmt: skip
    return found


def inserted(before: bytes, after: bytes) -> bytes | None:
    """What was put in at one place; None when anything else changed."""
    head = next((n for n, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), len(before))
    tail = len(before) - head
    if len(after) < len(before) or (tail and after[-tail:] != before[head:]):
        return None
    return after[head : len(after) - tail]


def _first(one: bytes, other: bytes) -> str:
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[max(at - 60, 0) : at + 60]!r} → {other[max(at - 60, 0) : at + 60]!r}"
