"""How a value is shown in a number format."""

from __future__ import annotations

import datetime
from typing import Any


def formatted(value: bool | float | str, number_format: dict[str, Any] | None, locale: str) -> str:
    """The text that a cell shows. `number_format` is the API's `NumberFormat`."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    if (number_format or {}).get("type") == "DATE":
        return (datetime.date(1899, 12, 30) + datetime.timedelta(days=int(value))).isoformat()
    if (number_format or {}).get("type") == "PERCENT":
        return f"{value * 100:.2f}%"
    return f"{value:.10g}"
