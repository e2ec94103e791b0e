"""Whether the values of a formula's parts are such that every engine, in every language, computes the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeAlias

from .language import Demand

Scalar: TypeAlias = bool | float | str | None
"""A cell's value; error values are texts that begin with NUL."""

_NEAR = 1e-9
_NUMERIC_LOOK = re.compile(r"\s*[-+(]?\s*[$€£¥]?\s*[.,]?\d|\s*(?:true|false)\s*\Z", re.IGNORECASE)
_OPERATOR = re.compile(r"<=|>=|<>|[<>=]")
_LAST_DAY = 2_958_465


def is_error(value: Scalar) -> bool:
    """Whether it is an error value."""
    return isinstance(value, str) and value.startswith("\0")


def is_number(value: Scalar) -> bool:
    """Whether it is a number, and no truth value."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Judge:
    """Judges demands by ``value``, which gives an expression's value, and ``cells``, which gives those of a block."""

    def __init__(self, value: Callable[[str], Scalar], cells: Callable[[str], Sequence[Scalar]]) -> None:
        self._value, self._cells = value, cells

    def holds(self, demand: Demand) -> bool:
        """Whether a demand holds, or does not matter because its part is not computed."""
        for kind, text in demand.guards:
            guard = self._value(text)
            happens = {"error": is_error(guard), "true": _truth(guard) is True, "false": _truth(guard) is False}
            if not happens[kind]:
                return True
        return bool(getattr(self, f"_{demand.kind}")(*demand.operands))

    def _number(self, text: str) -> bool:
        value = self._value(text)
        return is_error(value) or not isinstance(value, str)

    def _counted(self, text: str) -> bool:
        value = self._value(text)
        return is_error(value) or is_number(value)

    def _whole(self, text: str) -> bool:
        value = self._value(text)
        return is_error(value) or value is None or (_whole(value) and abs(float(value)) < 1e9)

    def _position(self, text: str) -> bool:
        value = self._value(text)
        return is_error(value) or (_whole(value) and 1 <= float(value or 0) < 1e9)

    def _natural(self, text: str) -> bool:
        value = self._value(text)
        return is_error(value) or (_whole(value) and 0 <= float(value or 0) < 1e9)

    def _day(self, text: str) -> bool:
        value = self._value(text)
        # Until 28 February 1900 programs count days differently.
        return is_error(value) or (_whole(value) and 61 <= float(value or 0) <= _LAST_DAY)

    def _date(self, year: str, month: str, day: str) -> bool:
        values = [self._value(text) for text in (year, month, day)]
        if any(map(is_error, values)):
            return True
        numbers = [float(value) for value in values if value is not None and is_number(value)]
        return len(numbers) == 3 and 1901 <= numbers[0] <= 9990 and max(map(abs, numbers[1:])) <= 60

    def _text(self, text: str) -> bool:
        value = self._value(text)
        if isinstance(value, str):
            return is_error(value) or all(ord(char) < 0x10000 for char in value)
        return value is None or (_whole(value) and abs(float(value)) < 1e9)

    def _ascii(self, text: str) -> bool:
        value = self._value(text)
        return self._text(text) and (not isinstance(value, str) or is_error(value) or value.isascii())

    def _condition(self, text: str) -> bool:
        value = self._value(text)
        return is_error(value) or not isinstance(value, str)

    def _sum(self, one: str, other: str, result: str) -> bool:
        """A sum that is all but nothing is nothing in some programs and not in others."""
        return _kept(self._value(result), [self._value(one), self._value(other)])

    def _difference(self, one: str, other: str, result: str) -> bool:
        taken = self._value(other)
        negative = -float(taken or 0) if is_number(taken) else taken
        return _kept(self._value(result), [self._value(one), negative])

    def _total(self, result: str, *blocks: str) -> bool:
        return _kept(self._value(result), [value for block in blocks for value in self._cells(block)])

    def _numbers(self, *blocks: str) -> bool:
        return all(value is None or is_number(value) for block in blocks for value in self._cells(block))

    def _equal(self, one: str, other: str) -> bool:
        a, b = self._value(one), self._value(other)
        if is_error(a) or is_error(b):
            return True
        if isinstance(a, str) and isinstance(b, str):
            return _told_apart(a, b)
        if is_number(a) and is_number(b):
            return _apart(float(a or 0), float(b or 0))
        return True

    def _order(self, one: str, other: str) -> bool:
        a, b = self._value(one), self._value(other)
        if is_error(a) or is_error(b):
            return True
        numbers = [0.0 if value is None else float(value) for value in (a, b) if value is None or is_number(value)]
        return len(numbers) == 2 and _apart(*numbers)

    def _half(self, text: str, digits: str) -> bool:
        return self._clear_of(text, digits, 0.5)

    def _whole_step(self, text: str, digits: str) -> bool:
        return self._clear_of(text, digits, 0.0)

    def _clear_of(self, text: str, digits: str, edge: float) -> bool:
        """Whether a number is clear of the edge where rounding goes the other way, or a whole number on it."""
        value, places = self._value(text), self._value(digits)
        if is_error(value) or is_error(places):
            return True
        if isinstance(value, str) or isinstance(places, str):
            return False
        number, exponent = abs(float(value or 0)), float(places or 0)
        if abs(exponent) > 9:
            return False
        scaled = number * 10**exponent
        if scaled >= 1e12:
            return False
        if edge == 0.0 and exponent == 0 and number.is_integer() and number < 1e9:
            return True
        if number == 0 or (edge and (number * 8).is_integer() and number < 1e9):
            return True  # a half that binary numbers hold as it is
        distance = abs((scaled - edge) - round(scaled - edge))
        return distance > _NEAR * max(scaled, 1.0)

    def _criterion(self, text: str, block: str) -> bool:
        value = self._value(text)
        if is_error(value) or value is None or isinstance(value, bool):
            return False
        cells = self._cells(block)
        if is_number(value):
            return _whole(value) and self._clear_numbers(cells) and not any(map(_looks_numeric, cells))
        written = str(value)
        operator = _OPERATOR.match(written)
        rest = written[operator.end() :] if operator else written
        if not rest or re.search(r"[*?~]", rest):
            return False
        if not _NUMERIC_LOOK.match(rest):
            return (operator is None or operator[0] in ("=", "<>")) and self._told(rest, cells)
        if re.fullmatch(r"-?\d{1,9}", rest):
            return self._clear_numbers(cells) and not any(map(_looks_numeric, cells))
        # A text such as 2026-10 is a date to some: among texts of its very shape that makes no difference.
        shape = _shape(rest)
        alike = all(
            value is None or (isinstance(value, str) and (not _NUMERIC_LOOK.match(value) or _shape(value) == shape))
            for value in cells
        )
        return operator is None and alike and self._told(rest, cells)

    def _sought(self, text: str, block: str) -> bool:
        value = self._value(text)
        if is_error(value):
            return True
        cells = self._cells(block)
        if isinstance(value, str):
            return bool(value) and not re.search(r"[*?~]", value) and self._told(value, cells)
        return not isinstance(value, bool) and value is not None and _whole(value) and self._clear_numbers(cells)

    @staticmethod
    def _told(text: str, cells: Sequence[Scalar]) -> bool:
        return all(_told_apart(text, value) for value in cells if isinstance(value, str))

    @staticmethod
    def _clear_numbers(cells: Sequence[Scalar]) -> bool:
        """No number that is all but a whole one."""
        return all(_apart(float(value or 0), float(round(value or 0))) for value in cells if is_number(value))  # type: ignore[arg-type]


