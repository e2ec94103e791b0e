"""Phased targets: exactly the year's figure, in whole steps, in the shape that was asked for."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.core.kpi import RollUp
from kpisheets.core.targets import Curve, Method, Phasing, phased
from kpisheets.core.targets.rounding import divided
from kpisheets.core.targets.season import shape

steps = st.sampled_from([Decimal(step) for step in ("100", "1", "0.1", "0.01", "0.001")])
counts = st.integers(1, 60)
amounts = st.decimals(1, 10**9, places=2)
weights = st.lists(st.fractions(0, 1000, max_denominator=997), min_size=1, max_size=60).filter(any)


@given(st.integers(-(10**9), 10**9), weights, steps)
def test_parts_add_up_exactly_and_are_nearly_their_shares(units: int, parts: list[Fraction], step: Decimal) -> None:
    total = units * step
    found = divided(total, parts, step)
    assert sum(found) == total
    for part, weight in zip(found, parts, strict=True):
        share = Fraction(total) * weight / sum(parts)
        assert part % step == 0
        assert abs(Fraction(part) - share) < Fraction(step)
    if total >= 0:
        ranked = sorted(zip(parts, found, strict=True))
        assert all(a[1] <= b[1] for a, b in itertools.pairwise(ranked) if a[0] < b[0])


@given(amounts, counts, steps)
def test_an_even_total_is_even(total: Decimal, count: int, step: Decimal) -> None:
    found = phased(Phasing(Method.EVEN, RollUp.SUM, step, total=total), count)
    assert sum(found) == total
    assert max(found) - min(found) <= step


@given(amounts, amounts, counts, steps, st.sampled_from(Curve))
def test_growth_to_a_goal_never_turns_round(
    base: Decimal, goal: Decimal, count: int, step: Decimal, curve: Curve
) -> None:
    for roll_up in (RollUp.SUM, RollUp.AVERAGE, RollUp.LAST):
        how = Phasing(Method.GROWTH, roll_up, step, goal=goal, baseline=base, curve=curve)
        found = phased(how, count)
        assert found[-1] == goal
        assert list(found) == sorted(found, reverse=goal < base)
        assert min(found) >= min(base, goal) - step


@given(amounts, st.floats(0.7, 1.9), st.integers(2, 60), steps, st.sampled_from(Curve))
def test_growth_to_a_total_adds_up_and_never_turns_round(
    base: Decimal, times: float, count: int, step: Decimal, curve: Curve
) -> None:
    total = (base * count * Decimal(times)).quantize(Decimal("0.01"))
    found = phased(Phasing(Method.GROWTH, RollUp.SUM, step, total=total, baseline=base, curve=curve), count)
    assert sum(found) == total
    assert list(found) == sorted(found, reverse=total < base * count)


@given(st.lists(st.lists(amounts, min_size=12, max_size=12), min_size=1, max_size=3), amounts, steps)
def test_a_season_is_that_of_the_past(years: list[list[Decimal]], total: Decimal, step: Decimal) -> None:
    found = shape([[Fraction(value) for value in year] for year in years], 12)
    values = np.array(years, dtype=float)
    judged = (values / values.mean(axis=1, keepdims=True)).mean(axis=0)
    assert [float(weight) for weight in found] == pytest.approx(judged.tolist(), rel=1e-9)
    summed = phased(Phasing(Method.SEASONAL, RollUp.SUM, step, total=total, weights=found), 12)
    assert sum(summed) == total
    level = phased(Phasing(Method.SEASONAL, RollUp.AVERAGE, step, goal=total, weights=found), 12)
    assert sum(level) / 12 == total
    last = phased(Phasing(Method.SEASONAL, RollUp.LAST, step, goal=total, weights=found), 12)
    assert last[-1] == total


def test_a_week_more_than_last_year_is_like_the_one_before() -> None:
    assert shape([[Fraction(value) for value in (1, 2, 3)]], 4) == (
        Fraction(1, 2), 1, Fraction(3, 2), Fraction(3, 2),
    )  # fmt: skip


ONE, FIVE = Decimal(1), Decimal(5)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (Phasing(Method.SEASONAL, RollUp.SUM, ONE, total=FIVE, weights=[Fraction(-1), Fraction(2)]), "below zero"),
        (Phasing(Method.WORKING_DAYS, RollUp.LAST, ONE, goal=FIVE, weights=[Fraction(1)] * 2), "what adds up"),
        (Phasing(Method.GROWTH, RollUp.SUM, ONE, total=FIVE, baseline=Decimal(100)), "below zero"),
        (Phasing(Method.GROWTH, RollUp.LAST, ONE, goal=FIVE, baseline=ONE * 0, curve=Curve.COMPOUND), "above zero"),
        (Phasing(Method.GROWTH, RollUp.LAST, ONE, goal=FIVE), "begins somewhere"),
    ],
)
def test_what_cannot_be_phased_is_said(how: Phasing, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        phased(how, 2)
