"""A plan becomes cells to write: where each goes, what is typed into it, what has to be there for it to be right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kpisheets.backends.base import Dictionary
from kpisheets.backends.google.reading.a1 import letters
from kpisheets.backends.google.reading.cells import entered
from kpisheets.backends.google.reading.layout import Layout, Place
from kpisheets.backends.tabs.units import number_format
from kpisheets.core.evaluate import Formula
from kpisheets.core.formula import Dialect, text
from kpisheets.core.plan import DAY, AddRow, Change, Plan, SetCell, SetNamed, is_signed
from kpisheets.core.workbook import ACTIONS, CATALOGUE, REPORT, REVIEW, TRACKING, Observed, Table, Value

Typed = Mapping[str, Any]
"""A ``userEnteredValue``; empty is a blank."""
KEYS: Mapping[str, str] = {TRACKING: "key", CATALOGUE: "id", REPORT: "id", ACTIONS: "key", REVIEW: "key"}
"""The field by which a table's rows are told apart."""


RESTORED = -1
"""The ``change`` of a cell that gets back what people had in it."""


class Put(NamedTuple):
    """A cell to write. ``change`` is its change's place in the plan, ``table`` and ``field`` say whose it is (the name
    of a single cell, and nothing; neither for people's own), ``key`` is the Key that its row must have; ``None`` where
    rows have none.

    ``formula`` is the formula of which ``typed`` is the text in this row: rows with the same one are written together.
    """

    sheet: int
    row: int
    column: int
    typed: Typed
    change: int
    table: str
    field: str
    key: str | None = None
    formula: Formula | None = None


class Formatted(NamedTuple):
    """A cell that gets a number format."""

    sheet: int
    row: int
    column: int
    format: Mapping[str, str]


@dataclass(slots=True)
class Inserted:
    """Rows that are inserted before row ``at`` of a table's tab; its cells are counted as they stand thereafter.
    ``grown``: the spreadsheet table around does not take them in by itself."""

    place: Place
    at: int
    count: int = 0
    puts: list[Put] = field(default_factory=list)
    formats: list[Formatted] = field(default_factory=list)


@dataclass(slots=True)
class Cells:
    """All that a plan writes: into cells that are there, and into rows that come."""

    puts: list[Put] = field(default_factory=list)
    formats: list[Formatted] = field(default_factory=list)
    inserted: dict[str, Inserted] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    """The row after the last, of tables in which waiting rows are filled."""

    def __len__(self) -> int:
        return len(self.puts) + sum(len(each.puts) for each in self.inserted.values())


Shown = Callable[[int, int, int], Mapping[str, str]]
"""(tab, row, column) → the number format in force there."""


def _unformatted(*_: int) -> Mapping[str, str]:
    return {}


