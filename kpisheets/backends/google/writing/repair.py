"""After a person rearranged the spreadsheet between our read and our write: what they had in the cells that were
written over comes back, wherever those cells are by now, and our values go to the rows that they are for."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from typing import Any

from kpisheets.backends.google.reading.a1 import letters
from kpisheets.backends.google.reading.cells import alike, typed_in
from kpisheets.backends.google.reading.snapshot import Snapshot
from kpisheets.backends.google.writing.changes import KEYS, RESTORED, Put, Typed, Writer, key_of
from kpisheets.backends.google.writing.verify import Stray
from kpisheets.core.plan import AddRow, Plan, SetCell, SetNamed
from kpisheets.core.workbook import Table, handle
from kpisheets.errors import Problem

Position = tuple[int, int, int]
"""(tab, row, column)."""


def columns_of(found: Iterable[Stray]) -> list[dict[str, Any]]:
    """Data filters for the columns of people's own in which something went astray."""
    own = {(stray.put.sheet, stray.put.column) for stray in found if not stray.handles}
    return [
        {"gridRange": {"sheetId": sheet, "startColumnIndex": column, "endColumnIndex": column + 1}}
        for sheet, column in sorted(own)
    ]


class Restoring:
    """Finds where the cells that were written over are now. ``puts`` give them back what they held; ``problems`` tell
    of those that somebody changed since, which stay as they are."""

    def __init__(self, found: Iterable[Stray], now: Snapshot) -> None:
        self.now = now
        self.puts: dict[Position, Put] = {}
        self.problems: list[Problem] = []
        self._rows: dict[tuple[int, str], dict[str, list[int]]] = {}
        for stray in found:
            self._restore(stray)

    def _restore(self, stray: Stray) -> None:
        put = stray.put
        if alike(stray.was, put.typed) or put.sheet not in self.now.tabs:
            return
        tab = self.now.tabs[put.sheet]
        column = next((at for at, found in tab.handles.items() if set(found) & set(stray.handles)), put.column)
        row = self._row(stray)
        held = typed_in(tab.cell(row, column))
        header = any(area.top == row and area.covers(column) for area in tab.tables.values())
        if alike(held, put.typed) or (header and _is_given(held, put.typed)):
            typed = _moved(stray.was, put.row, row)
            key = stray.key or None
            self.puts[put.sheet, row, column] = Put(
                put.sheet, row, column, typed, RESTORED, *_named(stray.handles), key
            )
        elif not alike(held, _moved(stray.was, put.row, row)):
            where = f"{tab.title}!{letters(column)}{row + 1}"
            said = f"“{shown(stray.was)}” was written over while somebody was editing, and the cell changed since"
            self.problems.append(Problem(where, said, "look at the cell, and type what belongs there"))

    def _row(self, stray: Stray) -> int:
        """The row is where its Key is now; the place that it had, where it has none or still is."""
        put = stray.put
        for name in KEYS_HANDLES:
            rows = self._by_key(put.sheet, name).get(stray.key, ()) if stray.key else ()
            if rows:
                return put.row if put.row in rows else rows[0]
        return put.row

    def _by_key(self, sheet: int, name: str) -> Mapping[str, list[int]]:
        if (sheet, name) not in self._rows:
            tab, found = self.now.tabs[sheet], dict[str, list[int]]()
            column = next((at for at, known in tab.handles.items() if name in known), None)
            for row, cell in enumerate(tab.columns.get(column, ()) if column is not None else ()):
                if text := str(typed_in(cell).get("stringValue", "")).strip():
                    found.setdefault(text, []).append(row)
            self._rows[sheet, name] = found
        return self._rows[sheet, name]


KEYS_HANDLES = tuple(handle(table, field) for table, field in KEYS.items())
_OWN_ROW = re.compile(r"(?<=[A-Za-z$])([0-9]+)(?![0-9A-Za-z_(.!])")


