"""Did a run find anything new? Where each write costs, a run that didn't need not be recorded every time."""

from __future__ import annotations

from datetime import datetime

from kpisheets.core.evaluate import Formula
from kpisheets.core.plan import AddRow, Plan, SetCell, SetNamed, Why
from kpisheets.core.workbook import DATA_AS_OF, LAST_RUN, LOG, OUTCOME, TRACKING, Observed, Table, Value

_STAMPS = frozenset({LAST_RUN, DATA_AS_OF, OUTCOME})


def is_routine(observed: Observed, plan: Plan) -> bool:
    """Whether the plan would change nothing but the stamps and the Log line of a run, and a run of the same day with
    the same troubles is on record: its stamps say how fresh the numbers are, its line how they are doing.

    New values of formulas that stand there already are no change where the spreadsheet computes them itself.
    """
    last = observed.named.get(LAST_RUN)
    lines: list[Value] = []
    for change in plan.changes:
        if change.why is Why.TOLD:
            return False
        match change:
            case SetNamed(name=name) if name in _STAMPS:
                if name == LAST_RUN and not _same_day(last, change.after.value):
                    return False
            case AddRow(table=table) if table == LOG:
                lines.append(change.cells["why"].value)
            case SetCell(table=table, field="as_of") if table == TRACKING:
                pass
            case SetCell(after=after):
                if not _stands(after.formula, observed.tables[change.table].formula(change.row, change.field)):
                    return False
            case SetNamed(after=after):
                if not _stands(after.formula, observed.named_formulas.get(change.name)):
                    return False
            case _:
                return False
    return len(lines) == 1 and _troubles(observed.tables[LOG], last) == [lines[0] or None]


def _stands(formula: Formula | None, found: str | None) -> bool:
    return formula is not None and formula.canonical == found


def _same_day(a: Value, b: Value) -> bool:
    return isinstance(a, datetime) and isinstance(b, datetime) and a.date() == b.date()


def _troubles(log: Table, when: Value) -> list[Value]:
    """What the line of the run of that moment says of its troubles."""
    return [
        log.value(row, "why") or None
        for row in reversed(range(len(log)))
        if log.value(row, "when") == when and not log.value(row, "kpi")
    ][:1]
