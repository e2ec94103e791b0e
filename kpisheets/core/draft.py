"""A table while a plan is being made: the observed cells, what they are to become, and rows to come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpisheets.core.merge import same
from kpisheets.core.plan import AddRow, Content, SetCell, Why
from kpisheets.core.values import Cells
from kpisheets.core.workbook import ErrorValue, Table, Value


class Draft:
    """Collects the changes to one table and always shows the state after them.

    Rows are numbered from 0: the observed ones first, then the added ones.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._columns: dict[str, list[Value]] = {}
        self._changes: dict[tuple[int, str], SetCell] = {}
        self._additions: list[tuple[str, dict[str, Content], Why]] = []

    def __len__(self) -> int:
        return len(self.table) + len(self._additions)

    def value(self, row: int, field: str) -> Value:
        column = self._columns.get(field)
        if column is not None:
            return column[row] if row < len(column) else None
        if row < len(self.table):
            return self.table.value(row, field)
        content = self._additions[row - len(self.table)][1].get(field)
        return content.value if content else None

    def set(self, row: int, field: str, after: Content, why: Why, key: str) -> None:
        """Let a cell become ``after``. A cell that already holds that very value and formula is no change."""
        added = row - len(self.table)
        if added >= 0:
            self._additions[added][1][field] = after
        else:
            if not self.table.has(field):
                return
            before = self.table.value(row, field)
            if self._holds(row, field, after):
                if before is None and after.value is not None:
                    # A formula's empty text, of which no program stored anything: to other formulas it is no blank.
                    self._column(field)[row] = after.value
                return
            self._changes[row, field] = SetCell(self.table.name, row, field, key, before, after, why)
        self._column(field)[row] = after.value

    def add(self, key: str, cells: Mapping[str, Content], why: Why) -> int:
        """Add a row; returns its number."""
        self._additions.append((key, dict(cells), why))
        for name, column in self._columns.items():
            content = cells.get(name)
            column.append(content.value if content else None)
        return len(self) - 1

    def complete(self, row: int, cells: Mapping[str, Content]) -> None:
        """More cells of an added row."""
        self._additions[row - len(self.table)][1].update(cells)
        for name in cells.keys() & self._columns.keys():
            self._columns[name][row] = cells[name].value

    def values(self, field: str) -> list[Value]:
        """The column after every change."""
        if field in self._columns:
            return list(self._columns[field])
        known = self.table.columns.get(field)
        observed: list[Value] = [None] * len(self.table) if known is None else list(known)
        observed += [cells[field].value if field in cells else None for _, cells, _ in self._additions]
        return observed

    def cells(self, field: str) -> Cells:
        """The column as formulas see it: the header, then the values after every change up to the first look."""
        return Cells(lambda: [self.table.headers.get(field, ""), *self.values(field)])

    @property
    def changes(self) -> Iterator[SetCell | AddRow]:
        yield from self._changes.values()
        for key, cells, why in self._additions:
            yield AddRow(self.table.name, key, cells, why)

    def _column(self, field: str) -> list[Value]:
        if field not in self._columns:
            self._columns[field] = self.values(field)
        return self._columns[field]

    def _holds(self, row: int, field: str, after: Content) -> bool:
        if not equal(self.table.value(row, field), after.value):
            return False
        return self.table.formula(row, field) == (after.formula and after.formula.canonical)


def equal(a: Value, b: Value) -> bool:
    """Whether two stored values are the same to a reader of the cell."""
    if isinstance(a, ErrorValue) or isinstance(b, ErrorValue) or isinstance(a, bool) or isinstance(b, bool):
        return type(a) is type(b) and a == b
    return a == b or same(a, b)
