"""The numbers of Google Analytics, against what pandas counts from the raw events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from kpisheets.core.metric import Collected
from kpisheets.core.period import Calendar, Frequency, WeekYears
from tests.ga4.conftest import PARIS, Asking, metric
from tests.ga4.double import Double, Event

FISCAL = Calendar(2, "Europe/Paris")

METRICS = {
    "sessions": (metric("sessions", "sum(sessions)"), lambda f: f.session.nunique()),
    "people": (metric("people", "sum(activeUsers)"), lambda f: f[f.engaged].user.nunique()),
    "everybody": (metric("everybody", "max(totalUsers)"), lambda f: f.user.nunique()),
    "leads": (metric("leads", 'sum("keyEvents:generate_lead")'), lambda f: (f.name == "generate_lead").sum()),
    "revenue": (metric("revenue", "sum(totalRevenue)"), lambda f: Decimal(str(f.revenue.sum()))),
    "rate": (
        metric("rate", numerator="sum(keyEvents)", denominator="sum(sessions)"),
        lambda f: f.name.isin(["generate_lead", "purchase"]).sum() / f.session.nunique(),
    ),
    "returning": (
        metric("returning", numerator="sum(activeUsers) - sum(newUsers)", denominator="sum(activeUsers)"),
        lambda f: 1 - f[f.name == "first_visit"].user.nunique() / n if (n := f[f.engaged].user.nunique()) else None,
    ),
    "engagement": (
        metric("engagement", "avg(engagementRate)"),
        lambda f: f[f.engaged].session.nunique() / f.session.nunique(),
    ),
    **{
        name: (metric(name, f"sum({column})"), lambda f, event=event: (f.name == event).sum())
        for name, column, event in (
            ("views", "SCREENPAGEVIEWS", "page_view"),
            ("carts", "addToCarts", "add_to_cart"),
            ("purchases", "ecommercePurchases", "purchase"),
        )
    },
    "events": (metric("events", "sum(eventCount)"), len),
    "engaged": (metric("engaged", "sum(engagedSessions)"), lambda f: f[f.engaged].session.nunique()),
}


def frame(raw: list[Event], timezone: str = "Europe/Paris") -> pd.DataFrame:
    found = pd.DataFrame(
        {name: [getattr(event, name) for event in raw] for name in Event.__slots__}, index=range(len(raw))
    )
    found["at"] = pd.to_datetime(found["at"], utc=True).dt.tz_convert(timezone)
    return found


def expected(
    frame: pd.DataFrame, frequency: Frequency, fiscal: int, measure: Callable[[Any], Any]
) -> dict[date, float | None]:
    """First day of each period → the measure of its events, by pandas' own periods."""
    local = frame["at"].dt.tz_localize(None)
    ends = {1: "DEC", 2: "JAN"}[fiscal]
    rule = {"Daily": "D", "Weekly": "W-SUN", "Monthly": "M", "Quarterly": f"Q-{ends}", "Yearly": f"Y-{ends}"}
    starts = local.dt.to_period(rule[frequency.value]).dt.start_time.dt.date
    return {start: _number(measure(part)) for start, part in frame.groupby(starts)}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def given(got: Collected, kpi: str) -> dict[date, float | None]:
    return {fact.period.start: _number(fact.value) for fact in got.facts if fact.kpi == kpi}


@pytest.mark.parametrize(
    ("frequency", "calendar"),
    [*((one, PARIS) for one in Frequency), (Frequency.QUARTERLY, FISCAL), (Frequency.YEARLY, FISCAL)],
)
def test_every_frequency(frequency: Frequency, calendar: Calendar, ask: Asking, raw: list[Event]) -> None:
    got = ask(*(one for one, _ in METRICS.values()), frequency=frequency, calendar=calendar)
    assert not got.problems
    for name, (_, measure) in METRICS.items():
        wanted = expected(frame(raw), frequency, calendar.fiscal_year_start, measure)
        found = given(got, name)
        assert found.keys() == wanted.keys(), name
        for day, value in wanted.items():
            assert found[day] == (None if value is None else pytest.approx(value, rel=1e-12)), (name, day)


def test_a_property_without_events_has_no_numbers_and_no_problems(ask: Asking, analytics: Double) -> None:
    analytics.events = []
    filtered = metric("some", "sum(sessions)", where="country = 'France'")
    for frequency in Frequency:
        got = ask(*(one for one, _ in METRICS.values()), filtered, frequency=frequency)
        assert (got.problems, got.facts) == ((), ())


@pytest.mark.parametrize("frequency", [Frequency.WEEKLY, Frequency.MONTHLY])
def test_years_of_whole_weeks(frequency: Frequency, ask: Asking, raw: list[Event]) -> None:
    """Whose weeks end on Saturdays, and whose months are none that Google has a name for."""
    weeks = Calendar(timezone="Europe/Paris", week_years=WeekYears((4, 4, 5), month=1, weekday=5))
    got = ask(METRICS["everybody"][0], frequency=frequency, calendar=weeks)
    whole = frame(raw)
    days = whole["at"].dt.date
    assert len(got.facts) > 5
    for fact in got.facts:
        inside = whole[(days >= fact.period.start) & (days < fact.period.end)]
        assert fact.value == inside.user.nunique(), fact.period


