"""What the sources gave, merged into the rows that there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from kpisheets.core.catalogue import written
from kpisheets.core.flag import CLOSED
from kpisheets.core.kpi import Kpi, Number
from kpisheets.core.merge import Outcome, is_blank, merge, same, standing
from kpisheets.core.metric import Asked, Fact
from kpisheets.core.period import Period
from kpisheets.core.plan import Content, Noted, Why
from kpisheets.core.rows import text_of
from kpisheets.core.tracking.moment import reaches
from kpisheets.core.tracking.state import PLAIN, State
from kpisheets.core.tracking.tally import Facts, Told
from kpisheets.core.values import is_number
from kpisheets.core.workbook import ErrorValue, Value
from kpisheets.errors import Problem


class Arrivals:
    """The three-way merge of every observed row; rows whose source was not asked keep what they have."""

    def __init__(self, state: State, facts: Facts, asked: Iterable[Asked], sources: Mapping[str, str]) -> None:
        self._state, self._facts, self._sources = state, facts, sources
        self._windows = {question.kpi: question for question in asked}

    def merge(self) -> None:
        state, gone = self._state, dict[str, list[str]]()
        settled = self._settled()
        state.tally.unchanged += len(settled)
        for key, row in state.rows.by_key.items():
            if row in settled:
                continue
            identity, period = state.rows.owners[row]
            kpi = state.catalogue.kpis.get(identity)
            if kpi is None or identity in state.stopped:
                continue
            self._complain(row, kpi)
            fact = self._facts.get(identity, {}).get(period.label) if period else None
            if fact is None or fact.value is None or period is None:
                self._keep(key, row)
                question = self._windows.get(identity)
                if question and period and _within(period, question) and not is_blank(state.value(row, "source_value")):
                    gone.setdefault(identity, []).append(period.label)
            else:
                self._merge(key, row, kpi, period, fact.value)
            if period is not None:
                self._close(key, row, period)
        for identity, labels in gone.items():
            shown = ", ".join(labels[:3]) + (f" and {len(labels) - 3} more" if len(labels) > 3 else "")
            what = f"the source no longer has a value of {identity} for {shown}; the last one is kept"
            where = f"metric {state.catalogue.kpis[identity].metric}"
            state.tally.problems.append(Problem(where, what, "check the source, or clear the Actual cells", identity))

    def _settled(self) -> set[int]:
        """The rows in which the source says what it said, nobody typed anything and nothing is to be noted.

        Nearly all rows of a nightly run are such. They are told by a few comparisons of what the cells hold as it
        stands; what is only alike (a number that differs in its last digit, a text with spaces) is for the merge to
        judge.
        """
        state = self._state
        columns = state.draft.table.columns
        actuals, befores, targets = columns["actual"], columns["source_value"], columns["target"]
        flags, origins, stamps = columns["flag"], columns["source"], columns["as_of"]
        typed = state.draft.table.formulas.get("actual")
        closed_until, quiet = state.moment.was_closed_until, (None, "", CLOSED)
        told: dict[str, tuple[Mapping[str, Fact], str]] = {
            identity: (self._facts[identity], self._sources.get(kpi.metric, ""))
            for identity, kpi in state.catalogue.kpis.items()
            if identity in self._facts and identity not in state.stopped
        }
        found = set()
        for row, (identity, period) in state.rows.owners.items():
            if identity not in told or period is None:
                continue
            says, source = told[identity]
            fact, actual, stamp = says.get(period.label), actuals[row], stamps[row]
            if (
                fact is not None
                and fact.value is not None
                and type(actual) in PLAIN
                and actual == befores[row] == float(fact.value)
                and (targets[row] is None or type(targets[row]) in PLAIN)
                and flags[row] in quiet
                and origins[row] == source
                and (period.end <= closed_until or flags[row] == CLOSED)
                and isinstance(stamp, datetime)
                and (typed is None or typed[row] is None)
                and type(befores[row]) in PLAIN
                and (stamp.date() >= period.end or reaches(stamp, period.end))
            ):
                found.add(row)
        return found

    def _merge(self, key: str, row: int, kpi: Kpi, period: Period, new: Number) -> None:
        state, source = self._state, self._sources.get(kpi.metric, "")
        actual, before, stamp = (state.value(row, name) for name in ("actual", "source_value", "as_of"))
        flag, closed = text_of(state.value(row, "flag")), state.is_closed(row, period)
        typed = state.draft.table.formula(row, "actual") is not None
        merged = merge(actual, before, flag, new, closed=closed, typed_formula=typed)
        moved = not same(before, merged.source_value)

        def tell(to: Value, why: Why) -> None:
            header = state.draft.table.headers["actual"]
            state.tally.told.append(Told(kpi.id, period.label, header, actual, to, why))

        match merged.outcome:
            case Outcome.WRITTEN:
                why = Why.ACCEPTED if not is_blank(before) and is_blank(actual) else Why.SOURCE
                state.draft.set(row, "actual", Content(merged.actual), why, key)
                tell(merged.actual, why)
                state.tally.written += 1
            case Outcome.UNCHANGED:
                state.tally.unchanged += 1
            case Outcome.OVERRIDE | Outcome.RESTATED:
                self._note(merged.outcome, key, actual, merged.source_value)
                if moved or merged.flag != flag:
                    why = Why.RESTATED if merged.outcome is Outcome.RESTATED else Why.OVERRIDE
                    tell(merged.source_value, why)
        if moved:
            state.draft.set(row, "source_value", Content(merged.source_value), Why.BOOKKEEPING, key)
        if flag != merged.flag:
            state.draft.set(row, "flag", Content(merged.flag or None), Why.BOOKKEEPING, key)
        if source and text_of(state.value(row, "source")) != source:
            state.draft.set(row, "source", Content(source), Why.BOOKKEEPING, key)
        if moved or not closed or is_blank(stamp):
            state.draft.set(row, "as_of", Content(state.stamp(kpi.id)), Why.BOOKKEEPING, key)

    def _close(self, key: str, row: int, period: Period) -> None:
        """Note in the row that its time has come, where the last run had found it open."""
        state, flag = self._state, self._state.flag(row)
        was_closed = state.moment.was_closed(period, state.draft.table.value(row, "as_of"))
        if not flag.period and not was_closed and state.is_closed(row, period):
            state.draft.set(row, "flag", Content(replace(flag, period=CLOSED).text), Why.BOOKKEEPING, key)
            state.tally.closed.append(period.label)

    def _keep(self, key: str, row: int) -> None:
        state = self._state
        actual, before = state.value(row, "actual"), state.value(row, "source_value")
        typed = state.draft.table.formula(row, "actual") is not None
        outcome = standing(actual, before, text_of(state.value(row, "flag")), typed_formula=typed)
        if outcome is not Outcome.UNCHANGED:
            self._note(outcome, key, actual, before)

    def _note(self, outcome: Outcome, key: str, kept: Value, source_says: Value) -> None:
        noted, tally = Noted(key, "actual", kept, source_says), self._state.tally
        (tally.restatements if outcome is Outcome.RESTATED else tally.overrides).append(noted)

    def _complain(self, row: int, kpi: Kpi) -> None:
        """Text or an error where a number belongs is kept, and said."""
        table = self._state.draft.table
        for name in ("target", "actual"):
            value = self._state.value(row, name)
            if is_number(value) or is_blank(value):
                continue
            what = f"the cell shows {value}" if isinstance(value, ErrorValue) else f"“{written(value)}” is not a number"
            mend = "mend the formula" if table.formula(row, name) else "type a number or clear the cell"
            self._state.tally.problems.append(Problem(table.where(row, name), what, mend, kpi.id))


def _within(period: Period, question: Asked) -> bool:
    return (question.first is None or period.start >= question.first.start) and period.start <= question.last.start
