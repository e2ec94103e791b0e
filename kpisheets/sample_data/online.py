"""Sample tables: what the e-commerce and SaaS packs measure: a shop's funnel and orders, subscriptions, use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpisheets.sample_data.day import Day, Row, Table


def _storefront(day: Day) -> Iterator[Row]:
    sessions = day.count(2_950 * day.grown(0.08) * day.season(0.09, 11.5) * day.week(1.08, 1.12), 0.05)
    carts = round(sessions * day.about(0.094, 0.03))
    orders = round(carts * min(day.about(0.301 * day.wave(0.02, 300), 0.04), 0.6))
    returning = round(orders * day.about(0.346 * day.wave(0.03, 260, 50), 0.04))
    value = round(orders * day.about(74 * day.grown(0.025), 0.05), 2)
    views = round(sessions * day.about(6.4, 0.03))
    yield (
        day.date,
        sessions,
        carts,
        orders,
        returning,
        value,
        views,
        round(views * day.about(0.041 * day.wave(0.12, 190, 20), 0.1)),
    )


def _fulfilment(day: Day) -> Iterator[Row]:
    if day.date.weekday() == 6:
        return
    orders = day.count(104 * day.grown(0.08) * day.season(0.09, 11.8), 0.06)
    perfect = round(orders * min(day.about(0.931 * day.wave(0.008, 220), 0.012), 1))
    cycle = round(orders * day.about(2.95 * day.season(0.05, 12.3) * day.wave(0.03, 200), 0.05), 1)
    items = round(orders * day.about(2.2, 0.04))
    yield day.date, orders, perfect, cycle, items, round(items * day.about(0.093 * day.wave(0.06, 340, 110), 0.07))


def _recurring(day: Day) -> Iterator[Row]:
    year_ago = 168_000 * day.grown(0.19)
    kept = year_ago * 0.905 * day.wave(0.008, 310)
    expansion = year_ago * 0.155 * day.wave(0.06, 350, 60)
    accounts = round(742 * day.grown(0.14))
    yield (
        *(day.date, accounts, round(year_ago * 1.2, 2), round(year_ago, 2)),
        *(round(kept, 2), round(expansion, 2)),
    )


def _movements(day: Day) -> Iterator[Row]:
    # Customers are counted on the first of the month, from which the churn of that month is measured.
    standing = round(742 * day.grown(0.14)) if day.date.day == 1 else 0
    lost = day.count(0.43 * day.grown(0.1) * day.wave(0.12, 330))
    won = day.about(545 * day.grown(0.12) * day.week(0.5, 0.4), 0.12)
    expansion = day.about(74 * day.grown(0.12), 0.15)
    gone = day.about(176 * day.grown(0.1) * day.wave(0.08, 280, 30), 0.12)
    spend = day.about(5_150 * day.grown(0.12) * day.wave(0.05, 240), 0.05) * day.week(0.6, 0.5)
    yield (
        *(day.date, standing, lost, round(won, 2), round(expansion, 2), round(gone, 2)),
        *(round(won * 0.79, 2), round(spend, 2)),
    )


def _trials(day: Day) -> Iterator[Row]:
    ended = day.count(15 * day.grown(0.1) * day.week(0.6, 0.5), 0.1)
    yield day.date, ended, sum(day.flag(0.186 * day.wave(0.05, 290)) for _ in range(ended))


def _active_users(day: Day) -> Iterator[Row]:
    monthly = round(5_900 * day.grown(0.16))
    yield day.date, round(monthly * day.about(0.385 * day.wave(0.02, 270) * day.week(0.42, 0.4), 0.02)), monthly


TABLES: Mapping[str, Table] = {
    "storefront": Table(
        ("day", "sessions", "carts", "orders", "repeat_orders", "value", "product_views", "views_without_stock"),
        _storefront,
    ),
    "fulfilment": Table(
        ("delivered_on", "orders", "perfect_orders", "cycle_days", "items", "returned_items"), _fulfilment
    ),
    "recurring": Table(("day", "accounts", "mrr", "mrr_year_ago", "kept_mrr", "expansion_mrr"), _recurring),
    "movements": Table(
        (
            *("day", "customers_at_start", "customers_lost", "new_mrr", "expansion_mrr", "lost_mrr"),
            *("new_margin", "acquisition_spend"),
        ),
        _movements,
    ),
    "trials": Table(("ended_on", "trials", "converted"), _trials),
    "active_users": Table(("day", "daily", "monthly"), _active_users),
}
