"""How every spreadsheet takes a value: as a number, as text, in an order, in a look-up."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeGuard

from kpisheets.core.workbook import ErrorValue, Value

NA, BAD_VALUE, DIVISION, BAD_REFERENCE = (
    ErrorValue("#N/A"),
    ErrorValue("#VALUE!"),
    ErrorValue("#DIV/0!"),
    ErrorValue("#REF!"),
)


class Cells(Sequence[Value]):
    """A column of values, or what gives them when they are asked for first (few columns are), that answers exact
    look-ups without scanning it each time."""

    __slots__ = ("_positions", "_values")

    def __init__(self, values: Sequence[Value] | Callable[[], Sequence[Value]]) -> None:
        self._values = values
        self._positions: dict[Value, int] | None = None

    @property
    def values(self) -> Sequence[Value]:
        if callable(self._values):
            self._values = self._values()
        return self._values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return self.values[index]

    def position(self, wanted: Value) -> int | None:
        """The 1-based place of the first equal value, as ``MATCH(…, 0)`` finds it; a blank is never found."""
        if wanted is None:
            return None
        if self._positions is None:
            keys = [value.casefold() if type(value) is str else matchable(value) for value in self.values]
            self._positions = dict(zip(reversed(keys), range(len(keys), 0, -1), strict=True))  # the first one stays
        return self._positions.get(matchable(wanted))


def plain(value: Value) -> Value:
    """A number as a cell holds it, a double; anything else as it is."""
    return float(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else value


def is_number(value: Value) -> TypeGuard[int | float | Decimal]:
    """Whether a cell holds a number: a logical value is none, nor is text that looks like one."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


_NUMERIC = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
"""Text that every spreadsheet takes for a number where it needs one."""


def as_number(value: Value) -> float | None:
    """The number that a value counts as where one is needed: a blank is 0, TRUE is 1; None where it is none."""
    if value is None:
        return 0.0
    if isinstance(value, (bool, int, float, Decimal)):
        return float(value)
    if isinstance(value, str) and _NUMERIC.fullmatch(value):
        return float(value)
    return None


def as_text(value: Value) -> str:
    """The text that a value counts as where text is needed."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def matchable(value: Value) -> Value:
    """What two values that a look-up takes for the same have in common."""
    if isinstance(value, str) and not isinstance(value, ErrorValue):
        return value.casefold()
    return float(value) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else value


def order(a: Value, b: Value) -> int:
    """-1, 0 or 1: numbers come before text, text before logical values; a blank is 0, "" or FALSE beside them."""
    if a is None:
        a = _blank_beside(b)
    if b is None:
        b = _blank_beside(a)
    ranks = [2 if isinstance(v, bool) else 1 if isinstance(v, str) else 0 for v in (a, b)]
    if ranks[0] != ranks[1]:
        return -1 if ranks[0] < ranks[1] else 1
    if ranks[0] == 1:
        x, y = str(a).casefold(), str(b).casefold()
        return (x > y) - (x < y)
    m, n = as_number(a) or 0.0, as_number(b) or 0.0
    return (m > n) - (m < n)


def _blank_beside(other: Value) -> Value:
    if isinstance(other, bool):
        return False
    return "" if isinstance(other, str) else 0


_LAST_BIT = 2.0**-52


def rounded(number: float, places: float) -> float | ErrorValue:
    """The number rounded half away from zero to so many decimals, as spreadsheets round."""
    if 0 <= places <= 15:
        scale = math.pow(10.0, places)
        scaled = abs(number) * scale
        if scaled < 1e15:
            whole = int(scaled + 0.5)
            # Nearly every number is far from a tie, whatever its own last digit and the product lost.
            if abs(scaled - whole) < 0.4999 - scaled * _LAST_BIT:
                return whole / scale if number >= 0 else -whole / scale
    if not math.isfinite(number):
        return ErrorValue("#NUM!")
    if abs(number) >= 1e15:
        return number  # no double has decimals there
    return float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP))
