"""A small company of monthly KPIs in memory, whose Review tab is planned and applied as a sync does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from kpisheets.core.applied import applied
from kpisheets.core.catalogue import Catalogue, read
from kpisheets.core.kpi import Kpi
from kpisheets.core.period import Calendar
from kpisheets.core.plan import AddRow, Content, Plan, Why
from kpisheets.core.review import Finding, Review, Reviewing
from kpisheets.core.tracking import Moment, Tracking
from kpisheets.core.workbook import CATALOGUE, FIELDS, LOG, REVIEW, TRACKING, Observed, Table, Value
from kpisheets.reports import review
from kpisheets.templates import enum_value, language

EN = language("en")
MONTHS = [date(year, month, 1) for year in (2024, 2025, 2026) for month in range(1, 13)]
REVIEWING = Reviewing(
    quarterly=True,
    most=3,
    read=lambda text: enum_value("decision", text),
    say=lambda finding: review.said(finding, "EUR", EN),
    tell=lambda came: review.told(came, "EUR", EN),
    word="Review",
    held=lambda count: f"suggestions: {count}",
)


def table(name: str, columns: Mapping[str, list[Value]]) -> Table:
    count = len(next(iter(columns.values()), []))
    whole = {one: columns.get(one, [None] * count) for one in FIELDS[name]}
    headers = {one: one.capitalize() for one in whole}
    return Table(name, name, whole, {}, range(3, 3 + count), 3 + count, dict.fromkeys(whole, "A"), headers)


def kpis_table(kpis: list[Kpi]) -> Table:
    fields = ("id", "name", "objective", "department", "owner", "direction", "frequency", "target", "low", "high")
    fields += ("active_from", "active_to", "unit", "tolerance")
    return table(CATALOGUE, {name: [getattr(kpi, name) or None for kpi in kpis] for name in fields})


@dataclass
class Company:
    """``figures``: by KPI, an actual for each of ``MONTHS``, blank from where they end."""

    kpis: list[Kpi]
    figures: Mapping[str, list[Value]]
    today: date = date(2026, 1, 20)
    targets: Mapping[str, list[Value]] = field(default_factory=dict)
    reviewing: Reviewing = REVIEWING
    book: Observed = field(init=False)

    def __post_init__(self) -> None:
        log = table(LOG, {"when": [datetime.combine(MONTHS[0], time(7))], "field": ["Run"]})
        tables = {CATALOGUE: kpis_table(self.kpis), REVIEW: table(REVIEW, {}), LOG: log}
        self.book = Observed(tables, {})

    @property
    def catalogue(self) -> Catalogue:
        return read(self.book.tables[CATALOGUE], enum_value, ())

    def tracking(self, catalogue: Catalogue) -> Tracking:
        count = sum(month <= self.today for month in MONTHS)
        cells = [(kpi, at) for kpi in self.kpis for at in range(count)]
        columns: dict[str, list[Value]] = {
            "key": [f"{kpi.id}|{MONTHS[at]:%Y-%m}" for kpi, at in cells],
            "kpi": [kpi.name for kpi, _ in cells],
            "period": [f"{MONTHS[at]:%Y-%m}" for _, at in cells],
            "target": [self._of(self.targets, kpi, at, kpi.target) for kpi, at in cells],
            "actual": [self._of(self.figures, kpi, at, None) for kpi, at in cells],
        }
        moment = Moment(datetime.combine(self.today, time(7)), self.today, self.today, 5)
        return Tracking(
            table(TRACKING, columns), self.book.tables[CATALOGUE], catalogue, Calendar(), moment, EN.for_workbook
        )

    @staticmethod
    def _of(series: Mapping[str, list[Value]], kpi: Kpi, at: int, otherwise: Value) -> Value:
        mine = series.get(kpi.id)
        return otherwise if mine is None else mine[at] if at < len(mine) else None

    def findings(self) -> tuple[Finding, ...]:
        catalogue = self.catalogue
        tracking = self.tracking(catalogue)
        return Review(self.book, catalogue, self.reviewing, tracking.moment).findings(tracking)

    def run(self, *, now: bool = False) -> tuple[Plan, Review]:
        """What a sync of today does, Log and all."""
        catalogue = self.catalogue
        moment = Moment(datetime.combine(self.today, time(7)), self.today, self.today, 5)
        held = Review(self.book, catalogue, self.reviewing, moment)
        held.suggest(self.tracking(held.decide()), now=now)
        told = [
            AddRow(
                LOG,
                "",
                {"when": Content(moment.now), "kpi": Content(one.kpi), "field": Content(one.field)},
                Why.BOOKKEEPING,
            )
            for one in held.told
        ]
        plan = Plan(changes=(*held.changes, *told, *held.entry(moment.now)), problems=tuple(held.problems))
        self.book = applied(self.book, plan)
        return plan, held

    def rows(self) -> list[dict[str, Any]]:
        found = self.book.tables[REVIEW]
        return [{name: found.value(row, name) for name in FIELDS[REVIEW]} for row in range(len(found))]

    def type(self, name: str, row: int, field_name: str, value: Value) -> None:
        """A person's hand in a cell."""
        found = self.book.tables[name]
        columns = {one: list(column) for one, column in found.columns.items()}
        columns[field_name][row] = value
        tables = {**self.book.tables, name: replace(found, columns=columns)}
        self.book = replace(self.book, tables=tables)

    def begin(self, **cells: Value) -> None:
        """A person's own row in the Review tab."""
        row = AddRow(REVIEW, "", {name: Content(value) for name, value in cells.items()}, Why.BOOKKEEPING)
        self.book = applied(self.book, Plan(changes=(row,)))


def kpi(identity: str, **facts: Any) -> Kpi:
    facts = {"target": Decimal(100), "owner": "Ann"} | facts
    return Kpi(identity, identity.capitalize(), **facts)
