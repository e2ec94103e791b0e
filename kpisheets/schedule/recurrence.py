"""A cron expression as a calendar program says it: a recurrence rule (RFC 5545), where there is one."""

from __future__ import annotations

import re
from collections.abc import Mapping

_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_DAY_NAMES = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"))}
_MONTH_NAMES = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1
    )
}
_NTH = re.compile(r"(\w+)#([1-5])")


def rule(expression: str) -> Mapping[str, list[str]] | None:
    """The rule's parts of an expression that fires once on its days, at a fixed time; None for any other: that of
    several times a day, of steps, of days of the month and of the week together."""
    fields = expression.upper().split()
    if len(fields) != 5 or not (fields[0].isdigit() and fields[1].isdigit()):
        return None
    month_days, months, week_days = _month_days(fields[2]), _numbers(fields[3], _MONTH_NAMES), _week_days(fields[4])
    if month_days is None or months is None or week_days is None or (month_days and week_days):
        return None
    days = {"BYMONTHDAY": month_days} if month_days else {"BYDAY": week_days} if week_days else {}
    if months:
        return {"FREQ": ["YEARLY"], "BYMONTH": [str(month) for month in months], **days} if days else None
    if not days:
        return {"FREQ": ["DAILY"]}
    each_week = all(day in _DAYS for day in week_days)
    return {"FREQ": ["WEEKLY" if week_days and each_week else "MONTHLY"], **days}


def _month_days(field: str) -> list[str] | None:
    if field == "L":
        return ["-1"]
    found = _numbers(field, {})
    return None if found is None else [str(day) for day in found]


def _week_days(field: str) -> list[str] | None:
    if nth := _NTH.fullmatch(field):
        return [f"{nth[2]}{_DAYS[day % 7]}" for day in _numbers(nth[1], _DAY_NAMES) or ()] or None
    found = _numbers(field, _DAY_NAMES)
    return None if found is None else list(dict.fromkeys(_DAYS[day % 7] for day in found))


def _numbers(field: str, names: Mapping[str, int]) -> list[int] | None:
    """The numbers of a list with ranges; none of “*”, None of what is neither."""
    if field in ("*", "?"):
        return []
    found: list[int] = []
    for piece in field.split(","):
        ends = [names.get(end, int(end) if end.isdigit() else None) for end in piece.split("-")]
        if len(ends) > 2 or any(end is None for end in ends):
            return None
        first, last = (end for end in (ends[0], ends[-1]) if end is not None)
        if first > last:
            return None
        found += range(first, last + 1)
    return found
