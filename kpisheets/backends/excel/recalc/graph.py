"""Which formulas feed which: the ones that people wrote, and all that those are computed from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kpisheets.backends.excel.ooxml import Book, Grid, Range

from .references import Reading, References

MAX_FORMULAS = 20_000
MAX_LINKS = 2_000_000


class Place(NamedTuple):
    """A cell of a workbook."""

    sheet: str
    row: int
    column: int


class TooMany(Exception):
    """There are more formulas than are worth following."""


@dataclass(frozen=True, slots=True)
class Node:
    """A formula as it reads before and after the edit; None where it is not understood."""

    before: Reading | None
    after: Reading | None

    @property
    def areas(self) -> tuple[Range, ...]:
        """All that it refers to."""
        readings = [reading.areas for reading in (self.before, self.after) if reading is not None]
        return tuple(dict.fromkeys(area for areas in readings for area in areas))

    @property
    def understood(self) -> bool:
        """Whether all that it refers to is known."""
        return self.before is not None and self.after is not None

    @property
    def same(self) -> bool:
        """Whether it reads the same before and after: no name or table in it grew."""
        return self.before is not None and self.after is not None and self.before.text == self.after.text


class Formulas:
    """The formula cells of a workbook, looked up by block. ``written`` are cells that the edit writes: no formulas to
    be computed here, but values that are known."""

    def __init__(self, book: Book, sheets: Iterable[str], written: frozenset[Place]) -> None:
        self._book, self._written = book, written
        self._sheets = frozenset(sheets)
        self._rows: dict[tuple[str, int], tuple[list[int], list[str]]] = {}

    def inside(self, area: Range) -> Iterator[tuple[Place, str]]:
        """The formulas in a block, column by column."""
        if area.sheet not in self._sheets:
            return
        grid = self._book.grid(area.sheet)
        for column in range(max(area.left, grid.left), min(area.right, grid.right) + 1):
            rows, texts = self._column(grid, area.sheet, column)
            for at in range(bisect_left(rows, area.top), bisect_right(rows, area.bottom)):
                place = Place(area.sheet, rows[at], column)
                if place not in self._written:
                    yield place, texts[at]

    def _column(self, grid: Grid, sheet: str, column: int) -> tuple[list[int], list[str]]:
        known = self._rows.get((sheet, column))
        if known is None:
            found = enumerate(grid.formulas(column, grid.top, grid.bottom), grid.top) if grid.top else ()
            pairs = [(row, text) for row, text in found if text is not None]
            known = self._rows[sheet, column] = ([row for row, _ in pairs], [text for _, text in pairs])
        return known


@dataclass(slots=True)
class Graph:
    """Formulas and what feeds them. ``feeders`` gives the formula cells of a block."""

    nodes: dict[Place, Node] = field(default_factory=dict)
    feeders: dict[Range, tuple[Place, ...]] = field(default_factory=dict)

    def precedents(self, place: Place) -> Iterator[Place]:
        """The formula cells that a formula refers to, each as often as it does."""
        for area in self.nodes[place].areas:
            yield from self.feeders.get(area, ())

    def order(self) -> list[Place]:
        """Each formula after all that feeds it; those that feed themselves, and what they feed, are left out."""
        waiting: dict[Place, int] = {}
        feeds: dict[Place, list[Place]] = {}
        for place in self.nodes:
            sources = set(self.precedents(place))
            waiting[place] = len(sources)
            for source in sources:
                feeds.setdefault(source, []).append(place)
        ready = [place for place, count in waiting.items() if not count]
        for place in ready:
            for fed in feeds.get(place, ()):
                waiting[fed] -= 1
                if not waiting[fed]:
                    ready.append(fed)
        return ready


def follow(
    roots: Sequence[tuple[Place, str]], formulas: Formulas, before: References, after: References, grids: Grids
) -> Graph:
    """The formulas ``roots`` and all that feed them, directly or not.

    Raises:
        TooMany: there are too many.
    """
    graph = Graph()
    waiting = list(roots)
    links = 0
    while waiting:
        place, text = waiting.pop()
        if place in graph.nodes:
            continue
        if len(graph.nodes) >= MAX_FORMULAS:
            raise TooMany
        if grids.in_array(place):
            graph.nodes[place] = Node(None, None)
            continue
        node = Node(before.read(text, *place), after.read(text, *place))
        if any(grids.meets_array(area) for area in node.areas):
            node = Node(None, None)
        graph.nodes[place] = node
        for area in node.areas:
            if area not in graph.feeders:
                found = list(formulas.inside(area))
                graph.feeders[area] = tuple(feeder for feeder, _ in found)
                waiting += found
            links += len(graph.feeders[area])
        if links > MAX_LINKS:
            raise TooMany
    return graph


class Grids:
    """The cells that array formulas and data tables fill, by sheet."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def in_array(self, place: Place) -> bool:
        """Whether the cell is one of theirs."""
        return any(area.holds(place.row, place.column) for area in self._book.grid(place.sheet).arrays)

    def meets_array(self, area: Range) -> bool:
        """Whether the block has one of theirs."""
        if area.sheet not in self._book.sheets:
            return True
        return any(area.area.meets(other) for other in self._book.grid(area.sheet).arrays)


class Changed:
    """The cells that an edit changes, looked up by block."""

    def __init__(self, places: Iterable[Place]) -> None:
        rows: dict[str, dict[int, list[int]]] = {}
        for place in places:
            rows.setdefault(place.sheet, {}).setdefault(place.column, []).append(place.row)
        self._rows: Mapping[str, Mapping[int, list[int]]] = {
            sheet: {column: sorted(found) for column, found in columns.items()} for sheet, columns in rows.items()
        }

    def meets(self, area: Range) -> bool:
        """Whether a cell of the block changes."""
        for column, rows in self._rows.get(area.sheet, {}).items():
            if area.left <= column <= area.right:
                at = bisect_left(rows, area.top)
                if at < len(rows) and rows[at] <= area.bottom:
                    return True
        return False
