"""The second reading of a formula: the value that it computes.

Values follow the spreadsheets' rules (see ``values``): blank is 0 in arithmetic and "" in text, errors travel outwards,
text compares without case, numeric text counts as a number.
"""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kpisheets.core.formula import Call, Column, Expression, Here, Literal, Named, Operation, canonical
from kpisheets.core.functions import FUNCTIONS
from kpisheets.core.values import (
    BAD_REFERENCE,
    BAD_VALUE,
    DIVISION,
    NA,
    Cells,
    as_number,
    as_text,
    is_number,
    matchable,
    order,
    plain,
)
from kpisheets.core.workbook import ErrorValue, Value


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
            constant = plain(value)
            return lambda _: constant
        case Here(name):
            return lambda environment: plain(environment.here.get(name))
        case Named(name):
            return lambda environment: plain(environment.named.get(name))
        case Column(name):
            raise ValueError(f"the column {name} has no single value")
        case Operation(operator, left, right):
            return _operation(operator, _compiled(left), _compiled(right))
        case Call(function, arguments):
            if function in FUNCTIONS:
                return _strict(FUNCTIONS[function], *map(_compiled, arguments))
            return _CHOOSING[function](arguments)


def _operation(operator: str, left: Evaluator, right: Evaluator) -> Evaluator:
    if operator == "&":
        return _strict(lambda a, b: as_text(a) + as_text(b), left, right)
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
        return compare(order(a, b), 0)

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
        x, y = as_number(a), as_number(b)
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
        cells, position = column(environment), int(as_number(value) or 0)
        return plain(cells[position - 1]) if 1 <= position <= len(cells) else BAD_REFERENCE

    return run


def _countif(arguments: tuple[Expression, ...]) -> Evaluator:
    column, wanted = _column(arguments[0]), _compiled(arguments[1])

    def run(environment: Environment) -> Value:
        value = matchable(wanted(environment))
        return sum(matchable(cell) == value for cell in column(environment).values)

    return run


def _large(arguments: tuple[Expression, ...]) -> Evaluator:
    column, rank = _column(arguments[0]), _compiled(arguments[1])

    def run(environment: Environment) -> Value:
        values = column(environment).values
        wrong = next((value for value in values if isinstance(value, ErrorValue)), None)
        if wrong is not None:
            return wrong
        numbers = sorted((float(v) for v in values if is_number(v)), reverse=True)
        place = int(as_number(rank(environment)) or 0)
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


_CHOOSING: Mapping[str, Maker] = {
    "IF": _if,
    "IFERROR": _iferror,
    "COUNT": _count,
    "MATCH": _match,
    "INDEX": _index,
    "COUNTIF": _countif,
    "LARGE": _large,
    "AVERAGE": _average,
    "NA": lambda _: lambda _: NA,
    "ROW": lambda _: lambda environment: environment.row,
}
"""Those that choose which arguments are computed, or look into columns; the others are in ``functions``."""
