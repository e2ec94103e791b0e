"""What the periods to come will bring, for one KPI: the next one, and the fiscal year, against what is aimed at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from kpisheets.core.insight.forecast import Forecast, forecast, interval
from kpisheets.core.insight.history import Past, middle
from kpisheets.core.kpi import Direction, Kpi, RollUp
from kpisheets.core.period import Calendar, Frequency, Period


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a period to come will bring: its ``value`` and the bounds that hold it in ``SHARE`` of all cases.

    ``goal`` is what it should not fall below and not rise above; ``chance`` (a fraction) that it will meet it, None
    where there is no target.
    """

    period: str
    value: float
    low: float
    high: float
    goal: tuple[float | None, float | None] = (None, None)
    chance: float | None = None


class Coming:
    """The periods after the last closed one. ``season``: after how many values one returns; ``recent`` are the values
    that are looked at, the last ones of ``history``."""

    def __init__(
        self,
        kpi: Kpi,
        history: Sequence[Past],
        recent: Sequence[Past],
        targets: Mapping[str, float],
        calendar: Calendar,
        *,
        season: int,
        begun: bool,
    ) -> None:
        self.kpi, self.targets, self.calendar = kpi, targets, calendar
        self.known = {past.period.label: past.actual for past in history}
        self.began = history[0].period.start
        self.values = [past.actual for past in recent]
        first = calendar.next(history[-1].period)
        self.wanted = calendar.next(first) if begun else first
        self.this_year = calendar.period(Frequency.YEARLY, middle(first))
        self.ahead = self._ahead(first)
        # Nobody looks farther ahead than back.
        self.looks = 0 < len(self.ahead) <= len(self.values)
        steps = max(1 + begun, len(self.ahead) if self.looks else 0)
        self.step = int(begun)
        self.found: Forecast | None = forecast(self.values, steps, season=season)

    def next(self) -> Outlook | None:
        if self.found is None or not self.kpi.is_active(self.wanted):
            return None
        goal = self._goal([self.wanted])
        return self._outlook(self.wanted.label, self.found.values[self.step], self.found.deviations[self.step], goal)

    def year(self) -> Outlook | None:
        """The fiscal year as its periods combine; None where a closed one of them is missing, or for a ratio, whose
        parts are not known."""
        kpi, found = self.kpi, self.found
        if found is None or not self.looks or kpi.frequency is Frequency.YEARLY or kpi.roll_up is RollUp.RATIO:
            return None
        count = len(self.ahead)
        if kpi.roll_up is RollUp.LAST:
            goal = self._goal(self.ahead[-1:])
            return self._outlook(self.this_year.label, found.values[count - 1], found.deviations[count - 1], goal)
        past = [period for period in self._of_year() if period.start < self.ahead[0].start]
        if any(period.label not in self.known for period in past):
            return None
        coming, deviation = found.total(count)
        total = sum(self.known[period.label] for period in past) + coming
        parts = len(past) + count if kpi.roll_up is RollUp.AVERAGE else 1
        goal = self._goal([*past, *self.ahead], parts)
        return self._outlook(self.this_year.label, total / parts, deviation / parts, goal)

    def _of_year(self) -> list[Period]:
        """The year's periods from the KPI's first value on, as long as it is active."""
        year, frequency = self.this_year, self.kpi.frequency
        first, last = (self.calendar.period(frequency, day) for day in (year.start, year.last_day))
        return [
            period
            for period in self.calendar.span(first, last)
            if year.start <= middle(period) < year.end and period.start >= self.began and self.kpi.is_active(period)
        ]

    def _ahead(self, first: Period) -> list[Period]:
        return [period for period in self._of_year() if period.start >= first.start]

    def _goal(self, periods: Sequence[Period], parts: int = 1) -> tuple[float | None, float | None]:
        """What is aimed at in all of the periods: the sum of their targets, over ``parts`` of them."""
        kpi, count = self.kpi, len(periods)
        if kpi.direction is Direction.RANGE:
            low, high = (None if one is None else float(one) * count / parts for one in (kpi.low, kpi.high))
            return low, high
        own = None if kpi.target is None else float(kpi.target)
        found = [self.targets.get(period.label, own) for period in periods]
        known = [target for target in found if target is not None]
        if len(known) < count:
            return None, None
        total = sum(known) / parts
        return (total, None) if kpi.direction is Direction.HIGHER else (None, total)

    def _outlook(self, label: str, value: float, deviation: float, goal: tuple[float | None, float | None]) -> Outlook:
        low, high = goal
        chance = None
        if low is not None or high is not None:
            below = 1.0 if high is None else _below(high, value, deviation)
            chance = max(below - (0.0 if low is None else _below(low, value, deviation, included=False)), 0.0)
        lowest, highest = interval(value, deviation)
        possible = self._possible
        return Outlook(label, possible(value), possible(lowest), possible(highest), goal, chance)

    def _possible(self, value: float) -> float:
        """What never was negative will not be, nor will a share that never was more than the whole exceed it."""
        if min(self.values) >= 0:
            value = max(value, 0.0)
        if self.kpi.unit.strip() == "%" and self.kpi.roll_up is not RollUp.SUM and max(self.values) <= 1:
            value = min(value, 1.0)
        return value


def _below(bound: float, value: float, deviation: float, *, included: bool = True) -> float:
    """The chance that what comes is at most the bound, errors being normal; where there are none, it is certain."""
    if deviation > 0:
        return NormalDist(value, deviation).cdf(bound)
    return float(value <= bound if included else value < bound)