class Writer:
    """Turns changes into cells. ``insert``: new rows are inserted below the last filled one, so that they can never
    take the place of what somebody typed there meanwhile; else they fill the blank rows that wait. (The Report tab's
    wait with their sparklines, and are always filled.)"""

    def __init__(
        self,
        layout: Layout,
        observed: Observed,
        dictionary: Dictionary,
        *,
        insert: bool = True,
        shown: Shown = _unformatted,
    ) -> None:
        self.layout, self.dictionary, self.insert, self.shown = layout, dictionary, insert, shown
        self.tables, self.formulas = observed.tables, observed.named_formulas
        self.cells = Cells()
        self._next = {name: place.end for name, place in layout.places.items()}
        self._pieces: dict[tuple[str, int], tuple[str, ...]] = {}
        self._formats: dict[str, Mapping[str, str]] = {}

    def write(self, number: int, change: Change) -> None:
        """``number`` is the change's place in the plan."""
        match change:
            case SetCell():
                self._set(number, change)
            case AddRow():
                self._add(number, change)
            case SetNamed():
                self._named(number, change)

    def _set(self, number: int, change: SetCell) -> None:
        put = self.put_of(number, change)
        if put is not None:
            self.cells.puts.append(put)
        place, unit = self.layout.places[change.table], change.after.unit
        row, column = self.tables[change.table].places[change.row] - 1, place.columns[change.field]
        self._in_unit(place.sheet, row, column, unit)

    def put_of(self, number: int, change: SetCell | SetNamed) -> Put | None:
        """The cell of a change; ``None`` where its formula stands there already: Sheets computes new values itself."""
        value, formula, _ = change.after
        if isinstance(change, SetNamed):
            spot = self.layout.cells.get(change.name)
            if spot is None or (formula is not None and self.formulas.get(change.name) == formula.canonical):
                return None
            single = (
                entered(value) if formula is None else {"formulaValue": f"={text(formula.expression, str, _SHEETS)}"}
            )
            return Put(spot.sheet, spot.row, spot.column, single, number, change.name, "")
        place, table = self.layout.places[change.table], self.tables[change.table]
        if formula is not None and table.formula(change.row, change.field) == formula.canonical:
            return None
        row = table.places[change.row] - 1
        key = key_of(table, change.row)
        typed = self._typed(place, row, value, formula)
        column = place.columns[change.field]
        return Put(place.sheet, row, column, typed, number, change.table, change.field, key, formula)

    def _named(self, number: int, change: SetNamed) -> None:
        put = self.put_of(number, change)
        if put is not None:
            self.cells.puts.append(put)
            self._in_unit(put.sheet, put.row, put.column, change.after.unit)

    def fill(self, number: int, change: AddRow, row: int, field: str) -> Put | None:
        """One cell of a new row, for a row that is there already."""
        place = self.layout.places[change.table]
        column = place.columns.get(field)
        if column is None:
            return None
        value, formula, _ = change.cells[field]
        typed = self._typed(place, row, value, formula)
        return Put(place.sheet, row, column, typed, number, change.table, field, None, formula)

    def _add(self, number: int, change: AddRow) -> None:
        place = self.layout.places[change.table]
        row = self._next[change.table]
        self._next[change.table] = row + 1
        puts, formats = self.cells.puts, self.cells.formats
        filled = not self.insert or change.table == REPORT
        if filled:
            self.cells.ends[change.table] = row + 1
        else:
            rows = self.cells.inserted.setdefault(change.table, Inserted(place, row))
            rows.count += 1
            puts, formats = rows.puts, rows.formats
        for name, (value, formula, unit) in change.cells.items():
            column = place.columns.get(name)
            if column is not None:
                typed = self._typed(place, row, value, formula)
                puts.append(Put(place.sheet, row, column, typed, number, change.table, name, None, formula))
                if unit is not None:
                    formats.append(Formatted(place.sheet, row, column, self._format(unit)))

    def _typed(self, place: Place, row: int, value: Value, formula: Formula | None) -> Typed:
        if formula is None:
            return entered(value)
        known = self._pieces.get((place.table, id(formula)))
        if known is None:
            by_field = {name: letters(column) for name, column in place.columns.items()}
            written = text(formula.expression, lambda name: f"{by_field[name]}\0", _SHEETS)
            known = self._pieces[place.table, id(formula)] = tuple(f"={written}".split("\0"))
        return {"formulaValue": str(row + 1).join(known)}

    def _in_unit(self, sheet: int, row: int, column: int, unit: str | None) -> None:
        if unit is not None and self.shown(sheet, row, column) != (wanted := self._format(unit)):
            self.cells.formats.append(Formatted(sheet, row, column, wanted))

    def _format(self, unit: str) -> Mapping[str, str]:
        if unit not in self._formats:
            self._formats[unit] = sheets_format(unit, self.dictionary)
        return self._formats[unit]


_SHEETS = Dialect.SHEETS


def sheets_format(unit: str, dictionary: Dictionary) -> Mapping[str, str]:
    """The ``NumberFormat`` of a KPI's unit, or of a day (see ``core.plan``)."""
    signed, plain = is_signed(unit)
    pattern = number_format(plain, dictionary.currency, signed=signed, language=dictionary.language)
    if unit == DAY:
        return {"type": "DATE", "pattern": pattern}
    return {"type": "PERCENT" if "%" in pattern.split('"')[0::2][-1] else "NUMBER", "pattern": pattern}


def key_of(table: Table, row: int) -> str | None:
    """The Key of an observed row, blank where it has none; ``None`` in a table whose rows have none."""
    field = KEYS.get(table.name)
    if field is None:
        return None
    value = table.value(row, field)
    return "" if value is None else str(value).strip()


def cells_of(writer: Writer, changes: Iterable[tuple[int, Change]]) -> Cells:
    for number, change in changes:
        writer.write(number, change)
    return writer.cells


def requests_for(plan: Plan, layout: Layout, observed: Observed, dictionary: Dictionary) -> list[dict[str, Any]]:
    """The requests that write a plan into a spreadsheet that nobody else has seen yet; new rows fill blank ones."""
    from kpisheets.backends.google.writing.requests import format_requests, value_requests

    cells = cells_of(Writer(layout, observed, dictionary, insert=False), enumerate(plan.changes))
    return [*value_requests(cells.puts), *format_requests(cells.formats)]
