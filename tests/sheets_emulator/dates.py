"""Dates, times and elapsed times as a pattern shows them. A day is 1, and 0 is the start of 1899-12-30."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from .locales import Manner
from .pattern import Token

EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_DAY = 86_400


def serial(moment: datetime) -> float:
    """The serial number of what a clock shows at a moment in UTC: cells know no zones."""
    passed = moment - EPOCH
    return passed.days + (passed.seconds + passed.microseconds / 1e6) / _DAY


def shown(tokens: Sequence[Token], number: float, here: Manner) -> str:
    """The text of a section with dates or times.

    Seconds are rounded to the digits that are shown; minutes and hours are cut off.
    """
    half = any(token.kind == "half" for token in tokens)
    elapsed = any(token.kind == "elapsed" for token in tokens)
    digits = _fraction_digits(tokens)
    seconds = Decimal(repr(abs(float(number)) if elapsed else float(number))) * _DAY
    seconds = seconds.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    whole = int(seconds // 1)
    part = f"{seconds - whole:.{digits}f}".partition(".")[2]
    try:
        moment = EPOCH + timedelta(seconds=whole)
    except OverflowError:
        return "###"
    out = []
    for place, token in enumerate(tokens):
        if token.kind == "elapsed":
            size = whole // {"h": 3600, "m": 60, "s": 1}[token.text[0].lower()]
            out.append(str(size if place == _first_elapsed(tokens) else size % 60).zfill(len(token.text)))
        elif token.kind == "date":
            out.append(_element(tokens, place, moment, half, here))
        elif token.kind == "half":
            out.append(_half(token.text, moment.hour))
        elif token.kind == "digit":
            # Only tenths and smaller are digits here, and a pattern has them once.
            out.append(part[:1])
            part = part[1:]
        elif token == ("mark", ".") and digits and _follows_seconds(tokens, place):
            out.append(here.decimal)
        else:
            out.append(token.text)
    return ("-" if number < 0 and elapsed else "") + "".join(out)


def _first_elapsed(tokens: Sequence[Token]) -> int:
    return next(place for place, token in enumerate(tokens) if token.kind == "elapsed")


def _fraction_digits(tokens: Sequence[Token]) -> int:
    return min(3, sum(token.kind == "digit" for token in tokens))


def _follows_seconds(tokens: Sequence[Token], place: int) -> bool:
    before = tokens[place - 1] if place else Token("literal", "")
    return before.kind in ("date", "elapsed") and before.text[0] in "sS"


def _element(tokens: Sequence[Token], place: int, moment: datetime, half: bool, here: Manner) -> str:
    text = tokens[place].text
    letter, width = text[0].lower(), len(text)
    if letter == "y":
        return f"{moment.year:04d}" if width > 2 else f"{moment.year % 100:02d}"
    if letter == "d":
        day = (moment.weekday() + 1) % 7
        if width > 2:
            return here.short_days[day] if width == 3 else here.days[day]
        return str(moment.day).zfill(width)
    if letter == "h":
        hour = (moment.hour + 11) % 12 + 1 if half else moment.hour
        return str(hour).zfill(min(width, 2))
    if letter == "s":
        return str(moment.second).zfill(min(width, 2))
    if width < 3 and text[0] == "m" and _is_minute(tokens, place):
        return str(moment.minute).zfill(width)
    if width < 3:
        return str(moment.month).zfill(width)
    if width == 3:
        return here.short_months[moment.month - 1]
    return here.months[moment.month - 1][:1] if width == 5 else here.months[moment.month - 1]


def _is_minute(tokens: Sequence[Token], place: int) -> bool:
    """After hours or before seconds, literals aside, ``m`` means minutes."""
    before = next((t for t in reversed(tokens[:place]) if t.kind in ("date", "elapsed", "half")), None)
    after = next((t for t in tokens[place + 1 :] if t.kind in ("date", "elapsed")), None)
    return (before is not None and before.text[0] in "hH") or (after is not None and after.text[0] in "sS")


def _half(text: str, hour: int) -> str:
    if "/" in text and len(text) == 3:
        letter = "p" if hour >= 12 else "a"
        return letter.upper() if text[0].isupper() else letter
    return "PM" if hour >= 12 else "AM"
