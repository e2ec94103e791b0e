"""Forecasts: against statsmodels' own Theta, and against naive ones on series that others measured."""

from __future__ import annotations

import warnings
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.core.insight import forecast

WHY = "it has the series and a Theta of its own: pip install statsmodels"
statsmodels = pytest.importorskip("statsmodels.api", reason=WHY)
QUARTERLY = ("realgdp", "realcons", "realinv", "realgovt", "realdpi", "cpi", "m1", "tbilrate", "unemp", "pop", "infl")
SERIES = (*QUARTERLY, "co2", "nile", "elnino")


def series(name: str) -> tuple[list[float], int]:
    """A real series and its season: the American economy by quarters, CO2 and El Niño by months, the Nile by years."""
    data = statsmodels.datasets
    if name == "co2":
        return data.co2.load_pandas().data.co2.resample("MS").mean().interpolate().tolist(), 12
    if name == "nile":
        return data.nile.load_pandas().data.volume.tolist(), 1
    if name == "elnino":
        return data.elnino.load_pandas().data.iloc[:, 1:].to_numpy().ravel().tolist(), 12
    return data.macrodata.load_pandas().data[name].tolist(), 4


def cuts(values: list[float], season: int) -> list[tuple[list[float], list[float]]]:
    """The series as it was known at some moments, and what came then: a year, or four values."""
    ahead = max(season, 4)
    first = max(3 * season, 24)
    step = max(1, (len(values) - ahead) // 15)
    return [(values[:at][-120:], values[at : at + ahead]) for at in range(first, len(values) - ahead + 1, step)]


def scaled(found: Any, then: list[float], before: list[float], season: int) -> float:
    """MASE: the mean error beside that of the seasonal naive forecast in the past (Hyndman and Koehler 2006)."""
    scale = fmean(abs(a - b) for a, b in zip(before[season:], before, strict=False))
    return fmean(abs(a - b) for a, b in zip(found, then, strict=True)) / scale


def test_it_beats_the_naive_forecasts_on_real_series() -> None:
    ours, naive, seasonal, inside = [], [], [], []
    for name in SERIES:
        values, season = series(name)
        for before, then in cuts(values, season):
            found = forecast(before, len(then), season=season)
            assert found is not None
            ours.append(scaled(found.values, then, before, season))
            naive.append(scaled([before[-1]] * len(then), then, before, season))
            year = [before[-season + step % season] for step in range(len(then))]
            seasonal.append(scaled(year, then, before, season))
            inside += [low <= value <= high for step, value in enumerate(then) for low, high in [found.interval(step)]]
    assert fmean(ours) < 0.85 * fmean(naive)
    assert fmean(ours) < 0.75 * fmean(seasonal)
    # Of intervals that promise 80 %: economies grow, and so do the errors.
    assert fmean(inside) > 0.65


@pytest.mark.parametrize("name", ["realgdp", "unemp", "nile"])
def test_it_is_the_theta_method(name: str) -> None:
    from pandas import Series
    from statsmodels.tsa.forecasting.theta import ThetaModel

    values = series(name)[0][:80]
    found = forecast(values, 6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = ThetaModel(Series(values), deseasonalize=False).fit().forecast(6)
    assert found is not None
    # The weight of smoothing is found on a grid here, by an optimiser there.
    assert list(found.values) == pytest.approx(list(theirs), rel=0.01)


def test_few_values_have_no_future() -> None:
    assert forecast([1, 2, 3, 4, 5], 3) is None
    assert forecast([1, 2, 3, 4, 5, 6], 0) is None


def test_a_season_returns() -> None:
    year = (50, 60, 80, 100, 120, 140, 150, 140, 110, 90, 70, 55)
    found = forecast([value * (1 + at / 200) for at, value in enumerate(year * 4)], 12, season=12)
    assert found is not None
    assert list(found.values) == pytest.approx(
        [value * (1 + (48 + at) / 200) for at, value in enumerate(year)], rel=0.08
    )


@given(st.lists(st.integers(-1000, 1000), min_size=6, max_size=40), st.integers(1, 12), st.sampled_from([1, 4, 12]))
def test_every_series_has_a_forecast_with_a_widening_interval(values: list[int], steps: int, season: int) -> None:
    found = forecast(values, steps, season=season)
    assert found is not None
    assert len(found.values) == len(found.deviations) == steps
    assert all(deviation >= 0 for deviation in found.deviations)
    low, high = found.interval(steps - 1)
    assert low <= found.values[-1] <= high


@given(st.floats(-1e6, 1e6), st.integers(1, 6))
def test_what_never_moves_stays(value: float, steps: int) -> None:
    found = forecast([value] * 12, steps, season=12)
    assert found is not None
    assert list(found.values) == pytest.approx([value] * steps)
    assert max(found.deviations) == pytest.approx(0, abs=1e-6 * max(1, abs(value)))
