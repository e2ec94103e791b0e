"""The rows that there should be and are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from kpisheets.core.kpi import Kpi, Number
from kpisheets.core.metric import Fact
from kpisheets.core.period import Frequency, Period
from kpisheets.core.plan import Content, Why
from kpisheets.core.rows import key_of
from kpisheets.core.tracking.asking import last_period
from kpisheets.core.tracking.state import State
from kpisheets.core.tracking.tally import Facts
from kpisheets.core.values import is_number
from kpisheets.core.workbook import Value

_BLANK = Content()


class Missing:
    """Adds rows for every active KPI from its start to today."""

    def __init__(
        self, state: State, facts: Facts, sources: Mapping[str, str], targets: Mapping[str, Number] | None = None
    ) -> None:
        self._state, self._facts, self._sources, self._targets = state, facts, sources, targets or {}
        self._common: dict[str, dict[str, Content]] = {}
        self._next: dict[tuple[Frequency, date], Period] = {}
        self._spans: dict[tuple[Period, Period], Sequence[Period]] = {}

    def add(self, only: Iterable[str]) -> None:
        """In time order; each row with its target and first actual."""
        state, wanted = self._state, set(only)
        ordered = {identity: place for place, identity in enumerate(state.catalogue.kpis)}
        missing: list[tuple[date, int, Kpi, Period]] = []
        for kpi in state.catalogue.kpis.values():
            if kpi.id in state.stopped or (wanted and kpi.id not in wanted):
                continue
            before = key_of(kpi.id, "")
            for period in self._expected(kpi, self._facts.get(kpi.id, {})):
                if before + period.label not in state.keys:
                    missing.append((period.start, ordered[kpi.id], kpi, period))
        latest = self._latest_targets() if missing else {}
        for _, _, kpi, period in sorted(missing, key=lambda item: item[:2]):
            self._add(kpi, period, self._facts.get(kpi.id, {}).get(period.label), latest)

    def suggest(self, kpi: Kpi, targets: Iterable[tuple[Period, Number]]) -> None:
        """Write proposed targets beside those of people; rows of periods to come are made."""
        state, latest = self._state, self._latest_targets()
        for period, proposed in targets:
            key = key_of(kpi.id, period.label)
            if key not in state.keys:
                self._add(kpi, period, None, latest)
            content = Content(proposed, unit=kpi.unit)
            state.draft.set(state.keys[key], "proposed", content, Why.TARGETS_PROPOSED, key)

    def _expected(self, kpi: Kpi, facts: Mapping[str, Fact]) -> Sequence[Period]:
        """The KPI's periods up to today, from its start or from its first fact. KPIs share them."""
        calendar = self._state.calendar
        period = last = last_period(kpi, calendar, self._state.moment.today)
        if kpi.active_from:
            period = calendar.period(kpi.frequency, kpi.active_from)
        elif facts:
            period = min((fact.period for fact in facts.values()), key=lambda one: one.start)
        found = self._spans.get((period, last))
        if found is None:
            found = self._spans[period, last] = list(self._span(period, last))
        return found

    def _span(self, period: Period, last: Period) -> Iterator[Period]:
        while period.start <= last.start:
            yield period
            following = self._next.get((period.frequency, period.end))
            if following is None:
                following = self._next[period.frequency, period.end] = self._state.calendar.next(period)
            period = following

    def _add(self, kpi: Kpi, period: Period, fact: Fact | None, latest: Mapping[str, tuple[date, Value]]) -> None:
        state, key = self._state, key_of(kpi.id, period.label)
        target: Value = kpi.target
        if key in self._targets:
            target = self._targets[key]
        elif target is None and kpi.id in latest and latest[kpi.id][0] < period.start:
            target = latest[kpi.id][1]
        actual = fact.value if fact else None
        known = actual is not None
        common = self._alike(kpi, target)
        cells = {
            **{name: content for name, content in common.items() if name != "as_of"},
            "period": Content(period.label),
            "actual": Content(actual, unit=kpi.unit),
            "key": Content(key),
            "source_value": Content(actual),
            "as_of": common["as_of"] if known else _BLANK,
        }
        row = state.draft.add(key, cells, Why.NEW_PERIOD)
        state.keys[key] = row
        state.owners[row] = (kpi.id, period)
        state.tally.rows_added += 1
        state.tally.written += known

    def _alike(self, kpi: Kpi, target: Value) -> Mapping[str, Content]:
        """The cells that all new rows of a KPI have in common, made once."""
        found = self._common.get(kpi.id)
        if found is None:
            found = self._common[kpi.id] = {
                "kpi": Content(kpi.name),
                "target": Content(target, unit=kpi.unit),
                "owner": Content(kpi.owner or None),
                "source": Content(self._sources.get(kpi.metric) or None),
                "target_seen": Content(target),
                "as_of": Content(self._state.stamp(kpi.id)),
            }
        if found["target"].value != target:
            return {**found, "target": Content(target, unit=kpi.unit), "target_seen": Content(target)}
        return found

    def _latest_targets(self) -> dict[str, tuple[date, Value]]:
        """Each KPI's target in its latest period that has one."""
        found: dict[str, tuple[date, Value]] = {}
        for row, (identity, period) in self._state.owners.items():
            target = self._state.value(row, "target") if period else None
            if period and is_number(target) and (identity not in found or found[identity][0] < period.start):
                found[identity] = (period.start, target)
        return found
