"""Where a series is heading: the Theta method, with an interval from its own errors.

The method of V. Assimakopoulos and K. Nikolopoulos ("The theta model", International Journal of Forecasting 16, 2000),
which won the M3 competition, in the form that R. J. Hyndman and B. Billah gave it ("Unmasking the Theta method", ibid.
19, 2003): simple exponential smoothing, with a drift of half the slope of the straight line through the values. Where
the season explains enough (its autocorrelation is significant at 90 %, as in the original method, over two whole years
or more), values are freed of it first: divided by its indices (classical multiplicative decomposition), or lessened by
them where not all values are positive.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist, fmean

FEWEST = 6
"""Values below which no forecast is made."""
_GRID = [step / 50 for step in range(1, 51)]
"""Smoothing weights that are tried."""
_SIGNIFICANT = 1.645
_RECENT = 40
"""Errors that tell how far off the next ones may be."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The values to come, each with the standard deviation of its error; in the unit of the series."""

    values: tuple[float, ...]
    deviations: tuple[float, ...]

    def interval(self, step: int, share: float = 0.8) -> tuple[float, float]:
        """The interval that holds the value of that step (from 0) in ``share`` of all cases, errors being normal."""
        width = NormalDist().inv_cdf((1 + share) / 2) * self.deviations[step]
        return self.values[step] - width, self.values[step] + width

    def total(self) -> tuple[float, float]:
        """The sum of all steps and its standard deviation; errors of steps are taken as wholly dependent, which they
        nearly are: each carries those before it."""
        return sum(self.values), sum(self.deviations)


def forecast(values: Sequence[float], steps: int, *, season: int = 1) -> Forecast | None:
    """The ``steps`` values after ``values`` (in time order, without gaps); None where these are too few.

    ``season`` is the number of periods after which a season returns: 12 for months, 1 for none.
    """
    if len(values) < FEWEST or steps < 1:
        return None
    indices, ratio = _season(values, season) if _is_seasonal(values, season) else ([0.0] * season, False)
    plain = [_without(value, indices[at % season], ratio) for at, value in enumerate(values)]
    weight, levels = _smoothed(plain)
    drift, count, deviation = _slope(plain) / 2, len(plain), 0.0
    found, widths = [], []
    for step in range(1, steps + 1):
        index = indices[(count + step - 1) % season]
        found.append(_with(_ahead(levels[-1], drift, weight, count, step), index, ratio))
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
        widths.append(spread * index if ratio else spread)
    return Forecast(tuple(found), tuple(widths))


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


def _slope(values: Sequence[float]) -> float:
    """That of the least squares line."""
    middle, mean = (len(values) - 1) / 2, fmean(values)
    above = sum((at - middle) * (value - mean) for at, value in enumerate(values))
    return above / sum((at - middle) ** 2 for at in range(len(values)))


def _is_seasonal(values: Sequence[float], season: int) -> bool:
    if season < 2 or len(values) < 2 * season:
        return False
    mean = fmean(values)
    spread = sum((value - mean) ** 2 for value in values)
    if not spread:
        return False
    lags = [
        sum((a - mean) * (b - mean) for a, b in zip(values, values[lag:], strict=False)) / spread
        for lag in range(1, season + 1)
    ]
    noise = math.sqrt((1 + 2 * sum(lag * lag for lag in lags[:-1])) / len(values))
    return abs(lags[-1]) > _SIGNIFICANT * noise


def _season(values: Sequence[float], season: int) -> tuple[list[float], bool]:
    """The index of each place in the season, and whether values are divided by it rather than lessened."""
    ratio, half = min(values) > 0, season // 2
    parts: list[list[float]] = [[] for _ in range(season)]
    for at in range(half, len(values) - half):
        around = values[at - half : at + half + 1]
        if season % 2 == 0:
            around = [around[0] / 2, *around[1:-1], around[-1] / 2]
        middle = sum(around) / season
        parts[at % season].append(values[at] / middle if ratio else values[at] - middle)
    raw = [fmean(part) for part in parts]
    mean = fmean(raw)
    return [index / mean if ratio else index - mean for index in raw], ratio


def _without(value: float, index: float, ratio: bool) -> float:
    return value / index if ratio else value - index


def _with(value: float, index: float, ratio: bool) -> float:
    return value * index if ratio else value + index
