"""What a typed text becomes in a cell."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any

from .calc_types import Formula


@dataclass(frozen=True)
class Entered:
    """A typed text as a value, with the number format that it implies (`None`: none)."""

    value: bool | float | str | Formula | None
    number_format: dict[str, Any] | None = None


def entered(text: str, locale: str) -> Entered:
    """What `USER_ENTERED` makes of a text in a spreadsheet of that locale."""
    if text.startswith("=") and len(text) > 1:
        return Entered(Formula(text))
    if text.upper() in ("TRUE", "FALSE"):
        return Entered(text.upper() == "TRUE")
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        return Entered(float(text))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        days = datetime.date.fromisoformat(text) - datetime.date(1899, 12, 30)
        return Entered(float(days.days), {"type": "DATE", "pattern": "yyyy-mm-dd"})
    return Entered(text[1:] if text.startswith("'") else text)