def test_people_are_not_added_up(ask: Asking, raw: list[Event]) -> None:
    """A month's people are fewer than those of its days together: the test would notice."""
    got = ask(METRICS["people"][0])
    days = expected(frame(raw), Frequency.DAILY, 1, METRICS["people"][1])
    june = given(got, "people")[date(2026, 6, 1)]
    assert june is not None
    assert june < sum(value or 0 for day, value in days.items() if day.month == 6)


def test_money_is_exact(ask: Asking, raw: list[Event]) -> None:
    got = ask(METRICS["revenue"][0], frequency=Frequency.YEARLY)
    assert [fact.value for fact in got.facts] == [sum(event.revenue for event in raw)]


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("sessionDefaultChannelGroup = 'Organic Search'", lambda f: f.channel == "Organic Search"),
        ("country IN ('France', 'Germany')", lambda f: f.country.isin(["France", "Germany"])),
        (
            "sessiondefaultchannelgroup LIKE '%Search' AND NOT (country <> 'France')",
            lambda f: f.channel.str.endswith("Search") & (f.country == "France"),
        ),
    ],
)
def test_people_behind_a_filter_are_counted_once(where: str, kept: Any, ask: Asking, raw: list[Event]) -> None:
    got = ask(metric("people", "sum(totalUsers)", where=where), metric("all", "sum(totalUsers)"))
    whole = frame(raw)
    assert given(got, "people") == expected(whole[kept(whole)], Frequency.MONTHLY, 1, lambda f: f.user.nunique())
    assert given(got, "all") == expected(whole, Frequency.MONTHLY, 1, lambda f: f.user.nunique())


def test_a_period_without_a_match_is_zero_and_one_without_events_is_none(ask: Asking, raw: list[Event]) -> None:
    lead = metric("leads", "sum(eventCount)", where="eventName = 'generate_lead'")
    share = metric("share", "avg(engagementRate)", where="eventName = 'generate_lead'")
    got = ask(lead, share)
    assert given(got, "leads")[date(2026, 5, 1)] == 0
    assert given(got, "share")[date(2026, 5, 1)] is None
    weekly = given(ask(lead, frequency=Frequency.WEEKLY), "leads")
    assert weekly[date(2026, 5, 11)] == 0
    assert date(2026, 4, 6) not in weekly


def test_a_report_by_a_dimension(ask: Asking, raw: list[Event]) -> None:
    organic = "sum(CASE WHEN sessionDefaultChannelGroup = 'Organic Search' THEN sessions ELSE 0 END)"
    share = metric(
        "share", table="report by sessionDefaultChannelGroup", numerator=organic, denominator="sum(sessions)"
    )
    got = ask(share)
    assert not got.problems

    def measure(f: Any) -> float:
        return f[f.channel == "Organic Search"].session.nunique() / f.session.nunique()

    wanted = expected(frame(raw), Frequency.MONTHLY, 1, measure)
    assert given(got, "share") == pytest.approx(wanted)


def test_pages_are_put_together(ask: Asking, analytics: Double, raw: list[Event]) -> None:
    analytics.page = 5
    got = ask(METRICS["sessions"][0], frequency=Frequency.WEEKLY)
    assert given(got, "sessions") == expected(frame(raw), Frequency.WEEKLY, 1, METRICS["sessions"][1])
    assert [request.offset for request in analytics.requests] == [0, 5, 10, 15, 20, 25]


def test_all_metrics_of_a_frequency_are_few_requests(ask: Asking, analytics: Double) -> None:
    ask(*(one for one, _ in METRICS.values()))
    assert len(analytics.requests) == 2
    analytics.requests.clear()
    ask(METRICS["sessions"][0], frequency=Frequency.QUARTERLY, start="2024-01-01")
    assert [len(request.date_ranges) for request in analytics.requests] == [4, 4, 3]


def test_a_kpi_without_a_start_asks_from_googles_first_day(ask: Asking, analytics: Double, raw: list[Event]) -> None:
    got = ask(METRICS["sessions"][0], start="")
    assert given(got, "sessions") == expected(frame(raw), Frequency.MONTHLY, 1, METRICS["sessions"][1])
    assert analytics.requests[0].date_ranges[0].start_date == "2015-08-14"


def test_days_are_the_propertys(ask: Asking, analytics: Double, raw: list[Event]) -> None:
    analytics.timezone = "America/Los_Angeles"
    got = ask(METRICS["sessions"][0], frequency=Frequency.DAILY)
    there = expected(frame(raw, "America/Los_Angeles"), Frequency.DAILY, 1, METRICS["sessions"][1])
    assert given(got, "sessions") == there
    (note,) = [note for note in got.queries[0].notes if "time zone" in note]
    assert "America/Los_Angeles, and not of Europe/Paris" in note
