"""Closing periods and opening them again: what a person's word makes of the rows, kept in their Flag cells."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from kpisheets.core.flag import CLOSED, REOPENED
from kpisheets.core.kpi import Kpi
from kpisheets.core.merge import is_blank, same
from kpisheets.core.period import Period
from kpisheets.core.plan import Content, Why
from kpisheets.core.tracking.moment import reaches
from kpisheets.core.tracking.state import State
from kpisheets.core.tracking.tally import Told
from kpisheets.errors import Problem


@dataclass(frozen=True, slots=True)
class Closing:
    """What a person asked for: to close the rows of ``period``, or to ``reopen`` them; ``only`` limits it to some KPIs.
    ``open``, ``closed`` and ``by`` are words for the Log: what the period was and is, and who asked."""

    period: Period
    reopen: bool
    only: Collection[str]
    open: str
    closed: str
    by: str

    def covers(self, period: Period) -> bool:
        """Whether a row's period belongs to it: that one, or a shorter one that ends in it."""
        if period.frequency is self.period.frequency:
            return period.start == self.period.start
        return period.days < self.period.days and self.period.start < period.end <= self.period.end


@dataclass(frozen=True, slots=True)
class Marks:
    """What became of it, by key: the rows that change, and those that were so ``already``. ``problems`` says which rows
    stay open, and why."""

    changed: tuple[str, ...]
    already: tuple[str, ...]
    problems: tuple[Problem, ...]


def mark(state: State, closing: Closing) -> Marks:
    """Plan the Flags of the rows that ``closing`` covers. A figure that does not reach its period's end stays open."""
    changed, already, problems = [], [], list[Problem]()
    for key, row in state.rows.by_key.items():
        identity, period = state.rows.owners[row]
        kpi = state.catalogue.kpis.get(identity)
        if period is None or not closing.covers(period) or (closing.only and identity not in closing.only):
            continue
        if kpi is None or identity in state.stopped:
            if kpi is not None:
                what = f"{period.label} of {identity} was left as it is, since its rows or its definition are ambiguous"
                problems.append(Problem(_where(state, row), what, "kpisheets check says more", identity))
            continue
        if not state.is_closed(row, period) if closing.reopen else state.flag(row).period == CLOSED:
            already.append(key)
            continue
        if not closing.reopen and (lacks := _lacks(state, row, period)):
            problems.append(
                Problem(_where(state, row), f"{period.label} of {identity} was not closed: {lacks}", "", identity)
            )
            continue
        _mark(state, row, key, kpi, period, closing)
        changed.append(key)
    return Marks(tuple(changed), tuple(already), tuple(problems))


def _mark(state: State, row: int, key: str, kpi: Kpi, period: Period, closing: Closing) -> None:
    before, after = (closing.closed, closing.open) if closing.reopen else (closing.open, closing.closed)
    why = Why.REOPENED if closing.reopen else Why.CLOSED
    flag = replace(state.flag(row), period=REOPENED if closing.reopen else CLOSED, target="")
    state.draft.set(row, "flag", Content(flag.text), why, key)
    state.tally.told.append(
        Told(kpi.id, period.label, state.draft.table.headers["period"], before, after, why, closing.by)
    )


def _lacks(state: State, row: int, period: Period) -> str:
    """What a figure lacks to be closed; blank where it is whole. What a person typed is."""
    actual, stamp = state.value(row, "actual"), state.value(row, "as_of")
    if is_blank(actual):
        return "it has no figure"
    if reaches(stamp, period.end) or not same(actual, state.value(row, "source_value")):
        return ""
    return f"its figure goes up to {stamp:%Y-%m-%d %H:%M}; run kpisheets sync first"


def _where(state: State, row: int) -> str:
    return state.draft.table.where(row, "actual")
