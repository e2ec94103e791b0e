"""Sample tables: what the finance and HR packs measure: the books, invoices, staff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from kpisheets.sample_data.day import Day, Row, Table


def _ledger(day: Day) -> Iterator[Row]:
    revenue = day.about(7_400 * day.grown(0.06) * day.season(0.06, 11.5) * day.week(0.6, 0.4), 0.05)
    cost = revenue * day.about(0.585 * day.wave(0.012, 370), 0.02)
    expenses = day.about(1_690 * day.grown(0.045), 0.04)
    yield day.date, round(revenue, 2), round(cost, 2), round(expenses, 2)


def _cash(day: Day) -> Iterator[Row]:
    received = day.about(9_300 * day.grown(0.06) * day.wave(0.03, 120), 0.1) if day.is_working else 0.0
    paid = day.about(5_900 * day.grown(0.055), 0.1) if day.is_working else 0.0
    # Wages leave on the 27th, or on the Friday before it.
    payday = day.date.replace(day=27)
    payday -= timedelta(days=max(payday.weekday() - 4, 0))
    if day.date == payday:
        paid += 42_000 * day.grown(0.04)
    balance = 402_000 * day.grown(0.07) * day.wave(0.04, 91)
    yield day.date, round(received, 2), round(paid, 2), round(balance, 2)


def _receivables(day: Day) -> Iterator[Row]:
    outstanding = day.about(236_000 * day.grown(0.05), 0.01)
    overdue = outstanding * day.about(0.109 * day.wave(0.08, 210), 0.03)
    assets = outstanding + 402_000 * day.grown(0.07) * day.wave(0.04, 91)
    liabilities = 392_000 * day.grown(0.05) * day.wave(0.03, 160)
    yield day.date, round(outstanding, 2), round(overdue, 2), round(assets, 2), round(liabilities, 2)


def _invoices(day: Day) -> Iterator[Row]:
    for number in range(day.count(6.5) if day.is_working else 0):
        amount = round(day.chance.lognormvariate(7.0, 0.5), 2)
        days_to_pay = max(round(day.chance.gauss(43.5 * day.wave(0.04, 310), 11)), 1)
        yield day.date, f"F{day.date:%y%m%d}{number:02d}", amount, days_to_pay, day.flag(0.978)


def _staff(day: Day) -> Iterator[Row]:
    # The company hires on the first of the month, so people count in months.
    year_ago = round(112 + 0.9 * int(day.age * 12))
    left = round(year_ago * 0.109 * day.wave(0.09, 400))
    yield day.date, round(118 + 0.9 * int(day.age * 12)), year_ago, year_ago - left, round(left * 0.68)


def _timesheets(day: Day) -> Iterator[Row]:
    if not day.is_working:
        return
    planned = 7.0 * (118 + 0.9 * int(day.age * 12))
    absent = day.about(planned * 0.0455 * day.season(0.14, 1), 0.12)
    overtime = day.about(9.2 * day.season(0.15, 11.5), 0.2)
    training = day.about(11.4 * day.wave(0.07, 250), 0.25)
    yield day.date, round(planned, 1), round(absent, 1), round(overtime, 1), round(training, 1), day.flag(0.013)


def _hires(day: Day) -> Iterator[Row]:
    # Two signings a week at the least, so that every month has some.
    if day.date.weekday() in (0, 3):
        yield day.date, max(round(day.chance.gauss(43 * day.wave(0.04, 290), 6)), 12)


def _offers(day: Day) -> Iterator[Row]:
    for number in range(day.count(0.9) if day.is_working else 0):
        yield day.date, f"O{day.date:%y%m%d}{number}", day.flag(0.82)


TABLES: Mapping[str, Table] = {
    "ledger": Table(("day", "revenue", "cost_of_sales", "operating_expenses"), _ledger),
    "cash": Table(("day", "operating_in", "operating_out", "balance"), _cash),
    "receivables": Table(("day", "outstanding", "overdue", "current_assets", "current_liabilities"), _receivables),
    "invoices": Table(("paid_on", "invoice", "amount", "days_to_pay", "correct"), _invoices),
    "staff": Table(("day", "headcount", "staff_year_ago", "still_here", "left_by_choice"), _staff),
    "timesheets": Table(
        ("day", "planned_hours", "absent_hours", "overtime_hours", "training_hours", "accidents"), _timesheets
    ),
    "hires": Table(("signed_on", "days_to_hire"), _hires),
    "offers": Table(("answered_on", "offer", "accepted"), _offers),
}
