"""New stored values for people's formulas that an edit affects, where an engine is proven right on them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from kpisheets.backends.excel.ooxml import Book, CellError, Edit, Range, Value
from kpisheets.backends.excel.ooxml.notation.values import to_serial
from kpisheets.errors import BadData

from . import engine
from .graph import Changed, Formulas, Graph, Grids, Place, TooMany, follow
from .judge import Scalar, is_number
from .references import References

_MAX_BYTES = 64 << 20
_MAX_VALUES = 200_000
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")
_SAME = 1e-12
Cell: TypeAlias = tuple[str, int, int, Scalar]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many formulas of people that the edit affects got their new stored value, how many keep the one they have
    until a program recalculates, and why those do."""

    refreshed: int = 0
    left: int = 0
    why: str = ""


def refresh(book: Book, edit: Edit, ours: Sequence[Range] = ()) -> Refreshed:
    """Adds to ``edit`` the new stored values of formulas that depend on what it changes.

    ``ours`` are blocks whose formulas have right values already: the caller computes them itself. A formula is
    refreshed only where the engine computes, from the file as it is, exactly the stored value of the formula and of
    every formula that feeds it, and where all of them belong to the part of the language in which engines agree.
    Everything else is left as it is stored. Nothing is raised: what cannot be done is left.
    """
    if not engine.is_installed():
        return Refreshed(why="no calculation engine is installed")
    try:
        return _refreshed(book, edit, ours)
    except BadData as error:
        return Refreshed(why=error.what)
    except TooMany:
        return Refreshed(why="there are too many formulas")


def _refreshed(book: Book, edit: Edit, ours: Sequence[Range]) -> Refreshed:
    sheets = list(_with_formulas(book))
    roots = [root for sheet in sheets for root in _theirs(book, sheet, ours)]
    if not roots:
        return Refreshed()
    written = {Place(change.sheet, change.row, change.column): change for change in edit.plan()}
    formulas = Formulas(book, sheets, frozenset(written))
    before = References(book.sheets, book.names, book.tables)
    after = References(book.sheets, edit.names, edit.tables)
    theirs = frozenset(place for place, _ in roots) - written.keys()
    graph = follow([root for root in roots if root[0] in theirs], formulas, before, after, Grids(book))
    order = graph.order()
    affected = _affected(graph, order, Changed(written))
    wanted = theirs & affected
    lost = frozenset(place for place in theirs if place not in affected and place not in frozenset(order))
    unread = frozenset(place for place in theirs & graph.nodes.keys() if not graph.nodes[place].understood)
    left = wanted | lost | unread
    if not wanted:
        return Refreshed(left=len(left), why="they cannot be followed" if left else "")
    if reason := _unfit(book):
        return Refreshed(left=len(left), why=reason)
    asked = [place for place in order if _sound(graph, place)]
    values = list(_values(book, graph, asked, frozenset(asked)))
    changed: list[Cell] = [(*place, _plain(change.after.value, book)) for place, change in written.items()]
    if len(values) + len(changed) > _MAX_VALUES:
        return Refreshed(left=len(left), why="they refer to too many cells")
    request = _request(before.aliases, graph, asked, values, changed)
    try:
        replies = dict(zip(asked, engine.ask(request), strict=True))
    except engine.Failed as error:
        return Refreshed(left=len(left), why=str(error))
    trusted = _trusted(book, graph, asked, replies, affected, ours)
    done = 0
    for place in wanted & trusted.keys():
        edit.refresh(place.sheet, place.row, place.column, trusted[place])
        done += 1
    why = next((str(reply["why"]) for place, reply in replies.items() if place in wanted and "why" in reply), "")
    rest = len(left - (wanted & trusted.keys()))
    return Refreshed(done, rest, (why or "the stored values were not reproduced") if rest else "")


def _with_formulas(book: Book) -> Iterator[str]:
    """The tabs that have formulas.

    Raises:
        TooMany: they are too large to be followed.
    """
    size = 0
    for sheet in book.sheets:
        if not book.has_cells(sheet):
            continue
        part = book.sheet_part(sheet)
        rest = b""
        for piece in book.package.stream(part):
            if _FORMULA.search(rest + piece):
                size += book.package.entries[part].size
                if size > _MAX_BYTES:
                    raise TooMany
                yield sheet
                break
            rest = piece[-64:]


def _theirs(book: Book, sheet: str, ours: Sequence[Range]) -> Iterator[tuple[Place, str]]:
    """The formulas of a tab that stand outside ``ours``."""
    grid = book.grid(sheet)
    blocks = [block for block in ours if block.sheet == sheet]
    for column in range(max(grid.left, 1), grid.right + 1):
        spans = sorted((block.top, block.bottom) for block in blocks if block.left <= column <= block.right)
        for top, bottom in _between(spans, max(grid.top, 1), grid.bottom):
            for row, text in enumerate(grid.formulas(column, top, bottom), top):
                if text is not None:
                    yield Place(sheet, row, column), text


