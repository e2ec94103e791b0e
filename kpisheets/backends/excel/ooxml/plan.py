"""What an edit changes in one sheet, found out before anything is written: each cell as it is and as it will be, and
the bytes that become others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import NamedTuple

from kpisheets.errors import BadData, Defect

from .cells import CachedValue, CellWrite, FormulaText, Write
from .grid import Grid
from .patch import Patcher
from .refs import Area, cell_name
from .rows import Unusual
from .scan import Scanner, Shared
from .sheet import SheetPart
from .splice import Splice
from .survey import Site, Survey, cell_starts, picked, survey
from .values import Cell, Value, to_serial

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
    """The changes to one sheet, the splices that make them, and the rows that these touch. ``moved``: a cell gets a
    formula or loses one (changed formulas keep their place in the calculation chain)."""

    changes: tuple[Change, ...]
    splices: tuple[Splice, ...]
    rows: frozenset[int]
    moved: bool


class Planner:
    """Plans the edit of one sheet.

    ``scanner`` makes an empty one, ``whole`` reads all cells of the sheet.

    Raises:
        BadData: from ``plan``: a cell cannot be written alone, or the part cannot be trusted.
    """

    def __init__(
        self, sheet: str, part: SheetPart, scanner: Callable[[], Scanner], whole: Callable[[], Grid], date1904: bool
    ) -> None:
        self.sheet, self.part, self.date1904 = sheet, part, date1904
        self._scanner, self._whole = scanner, whole

    def plan(self, wanted: Wanted, table_links: Sequence[str] = ()) -> SheetPlan:
        """The plan for these cells, and for links to table parts more."""
        seen = self._survey(wanted)
        changes: list[Change] = []
        writes: dict[int, dict[int, Write]] = {}
        heirs: dict[int, dict[int, Write]] = {}
        for row, cells in wanted.items():
            for column, write in cells.items():
                change = self._change(seen.grid, row, column, write)
                if change is None:
                    continue
                changes.append(change)
                writes.setdefault(row, {})[column] = write
                if isinstance(write, CellWrite) and seen.grid.shared_from(row, column):
                    for (heir_row, heir_column), spelled in _inherited(self._whole(), row, column, wanted):
                        heirs.setdefault(heir_row, {})[heir_column] = spelled
        sites = dict(seen.sites)
        if heirs:
            sites |= self._survey({row: cells for row, cells in heirs.items() if row not in sites}).sites
            for row, spelled_ones in heirs.items():
                writes[row] = {**spelled_ones, **writes.get(row, {})}
        splices = self._splices(writes, sites, changes, seen.grid.last_row == 0, table_links)
        moved = any((change.after.formula is None) != (change.before.formula is None) for change in changes)
        return SheetPlan(tuple(changes), tuple(splices), frozenset(writes), moved)

    def look(self, wanted: Mapping[int, Collection[int]]) -> Grid:
        """Some cells: row → columns."""
        return self._survey(wanted).grid

    def _survey(self, wanted: Mapping[int, Collection[int]]) -> Survey:
        try:
            return survey(self.part, wanted, self._scanner())
        except Unusual:
            self.part.normalise()
            return survey(self.part, wanted, self._scanner())

    def _change(self, grid: Grid, row: int, column: int, write: Write) -> Change | None:
        """The change of a cell; None where it is so already."""
        if reason := grid.locked(row, column):
            raise BadData(
                f"the cell is {reason}, so it cannot be written alone",
                where=f"{self.part.where}!{cell_name(row, column)}",
                mend="clear it in Excel",
            )
        there, now = grid.has(row, column), grid.cell(row, column)
        after = now
        if isinstance(write, CachedValue):
            after = now if same(write.value, now.value, self.date1904) else now._replace(value=write.value)
        elif isinstance(write, CellWrite):
            same_style = write.style is None or (write.style == now.style and there)
            if same_style and write.formula == now.formula and same(write.value, now.value, self.date1904):
                return None
            style = write.style if write.style is not None else now.style if there else -1
            return Change(self.sheet, row, column, now, Cell(_stored(write.value), write.formula, style))
        return None if after == now else Change(self.sheet, row, column, now, after)

    # --- the bytes ---

    def _splices(
        self,
        writes: Wanted,
        sites: Mapping[int, Site],
        changes: Sequence[Change],
        empty: bool,
        table_links: Sequence[str],
    ) -> list[Splice]:
        patcher = Patcher(self.part, writes, self.date1904)
        after: dict[int, list[Change]] = {}
        for change in changes:
            after.setdefault(change.row, []).append(change)
        splices = self._around(writes, empty, table_links)
        known = sorted(number for number in writes if sites[number].row)
        replaced = {number: patcher.row(number, sites[number]) for number in known}
        self._prove(replaced, after)
        splices += (Splice(sites[number].start, sites[number].row, new) for number, new in replaced.items())
        fresh = sorted(number for number in writes if not sites[number].row)
        for start, group in groupby(fresh, key=lambda number: sites[number].start):
            make = partial(self._fresh, patcher, list(group), after)
            if self.part.is_closed:
                splices.append(Splice(start - len(self.part.tag), self.part.tag, partial(self._opened, make)))
            else:
                splices.append(Splice(start, b"", make))
        return sorted(splices, key=lambda splice: (splice.start, len(splice.old)))

    def _around(self, writes: Wanted, empty: bool, table_links: Sequence[str]) -> list[Splice]:
        """What follows outside the cells: the dimension, links to tables."""
        part = self.part
        changes = part.shell.table_links(table_links)
        filled = [(row, column) for row, cells in writes.items() for column, write in cells.items() if _fills(write)]
        if filled:
            rows, columns = [row for row, _ in filled], [column for _, column in filled]
            changes += part.shell.dimension(min(rows), min(columns), max(rows), max(columns), empty=empty)
        return part.shell.splices(changes, part.end + len(part.closing))

    def _fresh(
        self, patcher: Patcher, numbers: Sequence[int], after: Mapping[int, Sequence[Change]]
    ) -> Iterator[bytes]:
        for rows in patcher.fresh_rows(numbers):
            self._prove(rows, after)
            yield b"".join(rows.values())

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

    def _prove(self, rows: Mapping[int, bytes], after: Mapping[int, Sequence[Change]]) -> None:
        """Reads the cells of new rows back."""
        scanner = self._scanner()
        for number, row in rows.items():
            columns = {change.column for change in after.get(number, ())}
            scanner.read_cells(picked(self.part, row, cell_starts(self.part, number, row), columns))
        grid = Grid(scanner, self.part.shell)
        for number in rows:
            for change in after.get(number, ()):
                cell = grid.cell(number, change.column)
                kept = change.after.style in (-1, cell.style) or not grid.has(number, change.column)
                right = cell.formula == change.after.formula and same(change.after.value, cell.value, self.date1904)
                if not (kept and right):
                    place = f"{self.part.where}!{cell_name(number, change.column)}"
                    raise Defect("what was to be written does not read back", where=place, mend="report this")


def _fills(write: Write) -> bool:
    return isinstance(write, CellWrite) and write != (None, None, None)


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


def _stored(value: Value | dt.date) -> Value:
    """A date as the moment that it begins."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - cells have no time zone
    return value


def same(wanted: Value | dt.date, stored: Value, date1904: bool) -> bool:
    """Whether a stored value is what setting ``wanted`` would store."""
    if wanted is None or stored is None:
        return wanted is stored
    if isinstance(wanted, bool) or isinstance(stored, bool):
        return wanted is stored
    if isinstance(wanted, str) or isinstance(stored, str):
        return type(wanted) is type(stored) and wanted == stored
    if isinstance(wanted, dt.date) or isinstance(stored, dt.date):
        # The same cell is a number or a moment, as its style says; moments are read to the millisecond.
        return abs(_serial(wanted, date1904) - _serial(stored, date1904)) < 1 / 86_400_000
    return wanted == stored


def _serial(value: dt.date | float, date1904: bool) -> float:
    return to_serial(value, date1904) if isinstance(value, dt.date) else float(value)
