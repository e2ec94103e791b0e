"""What a review looks at: the KPIs that are followed, each with its closed periods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from statistics import median

from kpisheets.core.insight.behaviour import RUN
from kpisheets.core.kpi import Kpi, Number, Status, judge
from kpisheets.core.period import Frequency, Period
from kpisheets.core.tracking import Tracking
from kpisheets.core.values import is_number

YEAR: Mapping[Frequency, int] = {
    Frequency.DAILY: 365,
    Frequency.WEEKLY: 52,
    Frequency.MONTHLY: 12,
    Frequency.QUARTERLY: 4,
    Frequency.YEARLY: 1,
}
"""Periods of a year."""
FEWEST = RUN
"""Judged periods below which “always” and “never” say nothing: a target that is met every other time is met eight times
in a row once in 256 (the run of Wheeler's rules, see ``core/insight/behaviour.py``)."""
_ROUNDED = Context(prec=3)
_LARGEST = 1e100


@dataclass(frozen=True, slots=True)
class Judged:
    """A closed period; ``actual`` and ``target`` are None where the cell holds no number."""

    period: Period
    actual: float | None
    target: Number | None
    status: Status


@dataclass(frozen=True, slots=True)
class Followed:
    """A KPI that is followed today. ``past`` are its closed periods in time order; ``fresh`` is how many of them, the
    last ones, came after its latest recalibration: what was so before says nothing of the present target."""

    kpi: Kpi
    past: tuple[Judged, ...]
    fresh: int

    @property
    def recent(self) -> tuple[Judged, ...]:
        """The periods of the last year, or eight where these are fewer, as far as they are fresh."""
        return self.past[len(self.past) - min(self.fresh, max(YEAR[self.kpi.frequency], FEWEST)) :]

    def judged(self) -> tuple[Judged, ...]:
        """Those of ``recent`` that have an actual and a target; none where they are too few to say “always”."""
        found = tuple(one for one in self.recent if one.status in (Status.MET, Status.AT_RISK, Status.MISSED))
        return found if len(found) >= max(FEWEST, YEAR[self.kpi.frequency] // 2) else ()


@dataclass(frozen=True, slots=True)
class Scene:
    """``kpis`` are all of the catalogue that can be worked on, ``followed`` those of them that are followed ``today``;
    ``stopped`` the IDs of which something is ambiguous. ``most``: KPIs that a department may have; 0 for any number."""

    kpis: tuple[Kpi, ...]
    followed: tuple[Followed, ...]
    stopped: frozenset[str]
    today: date
    most: int


def is_followed(kpi: Kpi, today: date) -> bool:
    """Whether it has begun, and today is not its last day or later."""
    return (kpi.active_from is None or kpi.active_from <= today) and (kpi.active_to is None or kpi.active_to > today)


def scene(tracking: Tracking, recalibrated: Mapping[str, date], most: int) -> Scene:
    """What a review of today looks at; ``recalibrated``: when a decision last changed a KPI's target."""
    kpis, today = tuple(tracking.catalogue.kpis.values()), tracking.moment.today
    rows = tracking.periods()
    followed = []
    for kpi in kpis:
        if kpi.id in tracking.stopped or not is_followed(kpi, today):
            continue
        mine = sorted(rows.get(kpi.id, {}).values(), key=lambda one: one[0].start)
        past = tuple(
            _judged(tracking, kpi, period, row)
            for period, row in mine
            if period.frequency is kpi.frequency and kpi.is_active(period) and tracking.is_settled(row, period)
        )
        since = recalibrated.get(kpi.id)
        fresh = len(past) if since is None else sum(one.period.start >= since for one in past)
        followed.append(Followed(kpi, past, fresh))
    stopped = tracking.catalogue.stopped | frozenset(tracking.stopped)
    return Scene(kpis, tuple(followed), stopped, today, most)


def _judged(tracking: Tracking, kpi: Kpi, period: Period, row: int) -> Judged:
    value = tracking.draft.value
    actual, target = value(row, "actual"), tracking.goal(row)
    number = float(actual) if is_number(actual) and abs(float(actual)) < _LARGEST else None
    goal = target if is_number(target) else None
    return Judged(period, number, goal, judge(kpi, number, goal).status)


def typical(values: Iterable[float]) -> float:
    """The median to three digits: what half of them reached, as a target would be written."""
    return float(_ROUNDED.create_decimal(Decimal(repr(median(values)))))
