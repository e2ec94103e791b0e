"""Where a series is heading: the Theta method, with an interval from its own errors.

The method of V. Assimakopoulos and K. Nikolopoulos ("The theta model", International Journal of Forecasting 16, 2000),
which won the M3 competition, in the form that R. J. Hyndman and B. Billah gave it ("Unmasking the Theta method", ibid.
19, 2003): simple exponential smoothing, with a drift of half the slope of the straight line through the values. Where
there is a season (``season.py``), values are freed of it first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist, fmean

from kpisheets.core.insight.season import season_of, slope

SHARE = 0.8
"""How often an interval should hold what comes."""
FEWEST = 6
"""Values below which no forecast is made."""
_GRID = [step / 50 for step in range(1, 51)]
"""Smoothing weights that are tried."""
_RECENT = 40
"""Errors that tell how far off the next ones may be."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The values to come, each with the standard deviation of its error; in the unit of the series."""

    values: tuple[float, ...]
    deviations: tuple[float, ...]

    def total(self, count: int) -> tuple[float, float]:
        """The sum of the first ``count`` steps and its standard deviation; errors of steps are taken as wholly
        dependent, which they nearly are: each carries those before it."""
        return sum(self.values[:count]), sum(self.deviations[:count])


def forecast(values: Sequence[float], steps: int, *, season: int = 1) -> Forecast | None:
    """The ``steps`` values after ``values`` (in time order, without gaps); None where these are too few.

    ``season`` is the number of periods after which a season returns: 12 for months, 1 for none.
    """
    if len(values) < FEWEST or steps < 1:
        return None
    cycle = season_of(values, season)
    plain = cycle.removed(values) if cycle else list(values)
    weight, levels = _smoothed(plain)
    drift, count, deviation = slope(plain) / 2, len(plain), 0.0
    found, widths = [], []
    for step in range(1, steps + 1):
        place, ahead = count + step - 1, _ahead(levels[-1], drift, weight, count, step)
        found.append(cycle.restored(ahead, place) if cycle else ahead)
        errors = [
            plain[at + step] - _ahead(levels[at], drift, weight, at + 1, step)
            for at in range(max(0, count - step - _RECENT), count - step)
        ]
        if len(errors) >= FEWEST - 1:
            # What is farther away is never surer, however few errors tell of it.
            deviation = max(deviation, math.sqrt(fmean(error * error for error in errors)))
            spread = deviation
        else:
            spread = deviation * math.sqrt(1 + (step - 1) * weight * weight)
        widths.append(spread * cycle.index(place) if cycle and cycle.ratio else spread)
    return Forecast(tuple(found), tuple(widths))


def interval(value: float, deviation: float) -> tuple[float, float]:
    """The interval that holds what comes in ``SHARE`` of all cases, errors being normal."""
    width = NormalDist().inv_cdf((1 + SHARE) / 2) * deviation
    return value - width, value + width


def _ahead(level: float, drift: float, weight: float, count: int, step: int) -> float:
    """The value ``step`` periods after ``count`` values that were smoothed to ``level``."""
    return level + drift * (step - 1 + (1 - (1 - weight) ** count) / weight)


def _smoothed(values: Sequence[float]) -> tuple[float, list[float]]:
    """The weight of simple exponential smoothing that errs least one step ahead, and the level after each value."""

    def levels(weight: float) -> list[float]:
        return list(accumulate(values[1:], lambda level, value: level + weight * (value - level), initial=values[0]))

    def cost(weight: float) -> float:
        return sum((value - level) ** 2 for value, level in zip(values[1:], levels(weight), strict=False))

    best = min(_GRID, key=cost)
    return best, levels(best)
