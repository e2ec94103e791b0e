"""Sample tables for the metrics of the template packs: a small company that sells, hires, makes and delivers.

Deterministic: a day's records depend on that day and on ``start`` alone, so that a later ``end`` appends records and
changes none of those that exist. Money is in currency units, shares are 0/1 flags or counts, durations name their unit.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

Row = tuple[object, ...]

_CHANNELS = (("search", 1.0), ("social", 0.7), ("partners", 0.4))


@dataclass(frozen=True, slots=True)
class _Day:
    """A day of the sample company, with its own source of chance. ``age`` is in years since the first day."""

    date: date
    age: float
    chance: Random

    @property
    def is_working(self) -> bool:
        return self.date.weekday() < 5

    def week(self, saturday: float, sunday: float) -> float:
        """The weekday's level: 1 from Monday to Friday."""
        return {5: saturday, 6: sunday}.get(self.date.weekday(), 1.0)

    def season(self, swing: float, peak_month: float) -> float:
        """The year's level: ``1 + swing`` in the middle of ``peak_month`` (1–12), ``1 - swing`` six months apart."""
        year_day = self.date.timetuple().tm_yday
        return 1 + swing * math.cos(2 * math.pi * (year_day / 365.25 - (peak_month - 0.5) / 12))

    def wave(self, swing: float, days: int, shift: int = 0) -> float:
        """Slow ups and downs that follow no calendar."""
        return 1 + swing * math.sin(2 * math.pi * (self.date.toordinal() + shift) / days)

    def grown(self, yearly: float) -> float:
        return math.pow(1 + yearly, self.age)

    def about(self, level: float, noise: float) -> float:
        """The level with normal noise (a fraction of it), never below a twentieth of it."""
        return max(level * self.chance.gauss(1, noise), level / 20)

    def count(self, level: float, noise: float = 0.12) -> int:
        """A whole number whose mean is ``level``, however small that is."""
        wanted = self.about(level, noise)
        return int(wanted) + (self.chance.random() < wanted % 1)

    def flag(self, probability: float) -> int:
        return int(self.chance.random() < probability)

    def moment(self) -> str:
        """A time of that day within office hours and the evening, as ISO text."""
        return f"{self.date.isoformat()} {self.chance.randrange(8, 21):02d}:{self.chance.randrange(60):02d}:00"


def _orders(day: _Day) -> Iterator[Row]:
    level = 11.5 * day.grown(0.06) * day.season(0.07, 11.5) * day.week(0.75, 0.6)
    for _ in range(day.count(level)):
        listed = round(min(day.chance.lognormvariate(4.62, 0.45), 900) * day.grown(0.02), 2)
        discount = round(listed * max(day.chance.gauss(0.062 * day.season(0.2, 12), 0.03), 0), 2)
        is_new = day.flag(0.31 * day.wave(0.06, 410))
        status = day.chance.choices(("paid", "cancelled", "refunded"), (95, 3, 2))[0]
        customer = f"C{day.chance.randrange(9000, 9999) if is_new else day.chance.randrange(1000, 2400)}"
        kind = "new" if is_new else "returning"
        yield day.moment(), customer, kind, listed, discount, round(listed - discount, 2), status


def _visits(day: _Day) -> Iterator[Row]:
    sessions = day.count(455 * day.grown(0.07) * day.season(0.05, 11.5) * day.week(0.85, 0.75), 0.06)
    yield day.date, sessions, min(round(sessions * day.about(0.0252 * day.wave(0.04, 330), 0.06)), sessions)


def _subscriptions(day: _Day) -> Iterator[Row]:
    # Billed monthly, so it climbs in steps too small to see; new contracts and cancellations make it waver.
    subscribers = round(610 * day.grown(0.14) * day.wave(0.012, 97))
    yield day.date, subscribers, round(subscribers * 68.5 * day.grown(0.02), 2)


def _renewals(day: _Day) -> Iterator[Row]:
    for number in range(day.count(2.2) if day.is_working else 0):
        yield day.date, f"S{day.date:%y%m%d}{number}", day.flag(0.905)


def _deals(day: _Day) -> Iterator[Row]:
    for number in range(day.count(2.6) if day.is_working else 0):
        value = round(day.chance.lognormvariate(8.4, 0.4), -1)
        cycle = max(round(day.chance.gauss(41 * day.wave(0.05, 260), 9)), 5)
        yield day.date, f"D{day.date:%y%m%d}{number}", value, day.flag(0.245), cycle


def _pipeline(day: _Day) -> Iterator[Row]:
    open_value = 612_000 * day.grown(0.05) * day.wave(0.06, 190)
    yield day.date, round(day.about(open_value, 0.01), -2), round(211_000 * day.grown(0.04), -2)


def _leads(day: _Day) -> Iterator[Row]:
    level = 12.4 * day.grown(0.09) * day.season(0.04, 10) * day.week(0.45, 0.35)
    for _ in range(day.count(level)):
        channel = day.chance.choices(("search", "social", "partners", "events"), (45, 27, 18, 10))[0]
        yield day.date, channel, day.flag(0.37 * day.wave(0.07, 300, 40))


