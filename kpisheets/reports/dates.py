"""Periods, days and moments as people of a language write them."""

from __future__ import annotations

import re
from datetime import date, datetime

from kpisheets.templates import Language

_WRITTEN = re.compile(
    r"(?P<year>(?:FY)?\d{4})(?:-(?:W(?P<week>\d\d)|P(?P<number>\d\d)|Q(?P<quarter>\d)|(?P<month>\d\d)(?:-(?P<day>\d\d))?))?"
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
        return words.word("report.quarter", number=match["quarter"], year=year)
    if not match["month"] or not 1 <= int(match["month"]) <= 12:
        return label
    month = _month(int(match["month"]), words)
    if match["day"]:
        return words.word("report.day", day=int(match["day"]), month=month, year=year)
    return words.word("report.month", month=month, year=year)


def day_words(day: date, words: Language) -> str:
    """“5 October 2026”."""
    return words.word("report.day", day=day.day, month=_month(day.month, words), year=day.year)


def moment_words(moment: datetime, words: Language) -> str:
    """“5 October 2026, 07:00”, in the zone of ``moment``."""
    return words.word("report.moment", day=day_words(moment.date(), words), time=f"{moment:%H:%M}")


def _month(number: int, words: Language) -> str:
    return words.word("report.months").split()[number - 1]
