"""Sample tables: what the projects pack measures: earned value, milestones, hours, risks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpisheets.sample_data.day import Day, Row, Table

_PROJECTS = (("Website", 1.0, 60), ("Warehouse", 1.6, 140), ("Billing", 0.8, 230))


def _earned_value(day: Day) -> Iterator[Row]:
    if not day.is_working:
        return
    for project, size, shift in _PROJECTS:
        planned = 1_900 * size * day.wave(0.1, 250, shift)
        earned = planned * day.about(0.985 * day.wave(0.035, 320, shift), 0.05)
        cost = earned / day.about(0.99 * day.wave(0.03, 280, shift), 0.04)
        yield day.date, project, round(planned, 2), round(earned, 2), round(cost, 2)


def _milestones(day: Day) -> Iterator[Row]:
    for number in range(day.count(0.75) if day.is_working else 0):
        yield day.date, f"M{day.date:%y%m%d}{number}", day.flag(0.86)


def _project_hours(day: Day) -> Iterator[Row]:
    if not day.is_working:
        return
    available = 7.5 * round(34 * day.grown(0.06))
    worked = available * min(day.about(0.802 * day.wave(0.04, 310), 0.03), 1)
    changes = worked * day.about(0.071 * day.wave(0.1, 230, 80), 0.25)
    rework = worked * day.about(0.055 * day.wave(0.09, 260), 0.12)
    yield day.date, available, round(worked, 1), round(changes, 1), round(rework, 1)


def _risks(day: Day) -> Iterator[Row]:
    yield day.date, day.count(6.2 * day.wave(0.2, 170), 0.04)


TABLES: Mapping[str, Table] = {
    "earned_value": Table(("day", "project", "planned_value", "earned_value", "actual_cost"), _earned_value),
    "milestones": Table(("due_on", "milestone", "on_time"), _milestones),
    "project_hours": Table(("day", "available", "worked", "approved_changes", "rework"), _project_hours),
    "risks": Table(("day", "open_high"), _risks),
}
