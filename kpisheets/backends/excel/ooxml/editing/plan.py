"""What an edit changes in one sheet, found out before anything is written: each cell as it is and as it will be, and
the bytes that become others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import NamedTuple

from kpisheets.errors import BadData

from ..notation.cells import CachedValue, CellWrite, FormulaText, Write
from ..notation.refs import Area, cell_name
from ..notation.values import EMPTY, Cell, Value
from ..parts.sheet import SheetPart
from ..parts.splice import Splice
from ..reading.columns import Shared
from ..reading.grid import Grid
from ..reading.rows import Unusual
from ..reading.scan import Scanner
from .block import Block
from .patch import Patcher
from .proof import Proof, same
from .spelling import spelled
from .survey import Site, Survey, survey

Wanted = Mapping[int, Mapping[int, Write]]
"""Row → column → what the cell is to become."""


class Change(NamedTuple):
    """A cell that will differ. A ``style`` of -1 in ``after`` is one that the cell's row or column will give it."""

    sheet: str
    row: int
    column: int
    before: Cell
    after: Cell


@dataclass(frozen=True)
class SheetPlan:
    """The changes to one sheet and the splices that make them.

    ``edited`` are the changes in rows that are there, ``fresh`` the rows that are not: thousands may come at once, so
    their changes are told only when they are asked for; ``block`` are those that were given by columns. ``rows`` are
    all rows that are touched. ``moved``: a cell gets a formula or loses one (changed formulas keep their place in the
    calculation chain).
    """

    sheet: str
    edited: tuple[Change, ...]
    fresh: Wanted
    block: Block | None
    splices: tuple[Splice, ...]
    rows: frozenset[int]
    moved: bool

    @property
    def count(self) -> int:
        """How many cells will differ."""
        return len(self.edited) + sum(map(len, self.fresh.values())) + (self.block.size if self.block else 0)

    @property
    def changes(self) -> Iterator[Change]:
        """Every cell that will differ."""
        yield from self.edited
        for row, cells in self.fresh.items():
            for column, write in cells.items():
                if isinstance(write, CellWrite):
                    yield Change(self.sheet, row, column, EMPTY, _new_cell(write, -1))
        for row, column, write in self.block.cells if self.block else ():
            yield Change(self.sheet, row, column, EMPTY, _new_cell(write, -1))


