"""The tracking table's plan, step by step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from kpisheets.core.catalogue import Catalogue
from kpisheets.core.computed import Computed
from kpisheets.core.draft import Draft, equal
from kpisheets.core.flag import Flag, late
from kpisheets.core.kpi import Kpi, Number
from kpisheets.core.merge import is_blank, same
from kpisheets.core.metric import Asked
from kpisheets.core.period import Calendar, Period
from kpisheets.core.plan import Content, Noted, Why
from kpisheets.core.rows import Rows, text_of
from kpisheets.core.tracking.arrivals import Arrivals
from kpisheets.core.tracking.closing import Closing, Marks, mark
from kpisheets.core.tracking.missing import Missing
from kpisheets.core.tracking.moment import Moment, reaches
from kpisheets.core.tracking.state import PLAIN, State
from kpisheets.core.tracking.tally import Facts, Suggested, Tally, Told
from kpisheets.core.values import is_number
from kpisheets.core.workbook import ELAPSED, Table, Value, Words
from kpisheets.errors import Problem


class Tracking:
    """Plans the changes to the tracking table. ``watermarks``: see ``State``."""

    def __init__(
        self,
        table: Table,
        catalogue_table: Table,
        catalogue: Catalogue,
        calendar: Calendar,
        moment: Moment,
        words: Words,
        watermarks: Mapping[str, datetime | date] | None = None,
    ) -> None:
        self._state = State(table, catalogue, calendar, moment, watermarks or {})
        self.catalogue, self.calendar, self.moment = catalogue, calendar, moment
        self._computed = Computed(catalogue, catalogue_table, words, self.elapsed())
        self._periods: dict[str, dict[str, tuple[Period, int]]] | None = None

    @property
    def draft(self) -> Draft:
        return self._state.draft

    @property
    def tally(self) -> Tally:
        return self._state.tally

    @property
    def rows(self) -> Rows:
        return self._state.rows

    @property
    def stopped(self) -> Collection[str]:
        """The KPIs in whose rows or definition something is ambiguous."""
        return self._state.stopped

    # --- the steps, in the order in which a sync takes them ---

    def adopt(self) -> None:
        """Give a key to the rows that people began by typing a KPI and a period."""
        for row, key in self.rows.adopted.items():
            label = key.partition("|")[2]
            self.draft.set(row, "key", Content(key), Why.BOOKKEEPING, key)
            if text_of(self.draft.value(row, "period")) != label:
                self.draft.set(row, "period", Content(label), Why.BOOKKEEPING, key)

    def merge(self, facts: Facts, asked: Iterable[Asked], sources: Mapping[str, str]) -> None:
        """The three-way merge of every observed row."""
        Arrivals(self._state, facts, asked, sources).merge()

    def close(self, closing: Closing) -> Marks:
        """Close the rows of a period, or open them again, as a person asked."""
        return mark(self._state, closing)

    def follow_people(self) -> None:
        """Note edited targets, and let a row's label follow a KPI that was renamed in the catalogue."""
        draft, stopped = self.draft, self._state.stopped
        columns = draft.table.columns
        targets, remembered, labels = columns["target"], columns["target_seen"], columns["kpi"]
        flags = draft.values("flag")
        names = {kpi.id: kpi.name for kpi in self.catalogue.kpis.values() if kpi.id not in stopped}
        for key, row in self.rows.by_key.items():
            identity, period = self.rows.owners[row]
            target, seen, flag = targets[row], remembered[row], flags[row]
            if (
                target == seen
                and type(target) in PLAIN
                and type(seen) in PLAIN
                and labels[row] == names.get(identity)
                and (flag is None or flag == "" or not Flag.read(flag).target)
            ):
                continue  # nearly every row
            kpi = self.catalogue.kpis.get(identity)
            if kpi is None or identity in stopped:
                continue
            # A formula whose value the last program did not store is no edit: nobody knows what it shows.
            hidden = target is None and draft.table.formula(row, "target") is not None
            if not hidden:
                self._follow_target(row, key, kpi, period)
            label = text_of(draft.value(row, "kpi"))
            if label != kpi.name and label == self.catalogue.seen.get(identity, {}).get("name"):
                draft.set(row, "kpi", Content(kpi.name), Why.RENAMED, key)

    def _follow_target(self, row: int, key: str, kpi: Kpi, period: Period | None) -> None:
        """Remember an edited target. A period that is closed goes on being judged by the one that it closed with."""
        draft, state = self.draft, self._state
        target, seen, flag = draft.value(row, "target"), draft.value(row, "target_seen"), state.flag(row)
        edited = not equal(target, seen)
        settled = edited and is_number(seen) and state.is_judged(row)
        piece = late(target) if settled else ""
        if settled:
            self.tally.late_targets.append(Noted(key, "target", seen, target))
        if piece == flag.target and (settled or not edited):
            return
        if row not in self.rows.adopted:
            label, why = (
                period.label if period else key.partition("|")[2],
                Why.TARGET_LATE if settled else Why.TARGET_EDITED,
            )
            before = flag.typed_late if flag.target else seen
            self.tally.told.append(Told(kpi.id, label, draft.table.headers["target"], before, target, why))
        if piece != flag.target:
            draft.set(row, "flag", Content(replace(flag, target=piece).text or None), Why.BOOKKEEPING, key)
        if not settled:
            draft.set(row, "target_seen", Content(target), Why.BOOKKEEPING, key)

    def take_target(self, kpi: Kpi, key: str, target: Number, before: float | None) -> None:
        """Let a row's Target follow the Targets tab, which said ``before`` when it was last read; None: nothing.

        Only where nobody typed over it here: a Target of another origin, or that a period closed with, stays.
        """
        draft, row = self.draft, self.rows.by_key[key]
        found = draft.value(row, "target")
        if equal(found, target):
            return
        own = draft.table.formula(row, "target") is not None
        ours = is_blank(found) or equal(found, kpi.target if before is None else before)
        if own or not ours or self._state.is_judged(row):
            self.tally.kept_targets.append(Noted(key, "target", found, target))
            return
        draft.set(row, "target", Content(target, unit=kpi.unit), Why.TARGET_FED, key)
        draft.set(row, "target_seen", Content(target), Why.BOOKKEEPING, key)
        header, label = draft.table.headers["target"], key.partition("|")[2]
        self.tally.told.append(Told(kpi.id, label, header, found, target, Why.TARGET_FED))

    def add_rows(
        self, facts: Facts, sources: Mapping[str, str], only: Iterable[str], targets: Mapping[str, Number] | None = None
    ) -> None:
        """Rows for every active KPI from its start to today, in time order; each with its target and first actual.
        ``targets`` are those that people typed elsewhere, by key."""
        Missing(self._state, facts, sources, targets or {}).add(only)
        self._periods = None

    def suggest(self, suggested: Suggested) -> None:
        """Write proposed targets into their column, and into the Log that they were."""
        table, kpi, targets = self.draft.table, suggested.kpi, suggested.targets
        Missing(self._state, {}, suggested.sources).suggest(kpi, targets)
        self._periods = None
        said, why = f"{targets[0][0].label} – {targets[-1][0].label}", Why.TARGETS_PROPOSED
        self.tally.told.append(Told(kpi.id, "", table.headers["proposed"], None, said, why, suggested.by))

    def compute(self) -> None:
        """Put the formulas in place, each with its value. A person's own formula or value in such a cell stays."""
        late = self._judged_as_closed()
        self._computed.plan(self.draft, self._state.owners, self.moment.as_of, self._partial(), late)

    def elapsed(self) -> dict[str, float]:
        """The share of each frequency's running period that has passed, by the name of its cell."""
        as_of = self.moment.as_of
        return {name: self.calendar.period(f, as_of).elapsed(as_of) for f, name in ELAPSED.items()}

    # --- what the report needs of it ---

    def goal(self, row: int) -> Value:
        """The target that a row is judged by: that of its cell, unless that was changed after the period closed."""
        value = self.draft.value
        return value(row, "target_seen" if Flag.read(value(row, "flag")).target else "target")

    def is_due(self, row: int, period: Period) -> bool:
        """Whether a period is over: its time has come or a person closed it, and nobody opened it again."""
        return self._state.is_due(row, period)

    def periods(self) -> dict[str, dict[str, tuple[Period, int]]]:
        """Every KPI's rows after all changes: id → period label → (period, row)."""
        if self._periods is None:
            self._periods = {}
            for row, (identity, period) in self._state.owners.items():
                if period:
                    self._periods.setdefault(identity, {})[period.label] = (period, row)
        return self._periods

    def is_partial(self, row: int, period: Period) -> bool:
        """Whether a row shows a figure of the source that lacks days. What a person typed is whole."""
        value = self.draft.value
        return self.moment.is_partial(period, value(row, "as_of")) and same(
            value(row, "actual"), value(row, "source_value")
        )

    def is_settled(self, row: int, period: Period) -> bool:
        """Whether the period is closed, and its figure read to its end; what a person typed needs no reading."""
        value = self.draft.value
        typed = not same(value(row, "actual"), value(row, "source_value"))
        return self.is_due(row, period) and (typed or reaches(value(row, "as_of"), period.end))

    def own_cells(self) -> list[Problem]:
        """Where people replaced a formula of the tool with their own formula or value."""
        return self._computed.own_cells(self.draft.table, self.rows.owners)

    def _judged_as_closed(self) -> set[int]:
        """The rows whose Target was changed after their period closed."""
        flags = self.draft.values("flag")
        return {row for row, flag in enumerate(flags) if flag is not None and Flag.read(flag).target}

    def _partial(self) -> set[int]:
        """The rows whose figures lack days: few, and told by their stamps."""
        stamps = self.draft.values("as_of")
        return {
            row
            for row, (_, period) in self._state.owners.items()
            if period is not None
            and isinstance(stamp := stamps[row], datetime)
            and stamp.date() < period.end
            and self.is_partial(row, period)
        }
