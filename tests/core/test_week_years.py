"""Years of whole weeks: against pandas' offsets for 52/53-week years, and against published retail calendars."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.tseries.offsets import FY5253

from kpisheets.core.period import PATTERNS, Calendar, Frequency, Period, WeekYears, is_label

days = st.dates(date(1905, 1, 1), date(2200, 12, 31))
layouts = st.builds(
    WeekYears, st.sampled_from(list(PATTERNS.values())), st.integers(1, 12), st.integers(0, 6), st.booleans()
)
calendars = st.builds(lambda layout, start: Calendar(week_years=layout, named_by_start=start), layouts, st.booleans())
frequencies = st.sampled_from(list(Frequency))
NRF = Calendar(week_years=WeekYears((4, 5, 4), month=1, weekday=5, nearest=True), named_by_start=True)


@given(layouts, days)
def test_years_end_where_pandas_ends_them(layout: WeekYears, day: date) -> None:
    kind = "nearest" if layout.nearest else "last"
    offset = FY5253(weekday=layout.weekday, startingMonth=layout.month, variation=kind)
    year = Calendar(week_years=layout).period(Frequency.YEARLY, day)
    ended = pd.Timestamp(day) if offset.is_on_offset(pd.Timestamp(day)) else offset.rollforward(pd.Timestamp(day))
    assert pd.Timestamp(year.last_day) == ended
    assert pd.Timestamp(year.start) == offset.rollback(pd.Timestamp(day) - pd.Timedelta(1, "D")) + pd.Timedelta(1, "D")
    assert year.days in (364, 371)


@given(layouts, days)
def test_weeks_periods_and_quarters_are_counted_out(layout: WeekYears, day: date) -> None:
    calendar = Calendar(week_years=layout)
    year = calendar.period(Frequency.YEARLY, day)
    weeks = [year.start + timedelta(days=7 * number) for number in range(year.days // 7)]
    lengths = [*layout.weeks] * 4
    lengths[-1] += len(weeks) - 52
    starts, at = [], 0
    for length in lengths:
        starts.append(weeks[at])
        at += length
    number = max(place for place, start in enumerate(starts) if start <= day)
    week = max(place for place, start in enumerate(weeks) if start <= day)
    month, quarter = calendar.period(Frequency.MONTHLY, day), calendar.period(Frequency.QUARTERLY, day)
    assert (month.start, month.days) == (starts[number], 7 * lengths[number])
    assert month.label == f"{year.label}-P{number + 1:02}"
    assert quarter.start == starts[number // 3 * 3]
    assert quarter.days == 7 * sum(lengths[number // 3 * 3 :][:3])
    assert quarter.label == f"{year.label}-Q{number // 3 + 1}"
    found = calendar.period(Frequency.WEEKLY, day)
    assert (found.start, found.days, found.label) == (weeks[week], 7, f"{year.label}-W{week + 1:02}")


@given(calendars, frequencies, days)
def test_the_period_of_a_day_contains_it_and_reads_back(calendar: Calendar, frequency: Frequency, day: date) -> None:
    period = calendar.period(frequency, day)
    assert period.start <= day < period.end
    assert calendar.parse(period.label) == calendar.parse(period.label, frequency) == calendar.parse(day, frequency)
    assert calendar.parse(period.label) == period
    assert is_label(period.label)


@given(calendars, frequencies, days)
def test_periods_follow_each_other(calendar: Calendar, frequency: Frequency, day: date) -> None:
    period = calendar.period(frequency, day)
    assert calendar.next(period).start == period.end
    assert calendar.previous(calendar.next(period)) == period
    assert calendar.next(period).label != period.label


# As the National Retail Federation publishes it: https://nrf.com/resources/4-5-4-calendar
PUBLISHED = [
    (2012, date(2012, 1, 29), date(2013, 2, 2), 53),
    (2016, date(2016, 1, 31), date(2017, 1, 28), 52),
    (2017, date(2017, 1, 29), date(2018, 2, 3), 53),
    (2018, date(2018, 2, 4), date(2019, 2, 2), 52),
    (2022, date(2022, 1, 30), date(2023, 1, 28), 52),
    (2023, date(2023, 1, 29), date(2024, 2, 3), 53),
    (2024, date(2024, 2, 4), date(2025, 2, 1), 52),
    (2025, date(2025, 2, 2), date(2026, 1, 31), 52),
]
MONTHS_OF_2023 = "01-29 02-26 04-02 04-30 05-28 07-02 07-30 08-27 10-01 10-29 11-26 12-31"


@pytest.mark.parametrize(("year", "first", "last", "weeks"), PUBLISHED)
def test_the_retail_calendar_is_the_published_one(year: int, first: date, last: date, weeks: int) -> None:
    found = NRF.parse(f"FY{year}")
    assert (found.start, found.last_day, found.days // 7) == (first, last, weeks)


def test_its_months_are_the_published_ones() -> None:
    months = list(NRF.span(NRF.parse("FY2023-P01"), NRF.parse("FY2023-P12")))
    assert " ".join(f"{month.start:%m-%d}" for month in months) == MONTHS_OF_2023
    assert months[-1].days == 5 * 7


def test_a_year_is_named_by_the_month_that_it_ends_with() -> None:
    # The Saturday nearest to the end of December 2020 was 2 January 2021: the year is 2020's all the same.
    layout = WeekYears((4, 4, 5), month=12, weekday=5, nearest=True)
    for by_start in (False, True):
        year = Calendar(week_years=layout, named_by_start=by_start).period(Frequency.YEARLY, date(2021, 1, 2))
        assert (year.label, year.start) == ("FY2020", date(2019, 12, 29))
    assert Calendar(4, named_by_start=True).period(Frequency.QUARTERLY, date(2026, 10, 5)).label == "FY2026-Q3"
    assert Calendar(4).period(Frequency.QUARTERLY, date(2026, 10, 5)).label == "FY2027-Q3"


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("fy2026-p3", "FY2026-P03"),
        ("FY2026P03", "FY2026-P03"),
        ("FY 2026 P3", "FY2026-P03"),
        ("FY26-P03", "FY2026-P03"),
        ("P3 FY2026", "FY2026-P03"),
        ("p03/fy2026", "FY2026-P03"),
        ("fy2026q2", "FY2026-Q2"),
        ("Q2 FY2026", "FY2026-Q2"),
        ("FY2026-W1", "FY2026-W01"),
        (" FY26 ", "FY2026"),
        ("2026-03-10", "2026-03-10"),
    ],
)
def test_what_people_type_is_read(typed: str, label: str) -> None:
    assert NRF.parse(typed).label == label


@pytest.mark.parametrize(
    ("read", "typed", "words"),
    [
        (NRF.parse, "2026-10", "no months"),
        (NRF.parse, "2026-Q1", "write FY2026"),
        (NRF.parse, "2026-W10", "write FY2026"),
        (NRF.parse, "FY2026-P13", "periods 1 to 12"),
        (NRF.parse, "FY2026-P0", "periods 1 to 12"),
        (NRF.parse, "FY2026-Q5", "quarters 1 to 4"),
        (NRF.parse, "FY2026-W53", "weeks 1 to 52"),
        (NRF.parse, "P3", "such as FY2026-P09"),
        (NRF.parse, "FY0000", "not a period"),
        (Calendar().parse, "FY2026-P03", "a month such as 2026-10"),
        (Calendar().parse, "FY2026-W10", "write 2026-W10"),
        (Calendar().parse, "2026-Q9", "quarters 1 to 4"),
    ],
)
def test_what_is_no_period_is_refused_in_words(read: Callable[[str], Period], typed: str, words: str) -> None:
    with pytest.raises(ValueError, match="is not a period") as refused:
        read(typed)
    assert words in str(refused.value)


def test_a_date_is_the_period_that_holds_it() -> None:
    assert NRF.parse("2024-02-03", Frequency.MONTHLY).label == "FY2023-P12"
    assert NRF.parse(date(2024, 2, 4), Frequency.WEEKLY).label == "FY2024-W01"
    with pytest.raises(ValueError, match="quarterly, the KPI is monthly"):
        NRF.parse("FY2024-Q1", Frequency.MONTHLY)
