"""What a workbook will be once a plan is applied, and two plans as one: nothing has to be written in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kpisheets.core.plan import AddRow, Change, Plan, SetCell, SetNamed
from kpisheets.core.workbook import Observed, Table, Value


def applied(observed: Observed, plan: Plan) -> Observed:
    """The workbook after the plan. Added rows stand where they will be."""
    named, formulas = dict(observed.named), dict(observed.named_formulas)
    for change in plan.changes:
        if isinstance(change, SetNamed):
            named[change.name] = change.after.value
            formulas.pop(change.name, None)
            if change.after.formula is not None:
                formulas[change.name] = change.after.formula.canonical
    tables = {name: _changed(table, plan.changes) for name, table in observed.tables.items()}
    return Observed(tables, named, formulas, observed.problems, observed.saved_by)


def joined(first: Plan, second: Plan, observed: Observed) -> Plan:
    """``first``, a plan for ``observed``, and ``second``, for what the first makes of it, as one plan for ``observed``:
    what the second says of a row that the first adds becomes part of that row."""
    added: dict[tuple[str, int], int] = {}
    counts = {name: len(table) for name, table in observed.tables.items()}
    changes: list[Change] = []
    for change in first.changes:
        if isinstance(change, AddRow):
            added[change.table, counts[change.table]] = len(changes)
            counts[change.table] += 1
        changes.append(change)
    for change in second.changes:
        place = added.get((change.table, change.row)) if isinstance(change, SetCell) else None
        row = None if place is None else changes[place]
        if place is not None and isinstance(row, AddRow) and isinstance(change, SetCell):
            changes[place] = replace(row, cells={**row.cells, change.field: change.after})
        else:
            changes.append(change)
    return replace(second, changes=tuple(changes))


def _changed(table: Table, changes: Sequence[Change]) -> Table:
    cells = [(c.row, c.field, c.after) for c in changes if isinstance(c, SetCell) and c.table == table.name]
    rows = [change for change in changes if isinstance(change, AddRow) and change.table == table.name]
    for row, added in enumerate(rows, len(table)):
        cells += [(row, field, content) for field, content in added.cells.items()]
    if not cells and not rows:
        return table
    values: dict[str, list[Value]] = {field: [*column, *[None] * len(rows)] for field, column in table.columns.items()}
    formulas: dict[str, list[str | None]] = {
        field: [*(table.formulas.get(field) or [None] * len(table)), *[None] * len(rows)] for field in values
    }
    for row, field, content in cells:
        if field in values:
            values[field][row] = content.value
            formulas[field][row] = None if content.formula is None else content.formula.canonical
    return replace(
        table,
        columns=values,
        formulas={field: column for field, column in formulas.items() if any(column)},
        places=(*table.places, *range(table.below, table.below + len(rows))),
        below=table.below + len(rows),
    )
