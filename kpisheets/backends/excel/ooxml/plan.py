"""What an edit would change, found out before anything is written: each cell before and after, and what must follow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kpisheets.errors import BadData

from .cells import CachedValue, CellWrite, FormulaText, Write
from .grid import Grid
from .refs import Area, cell_name
from .scan import Shared
from .values import Cell, Value, to_serial


class Change(NamedTuple):
    """A cell that will differ. A ``style`` of -1 in ``after`` is one that the cell's row or column will give it."""

    sheet: str
    row: int
    column: int
    before: Cell
    after: Cell


@dataclass(frozen=True)
class SheetPlan:
    """The changes to one sheet: the cells that will differ, with what its shared formulas need besides."""

    changes: tuple[Change, ...]
    writes: Mapping[int, Mapping[int, Write]]
    empty: bool
    moved: bool
    """Whether a cell gets a formula or loses one; changed formulas keep their place in the calculation chain."""


def plan_sheet(
    sheet: str, wanted: Mapping[int, Mapping[int, Write]], grid: Grid, whole: Grid | None, where: str, date1904: bool
) -> SheetPlan:
    """What ``wanted`` changes. ``grid`` has at least its rows; ``whole`` is needed where a shared formula's first cell
    is overwritten.

    Raises:
        BadData: a cell cannot be written alone.
        NeedsWhole: ``whole`` is needed.
    """
    changes: list[Change] = []
    writes: dict[int, dict[int, Write]] = {}
    moved = False
    for row, cells in wanted.items():
        for column, write in cells.items():
            if reason := grid.locked(row, column):
                place = f"{where}, {sheet}!{cell_name(row, column)}"
                raise BadData(
                    f"the cell is {reason}, so it cannot be written alone", where=place, mend="clear it in Excel"
                )
            there, now = grid.has(row, column), grid.cell(row, column)
            after = _after(write, now, there, date1904)
            if after is None:
                continue
            changes.append(Change(sheet, row, column, now, after))
            writes.setdefault(row, {})[column] = write
            moved = moved or (after.formula is None) != (now.formula is None)
            master = grid.shared_from(row, column)
            if master and isinstance(write, CellWrite):
                if whole is None:
                    raise NeedsWhole
                for heir, spelled in _inherited(whole, whole.shared_from(row, column) or master, wanted):
                    writes.setdefault(heir[0], {}).setdefault(heir[1], spelled)
    return SheetPlan(tuple(changes), writes, grid.last_row == 0, moved)


class NeedsWhole(Exception):
    """The plan needs all cells of the sheet."""


def _after(write: Write, now: Cell, there: bool, date1904: bool) -> Cell | None:
    """What the cell will be; None where it is that already."""
    if isinstance(write, CachedValue):
        return None if same(write.value, now.value, date1904) else now._replace(value=write.value)
    if isinstance(write, FormulaText):
        return now._replace(formula=write.formula)
    same_style = write.style is None or (write.style == now.style and there)
    if same_style and write.formula == now.formula and same(write.value, now.value, date1904):
        return None
    style = write.style if write.style is not None else now.style if there else -1
    value = to_serial(write.value, date1904) if type(write.value) is dt.date else write.value
    return Cell(value, write.formula, style)  # type: ignore[arg-type]


def _inherited(
    whole: Grid, master: Shared, wanted: Mapping[int, Mapping[int, Write]]
) -> Iterator[tuple[tuple[int, int], FormulaText]]:
    """What keeps the formulas whose text stands in a cell that is overwritten. Along one column or row the next cell
    takes it over; in a block each cell gets its own."""
    heirs = [place for place in whole.sharing(master) if place[1] not in wanted.get(place[0], {})]
    area = master.area
    in_line = area.left == area.right or area.top == area.bottom
    for place in heirs[:1] if in_line else heirs:
        text = master.formula.at(place[0] - master.row, place[1] - master.column)
        kin = b""
        if in_line and len(heirs) > 1:
            rest = Area(*place, area.bottom, area.right)
            kin = b' t="shared" ref="%b" si="%b"' % (rest.a1.encode(), master.number)
        yield place, FormulaText(text, kin)


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
