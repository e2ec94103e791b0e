"""Sample tables: what the sales and marketing packs measure: orders, deals, leads, campaigns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpisheets.sample_data.day import Day, Row, Table

_CHANNELS = (("search", 1.0), ("social", 0.7), ("partners", 0.4))


def _orders(day: Day) -> Iterator[Row]:
    level = 11.5 * day.grown(0.06) * day.season(0.07, 11.5) * day.week(0.75, 0.6)
    for _ in range(day.count(level)):
        listed = round(min(day.chance.lognormvariate(4.62, 0.45), 900) * day.grown(0.02), 2)
        discount = round(listed * max(day.chance.gauss(0.062 * day.season(0.2, 12), 0.03), 0), 2)
        is_new = day.flag(0.31 * day.wave(0.06, 410))
        status = day.chance.choices(("paid", "cancelled", "refunded"), (95, 3, 2))[0]
        customer = f"C{day.chance.randrange(9000, 9999) if is_new else day.chance.randrange(1000, 2400)}"
        kind = "new" if is_new else "returning"
        yield day.moment(), customer, kind, listed, discount, round(listed - discount, 2), status


def _visits(day: Day) -> Iterator[Row]:
    sessions = day.count(455 * day.grown(0.07) * day.season(0.05, 11.5) * day.week(0.85, 0.75), 0.06)
    yield day.date, sessions, min(round(sessions * day.about(0.0252 * day.wave(0.04, 330), 0.06)), sessions)


def _subscriptions(day: Day) -> Iterator[Row]:
    # Billed monthly, so it climbs in steps too small to see; new contracts and cancellations make it waver.
    subscribers = round(610 * day.grown(0.14) * day.wave(0.012, 97))
    yield day.date, subscribers, round(subscribers * 68.5 * day.grown(0.02), 2)


def _renewals(day: Day) -> Iterator[Row]:
    for number in range(day.count(2.2) if day.is_working else 0):
        yield day.date, f"S{day.date:%y%m%d}{number}", day.flag(0.905)


def _deals(day: Day) -> Iterator[Row]:
    for number in range(day.count(2.6) if day.is_working else 0):
        value = round(day.chance.lognormvariate(8.4, 0.4), -1)
        cycle = max(round(day.chance.gauss(41 * day.wave(0.05, 260), 9)), 5)
        yield day.date, f"D{day.date:%y%m%d}{number}", value, day.flag(0.245), cycle


def _pipeline(day: Day) -> Iterator[Row]:
    open_value = 612_000 * day.grown(0.05) * day.wave(0.06, 190)
    yield day.date, round(day.about(open_value, 0.01), -2), round(211_000 * day.grown(0.04), -2)


def _leads(day: Day) -> Iterator[Row]:
    level = 12.4 * day.grown(0.09) * day.season(0.04, 10) * day.week(0.45, 0.35)
    for _ in range(day.count(level)):
        channel = day.chance.choices(("search", "social", "partners", "events"), (45, 27, 18, 10))[0]
        yield day.date, channel, day.flag(0.37 * day.wave(0.07, 300, 40))


def _ad_spend(day: Day) -> Iterator[Row]:
    for channel, weight in _CHANNELS:
        spend = day.about(118 * weight * day.grown(0.03) * day.season(0.05, 11.5), 0.07)
        impressions = round(spend * day.about(92, 0.05))
        clicks = round(impressions * day.about(0.0212 * day.wave(0.05, 280), 0.05))
        acquired = day.count(spend / (45 * day.wave(0.05, 340, 90)))
        yield day.date, channel, impressions, clicks, round(spend, 2), acquired, round(day.about(spend * 3.7, 0.1), 2)


def _mailings(day: Day) -> Iterator[Row]:
    if day.date.weekday() in (1, 3):
        delivered = day.count(5_200 * day.grown(0.1), 0.03)
        opened = round(delivered * day.about(0.262, 0.05))
        yield day.date, delivered, opened, round(opened * 0.14), round(delivered * day.about(0.0031, 0.15))


TABLES: Mapping[str, Table] = {
    "orders": Table(
        ("ordered_at", "customer", "customer_type", "list_amount", "discount", "amount", "status"), _orders
    ),
    "visits": Table(("day", "sessions", "orders"), _visits),
    "subscriptions": Table(("day", "subscribers", "mrr"), _subscriptions),
    "renewals": Table(("due_on", "contract", "renewed"), _renewals),
    "deals": Table(("closed_on", "deal", "value", "won", "cycle_days"), _deals),
    "pipeline": Table(("day", "open_value", "quota_left"), _pipeline),
    "leads": Table(("created_on", "channel", "qualified"), _leads),
    "ad_spend": Table(("day", "channel", "impressions", "clicks", "spend", "acquisitions", "revenue"), _ad_spend),
    "mailings": Table(("sent_on", "delivered", "opened", "clicked", "unsubscribed"), _mailings),
}