def _between(spans: Iterable[tuple[int, int]], top: int, bottom: int) -> Iterator[tuple[int, int]]:
    """The rows outside some spans."""
    for first, last in spans:
        if top < first:
            yield top, min(first - 1, bottom)
        top = max(top, last + 1)
    if top <= bottom:
        yield top, bottom


def _affected(graph: Graph, order: Sequence[Place], changed: Changed) -> frozenset[Place]:
    """The formulas that may compute something else after the edit."""
    found: set[Place] = set()
    hit: dict[Range, bool] = {}
    for place in order:
        node = graph.nodes[place]
        for area in node.areas:
            if area not in hit:
                hit[area] = changed.meets(area)
        if not node.same or any(hit[area] for area in node.areas) or not found.isdisjoint(graph.precedents(place)):
            found.add(place)
    return frozenset(found)


def _unfit(book: Book) -> str:
    """Why nothing in the workbook can be computed alike."""
    if book.date1904:
        return "it counts days from 1904"
    node = book.workbook.root.child("calcPr")
    named = node.attributes if node else {}
    if named.get("iterate") in ("1", "true"):
        return "it computes in circles"
    if named.get("fullPrecision") in ("0", "false"):
        return "it computes with the precision that it shows"
    return ""


def _sound(graph: Graph, place: Place) -> bool:
    return graph.nodes[place].understood


def _values(book: Book, graph: Graph, asked: Sequence[Place], computed: frozenset[Place]) -> Iterator[Cell]:
    """The filled cells that formulas refer to and that are not computed themselves."""
    columns: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for area in {area for place in asked for area in graph.nodes[place].areas}:
        grid = book.grid(area.sheet)
        for column in range(max(area.left, grid.left), min(area.right, grid.right) + 1):
            columns.setdefault((area.sheet, column), []).append((area.top, min(area.bottom, grid.bottom)))
    for (sheet, column), spans in columns.items():
        grid, last = book.grid(sheet), 0
        for top, bottom in sorted(spans):
            first = max(top, last + 1)
            for row, value in enumerate(grid.column(column, first, bottom), first):
                if value is not None and (sheet, row, column) not in computed:
                    yield sheet, row, column, _plain(value, book)
            last = max(last, bottom)


def _plain(value: Value | dt.date, book: Book) -> Scalar:
    """A cell's value as engines know it: dates are numbers, errors texts behind a NUL."""
    if isinstance(value, CellError):
        return "\0" + value
    return to_serial(value, book.date1904) if isinstance(value, dt.date) else value


def _request(
    aliases: Mapping[str, str], graph: Graph, asked: Sequence[Place], values: list[Cell], changed: list[Cell]
) -> dict[str, Any]:
    texts = []
    for place in asked:
        node = graph.nodes[place]
        if node.before is not None and node.after is not None:
            texts.append((aliases[place.sheet], place.row, place.column, node.before.text, node.after.text))
    return {
        "sheets": list(aliases.values()),
        "values": [(aliases[sheet], *rest) for sheet, *rest in values],
        "changes": [(aliases[sheet], *rest) for sheet, *rest in changed],
        "formulas": texts,
    }


def _trusted(
    book: Book,
    graph: Graph,
    asked: Sequence[Place],
    replies: dict[Place, dict[str, Any]],
    affected: frozenset[Place],
    ours: Sequence[Range],
) -> dict[Place, Value]:
    """The new values of the formulas on which, and on all that feeds them, the engine is proven right."""
    found: dict[Place, Value] = {}
    for place in asked:
        reply = replies[place]
        if "why" in reply or any(feeder not in found for feeder in graph.precedents(place)):
            continue
        stored = _plain(book.grid(place.sheet).value(place.row, place.column), book)
        if stored is None or not _alike(stored, reply["before"]):
            continue
        known = place not in affected or any(
            block.sheet == place.sheet and block.area.holds(place.row, place.column) for block in ours
        )
        if known and not _alike(stored, reply["after"]):
            continue
        new = reply["after"]
        if isinstance(new, str) and new.startswith("\0"):
            # Of the other errors, programs call the same by different names.
            if new[1:] in ("#DIV/0!", "#N/A"):
                found[place] = CellError(new[1:])
            continue
        found[place] = _result(new)
    return found


def _result(value: Scalar) -> Value:
    """A formula's result: what is blank becomes 0."""
    return 0 if value is None else value


def _alike(stored: Scalar, computed: Scalar) -> bool:
    """Whether the engine computed what is stored: numbers to the last digits but one or two."""
    computed = _result(computed) if computed is None else computed  # type: ignore[assignment]
    if is_number(stored) and is_number(computed):
        a, b = float(stored or 0), float(computed or 0)
        return abs(a - b) <= _SAME * max(abs(a), abs(b))
    return type(stored) is type(computed) and stored == computed
