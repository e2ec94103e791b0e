"""The keys of ``[project]`` that say how its years are laid out: by months, or by whole weeks."""

from __future__ import annotations

import re

from kpisheets.core.period import PATTERNS, Calendar, WeekYears
from kpisheets.toml.document import Table, quoted, suggestion

KEYS = ("fiscal_year_start", "calendar", "year_ends", "year_named_by")
_MONTHS = "months"
_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ENDS = re.compile(
    rf"(?P<which>last|nearest)\s+(?P<day>{'|'.join(_DAYS)})\s+(?:(?:of|to|in)\s+)?(?:the\s+end\s+of\s+)?"
    rf"(?P<month>{'|'.join(_NAMES)})",
    re.IGNORECASE,
)
_MEND = 'write year_ends = "last Saturday of January", or "nearest Saturday to the end of January"'


def calendar(table: Table, timezone: str) -> Calendar:
    """The calendar of a project in that time zone; what is wrong is recorded in the table."""
    start = table.whole("fiscal_year_start", 1, 1, 12, "the number of a month, 1 to 12")
    kind, named = table.text("calendar", _MONTHS), table.text("year_named_by", "end")
    if named not in ("start", "end"):
        table.refuse("year_named_by", f"{quoted(named)} names no year", 'write "start" or "end"')
    if kind != _MONTHS and kind not in PATTERNS:
        table.refuse("calendar", f"unknown calendar {quoted(kind)}", suggestion(kind, (_MONTHS, *PATTERNS)))
    if kind not in PATTERNS:
        if kind == _MONTHS and table.has("year_ends"):
            mend = 'write calendar = "4-4-5" too, or remove this line'
            table.refuse("year_ends", f"{quoted('year_ends')} is for years of whole weeks", mend)
        return Calendar(start, timezone, named_by_start=named == "start")
    if table.has("fiscal_year_start"):
        mend = "remove this line: year_ends says when the year starts"
        table.refuse("fiscal_year_start", f"{quoted('fiscal_year_start')} is for years of months", mend)
    years = _week_years(table, PATTERNS[kind])
    return Calendar(1, timezone, years, named == "start")


def _week_years(table: Table, weeks: tuple[int, int, int]) -> WeekYears | None:
    said = table.text("year_ends")
    found = _ENDS.fullmatch(" ".join(said.split()))
    if found is None:
        what = f"{quoted(said)} says no day on which a year ends" if said else "a year of whole weeks has no end"
        table.refuse("year_ends" if said else "calendar", what, _MEND)
        return None
    return WeekYears(
        weeks,
        month=_NAMES.index(found["month"].lower()) + 1,
        weekday=_DAYS.index(found["day"].lower()),
        nearest=found["which"].lower() == "nearest",
    )
