"""The season of a series: whether it has one, what each place in it does, and the values freed of it.

Indices are those of the least squares fit of a straight line and a constant for each place in the season, on logarithms
where all values are positive. What is left then varies alike everywhere, also where there are but two seasons, so that
limits can be made of it; with the classical moving averages limits would be far too narrow (see docs/insight.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

_SIGNIFICANT = 1.645


@dataclass(frozen=True, slots=True)
class Season:
    """``indices`` by place in the season; values are divided by them where ``ratio``, else lessened by them."""

    indices: tuple[float, ...]
    ratio: bool

    def index(self, place: int) -> float:
        """That of the ``place``-th value of the series."""
        return self.indices[place % len(self.indices)]

    def removed(self, values: Sequence[float]) -> list[float]:
        """The values, from the first one of the series on, without their season."""
        return [value / self.index(at) if self.ratio else value - self.index(at) for at, value in enumerate(values)]

    def restored(self, value: float, place: int) -> float:
        """A value without season as that of its place."""
        return value * self.index(place) if self.ratio else value + self.index(place)


def season_of(values: Sequence[float], length: int) -> Season | None:
    """The season of ``length`` values; None where there are less than two of them, or where it does not explain enough:
    values a season apart, freed of their line, are not correlated at 95 % (one-sided; Bartlett's error, 1 / √n)."""
    if length < 2 or len(values) < 2 * length:
        return None
    gradient = slope(values)
    mean = fmean(values)
    middle = (len(values) - 1) / 2
    bare = [value - mean - gradient * (at - middle) for at, value in enumerate(values)]
    spread = sum(value * value for value in bare)
    if not spread > 1e-18 * len(values) * max(value * value for value in values):
        return None
    alike = sum(a * b for a, b in zip(bare, bare[length:], strict=False)) / spread
    return _fitted(values, length) if alike > _SIGNIFICANT / math.sqrt(len(values)) else None


def slope(values: Sequence[float]) -> float:
    """That of the least squares line through two values or more."""
    middle, mean = (len(values) - 1) / 2, fmean(values)
    above = sum((at - middle) * (value - mean) for at, value in enumerate(values))
    return above / sum((at - middle) ** 2 for at in range(len(values)))


def _fitted(values: Sequence[float], length: int) -> Season:
    ratio = min(values) > 0
    plain = [math.log(value) for value in values] if ratio else list(values)
    above = below = 0.0
    # The line's slope is seen within each place alone, where the season is the same.
    for place in range(length):
        part = plain[place::length]
        weight = length * len(part) * (len(part) ** 2 - 1) / 12
        above += slope(part) * weight
        below += weight * length
    gradient = above / below
    bare = [value - gradient * at for at, value in enumerate(plain)]
    raw = [fmean(bare[place::length]) for place in range(length)]
    mean = fmean(raw)
    indices = (index - mean for index in raw)
    return Season(tuple(math.exp(index) if ratio else index for index in indices), ratio)
