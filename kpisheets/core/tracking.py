"""The rows of the ``Tracking`` tab: which there should be, the merge of facts, formulas, and what people changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from kpisheets.core.catalogue import Catalogue, written
from kpisheets.core.computed import Computed
from kpisheets.core.draft import Draft, equal
from kpisheets.core.evaluate import is_number
from kpisheets.core.kpi import Kpi, Number
from kpisheets.core.merge import Outcome, is_blank, merge, same, standing
from kpisheets.core.metric import Asked, Fact, Metric
from kpisheets.core.period import Calendar, Frequency, Period
from kpisheets.core.plan import Content, Noted, Why
from kpisheets.core.rows import Rows, key_of, text_of
from kpisheets.core.workbook import ELAPSED, ErrorValue, Table, Value, Words
from kpisheets.errors import Problem

Facts = Mapping[str, Mapping[str, Fact]]
"""What the sources gave: KPI id → period label → fact."""

_BLANK = Content()
_PLAIN = (float, int)
"""The numbers of cells, and no logical values."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a sync happens: ``now`` (local, naive) for stamps, ``today`` for which periods exist, ``as_of`` for how far
    a period has elapsed (the report date that a person chose, or today), ``grace`` the days until an ended period
    closes."""

    now: datetime
    today: date
    as_of: date
    grace: int

    @property
    def closed_until(self) -> date:
        """Periods that ended by this day are closed."""
        return self.today - timedelta(days=self.grace)

    def is_closed(self, period: Period) -> bool:
        return period.end <= self.closed_until


@dataclass(frozen=True, slots=True)
class Told:
    """A change for the Log."""

    kpi: str
    period: str
    field: str
    old: Value
    new: Value
    why: Why


@dataclass(slots=True)
class Tally:
    overrides: list[Noted] = field(default_factory=list)
    restatements: list[Noted] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    written: int = 0
    unchanged: int = 0
    rows_added: int = 0


def questions(
    catalogue: Catalogue,
    metrics: Mapping[str, Metric],
    calendar: Calendar,
    today: date,
    since: date | None,
    only: Iterable[str] = (),
) -> list[Asked]:
    """What to ask of the sources: every active KPI that has a metric, from its start (or ``since``) to today."""
    wanted = set(only)
    asked = []
    for kpi in catalogue.kpis.values():
        if not kpi.metric or (wanted and kpi.id not in wanted):
            continue
        last = _last(kpi, calendar, today)
        starts = [day for day in (kpi.active_from, since) if day is not None]
        first = calendar.period(kpi.frequency, max(starts)) if starts else None
        if first is None or first.start <= last.start:
            asked.append(Asked(kpi.id, metrics[kpi.metric], kpi.frequency, first, last))
    return asked


def _last(kpi: Kpi, calendar: Calendar, today: date) -> Period:
    """The KPI's latest period: today's, or the one in which it ended."""
    return calendar.period(kpi.frequency, min(today, kpi.active_to or today))


class Tracking:
    """Plans the changes to the tracking table."""

    def __init__(
        self,
        table: Table,
        catalogue_table: Table,
        catalogue: Catalogue,
        calendar: Calendar,
        moment: Moment,
        words: Words,
    ) -> None:
        self.draft = Draft(table)
        self.tally = Tally()
        self.catalogue, self.calendar, self.moment, self.words = catalogue, calendar, moment, words
        self.rows = Rows(table, catalogue, calendar)
        self.tally.problems += self.rows.problems
        self.stopped = catalogue.stopped | self.rows.stopped
        self._keys = dict(self.rows.by_key)
        self._owners = dict(self.rows.owners)
        self._computed = Computed(catalogue, catalogue_table, words, self.elapsed())
        self._common: dict[str, dict[str, Content]] = {}
        self._stamp = Content(moment.now)
        self._next: dict[tuple[Frequency, date], Period] = {}
        self._spans: dict[tuple[Period, Period], Sequence[Period]] = {}
        self._periods: dict[str, dict[str, tuple[Period, int]]] | None = None

    # --- the steps, in the order in which a sync takes them ---

    def adopt(self) -> None:
        """Give a key to the rows that people began by typing a KPI and a period."""
        for row, key in self.rows.adopted.items():
            label = key.partition("|")[2]
            self.draft.set(row, "key", Content(key), Why.BOOKKEEPING, key)
            if text_of(self.draft.value(row, "period")) != label:
                self.draft.set(row, "period", Content(label), Why.BOOKKEEPING, key)

    def add_rows(self, facts: Facts, sources: Mapping[str, str], only: Iterable[str]) -> None:
        """Rows for every active KPI from its start to today, in time order; each with its target and first actual."""
        wanted = set(only)
        ordered = {identity: place for place, identity in enumerate(self.catalogue.kpis)}
        missing: list[tuple[date, int, Kpi, Period]] = []
        for kpi in self.catalogue.kpis.values():
            if kpi.id in self.stopped or (wanted and kpi.id not in wanted):
                continue
            before = key_of(kpi.id, "")
            for period in self._expected(kpi, facts.get(kpi.id, {})):
                if before + period.label not in self._keys:
                    missing.append((period.start, ordered[kpi.id], kpi, period))
        latest = self._latest_targets() if missing else {}
        for _, _, kpi, period in sorted(missing, key=lambda item: item[:2]):
            fact = facts.get(kpi.id, {}).get(period.label)
            self._add(kpi, period, fact, sources.get(kpi.metric, ""), latest)

    def merge(self, facts: Facts, asked: Iterable[Asked], sources: Mapping[str, str]) -> None:
        """The three-way merge of every observed row; rows whose source was not asked keep what they have."""
        windows = {question.kpi: question for question in asked}
        gone: dict[str, list[str]] = {}
        settled = self._settled(facts, sources)
        self.tally.unchanged += len(settled)
        for key, row in self.rows.by_key.items():
            if row in settled:
                continue
            identity, period = self.rows.owners[row]
            kpi = self.catalogue.kpis.get(identity)
            if kpi is None or identity in self.stopped:
                continue
            self._complain(row, kpi)
            fact = facts.get(identity, {}).get(period.label) if period else None
            if fact is None or fact.value is None or period is None:
                self._keep(key, row)
                question = windows.get(identity)
                if question and period and _within(period, question) and not is_blank(self._value(row, "source_value")):
                    gone.setdefault(identity, []).append(period.label)
            else:
                self._merge(key, row, kpi, period, fact.value, sources.get(kpi.metric, ""))
        for identity, labels in gone.items():
            shown = ", ".join(labels[:3]) + (f" and {len(labels) - 3} more" if len(labels) > 3 else "")
            what = f"the source no longer has a value of {identity} for {shown}; the last one is kept"
            where = f"metric {self.catalogue.kpis[identity].metric}"
            self.tally.problems.append(Problem(where, what, "check the source, or clear the Actual cells", identity))

    def _settled(self, facts: Facts, sources: Mapping[str, str]) -> set[int]:
        """The rows in which the source says what it said, nobody typed anything and nothing is to be noted.

        Nearly all rows of a nightly run are such. They are told by a few comparisons of what the cells hold as it
        stands; what is only alike (a number that differs in its last digit, a text with spaces) is for the merge to
        judge.
        """
        columns = self.draft.table.columns
        actuals, befores, targets = columns["actual"], columns["source_value"], columns["target"]
        flags, origins, stamps = columns["flag"], columns["source"], columns["as_of"]
        typed = self.draft.table.formulas.get("actual")
        closed_until = self.moment.closed_until
        told: dict[str, tuple[Mapping[str, Fact], str]] = {
            identity: (facts[identity], sources.get(kpi.metric, ""))
            for identity, kpi in self.catalogue.kpis.items()
            if identity in facts and identity not in self.stopped
        }
        found = set()
        for row, (identity, period) in self.rows.owners.items():
            if identity not in told or period is None:
                continue
            says, source = told[identity]
            fact, actual, stamp = says.get(period.label), actuals[row], stamps[row]
            if (
                fact is not None
                and fact.value is not None
                and type(actual) in _PLAIN
                and actual == befores[row] == float(fact.value)
                and (targets[row] is None or type(targets[row]) in _PLAIN)
                and flags[row] in (None, "")
                and origins[row] == source
                and period.end <= closed_until
                and isinstance(stamp, datetime)
                and (typed is None or typed[row] is None)
                and type(befores[row]) in _PLAIN
            ):
                found.add(row)
        return found

    def follow_people(self) -> None:
        """Note edited targets, and let a row's label follow a KPI that was renamed in the catalogue."""
        columns = self.draft.table.columns
        targets, remembered, labels = columns["target"], columns["target_seen"], columns["kpi"]
        names = {kpi.id: kpi.name for kpi in self.catalogue.kpis.values() if kpi.id not in self.stopped}
        for key, row in self.rows.by_key.items():
            identity, period = self.rows.owners[row]
            target, seen = targets[row], remembered[row]
            if (
                target == seen
                and type(target) in _PLAIN
                and type(seen) in _PLAIN
                and labels[row] == names.get(identity)
            ):
                continue  # nearly every row
            kpi = self.catalogue.kpis.get(identity)
            if kpi is None or identity in self.stopped:
                continue
            # A formula whose value the last program did not store is no edit: nobody knows what it shows.
            hidden = target is None and self.draft.table.formula(row, "target") is not None
            if not hidden and not equal(target, seen):
                label = period.label if period else key.partition("|")[2]
                if row not in self.rows.adopted:
                    told = Told(identity, label, self.draft.table.headers["target"], seen, target, Why.TARGET_EDITED)
                    self.tally.told.append(told)
                self.draft.set(row, "target_seen", Content(target), Why.BOOKKEEPING, key)
            label = text_of(self._value(row, "kpi"))
            if label != kpi.name and label == self.catalogue.seen.get(identity, {}).get("name"):
                self.draft.set(row, "kpi", Content(kpi.name), Why.RENAMED, key)

    def compute(self) -> None:
        """Put the formulas in place, each with its value. A person's own formula or value in such a cell stays."""
        self._computed.plan(self.draft, self._owners, self.moment.as_of)

    def elapsed(self) -> dict[str, float]:
        """The share of each frequency's running period that has passed, by the name of its cell."""
        as_of = self.moment.as_of
        return {name: self.calendar.period(f, as_of).elapsed(as_of) for f, name in ELAPSED.items()}

    # --- helpers ---

    def periods(self) -> dict[str, dict[str, tuple[Period, int]]]:
        """Every KPI's rows after all changes: id → period label → (period, row)."""
        if self._periods is None:
            self._periods = {}
            for row, (identity, period) in self._owners.items():
                if period:
                    self._periods.setdefault(identity, {})[period.label] = (period, row)
        return self._periods

    def _value(self, row: int, name: str) -> Value:
        return self.draft.value(row, name)

    def _expected(self, kpi: Kpi, facts: Mapping[str, Fact]) -> Sequence[Period]:
        """The KPI's periods up to today, from its start or from its first fact. KPIs share them."""
        period = last = _last(kpi, self.calendar, self.moment.today)
        if kpi.active_from:
            period = self.calendar.period(kpi.frequency, kpi.active_from)
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
                following = self._next[period.frequency, period.end] = self.calendar.next(period)
            period = following

    def _add(
        self, kpi: Kpi, period: Period, fact: Fact | None, source: str, latest: Mapping[str, tuple[date, Value]]
    ) -> None:
        key = key_of(kpi.id, period.label)
        target: Value = kpi.target
        if target is None and kpi.id in latest and latest[kpi.id][0] < period.start:
            target = latest[kpi.id][1]
        actual = fact.value if fact else None
        known = actual is not None
        cells = {
            **self._alike(kpi, source, target),
            "period": Content(period.label),
            "actual": Content(actual, unit=kpi.unit),
            "key": Content(key),
            "source_value": Content(actual),
            "as_of": self._stamp if known else _BLANK,
        }
        row = self.draft.add(key, cells, Why.NEW_PERIOD)
        self._keys[key] = row
        self._owners[row] = (kpi.id, period)
        self._periods = None
        self.tally.rows_added += 1
        self.tally.written += known

    def _alike(self, kpi: Kpi, source: str, target: Value) -> Mapping[str, Content]:
        """The cells that all new rows of a KPI have in common, made once."""
        found = self._common.get(kpi.id)
        if found is None:
            found = self._common[kpi.id] = {
                "kpi": Content(kpi.name),
                "target": Content(target, unit=kpi.unit),
                "owner": Content(kpi.owner or None),
                "source": Content(source or None),
                "target_seen": Content(target),
            }
        if found["target"].value != target:
            return {**found, "target": Content(target, unit=kpi.unit), "target_seen": Content(target)}
        return found

    def _latest_targets(self) -> dict[str, tuple[date, Value]]:
        """Each KPI's target in its latest period that has one."""
        found: dict[str, tuple[date, Value]] = {}
        for row, (identity, period) in self._owners.items():
            target = self._value(row, "target") if period else None
            if period and is_number(target) and (identity not in found or found[identity][0] < period.start):
                found[identity] = (period.start, target)
        return found

    def _merge(self, key: str, row: int, kpi: Kpi, period: Period, new: Number, source: str) -> None:
        actual, before = self._value(row, "actual"), self._value(row, "source_value")
        flag, closed = text_of(self._value(row, "flag")), self.moment.is_closed(period)
        typed = self.draft.table.formula(row, "actual") is not None
        merged = merge(actual, before, flag, new, closed=closed, typed_formula=typed)

        moved = not same(before, merged.source_value)

        def tell(to: Value, why: Why) -> None:
            header = self.draft.table.headers["actual"]
            self.tally.told.append(Told(kpi.id, period.label, header, actual, to, why))

        match merged.outcome:
            case Outcome.WRITTEN:
                why = Why.ACCEPTED if not is_blank(before) and is_blank(actual) else Why.SOURCE
                self.draft.set(row, "actual", Content(merged.actual), why, key)
                tell(merged.actual, why)
                self.tally.written += 1
            case Outcome.UNCHANGED:
                self.tally.unchanged += 1
            case Outcome.OVERRIDE | Outcome.RESTATED:
                self._note(merged.outcome, key, actual, merged.source_value)
                if moved or merged.flag != flag:
                    why = Why.RESTATED if merged.outcome is Outcome.RESTATED else Why.OVERRIDE
                    tell(merged.source_value, why)
        if moved:
            self.draft.set(row, "source_value", Content(merged.source_value), Why.BOOKKEEPING, key)
        if flag != merged.flag:
            self.draft.set(row, "flag", Content(merged.flag or None), Why.BOOKKEEPING, key)
        if source and text_of(self._value(row, "source")) != source:
            self.draft.set(row, "source", Content(source), Why.BOOKKEEPING, key)
        if moved or not closed or is_blank(self._value(row, "as_of")):
            self.draft.set(row, "as_of", Content(self.moment.now), Why.BOOKKEEPING, key)

    def _keep(self, key: str, row: int) -> None:
        actual, before = self._value(row, "actual"), self._value(row, "source_value")
        typed = self.draft.table.formula(row, "actual") is not None
        outcome = standing(actual, before, text_of(self._value(row, "flag")), typed_formula=typed)
        if outcome is not Outcome.UNCHANGED:
            self._note(outcome, key, actual, before)

    def _note(self, outcome: Outcome, key: str, kept: Value, source_says: Value) -> None:
        noted = Noted(key, "actual", kept, source_says)
        (self.tally.restatements if outcome is Outcome.RESTATED else self.tally.overrides).append(noted)

    def _complain(self, row: int, kpi: Kpi) -> None:
        """Text or an error where a number belongs is kept, and said."""
        for name in ("target", "actual"):
            value = self._value(row, name)
            if is_number(value) or is_blank(value):
                continue
            what = f"the cell shows {value}" if isinstance(value, ErrorValue) else f"“{written(value)}” is not a number"
            mend = "mend the formula" if self.draft.table.formula(row, name) else "type a number or clear the cell"
            self.tally.problems.append(Problem(self.draft.table.where(row, name), what, mend, kpi.id))

    def own_cells(self) -> list[Problem]:
        """Where people replaced a formula of the tool with their own formula or value."""
        return self._computed.own_cells(self.draft.table, self.rows.owners)


def _within(period: Period, question: Asked) -> bool:
    return (question.first is None or period.start >= question.first.start) and period.start <= question.last.start
