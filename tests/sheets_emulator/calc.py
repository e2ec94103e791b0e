"""What formulas come to."""

from __future__ import annotations

import re

from .calc_types import Address, CalcBook, CalcError, CalcValue, Formula


def compute(book: CalcBook) -> dict[Address, CalcValue]:
    """The value of every formula cell, by (sheet id, row, column)."""
    found: dict[Address, CalcValue] = {}
    for sheet in book.sheets:
        for (row, column), entered in sheet.cells.items():
            if isinstance(entered, Formula):
                found[sheet.id, row, column] = _value(entered.text)
    return found


def _value(text: str) -> CalcValue:
    match = re.fullmatch(r"=(\d+)(?:([*/+-])(\d+))?", text)
    if match is None:
        return CalcError("ERROR", "No calculation here")
    if not match[2]:
        return float(match[1])
    first, second = float(match[1]), float(match[3])
    return {"*": first * second, "/": first / (second or 1), "+": first + second, "-": first - second}[match[2]]