def _whole(value: Scalar) -> bool:
    return is_number(value) and float(value or 0).is_integer()


def _truth(value: Scalar) -> bool | None:
    return None if isinstance(value, str) else bool(value)


def _apart(a: float, b: float) -> bool:
    """Whether two numbers are the same, or differ by more than the last digits."""
    return a == b or abs(a - b) > _NEAR * max(abs(a), abs(b))


def _kept(result: Scalar, parts: Sequence[Scalar]) -> bool:
    """Whether a sum is not what rounding left of parts that cancel out."""
    if not is_number(result):
        return True
    numbers = [float(part or 0) for part in parts if is_number(part)]
    if all(number.is_integer() for number in numbers) or min(numbers) >= 0 or max(numbers) <= 0:
        return True
    largest = max(map(abs, numbers))
    if len(numbers) <= 2 and result == 0:
        return True
    return abs(float(result or 0)) > _NEAR * largest


def _told_apart(a: str, b: str) -> bool:
    """Whether two texts are the same or different to every program: case is ignored, but not by all beyond ASCII."""
    if a == b or (a.isascii() and b.isascii()):
        return True
    return unicodedata.normalize("NFKD", a).casefold() != unicodedata.normalize("NFKD", b).casefold()


def _looks_numeric(value: Scalar) -> bool:
    return isinstance(value, str) and _NUMERIC_LOOK.match(value) is not None


def _shape(text: str) -> str:
    return re.sub(r"\d", "9", text)
