"""Periods, judged by Python's own calendar and by pandas' period arithmetic."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.core.period import Calendar, Frequency

days = st.dates(date(1901, 1, 1), date(2200, 12, 31))
calendars = st.builds(Calendar, st.integers(1, 12), st.sampled_from(["UTC", "Europe/Paris", "Asia/Kolkata"]))
frequencies = st.sampled_from(list(Frequency))


@given(calendars, frequencies, days)
def test_the_period_of_a_day_contains_it_and_reads_back_from_its_label(
    calendar: Calendar, frequency: Frequency, day: date
) -> None:
    period = calendar.period(frequency, day)
    assert period.start <= day < period.end
    assert calendar.parse(period.label) == period
    assert calendar.parse(period.label, frequency) == period
    assert calendar.parse(day, frequency) == period


@given(calendars, frequencies, days)
def test_periods_follow_each_other_without_gap_or_overlap(calendar: Calendar, frequency: Frequency, day: date) -> None:
    period = calendar.period(frequency, day)
    assert calendar.next(period).start == period.end
    assert calendar.previous(calendar.next(period)) == period
    assert [p.start for p in calendar.span(period, calendar.next(period))] == [period.start, period.end]


@given(st.integers(1, 12), days)
def test_quarters_and_years_agree_with_pandas(start: int, day: date) -> None:
    calendar = Calendar(start)
    ending = pandas.Timestamp(2000, (start - 2) % 12 + 1, 1).strftime("%b").upper()
    quarter = pandas.Period(day, freq=f"Q-{ending}")
    ours = calendar.period(Frequency.QUARTERLY, day)
    assert (ours.start, ours.last_day) == (quarter.start_time.date(), quarter.end_time.date())
    prefix = "" if start == 1 else "FY"
    assert ours.label == f"{prefix}{quarter.qyear}-Q{quarter.quarter}"
    year = pandas.Period(day, freq=f"Y-{ending}")
    assert calendar.period(Frequency.YEARLY, day).start == year.start_time.date()


@given(days)
def test_weeks_are_iso_weeks(day: date) -> None:
    year, week, _ = day.isocalendar()
    assert Calendar().period(Frequency.WEEKLY, day).label == f"{year}-W{week:02d}"


@pytest.mark.parametrize(
    ("zone", "first", "last", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 1), date(2026, 4, 1), 743),
        ("Europe/Berlin", date(2026, 10, 1), date(2026, 11, 1), 745),
        ("Asia/Kolkata", date(2026, 3, 1), date(2026, 4, 1), 744),
    ],
)
def test_a_month_has_as_many_hours_as_its_clocks_show(zone: str, first: date, last: date, hours: int) -> None:
    calendar = Calendar(1, zone)
    begin, end = calendar.bounds(calendar.period(Frequency.MONTHLY, first))
    assert (end - begin) == timedelta(hours=hours)
    assert calendar.instant(last) == end
    assert calendar.today(begin) == first
    assert calendar.today(begin - timedelta(seconds=1)) == first - timedelta(days=1)


def test_days_of_zones_with_half_hours_start_there() -> None:
    assert Calendar(1, "Asia/Kolkata").instant(date(2026, 3, 2)).minute == 30
    assert Calendar(1, "Asia/Kathmandu").instant(date(2026, 3, 2)).minute == 15


@pytest.mark.parametrize("text", ["", "2026-13", "2026-W54", "2025-W53", "Q1", "26-10", "2026-02-30", "=1+1", "1600"])
def test_what_is_no_period_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="period"):
        Calendar().parse(text)


def test_a_period_of_another_frequency_is_refused() -> None:
    with pytest.raises(ValueError, match="monthly"):
        Calendar().parse("2026-10", Frequency.WEEKLY)
    with pytest.raises(ValueError, match="FY2026"):
        Calendar(7).parse("2026-Q1")


@given(frequencies, days, st.integers(-400, 800))
def test_the_elapsed_share_grows_from_0_to_1(frequency: Frequency, day: date, offset: int) -> None:
    period = Calendar().period(frequency, day)
    as_of = min(max(day + timedelta(days=offset), date(1901, 1, 1)), date(2202, 1, 1))
    share = period.elapsed(as_of)
    assert 0 <= share <= 1
    assert (share == 1) == period.ended(as_of)
    assert (share == 0) == (as_of <= period.start)


def test_a_moment_in_time_is_read_as_its_day() -> None:
    assert Calendar().period(Frequency.DAILY, datetime(2026, 10, 5, 23, 59)).label == "2026-10-05"  # noqa: DTZ001
