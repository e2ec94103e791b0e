"""Records that changed in periods that were not to be asked for: the source tells by the column ``updated_at``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from kpisheets.connectors.asking import plan
from kpisheets.connectors.asking.ready import Ready
from kpisheets.connectors.base import Column, Table
from kpisheets.core.metric import Asked, Source
from kpisheets.core.period import FIRST_DAY, Calendar, Period

_DAY = timedelta(days=1)


def widened(
    ready: Ready, source: Source, table: Table, day: Column, asked: Sequence[Asked], calendar: Calendar
) -> dict[int, Asked]:
    """The questions that are to reach back to the earliest record that changed, by the former question's id.

    A period that a record *left* shows nothing of it any more. Refused where the source can't tell.
    """
    column = table.column(source.reading.updated_at) if source.reading.updated_at else None
    since = min((one.changed_since for one in asked if one.changed_since is not None), default=None)
    # What was brought or selected for a window holds nothing of what lies before it.
    if column is None or since is None or asked[0].metric.sql or not ready.connection.capabilities.aggregates:
        return {}
    start = plan.window(asked, calendar).start
    question = plan.changed(table, day, column, since, start, calendar, dialect=ready.dialect)
    ((found,),) = ready.connection.run(question.text, question.parameters)
    if found is None:
        return {}
    earliest = _date(found) - _DAY
    return {id(one): replace(one, first=_reaching(one, earliest, calendar)) for one in asked if one.changed_since}


def _reaching(one: Asked, day: date, calendar: Calendar) -> Period | None:
    period = calendar.period(one.frequency, max(day, FIRST_DAY))
    if one.first is None or one.first.start <= period.start:
        return one.first
    return period if one.begins is None or one.begins.start <= period.start else one.begins


def _date(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
