"""The first day of the period that holds a local day, as SQL of a dialect."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date

from kpisheets.connectors.base import literal
from kpisheets.connectors.dialects.templates import Dialect
from kpisheets.core.period import FIRST_DAY, LAST_DAY, Calendar, Frequency

_FAN_OUT = 8
"""Branches of a CASE before it is divided: SQL Server nests ten at most, and each record passes few comparisons."""


def bucket(dialect: Dialect, frequency: Frequency, day: str, calendar: Calendar, first: date, last: date) -> str:
    """``day`` is SQL for a local day that lies between ``first`` and ``last``, both included."""
    if frequency is Frequency.DAILY:
        return day
    years = calendar.week_years
    if years is not None:
        if frequency is Frequency.WEEKLY:
            # The week of seven days that begins on Monday, moved to where this calendar's begin.
            late = (years.weekday + 1) % 7
            moved = dialect.days_on.format(day=day, days=-late) if late else day
            monday = dialect.week.format(day=moved)
            return dialect.days_on.format(day=monday, days=late) if late else monday
        return _looked_up(dialect, day, _starts(calendar, frequency, first, last))
    match frequency:
        case Frequency.WEEKLY:
            return dialect.week.format(day=day)
        case Frequency.MONTHLY:
            return dialect.month.format(day=day)
    number = f"({dialect.month_number.format(day=day)} + {12 - calendar.fiscal_year_start})"
    by = 3 if frequency is Frequency.QUARTERLY else 12
    return dialect.months_back.format(day=day, back=dialect.modulo.format(number=number, by=by))


def _starts(calendar: Calendar, frequency: Frequency, first: date, last: date) -> list[date]:
    """The first days of the periods from ``first`` to ``last``."""
    day, found = max(first, FIRST_DAY), list[date]()
    while True:
        period = calendar.period(frequency, day)
        found.append(period.start)
        if period.end > min(last, LAST_DAY):
            return found
        day = period.end


def _looked_up(dialect: Dialect, day: str, starts: Sequence[date]) -> str:
    """The latest of ``starts`` that is not after ``day``."""
    if len(starts) == 1:
        return dialect.date.format(mark=literal(starts[0].isoformat()))
    size = -(-len(starts) // _FAN_OUT)
    parts = [starts[place : place + size] for place in range(0, len(starts), size)]
    whens = (
        f"WHEN {day} < {dialect.date.format(mark=literal(after[0].isoformat()))} THEN {_looked_up(dialect, day, part)}"
        for part, after in itertools.pairwise(parts)
    )
    return f"CASE {' '.join(whens)} ELSE {_looked_up(dialect, day, parts[-1])} END"
