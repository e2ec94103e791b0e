"""The second reading of a formula: the value that it computes.

Values follow the spreadsheets' rules: blank is 0 in arithmetic and "" in text, errors travel outwards, text compares
without case, numeric text counts as a number.
"""

from __future__ import annotations

import math
import operator as operators
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeGuard

from kpisheets.core.formula import Call, Column, Expression, Here, Literal, Named, Operation, canonical
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
            keys = [value.casefold() if type(value) is str else _matchable(value) for value in self.values]
            self._positions = dict(zip(reversed(keys), range(len(keys), 0, -1), strict=True))  # the first one stays
        return self._positions.get(_matchable(wanted))


@dataclass(slots=True)
class Environment:
    """What a formula sees: its own row, the named cells, the named columns (header first), and its row number."""

    here: Mapping[str, Value] = field(default_factory=dict)
    named: Mapping[str, Value] = field(default_factory=dict)
    columns: Mapping[str, Cells] = field(default_factory=dict)
    row: int = 0


Evaluator = Callable[[Environment], Value]


class Formula:
    """An expression made ready for many cells: both readings, prepared once.

    ``canonical`` is the form in which formulas are compared (see ``core.workbook.Table``).
    """

    __slots__ = ("canonical", "compute", "expression")

    def __init__(self, expression: Expression) -> None:
        self.expression = expression
        self.canonical = canonical(expression)
        self.compute = compiled(expression)

    def __repr__(self) -> str:
        return f"Formula({self.canonical})"


def evaluate(expression: Expression, environment: Environment) -> Value:
    """The value of a formula cell; a blank result is 0, as in every spreadsheet."""
    return compiled(expression)(environment)


def compiled(expression: Expression) -> Evaluator:
    """The expression as a function, for a formula that stands in many rows."""
    inner = _compiled(expression)

    def cell(environment: Environment) -> Value:
        value = inner(environment)
        return 0 if value is None else value

    return cell


def _compiled(expression: Expression) -> Evaluator:
    match expression:
        case Literal(value):
            plain = _plain(value)
            return lambda _: plain
        case Here(name):
            return lambda environment: _plain(environment.here.get(name))
        case Named(name):
            return lambda environment: _plain(environment.named.get(name))
        case Column(name):
            raise ValueError(f"the column {name} has no single value")
        case Operation(operator, left, right):
            return _operation(operator, _compiled(left), _compiled(right))
        case Call(function, arguments):
            return _FUNCTIONS[function](arguments)


def _plain(value: Value) -> Value:
    return float(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else value


def _operation(operator: str, left: Evaluator, right: Evaluator) -> Evaluator:
    if operator == "&":
        return _strict(lambda a, b: _as_text(a) + _as_text(b), left, right)
    return (_comparison if operator in _COMPARE else _arithmetic)(operator, left, right)


def _comparison(operator: str, left: Evaluator, right: Evaluator) -> Evaluator:
    compare = _COMPARE[operator]

    def run(environment: Environment) -> Value:
        a, b = left(environment), right(environment)
        if type(a) in _NUMBERS and type(b) in _NUMBERS:
            return compare(a, b)  # nearly every cell
        for value in (a, b):
            if isinstance(value, ErrorValue):
                return value
        return compare(_order(a, b), 0)

    return run


def _arithmetic(operator: str, left: Evaluator, right: Evaluator) -> Evaluator:
    compute, divides = _ARITHMETIC[operator], operator == "/"

    def run(environment: Environment) -> Value:
        a, b = left(environment), right(environment)
        if type(a) is float and type(b) is float and not (divides and b == 0):
            return compute(a, b)  # nearly every cell
        for value in (a, b):
            if isinstance(value, ErrorValue):
                return value
        x, y = _as_number(a), _as_number(b)
        if x is None or y is None:
            return BAD_VALUE
        return DIVISION if divides and y == 0 else compute(x, y)

    return run


def _strict(function: Callable[..., Value], *inputs: Evaluator) -> Evaluator:
    """A function of values to which errors pass through."""

    def run(environment: Environment) -> Value:
        values = [evaluator(environment) for evaluator in inputs]
        for value in values:
            if isinstance(value, ErrorValue):
                return value
        return function(*values)

    return run


_NUMBERS = (float, int)
_NUMERIC = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
"""Text that every spreadsheet takes for a number where it needs one."""

_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    **{"=": operators.eq, "<>": operators.ne, "<": operators.lt, ">": operators.gt},
    **{"<=": operators.le, ">=": operators.ge},
}


