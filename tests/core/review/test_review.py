"""Rows of the Review tab over months of a company's life: raised, decided, carried out, told again."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpisheets.core.kpi import Direction, Kpi
from kpisheets.core.plan import AddRow, SetCell
from kpisheets.core.workbook import CATALOGUE, FIELDS, LOG, REVIEW
from tests.core.review.company import MONTHS, Company, kpi

PEOPLES = ("decision", "new_target", "note")
ONCE = ("key", "kpi", "finding", "raised")


def easy(**facts: Any) -> Company:
    return Company([kpi("one", **facts)], {"one": [118] * 36})


def of_catalogue(company: Company, name: str, row: int = 0) -> Any:
    return company.book.tables[CATALOGUE].value(row, name)


def test_a_review_is_held_once_a_quarter() -> None:
    company = easy()
    held = []
    for day in (date(2026, 1, 20), date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 2)):
        company.today = day
        company.run()
        log = company.book.tables[LOG]
        held.append(Counter(log.columns["field"])["Review"])
    assert held == [1, 1, 2, 2]
    [row] = company.rows()
    assert (row["raised"], row["evidence"][:22], row["done"]) == (date(2026, 1, 20), "Met in 12 of 12 months", None)


def test_a_workbook_s_first_quarter_has_none() -> None:
    company = easy()
    company.type(LOG, 0, "when", datetime.combine(date(2026, 1, 2), time(7)))
    assert company.run()[0].changes == ()
    company.run(now=True)
    assert len(company.rows()) == 1


def test_retired_and_its_other_row_closed() -> None:
    company = easy(owner="", active_from=date(2024, 1, 1))
    company.run()
    assert [row["finding"] for row in company.rows()] == ["Always met", "No owner"]
    company.type(REVIEW, 0, "decision", "Retirer")
    plan, held = company.run()
    assert [(one.kpi, one.field, one.new) for one in held.told] == [("one", "Active_to", "2026-01-20")]
    assert of_catalogue(company, "active_to") == company.today
    first, second = company.rows()
    assert first["outcome"] == "Retired. Its last day is 20 January 2026; its history stays."
    assert (first["done"], second["done"], second["outcome"]) == (company.today, company.today, "No longer so.")
    assert {change.table for change in plan.changes} == {REVIEW, CATALOGUE, LOG}
    assert company.run(now=True)[1].suggested == 0


def test_recalibrated_once_a_target_is_given() -> None:
    company = easy()
    company.run()
    company.type(REVIEW, 0, "decision", "Recalibrate")
    plan, _ = company.run()
    assert [problem.where for problem in plan.problems] == ["kpi_review!A3"]
    assert (company.rows()[0]["outcome"], company.rows()[0]["done"]) == (
        "Type the new target beside the decision.",
        None,
    )
    assert company.run()[0].problems == ()  # said once
    company.type(REVIEW, 0, "new_target", "130")
    company.run()
    assert of_catalogue(company, "target") == 130
    assert company.rows()[0]["outcome"] == "Target 100 → 130, for the periods to come."
    # A person's later edit of the target stays, and what was so before the change is no evidence.
    company.type(CATALOGUE, 0, "target", 140)
    company.run()
    assert of_catalogue(company, "target") == 140
    company.today = date(2026, 4, 10)
    company.run()
    assert len(company.rows()) == 1


def test_kept_for_a_year_or_until_it_doubles() -> None:
    company = easy()
    company.run()
    company.type(REVIEW, 0, "decision", "Keep")
    company.run()
    assert company.rows()[0]["outcome"].startswith("Kept. Not suggested again before 20 January 2027")
    for day, count in ((date(2026, 4, 10), 1), (date(2026, 12, 20), 1), (date(2027, 1, 19), 1), (date(2027, 1, 20), 2)):
        company.today = day
        company.run(now=True)
        assert len(company.rows()) == count, day
    other = easy()
    other.run()
    other.type(REVIEW, 0, "decision", "Keep")
    other.run()
    other.figures = {"one": [137] * 36}
    other.run(now=True)
    assert len(other.rows()) == 1  # the same day, under the same key
    other.today += timedelta(days=1)
    other.run(now=True)
    assert len(other.rows()) == 2


def test_what_is_no_longer_so_is_closed_and_may_come_back() -> None:
    company = easy()
    company.run()
    company.figures = {"one": [118] * 23 + [90] + [118] * 12}
    company.today += timedelta(days=1)
    company.run(now=True)
    assert company.rows()[0]["outcome"] == "No longer so."
    company.figures = {"one": [118] * 36}
    company.today += timedelta(days=1)
    company.run(now=True)
    assert [row["done"] is None for row in company.rows()] == [False, True]


def test_a_person_s_own_row_and_a_change_of_mind() -> None:
    company = easy()
    company.begin(kpi="ONE ", decision="Keep")
    company.run()
    assert company.rows()[0]["carried"] == "Keep"
    company.type(REVIEW, 0, "decision", "Replace")
    company.run()
    assert of_catalogue(company, "active_to") == company.today
    assert company.rows()[0]["outcome"].endswith("add its successor as a new line in KPIs.")


@pytest.mark.parametrize(
    ("kpis", "row", "what"),
    [
        ([kpi("a"), kpi("A", owner="Bob")], {"kpi": "a"}, "cannot be used|names no KPI"),
        ([Kpi("a", "Same"), Kpi("b", "Same")], {"kpi": "same"}, "names several KPIs"),
        ([kpi("a"), kpi("b")], {"kpi": "b", "key": "a|no_owner||2025-10-01"}, "is about “a” and names b"),
        ([kpi("a")], {"kpi": "nobody"}, "names no KPI"),
        ([kpi("a")], {"kpi": "a", "decision": "Away"}, "“Away” is no decision"),
        ([kpi("a", low=Decimal(2), high=Decimal(1))], {"kpi": "a", "key": "a|no_owner||2025-10-01"}, "cannot be used"),
    ],
)
def test_what_is_ambiguous_is_left_alone(kpis: list[Kpi], row: dict[str, Any], what: str) -> None:
    company = Company(kpis, {})
    company.begin(**{"decision": "Retire", **row})
    for _ in range(2):  # said at each run
        plan, _ = company.run()
        assert not any(isinstance(change, SetCell) for change in plan.changes)
        [problem] = plan.problems
        assert any(part in problem.what for part in what.split("|"))


def test_two_rows_with_different_targets() -> None:
    company = easy()
    for target in (110, 120):
        company.begin(kpi="one", decision="Recalibrate", new_target=target)
    plan, _ = company.run()
    assert len(plan.problems) == 2
    assert of_catalogue(company, "target") == 100
    company.type(REVIEW, 1, "new_target", 110)
    company.run()
    assert (of_catalogue(company, "target"), [row["carried"] for row in company.rows()[:2]]) == (
        110,
        ["Recalibrate"] * 2,
    )


def test_a_formula_of_people_s_stays() -> None:
    company = easy()
    found = company.book.tables[CATALOGUE]
    object.__setattr__(found, "formulas", {"active_to": ["TODAY()+9"]})
    company.begin(kpi="one", decision="Retire")
    plan, _ = company.run()
    assert "is a formula in kpi_catalogue!A3" in plan.problems[0].what
    assert of_catalogue(company, "active_to") is None


def test_what_no_kpi_can_carry_out() -> None:
    company = Company(
        [kpi("one", objective="Last", active_to=date(2025, 1, 1)), *(kpi(name, department="Sales") for name in "abcd")],
        {name: [random.Random(f"{name}{month}").gauss(100, 9) for month in MONTHS] for name in "abcd"},
    )
    company.run()
    rows = company.rows()
    assert [row["kpi"] for row in rows] == ["Last", "Sales"]
    company.type(REVIEW, 0, "decision", "Retire")
    company.type(REVIEW, 1, "decision", "Retire")
    company.run()
    assert [row["outcome"][:20] for row in company.rows()] == ["The objective is giv", "Yours to do in KPIs;"]
    company.type(CATALOGUE, 4, "active_to", date(2026, 1, 19))
    company.today = date(2026, 4, 2)
    company.run()
    assert [row["outcome"][:20] for row in company.rows()] == ["The objective is giv", "No longer so."]


# --- any life ----------------------------------------------------------------------------------------------------

KINDS = [
    kpi("easy"),
    kpi("hard", direction=Direction.LOWER),
    kpi("range", direction=Direction.RANGE, low=Decimal(90), high=Decimal(110), owner=""),
    kpi("mixed", department="Sales", objective="Grow"),
]
cells = st.one_of(st.integers(85, 125), st.none(), st.just("n/a"))
histories = st.fixed_dictionaries({one.id: st.lists(cells, min_size=36, max_size=36) for one in KINDS})
steady = st.fixed_dictionaries({one.id: st.integers(80, 130).map(lambda value: [value] * 36) for one in KINDS})
edits = st.tuples(
    st.integers(0, 20),
    st.one_of(
        st.tuples(st.just("decision"), st.sampled_from(["Keep", "Retire", "Ersetzen", "Recalibrer", "", "later"])),
        st.tuples(st.just("new_target"), st.sampled_from([95, 120, "7%", "much", None])),
        st.tuples(st.just("note"), st.text("ab", max_size=2)),
    ),
)
lives = st.lists(st.tuples(st.integers(0, 120), st.lists(edits, max_size=4)), min_size=1, max_size=8)


@settings(max_examples=25)
@given(st.one_of(steady, histories), lives)
def test_any_life(figures: dict[str, Any], life: list[tuple[int, list[Any]]]) -> None:
    company = Company(KINDS, figures)
    for days, typed in life:
        company.today = min(company.today + timedelta(days=days), MONTHS[-1] + timedelta(days=30))
        for row, (name, value) in typed:
            if company.rows():
                company.type(REVIEW, row % len(company.rows()), name, value)
        before, book = company.rows(), company.book
        plan, _ = company.run()
        rows = company.rows()
        for was, now in zip(before, rows, strict=False):
            assert all(now[name] == was[name] for name in (*PEOPLES, *ONCE))
        assert len(rows) >= len(before)
        keys = [row["key"] for row in rows]
        assert len(set(keys)) == len(keys)
        open_rows = Counter(row["key"].rpartition("|")[0] for row in rows if row["done"] is None)
        assert all(count == 1 for count in open_rows.values())
        # Of people's cells in KPIs those alone change that a decision asks for.
        for change in plan.changes:
            if getattr(change, "table", "") != CATALOGUE:
                continue
            assert isinstance(change, SetCell)
            asked = {
                row["decision"]
                for was, row in zip(before, rows, strict=False)
                if row["key"].partition("|")[0] == change.key and row["done"] == company.today != was["done"]
            } | {row["decision"] for row in rows if row["key"].partition("|")[0] == change.key and row["carried"]}
            wanted = {"active_to": {"Retire", "Ersetzen"}, "target": {"Recalibrer"}}[change.field]
            assert asked & wanted
        kpis = book.tables[CATALOGUE]
        for row in range(len(KINDS)):
            for name in FIELDS[CATALOGUE]:
                if name not in ("active_to", "target"):
                    assert company.book.tables[CATALOGUE].value(row, name) == kpis.value(row, name)
        again = company.run()[0].changes
        assert again == ()
        assert not any(isinstance(change, AddRow) for change in again)
