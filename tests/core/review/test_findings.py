"""Each reason, with its thresholds; pandas judges what is called the same."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpisheets.core.kpi import Direction
from kpisheets.core.review import Reason, Said
from kpisheets.core.review.twins import same
from kpisheets.reports import review
from tests.core.review.company import EN, Company, kpi

CLOSED = 24  # months of which the company knows figures on 20 January 2026


def found(company: Company) -> list[tuple[str, str]]:
    return [(one.reason.value, one.kpi.id if one.kpi else one.about) for one in company.findings()]


def told(company: Company) -> list[Said]:
    return [review.said(one, "EUR", EN) for one in company.findings()]


@pytest.mark.parametrize(
    ("values", "facts", "expected"),
    [
        ([118] * CLOSED, {}, Reason.ALWAYS_MET),
        ([118] * 16 + [99] + [118] * 7, {}, None),  # missed once within the year
        ([118] * 11 + [99] + [118] * 12, {}, Reason.ALWAYS_MET),  # missed once, before it
        ([109] * CLOSED, {}, None),  # by less than a tenth
        ([None] * 17 + [118] * 7, {}, None),  # seven months say nothing
        ([None] * 16 + [118] * 8, {}, Reason.ALWAYS_MET),
        ([50] * CLOSED, {"direction": Direction.LOWER}, Reason.ALWAYS_MET),
        ([0] * CLOSED, {"direction": Direction.LOWER, "target": Decimal(0)}, None),
        ([5] * CLOSED, {"direction": Direction.RANGE, "low": Decimal(1), "high": Decimal(9)}, None),
        ([12] * CLOSED, {"direction": Direction.RANGE, "low": Decimal(1), "high": Decimal(9)}, Reason.NEVER_MET),
        ([90] * CLOSED, {}, Reason.NEVER_MET),
        ([98] * CLOSED, {"tolerance": Decimal("0.1")}, Reason.NEVER_MET),  # at risk is not met
        ([90] * 20 + [100] + [90] * 3, {}, None),
        ([118] * CLOSED, {"active_to": date(2026, 1, 10)}, None),  # retired
        ([118] * CLOSED, {"active_from": date(2025, 9, 1)}, None),  # four months old
        ([105] * 21 + [None] * 3, {}, Reason.NO_DATA),
        ([105] * 22 + [None] * 2, {}, None),
        ([None] * CLOSED, {}, Reason.NO_DATA),
    ],
)
def test_targets_and_data(values: list[Any], facts: dict[str, Any], expected: Reason | None) -> None:
    company = Company([kpi("one", **facts)], {"one": values})
    assert found(company) == ([(expected.value, "one")] if expected else [])


def test_the_words_and_what_is_proposed() -> None:
    easy = Company([kpi("one", unit="EUR")], {"one": [*[0] * 12, *[118, 119, 117] * 4]})
    [said] = told(easy)
    assert said.evidence == "Met in 12 of 12 months, by 18% on average."
    assert said.suggestion == "Recalibrate: half of these periods reached €118; the target is €100."
    hard = Company([kpi("one", unit="%", target=Decimal("0.95"))], {"one": [0.9012] * CLOSED})
    [said] = told(hard)
    assert said.evidence == "Met in 0 of 12 months; short by 4.9\N{NO-BREAK SPACE}pts on average."
    assert "reached 90.1%; the target is 95.0%" in said.suggestion


def test_a_target_that_nobody_touched() -> None:
    random.seed(7)
    moved: list[Any] = [100 + random.gauss(0, 4) for _ in range(12)] + [130 + random.gauss(0, 4) for _ in range(12)]
    company = Company([kpi("one", target=Decimal(128))], {"one": moved})
    [said] = told(company)
    assert said.finding == "Target untouched"
    assert said.evidence.startswith("The target is 128 since January 2024, while the actuals moved from ")
    # Edited within the year, or calm: nothing to say.
    edited: list[Any] = [105] * 18 + [128] * 6
    assert found(Company([kpi("one", target=Decimal(128))], {"one": moved}, targets={"one": edited})) == []
    calm = [100 + random.gauss(0, 12) for _ in range(CLOSED)]
    assert found(Company([kpi("one")], {"one": calm})) == []


def test_owners_objectives_and_departments() -> None:
    random.seed(5)
    figures = {name: [random.gauss(100, 9) for _ in range(CLOSED)] for name in "abcde"}
    kpis = [kpi(name, department="Sales ", objective="Grow") for name in "abcd"]
    kpis.append(kpi("e", owner="", objective="Last", active_to=date(2025, 6, 30)))
    assert found(Company(kpis, figures)) == [("objective", "Last"), ("department", "Sales")]
    kpis[4] = kpi("e", owner="", objective="Last")
    assert found(Company(kpis, figures)) == [("department", "Sales"), ("no_owner", "e")]
    nobody = [kpi(name, owner="") for name in "abc"]
    [(reason, about)] = found(Company(nobody, figures))
    assert (reason, about) == ("no_owner", "")
    # A KPI that cannot be read may be the one that serves the objective.
    kpis[4] = kpi("e", objective="Last", active_to=date(2025, 6, 30))
    company = Company([*kpis, kpi("f", low=Decimal(9), high=Decimal(1))], figures)
    assert ("objective", "Last") not in found(company)


def test_two_that_say_the_same() -> None:
    random.seed(3)
    steps = [random.gauss(0, 5) for _ in range(CLOSED)]
    first = [100 + sum(steps[: at + 1]) for at in range(CLOSED)]
    second = [1000 - 7 * value + random.gauss(0, 0.5) for value in first]
    other = [100 + 3 * at + random.gauss(0, 3) for at in range(CLOSED)]
    trend = [50 + 3 * at + random.gauss(0, 3) for at in range(CLOSED)]
    kpis = [kpi(name, target=None) for name in ("first", "second", "other", "trend")]
    figures = {"first": first, "second": second, "other": other, "trend": trend}
    [one] = Company(kpis, figures).findings()
    assert (one.reason, one.kpi and one.kpi.id, one.about) == (Reason.SAME, "second", "first")
    expected = pd.Series(first).diff().corr(pd.Series(second).diff())
    assert one.correlation == pytest.approx(expected, rel=1e-9)
    assert pd.Series(other).corr(pd.Series(trend)) > 0.95  # the levels would say so


numbers = st.lists(st.integers(-50, 50), min_size=12, max_size=30)


@settings(max_examples=60)
@given(numbers, st.integers(-3, 3), st.lists(st.integers(-9, 9), min_size=30, max_size=30))
def test_pandas_agrees(a: list[int], factor: int, noise: list[int]) -> None:
    b = [factor * it + add for it, add in zip(a, noise, strict=False)]
    x, y = pd.Series(a, dtype=float), pd.Series(b, dtype=float)
    r, rank = x.corr(y), x.rank().corr(y.rank())
    busy = min(sum(map(bool, a)), sum(map(bool, b))) * 2 >= len(a)
    mine = same([float(it) for it in a], [float(it) for it in b])
    if abs(abs(r) - 0.95) < 1e-9 or abs(abs(rank) - 0.8) < 1e-9:
        return
    if busy and abs(r) >= 0.95 and rank * r > 0 and abs(rank) >= 0.8:
        assert mine == pytest.approx(r, rel=1e-9)
    else:
        assert mine is None