def _order(a: Value, b: Value) -> int:
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
    m, n = _as_number(a) or 0.0, _as_number(b) or 0.0
    return (m > n) - (m < n)


def _blank_beside(other: Value) -> Value:
    if isinstance(other, bool):
        return False
    return "" if isinstance(other, str) else 0


def _as_number(value: Value) -> float | None:
    if value is None:
        return 0.0
    if isinstance(value, (bool, int, float, Decimal)):
        return float(value)
    if isinstance(value, str) and _NUMERIC.fullmatch(value):
        return float(value)
    return None


def _as_text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _matchable(value: Value) -> Value:
    if isinstance(value, str) and not isinstance(value, ErrorValue):
        return value.casefold()
    return float(value) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else value


def is_number(value: Value) -> TypeGuard[int | float | Decimal]:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


Maker = Callable[[tuple[Expression, ...]], Evaluator]


def _if(arguments: tuple[Expression, ...]) -> Evaluator:
    condition, then, otherwise = (_compiled(argument) for argument in arguments)

    def run(environment: Environment) -> Value:
        value = condition(environment)
        if isinstance(value, ErrorValue):
            return value
        return then(environment) if value else otherwise(environment)

    return run


def _iferror(arguments: tuple[Expression, ...]) -> Evaluator:
    first, otherwise = (_compiled(argument) for argument in arguments)

    def run(environment: Environment) -> Value:
        value = first(environment)
        return otherwise(environment) if isinstance(value, ErrorValue) else value

    return run


def _count(arguments: tuple[Expression, ...]) -> Evaluator:
    if isinstance(arguments[0], Column):
        column = _column(arguments[0])
        return lambda environment: sum(map(is_number, column(environment).values))
    cells = [_compiled(argument) for argument in arguments]
    return lambda environment: sum(is_number(cell(environment)) for cell in cells)


def _column(expression: Expression) -> Callable[[Environment], Cells]:
    if not isinstance(expression, Column):
        raise TypeError("a named column is wanted here")
    name = expression.name
    empty = Cells(())
    return lambda environment: environment.columns.get(name, empty)


def _match(arguments: tuple[Expression, ...]) -> Evaluator:
    wanted, column = _compiled(arguments[0]), _column(arguments[1])

    def run(environment: Environment) -> Value:
        value = wanted(environment)
        if isinstance(value, ErrorValue):
            return value
        return column(environment).position(value) or NA

    return run


def _index(arguments: tuple[Expression, ...]) -> Evaluator:
    column, place = _column(arguments[0]), _compiled(arguments[1])

    def run(environment: Environment) -> Value:
        value = place(environment)
        if isinstance(value, ErrorValue):
            return value
        cells, position = column(environment), int(_as_number(value) or 0)
        return _plain(cells[position - 1]) if 1 <= position <= len(cells) else BAD_REFERENCE

    return run


def _countif(arguments: tuple[Expression, ...]) -> Evaluator:
    column, wanted = _column(arguments[0]), _compiled(arguments[1])

    def run(environment: Environment) -> Value:
        value = _matchable(wanted(environment))
        return sum(_matchable(cell) == value for cell in column(environment).values)

    return run


def _large(arguments: tuple[Expression, ...]) -> Evaluator:
    column, rank = _column(arguments[0]), _compiled(arguments[1])

    def run(environment: Environment) -> Value:
        values = column(environment).values
        wrong = next((value for value in values if isinstance(value, ErrorValue)), None)
        if wrong is not None:
            return wrong
        numbers = sorted((float(v) for v in values if is_number(v)), reverse=True)
        place = int(_as_number(rank(environment)) or 0)
        return numbers[place - 1] if 1 <= place <= len(numbers) else ErrorValue("#NUM!")

    return run


