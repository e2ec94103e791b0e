"""What a KPI's history says: changes with their side, seasons, the periods to come against their targets.

Judges: scipy's normal distribution, numpy's least squares with a column for each month, sums by hand.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from kpisheets.core.insight import Insight, Outlook, Past, read
from kpisheets.core.insight.season import season_of
from kpisheets.core.kpi import Direction, Kpi, RollUp
from kpisheets.core.period import PATTERNS, Calendar, Frequency, WeekYears

CALENDAR = Calendar()
WAVE = [1 + 0.3 * math.sin(month * math.tau / 12) for month in range(12)]


def history(
    values: Sequence[float], first: date = date(2024, 1, 1), frequency: Frequency = Frequency.MONTHLY
) -> list[Past]:
    found, period = [], CALENDAR.period(frequency, first)
    for value in values:
        found.append(Past(period, value))
        period = CALENDAR.next(period)
    return found


def told(kpi: Kpi, values: Sequence[float], **more: bool) -> Insight:
    found = read(kpi, history(values), {}, CALENDAR, **more)
    assert found is not None
    return found


def steady(count: int, seed: int = 4, mean: float = 100) -> list[float]:
    draw = random.Random(seed)
    return [draw.gauss(mean, 2) for _ in range(count)]


@pytest.mark.parametrize(
    ("direction", "up", "better"),
    [
        (Direction.HIGHER, True, True),
        (Direction.HIGHER, False, False),
        (Direction.LOWER, True, False),
        (Direction.LOWER, False, True),
    ],
)
def test_which_side_is_better_follows_the_direction(direction: Direction, up: bool, better: bool) -> None:
    change = told(Kpi("k", "K", direction=direction), [*steady(20), 130 if up else 70]).change
    assert change is not None
    assert (change.up, change.better, change.lasting, change.since) == (up, better, False, "2025-09")


def test_a_change_that_lasts_is_told_from_its_beginning() -> None:
    # The last value before the change lies below the mean, so that the run begins with the change.
    values = [*steady(19), 98, *steady(9, seed=5, mean=112)]
    change = told(Kpi("k", "K"), values).change
    assert change is not None
    assert (change.since, change.lasting, change.better) == ("2025-09", True, True)
    # It stops being news.
    assert told(Kpi("k", "K"), [*values, *steady(12, seed=6, mean=112)]).change is None


def test_values_that_stay_outside_are_one_change() -> None:
    change = told(Kpi("k", "K"), [*steady(24), 140, 141]).change
    assert change is not None
    assert (change.since, change.lasting) == ("2026-01", True)


def test_a_range_knows_no_better_within_it() -> None:
    kpi = Kpi("k", "K", direction=Direction.RANGE, low=Decimal(80), high=Decimal(120))
    inside, outside = told(kpi, [*steady(20), 118]).change, told(kpi, [*steady(20), 125]).change
    assert inside is not None
    assert outside is not None
    assert (inside.better, outside.better) == (None, False)


def test_few_values_say_nothing_of_signals() -> None:
    found = told(Kpi("k", "K", target=Decimal(1)), [1, 2, 3])
    assert (found.limits, found.change, found.next, found.year) == (None, None, None, None)
    assert read(Kpi("k", "K"), [], {}, CALENDAR) is None
    assert read(Kpi("k", "K"), history([1, math.inf, 2]), {}, CALENDAR) is None


def test_what_never_moves_is_routine() -> None:
    for value in (0.1, 0.0, 1 / 3, -7.7):
        found = told(Kpi("k", "K"), [value] * 30)
        assert found.limits is not None
        assert found.change is None
        assert not found.seasonal


def test_a_season_is_no_change_and_a_change_is_seen_through_it() -> None:
    draw = random.Random(8)
    values = [100 * WAVE[at % 12] * (1 + draw.gauss(0, 0.02)) for at in range(36)]
    calm = told(Kpi("k", "K"), values)
    assert calm.seasonal
    assert calm.change is None
    # In the low month half of the usual figure, which is not below what the year knows otherwise by much.
    fallen = told(Kpi("k", "K"), [*values, 100 * WAVE[0] * 0.75])
    assert fallen.change is not None
    assert fallen.change.better is False
    assert min(values) < 100 * WAVE[0] * 0.75
    assert fallen.year_before is not None
    assert (fallen.year_before.period.label, fallen.year_before.actual) == ("2026-01", values[24])


def test_the_season_is_least_squares() -> None:
    draw = random.Random(9)
    values = [100 * 1.01**at * WAVE[at % 12] * (1 + draw.gauss(0, 0.05)) for at in range(31)]
    found = season_of(values, 12)
    assert found is not None
    design = numpy.zeros((31, 13))
    for at in range(31):
        design[at, at % 12], design[at, 12] = 1, at
    places = numpy.linalg.lstsq(design, numpy.log(values), rcond=None)[0][:12]
    assert [math.log(index) for index in found.indices] == pytest.approx(list(places - places.mean()))


@pytest.mark.parametrize(
    ("label", "first", "frequency"),
    [
        ("2024-W52", date(2024, 1, 1), Frequency.WEEKLY),
        ("2024-Q4", date(2023, 1, 1), Frequency.QUARTERLY),
        ("2024-12-28", date(2024, 12, 1), Frequency.DAILY),
    ],
)
def test_a_year_before_in_every_frequency(label: str, first: date, frequency: Frequency) -> None:
    last = CALENDAR.parse(label, frequency)
    since = [Past(period, 1.0) for period in CALENDAR.span(CALENDAR.period(frequency, first), CALENDAR.parse(
        {"2024-W52": "2025-W52", "2024-Q4": "2025-Q4", "2024-12-28": "2025-12-27"}[label], frequency
    ))]  # fmt: skip
    found = read(Kpi("k", "K", frequency=frequency), since, {}, CALENDAR)
    assert found is not None
    assert found.year_before is not None
    assert found.year_before.period == last


def test_a_years_sum_is_what_was_and_what_comes() -> None:
    values = [100.0] * 12 + [100.0 + step for step in range(1, 9)]
    found = told(Kpi("k", "K", target=Decimal(105)), values)
    next_, year = found.next, found.year
    assert next_ is not None
    assert year is not None
    assert (next_.period, year.period) == ("2025-09", "2025")
    known = sum(values[12:])
    assert year.value > known + 4 * 100
    assert year.value < known + 4 * 115
    assert year.goal == (12 * 105, None)
    mean = told(Kpi("k", "K", target=Decimal(105), roll_up=RollUp.AVERAGE), values).year
    assert mean is not None
    assert (mean.value, mean.low, mean.goal[0]) == (
        pytest.approx(year.value / 12),
        pytest.approx(year.low / 12),
        pytest.approx(105),
    )
    last = told(Kpi("k", "K", target=Decimal(105), roll_up=RollUp.LAST), values).year
    assert last is not None
    assert last.value < year.value / 10
    assert told(Kpi("k", "K", roll_up=RollUp.RATIO), values).year is None


def test_targets_of_periods_count_and_a_missing_one_is_no_target() -> None:
    past = history(steady(20))
    targets = {f"2025-{month:02d}": 10.0 * month for month in range(1, 10)}
    found = read(Kpi("k", "K", target=Decimal(7)), past, targets, CALENDAR)
    assert found is not None
    assert found.year is not None
    assert found.year.goal == (450 + 3 * 7, None)
    without = read(Kpi("k", "K"), past, targets, CALENDAR)
    assert without is not None
    assert without.year is not None
    assert (without.year.goal, without.year.chance) == ((None, None), None)
    assert without.next is not None
    assert without.next.goal == (90, None)


def test_a_period_with_a_figure_is_not_forecast() -> None:
    found = told(Kpi("k", "K"), steady(20), begun=True)
    assert found.next is not None
    assert found.next.period == "2025-10"


def test_a_closed_period_that_is_missing_leaves_the_year_unknown() -> None:
    past = history(steady(20))
    del past[15]
    found = read(Kpi("k", "K"), past, {}, CALENDAR)
    assert found is not None
    assert found.year is None
    assert found.next is not None


def test_a_fiscal_year_ends_where_the_calendar_says() -> None:
    found = read(Kpi("k", "K"), history(steady(20)), {}, Calendar(fiscal_year_start=7))
    assert found is not None
    assert found.year is not None
    assert found.year.period == "FY2026"
    assert found.year.value == pytest.approx(1200, rel=0.05)


def test_a_kpi_that_ends_has_no_future() -> None:
    kpi = Kpi("k", "K", active_to=date(2025, 8, 31))
    found = told(kpi, steady(20))
    assert (found.next, found.year) == (None, None)


@given(
    st.lists(st.floats(1, 1000), min_size=8, max_size=30),
    st.floats(-100, 2000),
    st.sampled_from([Direction.HIGHER, Direction.LOWER]),
)
def test_the_chance_is_that_of_normal_errors(values: list[float], target: float, direction: Direction) -> None:
    kpi = Kpi("k", "K", direction=direction, target=Decimal(repr(target)), unit="EUR")
    found = told(kpi, [*(-value for value in values[:1]), *values]).next  # once negative: bounds are not cut
    assert found is not None
    assert found.chance is not None
    deviation = (found.high - found.low) / 2 / norm.ppf(0.9)
    if deviation > 1e-6:
        above = norm.sf(target, loc=found.value, scale=deviation)
        expected = above if direction is Direction.HIGHER else 1 - above
        assert found.chance == pytest.approx(expected, abs=1e-6)


def test_the_chance_of_a_range_is_that_of_both_bounds() -> None:
    kpi = Kpi("k", "K", direction=Direction.RANGE, low=Decimal(99), high=Decimal(101), roll_up=RollUp.AVERAGE)
    found = told(kpi, steady(30)).next
    assert found is not None
    deviation = (found.high - found.low) / 2 / norm.ppf(0.9)
    law = norm(loc=found.value, scale=deviation)
    assert found.chance == pytest.approx(law.cdf(101) - law.cdf(99), abs=1e-6)


def test_what_cannot_be_is_not_forecast() -> None:
    falling = told(Kpi("k", "K", unit="count"), [200 - 10 * at for at in range(20)])
    assert falling.next is not None
    assert falling.next.low == 0
    share = told(Kpi("k", "K", unit="%", roll_up=RollUp.AVERAGE), [0.9 + 0.005 * at for at in range(20)])
    assert share.next is not None
    assert share.next.high == 1


@pytest.mark.parametrize("wave", [[1.0] * 12, WAVE])
def test_what_never_changes_is_seldom_called_changed(wave: list[float]) -> None:
    draw = random.Random(12)
    series = ([100 * wave[at % 12] * (1 + draw.gauss(0, 0.03)) for at in range(36)] for _ in range(300))
    assert sum(told(Kpi("k", "K"), values).change is not None for values in series) < 0.12 * 300


@pytest.mark.parametrize("weeks", PATTERNS.values())
def test_years_of_whole_weeks_have_a_year_before_and_an_end(weeks: tuple[int, int, int]) -> None:
    calendar = Calendar(week_years=WeekYears(weeks, month=6, weekday=5))
    first, last = (calendar.period(Frequency.MONTHLY, day) for day in (date(2023, 1, 10), date(2026, 3, 10)))
    past = [Past(period, float(period.days)) for period in calendar.span(first, last)]
    found = read(Kpi("k", "K"), past, {}, calendar)
    assert found is not None
    assert found.year_before is not None
    year, number = last.label.split("-")
    assert found.year_before.period.label == f"FY{int(year[2:]) - 1}-{number}"
    assert found.year is not None
    # Each period's figure is its days: a year of them is the year's.
    whole = calendar.period(Frequency.YEARLY, date(2026, 3, 10))
    assert (found.year.period, found.year.value) == (whole.label, pytest.approx(whole.days, rel=0.05))


@given(
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60),
    st.sampled_from(list(Frequency)),
    st.sampled_from(list(RollUp)),
    st.booleans(),
    st.sets(st.integers(0, 59), max_size=5),
)
def test_every_history_can_be_read(
    values: list[float], frequency: Frequency, roll_up: RollUp, begun: bool, gaps: set[int]
) -> None:
    kpi = Kpi("k", "K", frequency=frequency, roll_up=roll_up, target=Decimal(3))
    past = [one for at, one in enumerate(history(values, frequency=frequency)) if at not in gaps]
    found = read(kpi, past, {}, CALENDAR, begun=begun)
    assert (found is None) == (not past)
    for outlook in (found.next, found.year) if found else ():
        if isinstance(outlook, Outlook):
            assert outlook.low <= outlook.value <= outlook.high
            assert outlook.chance is not None
            assert 0 <= outlook.chance <= 1
