"""How to read a KPI, in words: the bounds are those by which the core judges."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.core.kpi import Direction, Kpi, Status, judge
from kpisheets.core.meeting import Meeting
from kpisheets.reports.guide import reading, ritual
from kpisheets.templates import language, languages

D = Decimal
EN = language("en")
HIGHER = Kpi("k", "K", unit="count", target=D(25), tolerance=D("0.05"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "Higher is better. Met at 25 or more, at risk down to 23.75."),
        ({"tolerance": D(0)}, "Higher is better. Met at 25 or more."),
        (
            {"direction": Direction.LOWER, "unit": "days", "target": D(5), "tolerance": D("0.1")},
            "Lower is better. Met at 5.0 d or less, at risk up to 5.5 d.",
        ),
        (
            {"direction": Direction.RANGE, "unit": "%", "low": D("0.04"), "high": D("0.06"), "tolerance": D("0.1")},
            "Best within a range. Met from 4.0% to 6.0%, at risk from 3.6% to 6.6%.",
        ),
        (
            {"direction": Direction.RANGE, "low": D(4), "unit": ""},
            "Best within a range. Met at 4 or more, at risk down to 3.8.",
        ),
        ({"target": None}, "Higher is better. No target yet."),
        ({"unit": "EUR", "target": D(34500)}, "Higher is better. Met at €34,500 or more, at risk down to €32,775."),
    ],
    ids=["higher", "strict", "lower", "range", "half", "none", "money"],
)
def test_it_says_the_direction_and_the_bounds(more: dict[str, object], said: str) -> None:
    kpi = Kpi(**{"id": "k", "name": "K", "unit": "count", "target": D(25), "tolerance": D("0.05"), **more})  # type: ignore[arg-type]
    assert reading(kpi, kpi.target, "EUR", EN).replace("\xa0", " ") == said


@given(
    st.sampled_from([Direction.HIGHER, Direction.LOWER]),
    st.decimals(-9999, 9999, places=1).filter(bool),
    st.sampled_from([D("0.05"), D("0.1"), D("0.25")]),
)
def test_the_bounds_said_are_those_that_judge(direction: Direction, target: Decimal, tolerance: Decimal) -> None:
    kpi = Kpi("k", "K", unit="ratio", direction=direction, tolerance=tolerance)
    said = reading(kpi, target, "EUR", EN).replace("−", "-").replace(",", "")
    met, risk = (float(found) for found in re.findall(r"-?[\d.]*\d", said))
    rounded = 1e-5
    sign = 1 if direction is Direction.HIGHER else -1
    assert judge(kpi, met + sign * rounded, target).status is Status.MET
    assert judge(kpi, risk + sign * rounded, target).status is not Status.MISSED
    assert judge(kpi, risk - sign * rounded, target).status is Status.MISSED


@pytest.mark.parametrize("code", languages())
def test_every_language_says_it_all(code: str) -> None:
    words = language(code)
    for direction in Direction:
        for bounds in ({"low": D(1)}, {"high": D(2)}, {"low": D(1), "high": D(2)}):
            kpi = Kpi("k", "K", direction=direction, tolerance=D("0.1"), **bounds)
            for target in (D(3), None):
                said = reading(kpi, target, "EUR", words)
                assert said.endswith(".")
                assert "{" not in said
    kpis = [Kpi(f"k{n}", f"Name {n}") for n in range(40)]
    for meeting in Meeting:
        said = ritual(meeting, kpis, 30, words)
        assert "Name 0, " in said
        assert "…" in said
        assert len(said) < 700
        minutes = [int(found) for found in re.findall(r"\((\d+) ", said)]
        assert int(re.match(r"\d+", said)[0]) == sum(minutes) <= 30  # type: ignore[index]
    assert ritual(Meeting.WEEKLY, [], 30, words) == words.word("guide.no_ritual")
