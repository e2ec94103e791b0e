"""Limits and signals: published figures, laws that hold for every series, false alarms by simulation."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.core.insight.behaviour import BASELINE, RUN, Rule, behaviour, limits

# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2 "Individuals Control Charts": flow rates of ten batches, with
# a mean of 50.81 and limits of 45.8159 and 55.8041 (3 / 1.128 = 2.6596 is rounded to 2.66 by Wheeler, as here).
NIST = (49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1)
VALUES = st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), min_size=6, max_size=60)


def test_published_limits() -> None:
    found = limits(NIST)
    assert found.mean == pytest.approx(50.81)
    assert (found.lower, found.upper) == (pytest.approx(45.8159, abs=2e-3), pytest.approx(55.8041, abs=2e-3))
    assert behaviour(NIST).signals == ()


def test_few_values_say_nothing() -> None:
    assert behaviour([1, 2, 3, 4, 500]) == behaviour([])


def test_a_value_outside_is_a_signal() -> None:
    found = behaviour([*NIST, *NIST, 70.0])
    [signal] = [each for each in found.signals if each.rule is Rule.OUTSIDE]
    assert (signal.first, signal.last, signal.up) == (20, 20, True)
    assert found.latest(21) == signal


def test_a_lasting_change_begins_a_new_phase() -> None:
    steady = random.Random(5)
    values = [steady.gauss(100, 2) for _ in range(20)] + [steady.gauss(110, 2) for _ in range(12)]
    found = behaviour(values)
    [first, second] = found.phases
    assert (first.first, second.first) == (0, pytest.approx(20, abs=2))  # the last before it may lie above the mean
    shift = found.shift()
    assert shift is not None
    assert shift.up
    assert found.limits is not None
    assert found.limits.mean == pytest.approx(110, abs=2)
    assert found.phases[0].limits.mean == pytest.approx(100, abs=2)


def test_three_of_four_near_a_limit() -> None:
    flat = [10.0, 11.0] * 12
    upper = limits(flat).upper
    near = (limits(flat).mean + upper) / 2 + 0.1
    found = behaviour([*flat, near, 10.4, near, near])
    assert [(each.first, each.last, each.up) for each in found.signals if each.rule is Rule.NEAR_LIMIT] == [
        (24, 27, True)
    ]


def test_limits_of_counts_do_not_fall_below_nothing() -> None:
    assert limits([0, 9, 1, 8, 0, 9]).lower < 0
    assert behaviour([0, 9, 1, 8, 0, 9], floor=0).phases[0].limits.lower == 0


@given(VALUES, st.integers(-3, 3), st.integers(-100, 100))
def test_units_do_not_matter(values: list[float], power: int, offset: int) -> None:
    scale = 2.0**power  # exact, so that a value on the mean stays there
    one, other = behaviour([round(v) for v in values]), behaviour([round(v) * scale for v in values])
    assert [(s.rule, s.first, s.last, s.up) for s in one.signals] == [
        (s.rule, s.first, s.last, s.up) for s in other.signals
    ]
    assert [phase.first for phase in one.phases] == [phase.first for phase in other.phases]


@given(VALUES)
def test_phases_cover_everything_once(values: list[float]) -> None:
    phases = behaviour(values).phases
    assert phases[0].first == 0
    assert phases[-1].end == len(values)
    assert all(before.end == after.first for before, after in pairwise(phases))
    for phase in phases:
        assert phase.limits == limits(values[phase.first : phase.end][:BASELINE])


@given(VALUES)
def test_upside_down_says_the_opposite(values: list[float]) -> None:
    whole = [float(round(value)) for value in values]
    one, other = behaviour(whole), behaviour([-value for value in whole])
    assert {(s.rule, s.first, s.last, s.up) for s in one.signals} == {
        (s.rule, s.first, s.last, not s.up) for s in other.signals
    }


def test_false_alarms_are_as_rare_as_published() -> None:
    """Of a process that does not change, 0.27 % of the values lie outside three standard deviations, and a run of eight
    begins at one value in 2^7 or fewer: the figures of normal values with known limits, which long baselines come near
    to (E. S. Grant and R. S. Leavenworth, Statistical Quality Control)."""
    draw, outside, runs, count = random.Random(11), 0, 0, 0
    for _ in range(60):
        values = [draw.gauss(0, 1) for _ in range(500)]
        known = limits(values)
        outside += sum(known.outside(value) != 0 for value in values)
        sides = [known.side(value) for value in values]
        runs += sum(
            len({*sides[at : at + RUN]}) == 1 and (at == 0 or sides[at - 1] != sides[at])
            for at in range(len(sides) - RUN)
        )
        count += len(values)
    assert outside / count == pytest.approx(0.0027, abs=0.0012)
    assert runs / count == pytest.approx(1 / 256, abs=0.001)


def test_a_season_of_signals_is_rare_where_nothing_changes() -> None:
    draw = random.Random(3)
    alarms = sum(bool(behaviour([draw.gauss(50, 5) for _ in range(25)]).latest(25)) for _ in range(2000))
    # All three rules together, with limits of 24 values: about one month in thirty.
    assert alarms / 2000 < 0.05
