"""Sample tables: what the operations and manufacturing packs measure: production, machines, stock, deliveries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpisheets.sample_data.day import Day, Row, Table


def _production(day: Day) -> Iterator[Row]:
    if not day.is_working:
        return
    units = day.count(1_240 * day.grown(0.05) * day.season(0.03, 11), 0.04)
    defects = round(units * day.about(0.0182 * day.wave(0.07, 270), 0.08))
    hours = units / day.about(9.6 * day.grown(0.015), 0.02)
    planned = 96.0
    yield day.date, units, defects, round(hours, 1), planned, round(min(day.about(planned * 0.903, 0.02), planned), 1)


def _deliveries(day: Day) -> Iterator[Row]:
    for number in range(day.count(8.5 * day.season(0.06, 12)) if day.date.weekday() < 6 else 0):
        days = max(round(day.chance.gauss(3.35 * day.season(0.05, 12.5) * day.wave(0.04, 220), 1.0), 1), 0.5)
        yield day.date, f"L{day.date:%y%m%d}{number:02d}", days, int(days <= 4.9)


def _stock(day: Day) -> Iterator[Row]:
    value = day.about(148_000 * day.grown(0.05) * day.season(0.07, 10), 0.01)
    yield day.date, round(value, 2), round(day.about(4_450 * day.grown(0.055), 0.03), 2)


def _shipping(day: Day) -> Iterator[Row]:
    parcels = day.count(11.5 * day.grown(0.06) * day.season(0.07, 11.5) * day.week(0.75, 0.6))
    yield day.date, parcels, round(parcels * day.about(7.3 * day.wave(0.03, 300, 70), 0.03), 2)


_RUN_HOURS = 0.0076
"""The planned run time of one unit, from which a machine's speed is judged."""


def _machines(day: Day) -> Iterator[Row]:
    if day.date.weekday() == 6:
        return
    planned = 16.0
    producing = planned * min(day.about(0.884 * day.wave(0.02, 240), 0.02), 1)
    produced = round(producing / _RUN_HOURS * min(day.about(0.912 * day.wave(0.015, 300, 40), 0.015), 1))
    scrapped = round(produced * day.about(0.0205 * day.wave(0.1, 210), 0.1))
    first = round(produced * min(day.about(0.962 * day.wave(0.006, 260, 70), 0.006), 1))
    failures = day.count(0.55 * day.wave(0.1, 190))
    down = failures * day.about(1.45 * day.wave(0.06, 330), 0.2)
    energy = produced * day.about(1.42 * day.season(0.03, 1), 0.02)
    yield (
        *(day.date, planned, round(producing, 2), _RUN_HOURS, produced, produced - scrapped, scrapped, first),
        *(failures, round(down, 1), round(energy, 1)),
    )


TABLES: Mapping[str, Table] = {
    "production": Table(
        ("day", "units", "defects", "labour_hours", "planned_machine_hours", "running_machine_hours"), _production
    ),
    "deliveries": Table(("delivered_on", "delivery", "days", "on_time"), _deliveries),
    "stock": Table(("day", "value", "daily_usage"), _stock),
    "shipping": Table(("day", "parcels", "cost"), _shipping),
    "machines": Table(
        (
            *("day", "planned_busy_hours", "production_hours", "run_hours_per_unit", "produced", "good", "scrapped"),
            *("good_first_time", "failures", "restoration_hours", "energy_kwh"),
        ),
        _machines,
    ),
}
