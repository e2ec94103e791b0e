"""What the core wants to know of a spreadsheet: its tables, named cells, formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kpisheets.backends.base import FORMULA_FIELDS
from kpisheets.backends.canonical import Canonical
from kpisheets.backends.google.reading.a1 import letters
from kpisheets.backends.google.reading.cells import CellData, formula_of, plain, value_of
from kpisheets.backends.google.reading.layout import Layout, Place
from kpisheets.backends.google.reading.snapshot import Snapshot, Tab
from kpisheets.core.formula import canonical_text
from kpisheets.core.merge import is_blank
from kpisheets.core.workbook import (
    CATALOGUE,
    DATA_AS_OF,
    LAST_RUN,
    LOG,
    MACHINE,
    REPORT,
    TRACKING,
    Observed,
    Table,
    Value,
)
from kpisheets.errors import Problem

STAMPS: Mapping[str, frozenset[str]] = {TRACKING: frozenset({"as_of"}), LOG: frozenset({"when"})}
"""Columns of moments that the tool writes: dates whatever became of their format."""
DRAWN: Mapping[str, frozenset[str]] = {REPORT: frozenset({"trend"})}
"""Columns whose cells draw something by a formula, which no plan speaks of."""
_MOMENTS = frozenset({LAST_RUN, DATA_AS_OF})


def observed(snap: Snapshot, layout: Layout) -> Observed:
    tables = {name: _table(snap.tabs[place.sheet], place) for name, place in layout.places.items()}
    named: dict[str, Value] = {}
    formulas: dict[str, str] = {}
    for name, spot in layout.cells.items():
        cell = snap.tabs[spot.sheet].cell(spot.row, spot.column)
        named[name] = value_of(cell, is_date=name in _MOMENTS)
        if (formula := formula_of(cell)) is not None:
            formulas[name] = canonical_text(plain(formula))
    return Observed(tables, named, formulas, _strays(snap, layout))


def _table(tab: Tab, place: Place) -> Table:
    rows = place.rows
    by_field = {name: letters(column) for name, column in place.columns.items()}
    headers = {name: _header(tab.cell(place.header, column)) for name, column in place.columns.items()}
    canonical = Canonical(
        {letter: name for name, letter in by_field.items()}, {text.casefold(): name for name, text in headers.items()}
    )
    machine, stamps = MACHINE.get(place.table, frozenset()), STAMPS.get(place.table, frozenset())
    columns: dict[str, Sequence[Value]] = {}
    formulas: dict[str, Sequence[str | None]] = {}
    for name, column in place.columns.items():
        if name in DRAWN.get(place.table, ()):
            continue
        cells = _slice(tab.columns.get(column, []), rows)
        columns[name] = [value_of(cell, machine=name in machine, is_date=name in stamps) for cell in cells]
        if name in FORMULA_FIELDS.get(place.table, ()):
            found = [formula_of(cell) for cell in cells]
            if any(found):
                formulas[name] = canonical.column(_patterns(found, rows.start + 1), rows.start + 1)
    numbers = range(rows.start + 1, rows.stop + 1)
    return Table(place.table, tab.title, columns, formulas, numbers, rows.stop + 1, by_field, headers)


def _slice(cells: Sequence[CellData | None], rows: range) -> list[CellData | None]:
    found = list(cells[rows.start : rows.stop])
    return found + [None] * (len(rows) - len(found))


_ROW = re.compile(r"(?<=[A-Z$])([0-9]+)(?![0-9A-Za-z_(.])")


def _patterns(formulas: Sequence[str | None], top: int) -> list[str | None]:
    """The formulas with a mark for their own row's number, which makes those of a column few texts."""
    spelled: dict[str, str] = {}
    found: list[str | None] = []
    for row, formula in enumerate(formulas, top):
        if formula is None:
            found.append(None)
            continue
        number = str(row)
        # Row numbers stand behind a column's letters: split there, what is left over is text that stays as it is.
        pattern = "".join("\0" if piece == number else piece for piece in _ROW.split(formula))
        if pattern not in spelled:
            spelled[pattern] = plain(pattern)
        found.append(spelled[pattern])
    return found


def _header(cell: CellData | None) -> str:
    value = value_of(cell)
    return "" if value is None else str(value)


def _strays(snap: Snapshot, layout: Layout) -> tuple[Problem, ...]:
    """KPIs that stand below a gap under the catalogue: nobody would find out why they get no rows."""
    place = layout.places[CATALOGUE]
    column = place.columns["id"]
    cells = snap.tabs[place.sheet].columns.get(column, [])
    return tuple(
        Problem(
            f"{place.title}!{letters(column)}{row + 1}",
            f"“{value}” stands below the end of the catalogue and is not read",
            "if it is a KPI, move it up to the first blank row",
        )
        for row in range(place.limit, len(cells))
        if not is_blank(value := value_of(cells[row]))
    )
