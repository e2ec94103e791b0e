"""Status, variance and roll-ups."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.core.kpi import Direction, Kpi, Measured, RollUp, Status, judge, roll_up, variance, variance_share

numbers = st.decimals(min_value=-(10**9), max_value=10**9, places=3)
tolerances = st.sampled_from([Decimal(text) for text in ("0", "0.01", "0.05", "0.1", "0.5", "1")])


def kpi(direction: Direction, tolerance: Decimal = Decimal(0), **rest: object) -> Kpi:
    return Kpi("k", "K", direction=direction, tolerance=tolerance, **rest)  # type: ignore[arg-type]


@given(numbers, numbers, tolerances)
def test_higher_is_judged_as_exact_arithmetic_judges_it(actual: Decimal, target: Decimal, share: Decimal) -> None:
    a, t, p = Fraction(actual), Fraction(target), Fraction(share)
    expected = Status.MET if a >= t else Status.AT_RISK if a >= t - p * abs(t) else Status.MISSED
    assert judge(kpi(Direction.HIGHER, share), actual, target).status is expected


@given(numbers, numbers, tolerances)
def test_lower_mirrors_higher(actual: Decimal, target: Decimal, share: Decimal) -> None:
    higher = judge(kpi(Direction.HIGHER, share), -actual, -target)
    assert judge(kpi(Direction.LOWER, share), actual, target) == higher


@given(numbers, numbers, numbers, tolerances)
def test_a_range_is_met_inside_and_at_risk_near_a_bound(
    actual: Decimal, one: Decimal, other: Decimal, share: Decimal
) -> None:
    low, high = sorted((one, other))
    a, p = Fraction(actual), Fraction(share)
    near = Fraction(low) - p * abs(Fraction(low)) <= a <= Fraction(high) + p * abs(Fraction(high))
    expected = Status.MET if low <= actual <= high else Status.AT_RISK if near else Status.MISSED
    assert judge(kpi(Direction.RANGE, share, low=low, high=high), actual, None).status is expected


def test_the_bound_of_the_tolerance_is_at_risk_in_spite_of_binary_fractions() -> None:
    assert judge(kpi(Direction.HIGHER, Decimal("0.1")), 0.27, 0.3).status is Status.AT_RISK
    assert judge(kpi(Direction.HIGHER, Decimal("0.07")), 0.93, 1).status is Status.AT_RISK


def test_blank_is_neither_red_nor_green() -> None:
    for direction in Direction:
        assert judge(kpi(direction), None, Decimal(1)).status is Status.NO_DATA
    assert judge(kpi(Direction.HIGHER), Decimal(1), None).status is Status.NO_TARGET
    assert judge(kpi(Direction.RANGE), Decimal(1), Decimal(1)).status is Status.NO_TARGET


def test_a_sum_in_progress_is_judged_against_the_target_to_date_and_the_rest_against_the_whole() -> None:
    adds_up = kpi(Direction.HIGHER, roll_up=RollUp.SUM)
    verdict = judge(adds_up, 50, 100, elapsed=0.5)
    assert (verdict.status, verdict.so_far) == (Status.IN_PROGRESS, Status.MET)
    assert judge(adds_up, 49, 100, elapsed=0.5).so_far is Status.MISSED
    assert judge(kpi(Direction.HIGHER, roll_up=RollUp.RATIO), 50, 100, elapsed=0.5).so_far is Status.MISSED
    assert judge(adds_up, 0, 100, elapsed=0).so_far is None
    assert judge(adds_up, 50, 100, elapsed=1).status is Status.MISSED


@given(numbers, numbers)
def test_variance_is_safe_at_zero_and_negative_targets(actual: Decimal, target: Decimal) -> None:
    assert variance(actual, target) == pytest.approx(float(actual - target), abs=1e-6)
    share = variance_share(actual, target)
    if target == 0:
        assert share is None
    else:
        assert share == pytest.approx(float((actual - target) / abs(target)), rel=1e-9, abs=1e-12)


@given(st.lists(st.tuples(numbers, st.integers(0, 1000)), max_size=30))
def test_a_ratio_rolls_up_as_the_ratio_of_the_sums(parts: list[tuple[Decimal, int]]) -> None:
    total = sum(Fraction(d) for _, d in parts)
    got = roll_up(RollUp.RATIO, [Measured(numerator=n, denominator=Decimal(d)) for n, d in parts])
    if total == 0:
        assert got is None
    else:
        expected = sum(Fraction(n) for n, _ in parts) / total
        assert got is not None
        assert float(got) == pytest.approx(float(expected), rel=1e-20, abs=1e-15)


@given(st.lists(st.one_of(st.none(), numbers), max_size=30))
def test_other_roll_ups_leave_gaps_out(values: list[Decimal | None]) -> None:
    parts = [Measured(value) for value in values]
    known = [value for value in values if value is not None]
    for kind in (RollUp.SUM, RollUp.AVERAGE, RollUp.LAST):
        got = roll_up(kind, parts)
        if not known:
            assert got is None
        elif kind is RollUp.LAST:
            assert got == known[-1]
        else:
            expected = Fraction(sum(known)) / (1 if kind is RollUp.SUM else len(known))
            assert got is not None
            assert float(got) == pytest.approx(float(expected), rel=1e-12, abs=1e-9)
