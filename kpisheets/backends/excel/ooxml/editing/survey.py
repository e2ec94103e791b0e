"""Where the cells of an edit stand: one reading of a sheet, of which only their rows are kept."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import ge
from typing import NamedTuple

from kpisheets.errors import BadData

from ..notation.cells import attributes, patterns
from ..notation.refs import column_number
from ..parts.sheet import SheetPart
from ..reading.grid import Grid
from ..reading.rows import Rows, disorder
from ..reading.scan import Scanner

_RESAVE = "open it in Excel and save it again"
Wanted = Mapping[int, Collection[int]]
"""Row → columns."""


class Site(NamedTuple):
    """Where a row stands in the part, its bytes, and column and start of its cells; or, with none, where it would be
    inserted."""

    start: int
    row: bytes = b""
    cells: Sequence[tuple[int, int]] = ()


class Survey(NamedTuple):
    """The sites by row number, the wanted cells as a grid, and the last row that the file has, be it blank."""

    sites: Mapping[int, Site]
    grid: Grid
    last_row: int


def survey(part: SheetPart, wanted: Wanted, scanner: Scanner, known: Grid | None = None) -> Survey:
    """Finds rows and cells. ``known`` are all cells, where they were read before: the rows alone are looked for.

    Raises:
        BadData: rows or cells that are out of order, doubled or without a reference.
        Unusual: the part has to be normalised first.
    """
    numbers = sorted(wanted)
    sites: dict[int, Site] = {}
    offset, at, last = part.begin, 0, 0
    for run in part.runs():
        rows = Rows(part.prefix, run, part.where)
        if not rows.last:
            offset += len(run)
            continue
        if rows.first <= last:
            raise disorder(last, part.where)
        last = rows.last
        if known is None:
            scanner.note(run)
        mine = numbers[at : bisect_right(numbers, last)]
        at += len(mine)
        for number, span in zip(mine, rows.find(mine), strict=True):
            if span is None:
                sites[number] = Site(offset + rows.place(number))
                continue
            row = run[span.start : span.end]
            cells = cell_starts(part, number, row)
            sites[number] = Site(offset + span.start, row, cells)
            if known is None:
                scanner.read_cells(picked(part, number, row, cells, wanted[number]))
        offset += len(run)
    scanner.last_row = last
    sites |= {number: Site(offset) for number in numbers[at:]}
    return Survey(sites, known or Grid(scanner, part.shell), last)


def picked(
    part: SheetPart, number: int, row: bytes, cells: Iterable[tuple[int, int]], columns: Collection[int]
) -> bytes:
    """The cells of a row in these columns, as far as they are there."""
    match = patterns(part.prefix).cell.match
    found = []
    for column, start in cells:
        if column in columns:
            cell = match(row, start)
            if cell is None:
                raise BadData(f"a cell of row {number} has no end", where=part.where, mend=_RESAVE)
            found.append(cell[0])
    return b"".join(found)


def cell_starts(part: SheetPart, number: int, row: bytes) -> Sequence[tuple[int, int]]:
    """Column and start of all cells of a row, in order."""
    known = patterns(part.prefix)
    found = [(match[1], match[2], match.start()) for match in known.name.finditer(row)]
    if len(found) != row.count(b"<%bc" % part.prefix):  # some are spelled otherwise, or hold rich text
        found = []
        for match in known.cell.finditer(row):
            name = attributes(match[1]).get(b"r", b"")
            letters = name.rstrip(b"0123456789")
            found.append((letters, name[len(letters) :], match.start()))
    if not found:
        return ()
    names, rows, starts = zip(*found, strict=True)
    if rows.count(b"%d" % number) != len(rows) or not all(map(bytes.isalpha, names)):
        raise BadData(f"row {number} has cells without a reference", where=part.where, mend=_RESAVE)
    columns = _columns(names)
    if columns is None:
        what = f"the cells of row {number} are doubled or out of order"
        raise BadData(what, where=part.where, mend=_RESAVE)
    return tuple(zip(columns, starts, strict=True))


@lru_cache(maxsize=256)
def _columns(names: tuple[bytes, ...]) -> tuple[int, ...] | None:
    """The columns with these letters, as the rows of a table repeat them; None where they don't ascend."""
    columns = tuple(column_number(letters.decode("ascii", "replace")) for letters in names)
    return None if any(map(ge, columns, columns[1:])) else columns
