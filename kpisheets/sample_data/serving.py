"""Sample tables: what the operations and support packs measure of help to customers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpisheets.sample_data.day import Day, Row, Table


def _tickets(day: Day) -> Iterator[Row]:
    level = 9.5 * day.grown(0.05) * day.week(0.4, 0.25)
    for _ in range(day.count(level)):
        hours = round(min(day.chance.lognormvariate(2.72, 0.5) * day.wave(0.06, 240), 120), 1)
        score = day.chance.choices((1, 2, 3, 4, 5), (2, 3, 10, 41, 44))[0]
        yield day.moment(), hours, day.flag(0.712), score


def _backlog(day: Day) -> Iterator[Row]:
    yield day.date, day.count(58 * day.season(0.08, 12) * day.wave(0.08, 150), 0.03)


def _cases(day: Day) -> Iterator[Row]:
    cases = day.count(64 * day.grown(0.06) * day.week(0.35, 0.25), 0.08)
    once = round(cases * min(day.about(0.727 * day.wave(0.012, 250), 0.03), 1))
    in_time = round(cases * min(day.about(0.952 * day.wave(0.008, 310, 60), 0.012), 1))
    escalated = round(cases * day.about(0.118 * day.wave(0.06, 220, 30), 0.12))
    reply = cases * day.about(1.95 * day.wave(0.05, 200, 90), 0.08)
    yield day.date, cases, once, in_time, escalated, round(reply, 1)


def _ratings(day: Day) -> Iterator[Row]:
    given = day.count(19 * day.grown(0.06) * day.week(0.35, 0.25), 0.12)
    yield day.date, given, sum(day.flag(0.857 * day.wave(0.01, 280)) for _ in range(given))


def _calls(day: Day) -> Iterator[Row]:
    offered = day.count(118 * day.grown(0.03) * day.season(0.06, 12) * day.week(0.4, 0.2), 0.07)
    abandoned = round(offered * day.about(0.049 * day.wave(0.1, 230), 0.12))
    quickly = round((offered - abandoned) * min(day.about(0.845 * day.wave(0.02, 270, 40), 0.03), 1))
    contacts = offered - abandoned + day.count(64 * day.week(0.35, 0.25), 0.08)
    yield (
        day.date,
        offered,
        quickly,
        abandoned,
        contacts,
        round(contacts * day.about(6.7 * day.wave(0.03, 330), 0.05), 2),
    )


TABLES: Mapping[str, Table] = {
    "tickets": Table(("closed_at", "hours", "first_contact", "score"), _tickets),
    "backlog": Table(("day", "open_tickets"), _backlog),
    "cases": Table(("resolved_on", "cases", "resolved_once", "in_time", "escalated", "first_reply_hours"), _cases),
    "ratings": Table(("rated_on", "ratings", "satisfied"), _ratings),
    "calls": Table(("day", "offered", "answered_in_20_s", "abandoned", "contacts", "cost"), _calls),
}
