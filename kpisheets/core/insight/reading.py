"""What a KPI's closed periods say: did it really change, how it stood a year ago, what the next ones will bring.

Joins the process behaviour chart and the forecast with what a KPI is: which side is the good one, what is aimed at, how
its values combine over a year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from kpisheets.core.insight.behaviour import BASELINE, RUN, Behaviour, Limits, Rule, Signal, behaviour
from kpisheets.core.insight.history import SEASONS, Past, middle
from kpisheets.core.insight.outlook import Coming, Outlook
from kpisheets.core.insight.season import Season, season_of
from kpisheets.core.kpi import Direction, Kpi
from kpisheets.core.period import Calendar, Frequency

WINDOW, _STEP = 156, 52
"""At most so many values and a step are looked at. The first one moves by whole steps, so that what was called a change
yesterday is one today."""
_RECENT = RUN + 4
"""A lasting change is news for so many values: eight of them it takes to be sure."""
_LARGEST = 1e100
_YEAR = timedelta(days=364)
"""A year of whole weeks: the same day of the week."""


@dataclass(frozen=True, slots=True)
class Change:
    """No routine variation since the period ``since``, or, unless it is ``lasting``, in that one alone.

    ``better``: whether it goes to the good side; None for a Range KPI that is in its range.
    """

    since: str
    rule: Rule
    up: bool
    better: bool | None
    lasting: bool


@dataclass(frozen=True, slots=True)
class Present:
    """The phase that goes on: the periods of whose figures its limits are made, in time order, each with what the
    season does to it (``ratio``: a factor, else a summand, 0 where there is no season), and the same for the ``latest``
    periods, whether they have a figure or not. ``not_negative``: no limit lies below zero."""

    baseline: tuple[tuple[str, float], ...]
    latest: tuple[float, ...]
    ratio: bool
    not_negative: bool


@dataclass(frozen=True, slots=True)
class Signs:
    """Whether a KPI changed. ``present`` is None where there are too few values to say anything."""

    change: Change | None
    present: Present | None


@dataclass(frozen=True, slots=True)
class Insight:
    """``limits`` are those of the present phase, None where there are too few values to say anything; where
    ``seasonal`` they are of values without their season. ``year_before`` is the same period a year earlier, ``next``
    the first period without a figure, ``year`` the fiscal year that runs on after the last closed period."""

    limits: Limits | None
    seasonal: bool
    change: Change | None
    year_before: Past | None
    next: Outlook | None
    year: Outlook | None


def read(
    kpi: Kpi, history: Sequence[Past], targets: Mapping[str, float], calendar: Calendar, *, begun: bool = False
) -> Insight | None:
    """What the ``history`` (closed periods in time order) says; None where it is empty or too large to compute with.

    ``targets`` are those of periods that have one of their own; others are judged by the KPI's. ``begun``: the period
    after the last one has a provisional figure already, so that the next one is forecast.
    """
    looked = _look(kpi, history)
    if looked is None:
        return None
    coming = Coming(kpi, history, looked.recent, targets, calendar, season=looked.length, begun=begun)
    return Insight(
        limits=looked.found.limits,
        seasonal=looked.season is not None,
        change=_change(looked.found, looked.recent, kpi),
        year_before=_year_before(history, calendar),
        next=coming.next(),
        year=coming.year(),
    )


def signs(kpi: Kpi, history: Sequence[Past], latest: int) -> Signs | None:
    """What ``read`` says of change alone, without looking ahead, and of the ``latest`` periods what a chart needs."""
    looked = _look(kpi, history)
    if looked is None:
        return None
    return Signs(_change(looked.found, looked.recent, kpi), _present(looked, latest))


@dataclass(frozen=True, slots=True)
class _Looked:
    """The values that are looked at, their season (one returns after ``length`` of them), and what they say."""

    recent: Sequence[Past]
    length: int
    season: Season | None
    not_negative: bool
    found: Behaviour


def _look(kpi: Kpi, history: Sequence[Past]) -> _Looked | None:
    if not history or any(not abs(past.actual) < _LARGEST for past in history):
        return None
    recent = history[max(0, len(history) - WINDOW) // _STEP * _STEP :]
    values = [past.actual for past in recent]
    whole = all(before.period.end == after.period.start for before, after in pairwise(recent))
    # Where periods are missing, a place in the list is no place in the season.
    length = SEASONS[kpi.frequency] if whole else 1
    season = season_of(values, length)
    not_negative = min(values) >= 0
    found = behaviour(season.removed(values) if season else values, floor=0.0 if not_negative else None)
    return _Looked(recent, length, season, not_negative, found)


def _present(looked: _Looked, latest: int) -> Present | None:
    if not looked.found.phases:
        return None
    phase, season, count = looked.found.phases[-1], looked.season, len(looked.recent)

    def index(place: int) -> float:
        return season.index(place) if season else 0.0

    baseline = range(phase.first, min(phase.first + BASELINE, phase.end))
    return Present(
        baseline=tuple((looked.recent[place].period.label, index(place)) for place in baseline),
        latest=tuple(index(place) for place in range(count - latest, count)),
        ratio=season is not None and season.ratio,
        not_negative=looked.not_negative,
    )


def _change(found: Behaviour, recent: Sequence[Past], kpi: Kpi) -> Change | None:
    count = len(recent)
    shift = found.shift()
    signal = found.latest(count)
    if signal is None and shift is not None and count - shift.first <= _RECENT:
        signal = shift
    if signal is None:
        return None
    first = _first_outside(found, signal) if signal.rule is Rule.OUTSIDE else signal.first
    return Change(
        since=recent[first].period.label,
        rule=signal.rule,
        up=signal.up,
        better=_is_better(kpi, recent[-1].actual, up=signal.up),
        lasting=signal.rule is not Rule.OUTSIDE or first < signal.last,
    )


def _first_outside(found: Behaviour, signal: Signal) -> int:
    """Where the values began to lie outside on that side without a break."""
    alike = {one.last for one in found.signals if one.rule is Rule.OUTSIDE and one.up == signal.up}
    first = signal.last
    while first - 1 in alike:
        first -= 1
    return first


def _is_better(kpi: Kpi, actual: float, *, up: bool) -> bool | None:
    if kpi.direction is Direction.RANGE:
        bound = kpi.high if up else kpi.low
        outside = bound is not None and (actual > float(bound) if up else actual < float(bound))
        return False if outside else None
    return up == (kpi.direction is Direction.HIGHER)


def _year_before(history: Sequence[Past], calendar: Calendar) -> Past | None:
    last = history[-1].period
    if last.frequency is Frequency.YEARLY:
        return None
    wanted = calendar.period(last.frequency, middle(last) - _YEAR)
    return next((past for past in reversed(history) if past.period == wanted), None)
