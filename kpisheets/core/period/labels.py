"""How periods are written: the forms that labels have, and what people type instead."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kpisheets.core.period.span import Frequency

_YEAR = r"(?:(?P<fy>FY) ?(?P<short>\d{4}|\d\d)|(?P<long>\d{4}))"
_FLAGS = re.IGNORECASE
_FORMS = (
    (Frequency.DAILY, re.compile(r"(?P<long>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")),
    (Frequency.MONTHLY, re.compile(r"(?P<long>\d{4})-(?P<month>\d{1,2})")),
    (Frequency.YEARLY, re.compile(_YEAR, _FLAGS)),
    (None, re.compile(rf"{_YEAR}[-/ ]?(?P<letter>[WPQ])(?P<number>\d{{1,2}})", _FLAGS)),
    (None, re.compile(rf"(?P<letter>[WPQ])(?P<number>\d{{1,2}})[-/ ]?{_YEAR}", _FLAGS)),
)
_LETTERS = {"W": Frequency.WEEKLY, "P": Frequency.MONTHLY, "Q": Frequency.QUARTERLY}


@dataclass(frozen=True, slots=True)
class Written:
    """A period as it was written. ``fiscal``: its year was marked as a fiscal one. ``number`` is that of a week, period
    (``lettered``), month or quarter."""

    frequency: Frequency
    year: int
    fiscal: bool = False
    number: int = 0
    day: int = 0
    lettered: bool = False


def read(text: str) -> Written | None:
    """The parts of a written period; None for anything else."""
    for frequency, form in _FORMS:
        found = form.fullmatch(text)
        if found is None:
            continue
        parts = found.groupdict()
        short = parts.get("short") or ""
        year = int(parts.get("long") or short) + (2000 if len(short) == 2 else 0)
        letter = (parts.get("letter") or "").upper()
        return Written(
            frequency or _LETTERS[letter],
            year,
            fiscal=bool(parts.get("fy")),
            number=int(parts.get("number") or parts.get("month") or 0),
            day=int(parts.get("day") or 0),
            lettered=bool(letter),
        )
    return None


def is_label(text: str) -> bool:
    """Whether a text is written as a period of some calendar, though perhaps not of this one."""
    return read(text.strip()) is not None
