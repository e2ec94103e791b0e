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
    lines: list[AddRow] = []
    for change in plan.changes:
        if change.why is Why.TOLD:
            return False
        match change:
            case SetNamed(name=name) if name in _STAMPS:
                if name == LAST_RUN and not _same_day(last, change.after.value):
                    return False
            case AddRow(table=table, why=Why.BOOKKEEPING) if table == LOG:
                lines.append(change)
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
    return len(lines) == 1 and _is_on_record(lines[0], observed.tables[LOG])


def _stands(formula: Formula | None, found: str | None) -> bool:
    return formula is not None and formula.canonical == found


def _same_day(a: Value, b: Value) -> bool:
    return isinstance(a, datetime) and isinstance(b, datetime) and a.date() == b.date()


def _is_on_record(line: AddRow, log: Table) -> bool:
    """Whether the latest entry of a run says the same of troubles, and of figures that are not up to date."""
    wanted = {name: content.value for name, content in line.cells.items() if name in ("field", "kpi", "why")}
    for row in reversed(range(len(log))):
        if log.value(row, "field") == wanted["field"]:
            return all((log.value(row, name) or None) == (value or None) for name, value in wanted.items())
    return False
