"""Forecasts: against statsmodels' own Theta, and against naive ones on series that others measured."""

from __future__ import annotations

import warnings
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.core.insight.forecast import forecast, interval
from tests.core.insight.series import NAMES, measured, series


def test_it_beats_the_naive_forecasts_on_real_series() -> None:
    found = [measured(name) for name in NAMES]
    ours, naive, seasonal = (fmean(getattr(one, key) for one in found) for key in ("ours", "naive", "seasonal"))
    assert ours < 0.85 * naive
    assert ours < 0.75 * seasonal
    # Of intervals that promise 80 %: economies grow, and so do the errors.
    assert fmean(one.inside for one in found) > 0.65


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
    low, high = interval(found.values[-1], found.deviations[-1])
    assert low <= found.values[-1] <= high


@given(st.floats(-1e6, 1e6), st.integers(1, 6))
def test_what_never_moves_stays(value: float, steps: int) -> None:
    found = forecast([value] * 12, steps, season=12)
    assert found is not None
    assert list(found.values) == pytest.approx([value] * steps)
    assert max(found.deviations) == pytest.approx(0, abs=1e-6 * max(1, abs(value)))