class Planner:
    """Plans the edit of one sheet.

    ``scanner`` makes an empty one, ``whole`` reads all cells of the sheet; ``known`` are these where they were read.

    Raises:
        BadData: from ``plan``: a cell cannot be written alone, or the part cannot be trusted.
    """

    def __init__(
        self,
        sheet: str,
        part: SheetPart,
        scanner: Callable[[], Scanner],
        whole: Callable[[], Grid],
        date1904: bool,
        known: Grid | None = None,
    ) -> None:
        self.sheet, self.part, self.date1904 = sheet, part, date1904
        self._scanner, self._whole, self._known = scanner, whole, known
        self._proof = Proof(part, scanner, date1904)

    def plan(self, wanted: Wanted, table_links: Sequence[str] = (), block: Block | None = None) -> SheetPlan:
        """The plan for these cells, for links to table parts more, and for a block below all other rows."""
        seen = self._survey(wanted)
        if block and block.top <= max([seen.last_row, *wanted]):
            return self.plan(block.among(wanted), table_links)
        changes: list[Change] = []
        writes: dict[int, Mapping[int, Write]] = {}
        fresh: dict[int, Mapping[int, Write]] = {}
        heirs: dict[int, dict[int, Write]] = {}
        for row, cells in wanted.items():
            if not seen.sites[row].row:
                new = {column: write for column, write in cells.items() if _fills(write)}
                if new:
                    self._refuse_locked(seen.grid, row, new)
                    fresh[row] = new
                continue
            self._refuse_locked(seen.grid, row, cells)
            for column, write in cells.items():
                change = self._change(seen.grid, row, column, write)
                if change is None:
                    continue
                changes.append(change)
                writes[row] = {**writes.get(row, {}), column: write}
                if isinstance(write, CellWrite) and seen.grid.shared_from(row, column):
                    for (heir_row, heir_column), spelled in _inherited(self._whole(), row, column, wanted):
                        heirs.setdefault(heir_row, {})[heir_column] = spelled
        sites = dict(seen.sites)
        if heirs:
            sites |= self._survey({row: cells for row, cells in heirs.items() if row not in sites}).sites
            for row, spelled_ones in heirs.items():
                writes[row] = {**spelled_ones, **writes.get(row, {})}
        after: dict[int, dict[int, Cell]] = {}
        for change in changes:
            after.setdefault(change.row, {})[change.column] = change.after
        splices = self._around({**writes, **fresh}, block, seen.last_row == 0, table_links)
        splices += self._edited(writes, sites, after)
        splices += self._inserted(fresh, sites, block)
        moved = any((change.after.formula is None) != (change.before.formula is None) for change in changes)
        moved = moved or any(_has_formula(write) for cells in fresh.values() for write in cells.values())
        moved = moved or (block is not None and block.has_formulas)
        ordered = sorted(splices, key=lambda splice: (splice.start, len(splice.old)))
        rows = frozenset((*writes, *fresh, *(range(block.top, block.top + block.count) if block else ())))
        return SheetPlan(self.sheet, tuple(changes), fresh, block, tuple(ordered), rows, moved)

    def look(self, wanted: Mapping[int, Collection[int]]) -> Grid:
        """Some cells: row → columns."""
        return self._known or self._survey(wanted).grid

    def _survey(self, wanted: Mapping[int, Collection[int]]) -> Survey:
        try:
            return survey(self.part, wanted, self._scanner(), self._known)
        except Unusual:
            self.part.normalise()
            return survey(self.part, wanted, self._scanner(), self._known)

    def _refuse_locked(self, grid: Grid, row: int, columns: Iterable[int]) -> None:
        if not grid.has_locks:
            return
        for column in columns:
            if reason := grid.locked(row, column):
                raise BadData(
                    f"the cell is {reason}, so it cannot be written alone",
                    where=f"{self.part.where}!{cell_name(row, column)}",
                    mend="clear it in Excel",
                )

    def _change(self, grid: Grid, row: int, column: int, write: Write) -> Change | None:
        """The change of a cell; None where it is so already."""
        there, now = grid.has(row, column), grid.cell(row, column)
        after = now
        if isinstance(write, CachedValue):
            after = now if same(write.value, now.value, self.date1904) else now._replace(value=write.value)
        elif isinstance(write, CellWrite):
            same_style = write.style is None or (write.style == now.style and there)
            if same_style and write.formula == now.formula and same(write.value, now.value, self.date1904):
                return None
            after = _new_cell(write, now.style if there else -1)
        return None if after == now else Change(self.sheet, row, column, now, after)

    # --- the bytes ---

    def _edited(
        self, writes: Wanted, sites: Mapping[int, Site], after: Mapping[int, Mapping[int, Cell]]
    ) -> Iterator[Splice]:
        """The rows that are there, with some cells written anew."""
        patcher = Patcher(self.part, writes, self.date1904)
        replaced = {number: patcher.row(number, sites[number]) for number in sorted(writes)}
        self._proof.of_cells(replaced, after)
        return (Splice(sites[number].start, sites[number].row, new) for number, new in replaced.items())

    def _inserted(self, fresh: Wanted, sites: Mapping[int, Site], block: Block | None) -> Iterator[Splice]:
        """The rows that are not there, in between and at the end."""
        patcher, part = Patcher(self.part, fresh, self.date1904), self.part
        made: dict[int, list[Callable[[], Iterator[bytes]]]] = {}
        for start, group in groupby(sorted(fresh), key=lambda number: sites[number].start):
            made[start] = [partial(self._fresh, patcher, list(group), fresh)]
        if block:
            made.setdefault(part.end, []).append(partial(self._spelled, block))
        for start, makers in made.items():
            make = partial(_in_turn, makers)
            if part.is_closed:
                yield Splice(start - len(part.tag), part.tag, partial(self._opened, make))
            else:
                yield Splice(start, b"", make)

    def _around(self, writes: Wanted, block: Block | None, empty: bool, table_links: Sequence[str]) -> list[Splice]:
        """What follows outside the cells: the dimension, links to tables."""
        part = self.part
        changes = part.shell.table_links(table_links)
        filled = [(row, column) for row, cells in writes.items() for column, write in cells.items() if _fills(write)]
        if block:
            filled += [(block.area.top, block.area.left), (block.area.bottom, block.area.right)]
        if filled:
            rows, columns = [row for row, _ in filled], [column for _, column in filled]
            changes += part.shell.dimension(min(rows), min(columns), max(rows), max(columns), empty=empty)
        return part.shell.splices(changes, part.end + len(part.closing))

    def _fresh(self, patcher: Patcher, numbers: Sequence[int], writes: Wanted) -> Iterator[bytes]:
        for rows in patcher.fresh_rows(numbers):
            self._proof.of_rows(rows, writes)
            yield b"".join(rows.values())

    def _spelled(self, block: Block) -> Iterator[bytes]:
        for some, rows in spelled(block, self.part.prefix, self.date1904):
            self._proof.of_block(some, rows)
            yield rows

    def _opened(self, fresh: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
        """``<sheetData/>`` with rows in it."""
        rows = fresh()
        first = next(rows, b"")
        if not first:
            yield self.part.tag
            return
        yield self.part.tag[:-2].rstrip() + b">" + first
        yield from rows
        yield b"</%bsheetData>" % self.part.prefix


def _in_turn(makers: Iterable[Callable[[], Iterator[bytes]]]) -> Iterator[bytes]:
    for make in makers:
        yield from make()


def _fills(write: Write) -> bool:
    return isinstance(write, CellWrite) and write != (None, None, None)


def _has_formula(write: Write) -> bool:
    return isinstance(write, CellWrite) and write.formula is not None


def _inherited(whole: Grid, row: int, column: int, wanted: Wanted) -> Iterator[tuple[tuple[int, int], FormulaText]]:
    """What keeps the formulas whose text stands in a cell that is overwritten. Along one column or row the next cell
    takes it over; in a block each cell gets its own."""
    master: Shared | None = whole.shared_from(row, column)
    if master is None:
        return
    heirs = [heir for heir in whole.sharing(master) if not isinstance(wanted.get(heir[0], {}).get(heir[1]), CellWrite)]
    area = master.area
    in_line = area.left == area.right or area.top == area.bottom
    for heir in heirs[:1] if in_line else heirs:
        text = master.formula.at(heir[0] - master.row, heir[1] - master.column)
        shared = b""
        if in_line and len(heirs) > 1:
            rest = Area(*heir, area.bottom, area.right)
            shared = b' t="shared" ref="%b" si="%b"' % (rest.a1.encode(), master.number)
        yield heir, FormulaText(text, shared)


def _new_cell(write: CellWrite, otherwise: int) -> Cell:
    return Cell(_stored(write.value), write.formula, otherwise if write.style is None else write.style)


def _stored(value: Value | dt.date) -> Value:
    """A date as the moment that it begins."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - cells have no time zone
    return value
