"""Periods, days and moments as people of a language write them: in the words and the order of CLDR, by Babel."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from babel.dates import format_date, format_datetime, format_skeleton, get_quarter_names

from kpisheets.templates import Language

_WRITTEN = re.compile(
    r"(?P<year>(?:FY)?\d{4})"
    r"(?:-(?:W(?P<week>\d\d)|P(?P<number>\d\d)|Q(?P<quarter>[1-4])|(?P<month>\d\d)(?:-(?P<day>\d\d))?))?"
)


def period_words(label: str, words: Language) -> str:
    """“October 2026” for ``2026-10``; a label of no known form as it is."""
    match = _WRITTEN.fullmatch(label)
    if match is None:
        return label
    year = match["year"]
    if match["week"]:
        return words.word("report.week", number=int(match["week"]), year=year)
    if match["number"]:
        return words.word("report.period", number=int(match["number"]), year=year)
    if match["quarter"]:
        names = get_quarter_names("abbreviated", locale=words.locale.babel)
        return words.word("report.quarter", quarter=names[int(match["quarter"])], year=year)
    if not match["month"]:
        return label
    try:
        first = date(int(year), int(match["month"]), int(match["day"] or 1))
    except ValueError:
        return label
    return day_words(first, words) if match["day"] else format_skeleton("yMMMM", first, locale=words.locale.babel)


def day_words(day: date, words: Language) -> str:
    """“5 October 2026”."""
    return format_date(day, "long", locale=words.locale.babel)


def until_words(moment: datetime, words: Language) -> str:
    """The last whole day before ``moment``, where it ends one; else the moment itself."""
    ends = moment.time() >= time(23, 59) or moment.time() == time()
    return day_words((moment - timedelta(seconds=1)).date(), words) if ends else moment_words(moment, words)


def moment_words(moment: datetime, words: Language) -> str:
    """“5 October 2026, 07:00”, in the zone of ``moment``."""
    time = format_datetime(moment.replace(tzinfo=None), "HH:mm", locale=words.locale.babel)
    return words.word("report.moment", day=day_words(moment.date(), words), time=time)
