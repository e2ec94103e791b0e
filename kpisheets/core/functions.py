"""The functions of a formula that take values and give one. Errors among their arguments never reach them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from kpisheets.core.values import BAD_VALUE, DIVISION, as_number, as_text, is_number, rounded
from kpisheets.core.workbook import ErrorValue, Value


def _round(value: Value, digits: Value) -> Value:
    number, places = as_number(value), as_number(digits)
    return BAD_VALUE if number is None or places is None else rounded(number, places)


def _abs(value: Value) -> Value:
    number = as_number(value)
    return BAD_VALUE if number is None else abs(number)


def _min(*values: Value) -> Value:
    numbers = [float(value) for value in values if is_number(value)]
    return min(numbers, default=0.0)


def _max(*values: Value) -> Value:
    return max((float(value) for value in values if is_number(value)), default=0.0)


def _find(wanted: Value, within: Value) -> Value:
    return as_text(within).find(as_text(wanted)) + 1 or BAD_VALUE


def _left(value: Value, length: Value) -> Value:
    count = as_number(length)
    return BAD_VALUE if count is None or count < 0 else as_text(value)[: int(count)]


def _fixed(value: Value, digits: Value, _: Value = None) -> Value:
    """The number with so many decimals and without thousands' marks, as a reader of English sees it."""
    number, places = as_number(value), as_number(digits)
    if number is None or places is None:
        return BAD_VALUE
    found = rounded(number, places)
    return found if isinstance(found, ErrorValue) else f"{found + 0.0:.{int(places)}f}"


def _mid(value: Value, start: Value, length: Value) -> Value:
    first, count = as_number(start), as_number(length)
    if first is None or count is None or first < 1 or count < 0:
        return BAD_VALUE
    return as_text(value)[int(first) - 1 : int(first) - 1 + int(count)]


def _right(value: Value, length: Value) -> Value:
    count, text = as_number(length), as_text(value)
    return BAD_VALUE if count is None or count < 0 else text[max(len(text) - int(count), 0) :]


def _value(text: Value) -> Value:
    number = None if text in (None, "") else as_number(text)
    return BAD_VALUE if number is None else number


def _int(value: Value) -> Value:
    number = as_number(value)
    return BAD_VALUE if number is None else float(math.floor(number))


def _mod(value: Value, divisor: Value) -> Value:
    number, by = as_number(value), as_number(divisor)
    if number is None or by is None:
        return BAD_VALUE
    return number - by * math.floor(number / by) if by else DIVISION


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "AND": lambda *values: all(values),
    "OR": lambda *values: any(values),
    "ROUND": _round,
    "ABS": _abs,
    "MIN": _min,
    "MAX": _max,
    "SUMSQ": lambda *values: sum(float(value) ** 2 for value in values if is_number(value)),
    "TRIM": lambda text: " ".join(as_text(text).split()),
    "VALUE": _value,
    "FIND": _find,
    "LEFT": _left,
    "RIGHT": _right,
    "MID": _mid,
    "FIXED": _fixed,
    "SUBSTITUTE": lambda text, old, new: as_text(text).replace(as_text(old), as_text(new)),
    "INT": _int,
    "MOD": _mod,
}
