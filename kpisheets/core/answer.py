"""What a scheduled run tells in the Control and Log tabs, apart from what a sync tells there itself."""

from __future__ import annotations

from datetime import datetime

from kpisheets.core.draft import equal
from kpisheets.core.plan import AddRow, Change, Content, Plan, SetNamed, Why
from kpisheets.core.workbook import LAST_RUN, LOG, OUTCOME, REQUEST, Observed, Value, Words


def answer(
    observed: Observed,
    words: Words,
    now: datetime,
    outcome: str,
    *,
    why: str = "",
    answered: bool = False,
    belated: bool = False,
) -> Plan:
    """A plan that tells the ``outcome`` of a run at the local instant ``now``.

    ``answered``: the run takes up what stands in the Request cell, which is emptied in the same step. No other setting
    is ever written. ``belated``: another run took place since, and only the Log is still to hear of this one.
    """
    cells: dict[str, Value] = {} if belated else {LAST_RUN: now, OUTCOME: outcome}
    if answered:
        cells[REQUEST] = None
    changes: list[Change] = [
        SetNamed(name, observed.named[name], Content(value), Why.TOLD)
        for name, value in cells.items()
        if name in observed.named and not equal(observed.named[name], value)
    ]
    row = {
        "when": Content(now),
        "field": Content(words.text["control_request" if answered else "run"]),
        "old": Content(observed.named.get(REQUEST) if answered else None),
        "new": Content(outcome),
        "why": Content(why[:500] or None),
    }
    changes.append(AddRow(LOG, "", row, Why.TOLD))
    return Plan(changes=tuple(changes))
