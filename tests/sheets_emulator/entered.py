"""What ``USER_ENTERED`` makes of a text: the value that a person would get who typed it, and the format that it brings.

Dates without a year, and those that only some locales know (``1.5.``), stay text: the first would need a clock.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from .calc_types import Formula
from .dates import serial
from .locales import Manner, manner

_CURRENCIES = "$€£¥₹₩₽₺₴₫₪฿₦₱₲₡₭₮₸₼"
_NUMBER = re.compile(
    rf"(?P<open>\()?(?P<sign>[+-])?\s*(?P<before>[{_CURRENCIES}])?\s*(?P<sign2>[+-])?"
    r"(?P<size>[\d.,' \u00a0\u202f]*\d[\d.,]*)(?P<power>[eE][+-]?\d+)?"
    rf"\s*(?P<percent>%)?\s*(?P<after>[{_CURRENCIES}])?(?P<close>\))?"
)
_TIME = re.compile(r"(?P<h>\d{1,4}):(?P<m>\d{2})(?::(?P<s>\d{2}(?:[.,]\d{1,3})?))?(?:\s*(?P<half>[ap])\.?m\.?)?", re.I)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?")
_DIGITS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_NAMED = re.compile(r"(?:(\d{1,2})(?:[-\s]|\.\s))?([^\W\d]+\.?)(?:[-\s](\d{1,2}))?(?:,?[-\s](\d{4}))")
_DAY_SECONDS = 86_400


class Entered(NamedTuple):
    """``value`` is what the cell holds; ``number_format`` the API's ``NumberFormat`` where the text brings one."""

    value: bool | float | str | Formula | None
    number_format: dict[str, str] | None = None


def entered(text: str, locale: str) -> Entered:
    """The cell that typing a text makes."""
    here = manner(locale)
    if text.startswith("'"):
        return Entered(text[1:])
    if len(text) > 1 and text[0] == "=":
        return Entered(Formula(text))
    typed = text.strip()
    if not typed:
        return Entered(text or None)
    if (said := typed.upper()) in ("TRUE", "FALSE", here.true, here.false):
        return Entered(said in ("TRUE", here.true))
    return _number(typed, here) or _moment(typed, here) or Entered(text)


def _number(typed: str, here: Manner) -> Entered | None:
    match = _NUMBER.fullmatch(typed)
    if match is None or (match["open"] is None) != (match["close"] is None):
        return None
    size = _size(match["size"], here)
    if size is None or (match["before"] and match["after"]) or (match["sign"] and match["sign2"]):
        return None
    value = float(size + (match["power"] or ""))
    if value - value != 0:
        return None
    if (match["sign"] or match["sign2"]) == "-" or match["open"]:
        value = -value
    # Cents go with an amount in full; a share shows hundredths as soon as it has any.
    broken = "." in size
    grouped = any(separator in match["size"].strip() for separator in _groups(here))
    digits = ".00" if broken else ""
    if match["percent"]:
        return Entered(float(f"{value!r}e-2"), {"type": "PERCENT", "pattern": f"0{digits}%"})
    if symbol := match["before"] or match["after"]:
        amount = f"#,##0{digits}"
        pattern = f'"{symbol}"{amount}' if match["before"] else f'{amount} "{symbol}"'
        return Entered(value, {"type": "CURRENCY", "pattern": pattern})
    if match["power"]:
        return Entered(value, {"type": "SCIENTIFIC", "pattern": "0.00E+00"})
    return Entered(value, {"type": "NUMBER", "pattern": f"#,##0{digits}"} if grouped else None)


def _groups(here: Manner) -> str:
    return here.group + ("\u00a0 " if here.group in "\u202f\u00a0" else "")


def _size(text: str, here: Manner) -> str | None:
    """The digits with a decimal point, or ``None``: not a number in this locale."""
    whole, point, decimals = text.partition(here.decimal)
    groups = re.split(f"[{re.escape(_groups(here))}]", whole)
    if len(groups) > 1 and not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        return None
    digits = "".join(groups)
    if not re.fullmatch(r"\d*", digits + decimals, re.ASCII) or not digits + decimals:
        return None
    return f"{digits or '0'}.{decimals or '0'}" if point else digits


def _moment(typed: str, here: Manner) -> Entered | None:
    if time := _time(typed, here):
        return time
    if found := _date(typed, here):
        return Entered(found[0], {"type": "DATE", "pattern": found[1]})
    day, _, hour = typed.partition(" ")
    date, clock = _date(day, here), _time(hour.strip(), here)
    if date is None or clock is None or clock.number_format is None:
        return None
    assert isinstance(clock.value, float)
    pattern = f"{date[1]} {clock.number_format['pattern']}"
    return Entered(date[0] + clock.value, {"type": "DATE_TIME", "pattern": pattern})


def _time(typed: str, here: Manner) -> Entered | None:
    match = _TIME.fullmatch(typed)
    if match is None or int(match["m"]) > 59:
        return None
    hours, seconds = int(match["h"]), float((match["s"] or "0").replace(",", "."))
    if seconds >= 60:
        return None
    if half := (match["half"] or "").lower():
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half == "p" else 0)
    value = (hours * 3600 + int(match["m"]) * 60 + seconds) / _DAY_SECONDS
    tail = "mm:ss" if match["s"] else "mm"
    if hours > 23:
        return Entered(value, {"type": "TIME", "pattern": f"[h]:{tail}"})
    return Entered(value, {"type": "TIME", "pattern": f"h:{tail}{' am/pm' if half else ''}"})


def _date(typed: str, here: Manner) -> tuple[float, str] | None:
    """Serial number and pattern."""
    if match := _YEAR_FIRST.fullmatch(typed):
        year, mark, month, day = match.groups()
        return _day(year, month, day or "1", f"yyyy{mark}mm" + (f"{mark}dd" if day else ""))
    if match := _DIGITS.fullmatch(typed):
        first, mark, second, year = match.groups()
        if here.date_order == "ymd":
            return None
        day, month = (second, first) if here.date_order == "mdy" else (first, second)
        width = "yyyy" if len(year) == 4 else "yy"
        pattern = mark.join(("m", "d", width) if here.date_order == "mdy" else ("dd", "mm", width))
        return _day(_century(year), month, day, pattern)
    if match := _NAMED.fullmatch(typed):
        before, name, after, year = match.groups()
        named = _month(name, here)
        if named is None or (before is None) == (after is None):
            return None
        letters = "mmm" if name.lower() in map(str.lower, here.short_months) else "mmmm"
        return _day(year, str(named), before or after, f"d {letters} yyyy" if before else f"{letters} d, yyyy")
    return None


def _day(year: str, month: str, day: str, pattern: str) -> tuple[float, str] | None:
    try:
        return serial(datetime(int(year), int(month), int(day), tzinfo=UTC)), pattern
    except ValueError:
        return None


def _century(year: str) -> str:
    return year if len(year) == 4 else ("20" if int(year) < 30 else "19") + year


def _month(name: str, here: Manner) -> int | None:
    said = name.lower().rstrip(".")
    for names in (here.months, here.short_months):
        for number, known in enumerate(names, 1):
            if known.lower().rstrip(".") == said:
                return number
    return None
