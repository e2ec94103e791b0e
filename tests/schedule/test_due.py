"""When slots are due. NumPy counts the working days again; clock changes are told hour by hour."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpisheets.core.close import Close
from kpisheets.core.period import Calendar, Frequency
from kpisheets.schedule.due import Due, Job, Rules, due, slots, upcoming

PARIS = ZoneInfo("Europe/Paris")
RULES = Rules(Calendar(1, "Europe/Paris"), "FR")
WEEKLY = Job("report weekly", "0 7 * * MON")
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def first(schedule: str, after: str, number: int, rules: Rules = RULES) -> list[str]:
    found = itertools.islice(slots(Job("x", schedule), at(after), rules), number)
    return [f"{slot.astimezone(rules.zone):%a %m-%d %H:%M %z}" for slot in found]


# --- slots ------------------------------------------------------------------------------------------------------------


def test_cron_means_local_time_in_both_halves_of_the_year() -> None:
    assert first("0 7 * * MON", "2026-10-18T12:00", 2) == ["Mon 10-19 07:00 +0200", "Mon 10-26 07:00 +0100"]
    assert first("0 7 1 1,7 *", "2026-12-01T00:00", 2) == ["Fri 01-01 07:00 +0100", "Thu 07-01 07:00 +0200"]


def test_a_time_that_the_clock_skips_comes_after_the_gap_once() -> None:
    assert first("30 2 * * *", "2026-03-28T12:00", 2) == ["Sun 03-29 03:00 +0200", "Mon 03-30 02:30 +0200"]


def test_a_time_that_the_clock_repeats_comes_once() -> None:
    assert first("30 2 * * *", "2026-10-24T12:00", 2) == ["Sun 10-25 02:30 +0200", "Mon 10-26 02:30 +0100"]
    # Asked in the second 02:30 itself, the first one is past.
    assert first("30 2 * * *", "2026-10-25T01:29", 1) == ["Mon 10-26 02:30 +0100"]


def test_what_comes_every_half_hour_comes_in_both_hours_of_that_name() -> None:
    found = first("*/30 * * * *", "2026-10-24T23:59", 6)
    assert [text[-11:] for text in found] == [
        "02:00 +0200", "02:30 +0200", "02:00 +0100", "02:30 +0100", "03:00 +0100", "03:30 +0100",
    ]  # fmt: skip


@given(
    st.integers(0, 59),
    st.integers(0, 23),
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)),  # noqa: DTZ001 - made aware below
)
def test_a_daily_slot_comes_once_on_every_local_day(minute: int, hour: int, zone: str, start: datetime) -> None:
    rules = Rules(Calendar(1, zone))
    found = list(itertools.islice(slots(Job("x", f"{minute} {hour} * * *"), start.replace(tzinfo=UTC), rules), 40))
    days = [slot.astimezone(rules.zone).date() for slot in found]
    assert days == [days[0] + timedelta(days=number) for number in range(40)]
    for slot in found:
        local = slot.astimezone(rules.zone)
        if local.time() != time(hour, minute):
            # Only a clock change moves it, and only to the end of the gap.
            wanted = datetime.combine(local.date(), time(hour, minute), rules.zone)
            assert wanted.astimezone(UTC).astimezone(rules.zone) != wanted
            assert timedelta(0) < local.replace(tzinfo=None) - wanted.replace(tzinfo=None) <= timedelta(hours=1)


# --- working days -----------------------------------------------------------------------------------------------------

FRENCH_2026 = ["01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11", "12-25"]


@given(st.integers(1, 25), st.integers(1, 12))
def test_close_counts_working_days_as_numpy_does(days: int, month: int) -> None:
    holidays = [f"2026-{day}" for day in FRENCH_2026] + ["2027-01-01"]
    end = date(2026, month, 1)
    expected = np.busday_offset(end - timedelta(days=1), days, roll="backward", holidays=holidays).astype(date)
    if expected.year > 2026:
        return
    rules = Rules(Calendar(1, "Europe/Paris"), "FR")
    after = datetime.combine(end, time(), PARIS) - MINUTE
    found = [slot.astimezone(PARIS) for slot in itertools.islice(slots(Job("x", f"close+{days}"), after, rules), 4)]
    assert datetime.combine(expected, time(7), PARIS) in found


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        ("close+3", "2026-10-31T12:00", ["Wed 11-04 07:00 +0100", "Thu 12-03 07:00 +0100"]),
        ("close+1", "2026-04-30T12:00", ["Mon 05-04 07:00 +0200"]),  # 1 May is a holiday, 2 and 3 a weekend
        ("close+0", "2026-10-15T12:00", ["Sun 11-01 07:00 +0100"]),
        ("close+3 08:30", "2026-10-31T12:00", ["Wed 11-04 08:30 +0100"]),
        ("close+2 quarterly", "2026-10-31T12:00", ["Tue 01-05 07:00 +0100"]),
        ("close+2 yearly", "2026-10-31T12:00", ["Tue 01-05 07:00 +0100"]),
        ("close+1 weekly", "2026-11-04T12:00", ["Mon 11-09 07:00 +0100"]),
        ("close+1 daily", "2026-11-05T12:00", ["Fri 11-06 07:00 +0100", "Mon 11-09 07:00 +0100"]),
    ],
)
def test_closes(schedule: str, after: str, expected: list[str]) -> None:
    assert first(schedule, after, len(expected)) == expected


def test_quarters_follow_the_fiscal_calendar() -> None:
    fiscal = Rules(Calendar(2, "Europe/Paris"), "FR")
    assert first("close+1 quarterly", "2026-10-15T12:00", 1, fiscal) == ["Mon 11-02 07:00 +0100"]
    assert first("close+1 yearly", "2026-10-15T12:00", 1, fiscal) == ["Mon 02-01 07:00 +0100"]


def test_holidays_of_a_part_of_a_country_and_of_a_company() -> None:
    german = Rules(Calendar(1, "Europe/Berlin"), "DE")
    bavarian = Rules(Calendar(1, "Europe/Berlin"), "DE-BY", (date(2027, 1, 7),))
    # The first working days of 2027: 4, 5, 6 January; 6 January is a holiday in Bavaria.
    assert first("close+3", "2026-12-31T12:00", 1, german) == ["Wed 01-06 07:00 +0100"]
    assert first("close+3", "2026-12-31T12:00", 1, bavarian) == ["Fri 01-08 07:00 +0100"]


@pytest.mark.parametrize(
    "text", ["close", "close+", "close+x", "close+100", "close+3 fortnightly", "close+3 25:00", "x"]
)
def test_what_is_no_close(text: str) -> None:
    assert Close.read(text) is None


def test_a_close_is_read() -> None:
    assert Close.read(" CLOSE+12  Quarterly 9:05 ") == Close(12, Frequency.QUARTERLY, time(9, 5))


# --- what is due ------------------------------------------------------------------------------------------------------

MONDAY = at("2026-11-23T06:00")
KNOWN = {"report weekly": "0 7 * * MON"}


def test_before_the_first_run_the_latest_slot_is_due() -> None:
    assert due([WEEKLY], MONDAY + timedelta(days=2), None, {}, RULES) == [Due(WEEKLY, MONDAY)]
    assert due([WEEKLY], MONDAY, None, {}, RULES) == [Due(WEEKLY, MONDAY)]
    late = Rules(RULES.calendar, max_late=timedelta(days=1))
    assert due([WEEKLY], MONDAY + timedelta(days=2), None, {}, late) == []


def test_a_slot_is_due_between_two_runs_and_never_again() -> None:
    assert due([WEEKLY], MONDAY, MONDAY - MINUTE, KNOWN, RULES) == [Due(WEEKLY, MONDAY)]
    assert due([WEEKLY], MONDAY + MINUTE, MONDAY, KNOWN, RULES) == []
    assert due([WEEKLY], MONDAY - MINUTE, MONDAY - timedelta(hours=1), KNOWN, RULES) == []


def test_after_three_weeks_one_is_caught_up_and_two_are_missed() -> None:
    weeks = [MONDAY - timedelta(weeks=2), MONDAY - timedelta(weeks=1)]
    now = MONDAY + timedelta(days=1)
    assert due([WEEKLY], now, now - timedelta(weeks=3), KNOWN, RULES) == [Due(WEEKLY, MONDAY, False, tuple(weeks))]


def test_what_is_too_late_is_said_to_be() -> None:
    rules = Rules(RULES.calendar, max_late=timedelta(hours=12))
    [found] = due([WEEKLY], MONDAY + timedelta(hours=13), MONDAY - MINUTE, KNOWN, rules)
    assert (found.slot, found.too_late) == (MONDAY, True)


def test_slots_finer_than_the_runs_are_one_and_no_outage() -> None:
    job = Job("sync", "* * * * *")
    now = at("2026-11-23T06:15")
    assert due([job], now, now - timedelta(minutes=15), {"sync": "* * * * *"}, RULES) == [Due(job, now)]
    [found] = due([job], now, now - timedelta(minutes=45), {"sync": "* * * * *"}, RULES)
    assert len(found.missed) == 44


def test_a_new_job_and_a_changed_one_promise_nothing_of_the_past() -> None:
    now = MONDAY + timedelta(days=2)
    for known in ({}, {"report weekly": "0 7 * * WED"}):
        assert due([WEEKLY], now, now - timedelta(minutes=15), known, RULES) == []
        [found] = due([WEEKLY], now + timedelta(days=7), now, known, RULES)
        assert (found.slot, found.missed) == (MONDAY + timedelta(days=7), ())


def test_a_clock_that_is_put_back_makes_nothing_due() -> None:
    assert due([WEEKLY], MONDAY - timedelta(days=7), MONDAY, KNOWN, RULES) == []
    assert due([WEEKLY], at("1970-01-05T07:00"), MONDAY, KNOWN, RULES) == []


def test_upcoming_is_local() -> None:
    assert [f"{slot:%m-%d %H:%M%z}" for slot in upcoming(WEEKLY, MONDAY, RULES, 2)] == [
        "11-30 07:00+0100", "12-07 07:00+0100",
    ]  # fmt: skip


@given(
    st.sampled_from(["0 7 * * MON", "30 2 * * *", "*/10 * * * *", "close+3", "0 * * * *", "close+1 daily"]),
    st.lists(st.integers(1, 15_000), min_size=2, max_size=10),
)
@settings(max_examples=25)
def test_every_slot_is_done_or_missed_exactly_once(schedule: str, gaps: list[int]) -> None:
    """Whenever the runs take place: no slot twice, none forgotten but between runs that follow each other closely."""
    job = Job("x", schedule)
    start = last = at("2026-09-01T00:00")
    told: list[datetime] = []
    for gap in gaps:
        now = last + timedelta(minutes=gap)
        for found in due([job], now, last, {"x": schedule}, RULES):
            told += [*found.missed, found.slot]
            assert found.slot <= now
        last = now
    assert told == sorted(set(told))
    every = list(itertools.takewhile(lambda slot: slot <= last, slots(job, start, RULES)))
    assert set(told) <= set(every)
    if schedule in ("0 7 * * MON", "close+3"):  # coarser than two runs: every single one is accounted for
        assert told == every