def _average(arguments: tuple[Expression, ...]) -> Evaluator:
    columns = [_column(argument) for argument in arguments]

    def run(environment: Environment) -> Value:
        values = [value for column in columns for value in column(environment).values]
        wrong = next((value for value in values if isinstance(value, ErrorValue)), None)
        if wrong is not None:
            return wrong
        numbers = [float(value) for value in values if is_number(value)]
        return sum(numbers) / len(numbers) if numbers else DIVISION

    return run


def _round(value: Value, digits: Value) -> Value:
    number, places = _as_number(value), _as_number(digits)
    return BAD_VALUE if number is None or places is None else rounded(number, places)


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


def _abs(value: Value) -> Value:
    number = _as_number(value)
    return BAD_VALUE if number is None else abs(number)


def _min(*values: Value) -> Value:
    numbers = [float(value) for value in values if is_number(value)]
    return min(numbers, default=0.0)


def _max(*values: Value) -> Value:
    return max((float(value) for value in values if is_number(value)), default=0.0)


def _find(wanted: Value, within: Value) -> Value:
    return _as_text(within).find(_as_text(wanted)) + 1 or BAD_VALUE


def _left(value: Value, length: Value) -> Value:
    count = _as_number(length)
    return BAD_VALUE if count is None or count < 0 else _as_text(value)[: int(count)]


def _fixed(value: Value, digits: Value, _: Value = None) -> Value:
    """The number with so many decimals and without thousands' marks, as a reader of English sees it."""
    number, places = _as_number(value), _as_number(digits)
    if number is None or places is None:
        return BAD_VALUE
    found = rounded(number, places)
    return found if isinstance(found, ErrorValue) else f"{found + 0.0:.{int(places)}f}"


def _mid(value: Value, start: Value, length: Value) -> Value:
    first, count = _as_number(start), _as_number(length)
    if first is None or count is None or first < 1 or count < 0:
        return BAD_VALUE
    return _as_text(value)[int(first) - 1 : int(first) - 1 + int(count)]


def _right(value: Value, length: Value) -> Value:
    count, text = _as_number(length), _as_text(value)
    return BAD_VALUE if count is None or count < 0 else text[max(len(text) - int(count), 0) :]


def _value(text: Value) -> Value:
    number = None if text in (None, "") else _as_number(text)
    return BAD_VALUE if number is None else number


def _int(value: Value) -> Value:
    number = _as_number(value)
    return BAD_VALUE if number is None else float(math.floor(number))


def _mod(value: Value, divisor: Value) -> Value:
    number, by = _as_number(value), _as_number(divisor)
    if number is None or by is None:
        return BAD_VALUE
    return number - by * math.floor(number / by) if by else DIVISION


def _plainly(function: Callable[..., Value]) -> Maker:
    return lambda arguments: _strict(function, *(_compiled(argument) for argument in arguments))


_FUNCTIONS: Mapping[str, Maker] = {
    "IF": _if,
    "IFERROR": _iferror,
    "COUNT": _count,
    "MATCH": _match,
    "INDEX": _index,
    "COUNTIF": _countif,
    "LARGE": _large,
    "AVERAGE": _average,
    "AND": _plainly(lambda *values: all(values)),
    "OR": _plainly(lambda *values: any(values)),
    "ROUND": _plainly(_round),
    "ABS": _plainly(_abs),
    "MIN": _plainly(_min),
    "MAX": _plainly(_max),
    "TRIM": _plainly(lambda text: " ".join(_as_text(text).split())),
    "VALUE": _plainly(_value),
    "FIND": _plainly(_find),
    "LEFT": _plainly(_left),
    "RIGHT": _plainly(_right),
    "MID": _plainly(_mid),
    "FIXED": _plainly(_fixed),
    "SUBSTITUTE": _plainly(lambda text, old, new: _as_text(text).replace(_as_text(old), _as_text(new))),
    "INT": _plainly(_int),
    "MOD": _plainly(_mod),
    "NA": lambda _: lambda _: NA,
    "ROW": lambda _: lambda environment: environment.row,
}
