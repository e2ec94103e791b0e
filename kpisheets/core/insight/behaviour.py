"""The process behaviour chart (XmR): what a series does by itself, and which of its values say that something changed.

After Donald J. Wheeler, *Understanding Variation* (SPC Press, 2nd edition 2000): natural process limits lie 2.66
average moving ranges from the mean (3 / d2, where d2 = 1.128 for ranges of two values), and three rules tell a signal
from routine variation: a value outside the limits; eight in a row on one side of the mean; three of four in a row that
are nearer to a limit than to the mean.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

SCALE = 2.66
"""Average moving ranges from the mean to a limit."""
FEWEST = 6
"""Values below which limits would say nothing."""
BASELINE = 24
"""Values of which a phase's limits are made, its first ones: later ones are judged by them and do not move them."""
RUN = 8
_NEAR, _OF = 3, 4


class Rule(StrEnum):
    """What tells a signal from routine variation."""

    OUTSIDE = "outside"
    RUN = "run"
    NEAR_LIMIT = "near_limit"


@dataclass(frozen=True, slots=True)
class Limits:
    """Mean and natural process limits of a phase, in the unit of its values."""

    mean: float
    lower: float
    upper: float

    def outside(self, value: float) -> int:
        """1 above the limits, -1 below, 0 within."""
        return _beyond(value, self.lower, self.upper)

    def side(self, value: float) -> int:
        """1 above the mean, -1 below, 0 on it."""
        return _beyond(value, self.mean, self.mean)

    def near(self, value: float) -> int:
        """1 where the value is nearer to the upper limit than to the mean, -1 to the lower one, else 0."""
        return _beyond(value, (self.mean + self.lower) / 2, (self.mean + self.upper) / 2)


@dataclass(frozen=True, slots=True)
class Phase:
    """The values from ``first`` to before ``end`` (indices), which have one mean and one pair of limits."""

    first: int
    end: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Signal:
    """The values from ``first`` to ``last`` (indices, included) are no routine variation; ``up`` is their direction."""

    rule: Rule
    first: int
    last: int
    up: bool


@dataclass(frozen=True, slots=True)
class Behaviour:
    """``phases`` in order, none where there are too few values; ``signals`` by their last value."""

    phases: tuple[Phase, ...] = ()
    signals: tuple[Signal, ...] = ()

    @property
    def limits(self) -> Limits | None:
        """Those of the present phase."""
        return self.phases[-1].limits if self.phases else None

    def latest(self, count: int) -> Signal | None:
        """The signal that the last of ``count`` values gives, the plainest first."""
        now = [signal for signal in self.signals if signal.last == count - 1]
        return min(now, key=lambda signal: list(Rule).index(signal.rule), default=None)

    def shift(self) -> Signal | None:
        """The change with which the present phase began, where it is not the first one."""
        if len(self.phases) < 2:
            return None
        phase, before = self.phases[-1], self.phases[-2]
        return Signal(Rule.RUN, phase.first, phase.end - 1, phase.limits.mean > before.limits.mean)


def behaviour(values: Sequence[float], *, floor: float | None = None) -> Behaviour:
    """What the values, in time order and without gaps, say of the process behind them.

    A run of eight on one side of the mean is a confirmed shift: a new phase with limits of its own begins where the run
    began. No limit lies below ``floor``, which is 0 for counts and amounts that cannot be negative.
    """
    if len(values) < FEWEST:
        return Behaviour()
    phases = tuple(_phases(values, floor))
    signals = [signal for phase in phases for signal in _signals(values, phase)]
    return Behaviour(phases, tuple(sorted(signals, key=lambda signal: (signal.last, signal.first))))


def _beyond(value: float, low: float, high: float) -> int:
    """1 above ``high``, -1 below ``low``, by more than the noise of binary fractions: twelve times 0.1 lie on their
    mean."""
    if value > high:
        return 0 if math.isclose(value, high, rel_tol=1e-12) else 1
    if value < low:
        return 0 if math.isclose(value, low, rel_tol=1e-12) else -1
    return 0


def limits(values: Sequence[float], floor: float | None = None) -> Limits:
    """Mean and limits of the values, two at least."""
    mean = sum(values) / len(values)
    ranges = [abs(after - before) for before, after in pairwise(values)]
    width = SCALE * sum(ranges) / len(ranges)
    lower = mean - width if floor is None else max(mean - width, floor)
    return Limits(mean, lower, mean + width)


def _phases(values: Sequence[float], floor: float | None) -> Iterator[Phase]:
    first, count = 0, len(values)
    while True:
        found = limits(values[first : first + BASELINE], floor)
        start = next((run for run, _ in _runs(values, first, count, found) if run > first), None)
        # A phase of a few values would have limits that mean nothing: it is part of what follows.
        if start is None or start - first < FEWEST:
            yield Phase(first, count, found)
            return
        yield Phase(first, start, limits(values[first:start][:BASELINE], floor))
        first = start


def _signals(values: Sequence[float], phase: Phase) -> Iterator[Signal]:
    found = phase.limits
    for at in range(phase.first, phase.end):
        if side := found.outside(values[at]):
            yield Signal(Rule.OUTSIDE, at, at, side > 0)
    for first, last in _runs(values, phase.first, phase.end, found):
        yield Signal(Rule.RUN, first, last, values[first] > found.mean)
    near = [found.near(value) for value in values[phase.first : phase.end]]
    for end in range(_OF, len(near) + 1):
        side, few = near[end - 1], near[end - _OF : end]
        if side and few.count(side) >= _NEAR:
            yield Signal(Rule.NEAR_LIMIT, phase.first + end - _OF, phase.first + end - 1, side > 0)


def _runs(values: Sequence[float], first: int, end: int, found: Limits) -> Iterator[tuple[int, int]]:
    """The first and the last of each run of eight or more on one side of the mean; a value on it ends a run."""
    start, side = first, 0
    for at in range(first, end + 1):
        now = found.side(values[at]) if at < end else 0
        if now and now == side:
            continue
        if side and at - start >= RUN:
            yield start, at - 1
        start, side = at, now