def _ad_spend(day: _Day) -> Iterator[Row]:
    for channel, weight in _CHANNELS:
        spend = day.about(118 * weight * day.grown(0.03) * day.season(0.05, 11.5), 0.07)
        impressions = round(spend * day.about(92, 0.05))
        clicks = round(impressions * day.about(0.0212 * day.wave(0.05, 280), 0.05))
        acquired = day.count(spend / (45 * day.wave(0.05, 340, 90)))
        yield day.date, channel, impressions, clicks, round(spend, 2), acquired, round(day.about(spend * 3.7, 0.1), 2)


def _mailings(day: _Day) -> Iterator[Row]:
    if day.date.weekday() in (1, 3):
        delivered = day.count(5_200 * day.grown(0.1), 0.03)
        opened = round(delivered * day.about(0.262, 0.05))
        yield day.date, delivered, opened, round(opened * 0.14), round(delivered * day.about(0.0031, 0.15))


def _ledger(day: _Day) -> Iterator[Row]:
    revenue = day.about(7_400 * day.grown(0.06) * day.season(0.06, 11.5) * day.week(0.6, 0.4), 0.05)
    cost = revenue * day.about(0.585 * day.wave(0.012, 370), 0.02)
    expenses = day.about(1_690 * day.grown(0.045), 0.04)
    yield day.date, round(revenue, 2), round(cost, 2), round(expenses, 2)


def _cash(day: _Day) -> Iterator[Row]:
    received = day.about(9_300 * day.grown(0.06) * day.wave(0.03, 120), 0.1) if day.is_working else 0.0
    paid = day.about(5_900 * day.grown(0.055), 0.1) if day.is_working else 0.0
    # Wages leave on the 27th, or on the Friday before it.
    payday = day.date.replace(day=27)
    payday -= timedelta(days=max(payday.weekday() - 4, 0))
    if day.date == payday:
        paid += 42_000 * day.grown(0.04)
    balance = 402_000 * day.grown(0.07) * day.wave(0.04, 91)
    yield day.date, round(received, 2), round(paid, 2), round(balance, 2)


def _receivables(day: _Day) -> Iterator[Row]:
    outstanding = day.about(236_000 * day.grown(0.05), 0.01)
    overdue = outstanding * day.about(0.109 * day.wave(0.08, 210), 0.03)
    assets = outstanding + 402_000 * day.grown(0.07) * day.wave(0.04, 91)
    liabilities = 392_000 * day.grown(0.05) * day.wave(0.03, 160)
    yield day.date, round(outstanding, 2), round(overdue, 2), round(assets, 2), round(liabilities, 2)


def _invoices(day: _Day) -> Iterator[Row]:
    for number in range(day.count(6.5) if day.is_working else 0):
        amount = round(day.chance.lognormvariate(7.0, 0.5), 2)
        days_to_pay = max(round(day.chance.gauss(43.5 * day.wave(0.04, 310), 11)), 1)
        yield day.date, f"F{day.date:%y%m%d}{number:02d}", amount, days_to_pay, day.flag(0.978)


def _staff(day: _Day) -> Iterator[Row]:
    # The company hires on the first of the month, so people count in months.
    year_ago = round(112 + 0.9 * int(day.age * 12))
    left = round(year_ago * 0.109 * day.wave(0.09, 400))
    yield day.date, round(118 + 0.9 * int(day.age * 12)), year_ago, year_ago - left, round(left * 0.68)


def _timesheets(day: _Day) -> Iterator[Row]:
    if not day.is_working:
        return
    planned = 7.0 * (118 + 0.9 * int(day.age * 12))
    absent = day.about(planned * 0.0455 * day.season(0.14, 1), 0.12)
    overtime = day.about(9.2 * day.season(0.15, 11.5), 0.2)
    training = day.about(11.4 * day.wave(0.07, 250), 0.25)
    yield day.date, round(planned, 1), round(absent, 1), round(overtime, 1), round(training, 1), day.flag(0.013)


def _hires(day: _Day) -> Iterator[Row]:
    # Two signings a week at the least, so that every month has some.
    if day.date.weekday() in (0, 3):
        yield day.date, max(round(day.chance.gauss(43 * day.wave(0.04, 290), 6)), 12)


def _offers(day: _Day) -> Iterator[Row]:
    for number in range(day.count(0.9) if day.is_working else 0):
        yield day.date, f"O{day.date:%y%m%d}{number}", day.flag(0.82)


def _production(day: _Day) -> Iterator[Row]:
    if not day.is_working:
        return
    units = day.count(1_240 * day.grown(0.05) * day.season(0.03, 11), 0.04)
    defects = round(units * day.about(0.0182 * day.wave(0.07, 270), 0.08))
    hours = units / day.about(9.6 * day.grown(0.015), 0.02)
    planned = 96.0
    yield day.date, units, defects, round(hours, 1), planned, round(min(day.about(planned * 0.903, 0.02), planned), 1)


