"""Real series, and forecasts of them beside naive ones: what statsmodels ships."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import statsmodels.api

from kpisheets.core.insight.forecast import forecast, interval

QUARTERLY = ("realgdp", "realcons", "realinv", "realgovt", "realdpi", "cpi", "m1", "tbilrate", "unemp", "pop", "infl")
NAMES = (*QUARTERLY, "co2", "nile", "elnino", "sunspots")
MOST_CUTS = 15


def series(name: str) -> tuple[list[float], int]:
    """A real series and its season: the American economy by quarters, CO2 and El Niño by months, the Nile and sunspots
    by years."""
    data = statsmodels.api.datasets
    if name == "co2":
        return data.co2.load_pandas().data.co2.resample("MS").mean().interpolate().tolist(), 12
    if name == "nile":
        return data.nile.load_pandas().data.volume.tolist(), 1
    if name == "sunspots":
        return data.sunspots.load_pandas().data.SUNACTIVITY.tolist(), 1
    if name == "elnino":
        return data.elnino.load_pandas().data.iloc[:, 1:].to_numpy().ravel().tolist(), 12
    return data.macrodata.load_pandas().data[name].tolist(), 4


def cuts(values: list[float], season: int) -> list[tuple[list[float], list[float]]]:
    """The series as it was known at some moments, and what came then: a year, or four values."""
    ahead = max(season, 4)
    first = max(3 * season, 24)
    step = max(1, (len(values) - ahead) // MOST_CUTS)
    return [(values[:at][-120:], values[at : at + ahead]) for at in range(first, len(values) - ahead + 1, step)]


@dataclass(frozen=True)
class Measured:
    """Mean absolute scaled errors: ours, of the last value, of the value a season ago; and the share of values within
    the interval."""

    ours: float
    naive: float
    seasonal: float
    inside: float


def measured(name: str) -> Measured:
    """One series, the mean of its cuts."""
    values, season = series(name)
    found = list(_measured(values, season))
    return Measured(*(fmean(each) for each in zip(*found, strict=True)))


def _measured(values: list[float], season: int) -> Iterator[tuple[float, float, float, float]]:
    for before, then in cuts(values, season):
        found = forecast(before, len(then), season=season)
        assert found is not None
        bounds = [interval(*each) for each in zip(found.values, found.deviations, strict=True)]
        yield (
            scaled(found.values, then, before, season),
            scaled([before[-1]] * len(then), then, before, season),
            scaled([before[-season + step % season] for step in range(len(then))], then, before, season),
            fmean(low <= value <= high for value, (low, high) in zip(then, bounds, strict=True)),
        )


def scaled(found: Sequence[float], then: Sequence[float], before: Sequence[float], season: int) -> float:
    """MASE: the mean error beside that of the seasonal naive forecast in the past (Hyndman and Koehler 2006)."""
    scale = fmean(abs(a - b) for a, b in zip(before[season:], before, strict=False))
    return fmean(abs(a - b) for a, b in zip(found, then, strict=True)) / scale
