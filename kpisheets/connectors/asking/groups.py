"""Questions about one table by one date column, and what that column holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any

from kpisheets.connectors.asking import plan
from kpisheets.connectors.asking.answers import Answers, place
from kpisheets.connectors.asking.choices import Family
from kpisheets.connectors.asking.ready import Ready
from kpisheets.connectors.base import Column, Kind, Refused, Table, Window
from kpisheets.connectors.dialects.zones import Shift, shifts
from kpisheets.core.metric import Asked, Source
from kpisheets.core.period import Calendar

_DAYS = timedelta(days=2)


@dataclass(slots=True)
class Group:
    """Questions about one table by one date column that passed their checks: alone, and by families."""

    table: Table
    day: Column
    alone: list[Asked] = field(default_factory=list)
    families: list[tuple[Family, Column, list[Asked]]] = field(default_factory=list)
    watermark: str = ""
    shifts: Sequence[Shift] = ()
    held: tuple[date, date] | None = None

    @property
    def asked(self) -> list[Asked]:
        return [*self.alone, *(one for _, _, asked in self.families for one in asked)]

    def within(self, window: Window) -> tuple[date, date]:
        """The first and the last day of a window of which there may be records; its first one where there are none."""
        first, last = self.held or (window.start, window.last_day)
        first = max(first, window.start)
        return first, max(first, min(last, window.last_day))


def dated(ready: Ready, source: Source, group: Group, answers: Answers) -> bool:
    """Look at the date column as a whole: say what is out of range; False when there is nothing to ask for."""
    try:
        records, dated, usable, inside, earliest, latest = _census(ready, group, answers.calendar)
    except Refused as error:
        answers.blame(group.asked, error.what, error.mend)
        return False
    told = group.table.watermark or _changed(ready, group.table) or latest
    group.watermark = told.isoformat() if isinstance(told, date) else str(told or "")
    if inside:
        first, last = _moment(earliest) - _DAYS, _moment(latest) + _DAYS
        group.held = first.date(), last.date()
        if not ready.dialect.knows_zones(group.day.kind):
            group.shifts = shifts(answers.calendar.timezone, first, last)
    if records and not usable:
        said = f"no record of “{group.table.name}” has a date in “{group.day.name}”"
        if dated:
            said = f"no value of “{group.day.name}” is a date" + (f" ({group.day.hint})" if group.day.hint else "")
        answers.blame(group.asked, said, "name a date, timestamp or ISO text column in date")
        return False
    if dated > usable:
        answers.note(
            place(source),
            f"{dated - usable} of {records} records of “{group.table.name}” were skipped: "
            f"“{group.day.name}” holds no date there",
            "write dates such as 2026-01-31 at the source",
        )
    if usable > inside:
        said = f"{usable - inside} of {records} records of “{group.table.name}” were skipped"
        answers.note(
            place(source),
            f"{said}: “{group.day.name}” lies outside the years 1900 to 9998",
            "correct these dates at the source",
        )
    return bool(inside)


def _census(ready: Ready, group: Group, calendar: Calendar) -> tuple[Any, ...]:
    """Records, those with something in the date column, with a date, with one in range; the earliest and latest.

    Of a column whose values have a type, the bounds tell in most cases.
    """
    table, day, connection = group.table, group.day, ready.connection
    if day.kind is not Kind.TEXT:
        looked = plan.extent(table, day, calendar, dialect=ready.dialect)
        for records, dated, earliest, latest in connection.run(looked.text, looked.parameters):
            if latest is not None:
                return records, dated, dated, dated, earliest, latest
    counted = plan.census(table, day, calendar, dialect=ready.dialect)
    for found in connection.run(counted.text, counted.parameters):
        return found
    raise Refused(f"“{table.name}” can't be counted: the source gives no answer", "check the source")


def _changed(ready: Ready, table: Table) -> object:
    """When a record last changed, where the source tells."""
    column = table.column(ready.connection.capabilities.updated_at)
    if column is None:
        return None
    ((latest,),) = ready.connection.run(plan.latest(table, column, dialect=ready.dialect).text, ())
    return latest


def _moment(value: object) -> datetime:
    """What a query gave for a date, as a naive moment."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.combine(value if isinstance(value, date) else date.fromisoformat(str(value)[:10]), time_of_day())
