"""Did every cell go where it should? The answer to a write shows what stands around its cells, and what they held."""

from __future__ import annotations

from typing import NamedTuple

from kpisheets.backends.google.reading.cells import alike, entered_in, typed_in
from kpisheets.backends.google.reading.layout import Layout
from kpisheets.backends.google.reading.snapshot import Snapshot
from kpisheets.backends.google.writing.batch import Batch
from kpisheets.backends.google.writing.changes import KEYS, RESTORED, Put, Typed
from kpisheets.core.workbook import FIXED_ROWS, handle


class Stray(NamedTuple):
    """A cell that was written where, at that moment, something else stood than the plan believed.

    ``was`` is what it held, ``key`` the Key of its row and ``handles`` those of its column, all as of that moment.
    """

    put: Put
    was: Typed
    key: str
    handles: tuple[str, ...]


def strays(batch: Batch, layout: Layout, before: Snapshot, seen: Snapshot) -> list[Stray]:
    """``before`` is what the plan was made from, ``seen`` the answer to the batch."""
    return _Look(batch, layout, before, seen).strays()


class _Look:
    def __init__(self, batch: Batch, layout: Layout, before: Snapshot, seen: Snapshot) -> None:
        self.batch, self.layout, self.before, self.seen = batch, layout, before, seen
        self._right: dict[tuple[str, str], bool] = {}
        self._key_columns = {
            sheet: column
            for sheet, tab in seen.tabs.items()
            for column, found in tab.handles.items()
            if any(handle(table, field) in found for table, field in KEYS.items())
        }
        self._keys = {(put.sheet, put.row): str(put.typed.get("stringValue", "")) for put in batch.puts if _is_key(put)}
        """Keys that the batch itself wrote."""

    def strays(self) -> list[Stray]:
        wrong = [put for put in self.batch.puts if not self._is_there(put) or not self._was_there(put)]
        # Where a row's Key went astray, the rest of the row did too.
        rows = {(put.sheet, put.row) for put in wrong if _is_key(put)}
        whole = {put.change for put in wrong if put.key is None and put.field}
        known = {(put.sheet, put.row, put.column) for put in wrong}
        wrong += [
            put
            for put in self.batch.puts
            if (put.sheet, put.row, put.column) not in known
            and ((put.sheet, put.row) in rows or (put.key is None and put.change in whole))
        ]
        found = [Stray(put, self._was(put), self._key(put), self._handles(put)) for put in wrong]
        for rows_in in self.batch.inserted:
            found += [
                Stray(put, {}, "", self._handles(put))
                for put in rows_in.puts
                if put.typed and not (self._is_column(put) and self._reads_right(put))
            ]
        return found

    def _reads_right(self, put: Put) -> bool:
        """A formula that refers to its own row speaks of columns by their letters: they must be where they were."""
        if put.formula is None:
            return True
        return all(self._column_stands(put.table, field) for field in self.layout.places[put.table].columns)

    def _is_there(self, put: Put) -> bool:
        if put.change == RESTORED and not put.field:
            return put.key is None or self._key(put) == self._keys.get((put.sheet, put.row), put.key)
        if not put.field:
            area = self.seen.names.get(put.table)
            return area is not None and (area.sheet, area.top, area.left) == (put.sheet, put.row, put.column)
        if not (self._is_column(put) and self._reads_right(put)):
            return False
        return put.key is None or self._key(put) == self._keys.get((put.sheet, put.row), put.key)

    def _was_there(self, put: Put) -> bool:
        held, was = typed_in(self.before.tabs[put.sheet].cell(put.row, put.column)), self._was(put)
        if self.batch.undo.shift[put.sheet] and held.keys() == was.keys() == {"formulaValue"}:
            return True  # copied sideways, its references moved along
        return alike(held, was)

    def _was(self, put: Put) -> Typed:
        undo = self.batch.undo
        tab = self.seen.tabs.get(undo.sheet)
        return entered_in(tab.cell(put.row, put.column + undo.shift[put.sheet]) if tab else None)

    def _key(self, put: Put) -> str:
        tab, column = self.seen.tabs.get(put.sheet), self._key_columns.get(put.sheet)
        if tab is None or column is None:
            return ""
        return str(entered_in(tab.cell(put.row, column)).get("stringValue", "")).strip()

    def _handles(self, put: Put) -> tuple[str, ...]:
        tab = self.seen.tabs.get(put.sheet)
        return tuple(tab.handles.get(put.column, ())) if tab else ()

    def _is_column(self, put: Put) -> bool:
        return self._column_stands(put.table, put.field)

    def _column_stands(self, table: str, field: str) -> bool:
        known = self._right.get((table, field))
        if known is None:
            known = self._right[table, field] = self._find_column(table, field)
        return known

    def _find_column(self, table: str, field: str) -> bool:
        name, place = handle(table, field), self.layout.places[table]
        column = place.columns[field]
        if table not in FIXED_ROWS and field not in place.stale:
            tab = self.seen.tabs.get(place.sheet)
            return tab is not None and name in tab.handles.get(column, ())
        area = self.seen.names.get(name)
        return area is None or (area.sheet, area.top, area.left) == (place.sheet, place.header, column)


def _is_key(put: Put) -> bool:
    return bool(put.field) and put.field == KEYS.get(put.table)