def _deliveries(day: _Day) -> Iterator[Row]:
    for number in range(day.count(8.5 * day.season(0.06, 12)) if day.date.weekday() < 6 else 0):
        days = max(round(day.chance.gauss(3.35 * day.season(0.05, 12.5) * day.wave(0.04, 220), 1.0), 1), 0.5)
        yield day.date, f"L{day.date:%y%m%d}{number:02d}", days, int(days <= 4.9)


def _tickets(day: _Day) -> Iterator[Row]:
    level = 9.5 * day.grown(0.05) * day.week(0.4, 0.25)
    for _ in range(day.count(level)):
        hours = round(min(day.chance.lognormvariate(2.72, 0.5) * day.wave(0.06, 240), 120), 1)
        score = day.chance.choices((1, 2, 3, 4, 5), (2, 3, 10, 41, 44))[0]
        yield day.moment(), hours, day.flag(0.712), score


def _backlog(day: _Day) -> Iterator[Row]:
    yield day.date, day.count(58 * day.season(0.08, 12) * day.wave(0.08, 150), 0.03)


def _stock(day: _Day) -> Iterator[Row]:
    value = day.about(148_000 * day.grown(0.05) * day.season(0.07, 10), 0.01)
    yield day.date, round(value, 2), round(day.about(4_450 * day.grown(0.055), 0.03), 2)


def _shipping(day: _Day) -> Iterator[Row]:
    parcels = day.count(11.5 * day.grown(0.06) * day.season(0.07, 11.5) * day.week(0.75, 0.6))
    yield day.date, parcels, round(parcels * day.about(7.3 * day.wave(0.03, 300, 70), 0.03), 2)


@dataclass(frozen=True, slots=True)
class _Table:
    columns: tuple[str, ...]
    rows: Callable[[_Day], Iterator[Row]]


_TABLES: Mapping[str, _Table] = {
    "orders": _Table(
        ("ordered_at", "customer", "customer_type", "list_amount", "discount", "amount", "status"), _orders
    ),
    "visits": _Table(("day", "sessions", "orders"), _visits),
    "subscriptions": _Table(("day", "subscribers", "mrr"), _subscriptions),
    "renewals": _Table(("due_on", "contract", "renewed"), _renewals),
    "deals": _Table(("closed_on", "deal", "value", "won", "cycle_days"), _deals),
    "pipeline": _Table(("day", "open_value", "quota_left"), _pipeline),
    "leads": _Table(("created_on", "channel", "qualified"), _leads),
    "ad_spend": _Table(("day", "channel", "impressions", "clicks", "spend", "acquisitions", "revenue"), _ad_spend),
    "mailings": _Table(("sent_on", "delivered", "opened", "clicked", "unsubscribed"), _mailings),
    "ledger": _Table(("day", "revenue", "cost_of_sales", "operating_expenses"), _ledger),
    "cash": _Table(("day", "operating_in", "operating_out", "balance"), _cash),
    "receivables": _Table(("day", "outstanding", "overdue", "current_assets", "current_liabilities"), _receivables),
    "invoices": _Table(("paid_on", "invoice", "amount", "days_to_pay", "correct"), _invoices),
    "staff": _Table(("day", "headcount", "staff_year_ago", "still_here", "left_by_choice"), _staff),
    "timesheets": _Table(
        ("day", "planned_hours", "absent_hours", "overtime_hours", "training_hours", "accidents"), _timesheets
    ),
    "hires": _Table(("signed_on", "days_to_hire"), _hires),
    "offers": _Table(("answered_on", "offer", "accepted"), _offers),
    "production": _Table(
        ("day", "units", "defects", "labour_hours", "planned_machine_hours", "running_machine_hours"), _production
    ),
    "deliveries": _Table(("delivered_on", "delivery", "days", "on_time"), _deliveries),
    "tickets": _Table(("closed_at", "hours", "first_contact", "score"), _tickets),
    "backlog": _Table(("day", "open_tickets"), _backlog),
    "stock": _Table(("day", "value", "daily_usage"), _stock),
    "shipping": _Table(("day", "parcels", "cost"), _shipping),
}

SAMPLE_TABLES: Mapping[str, tuple[str, ...]] = {name: table.columns for name, table in _TABLES.items()}
"""The columns of each sample table."""


def write_sample(folder: Path, start: date, end: date, *, tables: Collection[str] | None = None) -> list[Path]:
    """Write the sample tables as ``folder/NAME.csv``, days ``start`` to ``end`` both included; returns the files.

    ``tables`` chooses some by name (default: all). UTF-8, comma, a header line. The folder is made if it is missing.
    KeyError for an unknown table; OSError where a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in SAMPLE_TABLES if tables is None else sorted(tables):
        table = _TABLES[name]
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(table.columns)
            for number in range((end - start).days + 1):
                today = start + timedelta(days=number)
                chance = Random(f"{name} {today.isoformat()}")
                writer.writerows(table.rows(_Day(today, number / 365.25, chance)))
        written.append(path)
    return written
