"""Actions over months of a small company's life: numbers come in, people fill in their cells, close and reopen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpisheets.core.actions import Acting, Actions
from kpisheets.core.applied import applied
from kpisheets.core.catalogue import Catalogue
from kpisheets.core.kpi import Direction, Kpi, Number
from kpisheets.core.period import Calendar
from kpisheets.core.plan import Plan
from kpisheets.core.summary import DONE, DROPPED, OPEN
from kpisheets.core.tracking import Moment, Tracking
from kpisheets.core.workbook import ACTIONS, CATALOGUE, FIELDS, TRACKING, Observed, Table, Value
from kpisheets.reports import gaps
from kpisheets.templates import enum_value, language

EN = language("en")
TARGET, GRACE = 100, 5
KPIS = (
    Kpi("revenue", "Revenue", owner="Ann", target=Decimal(TARGET)),
    Kpi("cost", "Cost", direction=Direction.LOWER, target=Decimal(TARGET)),
)
PEOPLES = ("cause", "action", "owner", "due", "status")
CLOSED = (DONE, DROPPED, "Terminée")
MONTHS = [date(2026, month, 1) for month in range(1, 13)]


def told(kpi: Kpi, period: str, actual: Number, target: Number | None) -> str:
    return gaps.gap(kpi, period, actual, target, "EUR", EN)


def changed(kpi: Kpi, before: Number, after: Number) -> str:
    return gaps.effect(kpi, before, after, "EUR", EN)


def table(name: str, columns: dict[str, list[Value]]) -> Table:
    count = len(next(iter(columns.values()), []))
    whole = {one: columns.get(one, [None] * count) for one in FIELDS[name]}
    return Table(name, name, whole, {}, range(3, 3 + count), 3 + count, dict.fromkeys(whole, "A"))


@dataclass
class Company:
    """``figures``: by KPI, an actual for each month from January 2026 on."""

    figures: dict[str, list[Value]]
    after: int = 1
    signals: bool = False
    actions: Table = field(default_factory=lambda: table(ACTIONS, {}))
    today: date = MONTHS[0]

    def run(self) -> Plan:
        """What a sync of today does to the tab."""
        count = sum(month <= self.today for month in MONTHS)
        keys = [(kpi, month) for kpi in KPIS for month in range(count)]
        columns: dict[str, list[Value]] = {
            "key": [f"{kpi.id}|2026-{month + 1:02}" for kpi, month in keys],
            "kpi": [kpi.name for kpi, _ in keys],
            "period": [f"2026-{month + 1:02}" for _, month in keys],
            "target": [TARGET for _ in keys],
            "actual": [self.figures[kpi.id][month] for kpi, month in keys],
        }
        catalogue = Catalogue({kpi.id: kpi for kpi in KPIS})
        moment = Moment(datetime.combine(self.today, time(7)), self.today, self.today, GRACE)
        acting = Acting(self.after, lambda text: enum_value("action_status", text), str, told, changed, self.signals)
        tracking = Tracking(
            table(TRACKING, columns), table(CATALOGUE, {}), catalogue, Calendar(), moment, EN.for_workbook
        )
        found = Actions(self.actions, tracking, acting)
        found.plan()
        plan = Plan(changes=tuple(found.draft.changes))
        self.actions = applied(Observed({ACTIONS: self.actions}, {}), plan).tables[ACTIONS]
        return plan

    def rows(self) -> list[dict[str, Any]]:
        return [{name: self.actions.value(row, name) for name in FIELDS[ACTIONS]} for row in range(len(self.actions))]

    def type(self, row: int, name: str, value: Value) -> None:
        column = self.actions.columns[name]
        assert isinstance(column, list)
        column[row] = value

    def closed(self) -> int:
        """How many months are closed today, counted without the tool's calendar."""
        return sum(day + timedelta(days=GRACE) <= self.today for day in [*MONTHS[1:], date(2027, 1, 1)])

    def misses(self, kpi: str, month: int) -> bool:
        actual = self.figures[kpi][month]
        if not isinstance(actual, int):
            return False
        return actual < TARGET if kpi == "revenue" else actual > TARGET


cells = st.one_of(st.integers(90, 110), st.none(), st.just("n/a"))
histories = st.fixed_dictionaries({kpi.id: st.lists(cells, min_size=12, max_size=12) for kpi in KPIS})
edits = st.tuples(
    st.integers(0, 20),
    st.one_of(
        st.tuples(st.sampled_from(["cause", "action", "owner"]), st.text("ab ", max_size=3)),
        st.tuples(st.just("due"), st.dates(MONTHS[0], MONTHS[-1])),
        st.tuples(st.just("status"), st.sampled_from([OPEN, DONE, DROPPED, "In progress", "Terminée", "", "later"])),
    ),
)
lives = st.lists(st.tuples(st.integers(0, 40), st.lists(edits, max_size=4)), min_size=1, max_size=10)


