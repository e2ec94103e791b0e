"""What a meeting talks about, and how its minutes are shared out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.core.meeting import Incomplete, Meeting, NoAction, Part, What, agenda, budget, usual
from kpisheets.core.period import Frequency
from kpisheets.core.summary import Action
from tests.reports import samples


def of(identity: str, frequency: Frequency = Frequency.MONTHLY) -> Any:
    [line] = [line for line in samples.eight() if line.kpi.id == identity]
    return replace(line, kpi=replace(line.kpi, frequency=frequency), insight=None)


def test_a_meeting_looks_at_its_own_kpis_and_at_others_by_exception() -> None:
    lines = (
        of("revenue", Frequency.WEEKLY),  # met, nothing new
        of("delivery", Frequency.WEEKLY),  # missed
        of("cash"),
        of("conversion", Frequency.QUARTERLY),
    )
    found = {which: [line.kpi.id for line in agenda(samples.summary(lines), which).summary.lines] for which in Meeting}
    assert found == {
        Meeting.WEEKLY: ["revenue", "delivery"],
        Meeting.MONTHLY: ["delivery", "cash"],
        Meeting.QUARTERLY: ["delivery", "cash", "conversion"],  # cash is typed by hand: that is news
    }


def test_what_changed_is_told_from_what_lasts() -> None:
    newly = of("delivery")  # missed for months
    turned = replace(newly, trend=(*newly.trend[:-2], replace(newly.trend[-2], actual=5), newly.trend[-1]))
    unknown = replace(newly, trend=newly.trend[-1:])
    lines = [replace(one, kpi=replace(one.kpi, id=name)) for name, one in (("a", newly), ("b", turned), ("c", unknown))]
    made = agenda(samples.summary((*lines, of("cash"), of("leads"))), Meeting.MONTHLY)
    assert {change.line.kpi.id: change.whats for change in made.changes} == {
        "b": (What.MISSED,),
        "cash": (What.OVERRIDDEN,),
        "leads": (What.RESTATED,),
    }
    [change] = agenda(samples.summary((samples.eight()[1],)), Meeting.MONTHLY).changes  # with its insight
    assert change.whats == (What.SIGNAL,)


def test_decisions_are_gaps_without_an_action_and_actions_half_written() -> None:
    whole = Action("delivery", "Delivery", "2026-10", "", "Carrier", "Change it", "Ann", None, date(2026, 12, 1))
    lines = (of("delivery"), of("revenue"))
    assert agenda(samples.summary(lines, actions=(whole,)), Meeting.MONTHLY).decisions == ()
    half = replace(whole, cause="", due=None)
    assert agenda(samples.summary(lines, actions=(half,)), Meeting.MONTHLY).decisions == (
        Incomplete(half, ("cause", "due")),
    )
    [none] = agenda(samples.summary(lines), Meeting.MONTHLY).decisions
    assert isinstance(none, NoAction)
    assert none.line.kpi.id == "delivery"


@given(st.dictionaries(st.sampled_from(Part), st.integers(0, 400)), st.integers(10, 480))
def test_minutes_are_whole_and_fit(counts: dict[Part, int], most: int) -> None:
    given_ = budget(counts, most)
    wanted = {part for part, count in counts.items() if count and part is not Part.CLOSE} | {Part.CLOSE}
    assert set(given_) == wanted
    assert all(isinstance(minutes, int) and minutes >= 1 for minutes in given_.values())
    assert sum(given_.values()) <= max(most, 8 + 5)
    assert [*given_] == sorted(given_, key=[*Part].index)


@pytest.mark.parametrize(
    ("frequencies", "found"),
    [
        ([], Meeting.MONTHLY),
        ([Frequency.DAILY, Frequency.MONTHLY], Meeting.WEEKLY),
        ([Frequency.WEEKLY, Frequency.MONTHLY, Frequency.MONTHLY], Meeting.MONTHLY),
        ([Frequency.YEARLY], Meeting.QUARTERLY),
    ],
    ids=["none", "tie", "most", "yearly"],
)
def test_the_usual_meeting_is_that_of_most(frequencies: list[Frequency], found: Meeting) -> None:
    assert usual(frequencies) is found