def _moved(typed: Typed, row: int, to: int) -> Typed:
    """What was typed in one row, for the row in which it stands now."""
    formula = typed.get("formulaValue")
    if formula is None or row == to:
        return typed
    old, new = str(row + 1), str(to + 1)
    pieces = formula.split('"')
    pieces[::2] = ["".join(new if part == old else part for part in _OWN_ROW.split(piece)) for piece in pieces[::2]]
    return {"formulaValue": '"'.join(pieces)}


def _is_given(held: Typed, typed: Typed) -> bool:
    """Whether Sheets made ``held`` of what was typed into a spreadsheet table's header: a text of it, or a name of its
    own, which ends with a number."""
    text = str(held.get("stringValue", ""))
    return text.rpartition(" ")[2].isdigit() or text == shown(typed)


def restored(snap: Snapshot, puts: Mapping[Position, Put]) -> Snapshot:
    """The spreadsheet as it will be when those cells have got back what they held."""
    tabs = dict(snap.tabs)
    for sheet in {sheet for sheet, _, _ in puts}:
        tabs[sheet] = replace(tabs[sheet], columns={at: list(cells) for at, cells in tabs[sheet].columns.items()})
    for (sheet, row, column), put in puts.items():
        cells = tabs[sheet].columns.setdefault(column, [])
        cells.extend([None] * (row + 1 - len(cells)))
        old = cells[row] or {}
        kept = {"effectiveFormat": old["effectiveFormat"]} if "effectiveFormat" in old else {}
        typed = "userEnteredValue" if "formulaValue" in put.typed else "effectiveValue"
        cells[row] = {**kept, typed: put.typed} if put.typed else kept
    return replace(snap, tabs=tabs)


def _named(handles: tuple[str, ...]) -> tuple[str, str]:
    """(table, field) of a column's handle; a column of people's own has neither."""
    for table in KEYS:
        for found in handles:
            if found.startswith(f"{table}_"):
                return table, found.removeprefix(f"{table}_")
    return "", ""


def shown(typed: Typed) -> str:
    return str(next(iter(typed.values()), ""))


def again(
    found: Iterable[Put],
    plan: Plan,
    was: Mapping[Position, Typed],
    tables: tuple[Mapping[str, Table], Mapping[str, Table]],
    now: Snapshot,
    writer: Writer,
    restoring: Container[Position],
) -> None:
    """Let ``writer`` write what went astray, or was not written any more, to the right rows, where the cell still is as
    the plan saw it. Where somebody has edited it since, nothing is written: the next run sees what they typed.

    ``was`` is what the plan saw in the cells that it was to write; ``tables`` are those that it saw, and those of now,
    with ``now`` and them as they are when all is ``restored``.
    """
    added: set[int] = set()
    for put in found:
        if put.change == RESTORED:
            continue
        change, target = plan.changes[put.change], None
        if isinstance(change, AddRow):
            if put[:3] in restoring:  # its row is there, and lacks this cell
                target = writer.fill(put.change, change, put.row, put.field)
            elif put.change not in added and put[:3] not in was:
                added.add(put.change)
                writer.write(put.change, change)
        elif isinstance(change, SetNamed):
            target = writer.put_of(put.change, change)
        elif (row := _row_now(change, *(known[change.table] for known in tables))) is not None:
            target = writer.put_of(put.change, replace(change, row=row))
        if target is None:
            continue
        held = typed_in(now.tabs[target.sheet].cell(target.row, target.column))
        if alike(held, _moved(was.get(put[:3], {}), put.row, target.row)):
            writer.cells.puts.append(target)


def _row_now(change: SetCell, then: Table, now: Table) -> int | None:
    """Where the change's row is now; ``None`` where it is gone, doubled, or has no Key to know it by."""
    if not now.has(change.field):
        return None
    key = key_of(then, change.row)
    if key is None:
        return change.row if change.row < len(now) else None
    rows = [row for row in range(len(now)) if key_of(now, row) == key] if key else []
    return rows[0] if len(rows) == 1 else None