@settings(max_examples=80)
@given(histories, lives, st.integers(1, 3))
def test_a_year(figures: dict[str, list[Value]], life: list[tuple[int, list[Any]]], after: int) -> None:
    company = Company(figures, after)
    for days, typed in life:
        company.today = min(company.today + timedelta(days=days), date(2026, 12, 31))
        for row, (name, value) in typed:
            if len(company.actions):
                company.type(row % len(company.actions), name, value)
        before = company.rows()
        company.run()
        rows = company.rows()
        # People's cells are as they left them, and nobody's row is gone.
        assert [{name: row[name] for name in PEOPLES} for row in rows[: len(before)]] == [
            {name: row[name] for name in PEOPLES} for row in before
        ]
        # What the tool wrote once stays; a blank may be filled.
        for was, now in zip(before, rows, strict=False):
            assert all(now[name] == was[name] for name in FIELDS[ACTIONS] if was[name] is not None)
        keys = [row["key"] for row in rows]
        assert len(set(keys)) == len(keys)
        is_closed = {number: row["status"] in CLOSED for number, row in enumerate(rows)}
        for kpi in KPIS:
            mine = [number for number, row in enumerate(rows) if row["key"].startswith(f"{kpi.id}|")]
            new = [number for number in mine if number >= len(before)]
            others_open = any(not is_closed[number] for number in mine if number < len(before))
            last = company.closed()
            due = last >= after and all(company.misses(kpi.id, month) for month in range(last - after, last))
            had = any(row["key"] == f"{kpi.id}|2026-{last:02}" for row in before)
            assert len(new) == (due and not others_open and not had)
        for number, row in enumerate(rows):
            if is_closed[number]:
                assert row["closed"] is not None
            if number >= len(before):
                assert (row["status"], row["opened"], row["cause"], row["due"]) == (OPEN, company.today, None, None)
        assert company.run().changes == ()


@settings(max_examples=30)
@given(histories)
def test_left_alone_there_is_one_open_row_for_each_kpi_at_most(figures: dict[str, list[Value]]) -> None:
    company = Company(figures)
    for day in range(0, 365, 9):
        company.today = MONTHS[0] + timedelta(days=day)
        company.run()
    rows = sorted(company.rows(), key=lambda row: str(row["kpi"]))
    assert all(len(list(group)) == 1 for _, group in groupby(rows, key=lambda row: row["kpi"]))


def test_a_story() -> None:
    """January is missed; Ann finds the cause and closes the action in February, which is better."""
    company = Company({"revenue": [80, 90, 120, *[None] * 9], "cost": [100] * 12})
    company.today = date(2026, 2, 5)
    assert company.run().changes == ()  # five days must have passed
    company.today = date(2026, 2, 6)
    company.run()
    [row] = company.rows()
    assert (row["kpi"], row["period"], row["gap"]) == ("Revenue", "2026-01", "worse by 20 (20%)")
    assert (row["owner"], row["status"], row["opened"], row["before"]) == ("Ann", "Open", company.today, 80)
    company.type(0, "action", "Call the ten largest customers")
    company.type(0, "status", "Terminée")
    company.type(0, "owner", "Bob")
    company.today = date(2026, 2, 20)
    company.run()
    assert (company.rows()[0]["closed"], company.rows()[0]["effect"]) == (date(2026, 2, 20), None)
    company.today = date(2026, 3, 6)
    company.run()
    first, second = company.rows()
    assert first["effect"] == "80 → 90: better by 10"
    assert (first["owner"], first["closed"]) == ("Bob", date(2026, 2, 20))
    assert second["period"] == "2026-02"  # better, and still missed: the next gap, the next action


def test_an_action_that_a_person_began_counts() -> None:
    company = Company({"revenue": [80] * 12, "cost": [100] * 12}, actions=table(ACTIONS, {"kpi": ["revenue "]}))
    company.today = date(2026, 2, 6)
    assert company.run().changes == ()
    company.type(0, "status", "Dropped")
    company.run()
    assert [row["period"] for row in company.rows()] == [None, "2026-01"]
    assert company.rows()[0]["closed"] == company.today


def test_none_are_opened_where_none_are_wanted() -> None:
    company = Company({"revenue": [80] * 12, "cost": [180] * 12}, after=0, today=date(2026, 6, 1))
    assert company.run().changes == ()


@pytest.mark.parametrize(
    ("latest", "after", "opened"),
    [
        (60, 3, ["2026-11"]),  # far outside what the months before vary
        (60, 0, ["2026-11"]),
        (98, 3, []),  # missed, by no more than months differ anyway
        (98, 1, ["2026-11"]),
        (140, 1, []),  # a change, for the better
    ],
)
def test_a_signal_is_enough(latest: int, after: int, opened: list[str]) -> None:
    months: list[Value] = [101, 103, 102, 101, 103, 102, 101, 103, 102, 101, latest, None]
    company = Company({"revenue": months, "cost": [100] * 12}, after, signals=True, today=date(2026, 12, 8))
    company.run()
    assert [row["period"] for row in company.rows()] == opened
    silent = Company({"revenue": months, "cost": [100] * 12}, after, today=date(2026, 12, 8))
    silent.run()
    assert [row["period"] for row in silent.rows()] == (opened if after == 1 else [])


@pytest.mark.parametrize(
    ("kpi", "before", "after", "said"),
    [
        (Kpi("k", "K", unit="%"), 0.10, 0.125, "10.0% → 12.5%: better by 2.5 pts"),
        (Kpi("k", "K", unit="days", direction=Direction.LOWER), 4, 5, "4.0 d → 5.0 d: worse by 1.0 d"),
        (Kpi("k", "K", direction=Direction.RANGE, low=Decimal(5), high=Decimal(9)), 12, 3, "12 → 3: better by 1"),
        (Kpi("k", "K", direction=Direction.RANGE, low=Decimal(5), high=Decimal(9)), 6, 7, "6 → 7: unchanged"),
        (Kpi("k", "K"), 7, 7, "7 → 7: unchanged"),
    ],
)
def test_the_words_of_an_effect(kpi: Kpi, before: Number, after: Number, said: str) -> None:
    assert changed(kpi, before, after).replace("\N{NO-BREAK SPACE}", " ") == said
