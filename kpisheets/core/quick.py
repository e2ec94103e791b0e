"""The second reading of a formula where it is read a hundred thousand times: over plain numbers, as one expression.

Nothing is written a second time here: the function is made from the same tree as the text and the general reading. It
covers what arithmetic over numbers can meet. Where anything else turns up (a text, an error, a division by zero) it
raises, and the general reading in ``evaluate`` answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kpisheets.core.evaluate import Environment, Evaluator, compiled
from kpisheets.core.formula import Call, Expression, Here, Literal, Operation
from kpisheets.core.values import rounded
from kpisheets.core.workbook import Value

Computation = Callable[..., tuple[Value, ...]]
"""A function of the inputs, floats, that gives the value of each formula. ArithmeticError or TypeError where the
general reading is to be asked."""

GIVES_UP = (ArithmeticError, TypeError)

_COMPARE = {"=": "==", "<>": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}


class _Unsuited(Exception):
    """The expression holds what this reading does not cover."""


class Quick:
    """Expressions over ``inputs`` (fields of their row that hold numbers); all else in them is looked up once.

    ``bound`` gives the function that computes all of them for an environment, whose row serves for everything but the
    inputs: the look-ups by key of one KPI, say. ``None`` where the quick reading does not cover what they give.
    """

    def __init__(self, expressions: Sequence[Expression], inputs: Sequence[str]) -> None:
        self._inputs = tuple(inputs)
        self._constants: list[tuple[Evaluator, tuple[type, ...]]] = []
        self._make: Callable[..., Computation] | None = None
        try:
            body = "".join(f"{self._value(expression)}, " for expression in expressions)
        except _Unsuited:
            return
        constants = ", ".join(f"c{place}" for place in range(len(self._constants)))
        code = f"lambda {constants}: lambda {', '.join(self._inputs)}: ({body})"
        # The code is made of operators, names from this module and the literals of our own formulas.
        self._make = eval(code, {"__builtins__": {}, "abs": abs, "all": all, "rounded": rounded})  # noqa: S307

    def bound(self, environment: Environment) -> Computation | None:
        if self._make is None:
            return None
        values = [evaluator(environment) for evaluator, _ in self._constants]
        for value, (_, kinds) in zip(values, self._constants, strict=True):
            if type(value) not in kinds:
                return None
        return self._make(*values)

    def _fixed(self, expression: Expression, *kinds: type) -> str | None:
        """The name of a constant, where the expression reads none of the inputs."""
        if self._reads_input(expression):
            return None
        self._constants.append((compiled(expression), kinds))
        return f"c{len(self._constants) - 1}"

    def _reads_input(self, expression: Expression) -> bool:
        match expression:
            case Here(name):
                return name in self._inputs
            case Operation(_, left, right):
                return self._reads_input(left) or self._reads_input(right)
            case Call(_, arguments):
                return any(self._reads_input(argument) for argument in arguments)
        return False

    def _value(self, expression: Expression) -> str:
        if fixed := self._fixed(expression, float, str):
            return fixed
        match expression:
            case Call("IF", arguments):
                return self._if(arguments, self._value)
            case Call("IFERROR", (first, _)):
                return self._value(first)  # an error raises
            case Operation("&", left, right):
                return f"({self._text(left)} + {self._text(right)})"
        return self._number(expression)

    def _text(self, expression: Expression) -> str:
        if fixed := self._fixed(expression, str):
            return fixed
        match expression:
            case Call("IF", arguments):
                return self._if(arguments, self._text)
            case Operation("&", left, right):
                return f"({self._text(left)} + {self._text(right)})"
        raise _Unsuited

    def _number(self, expression: Expression) -> str:
        known = self._known(expression)
        if known is not None:
            return repr(known)
        if fixed := self._fixed(expression, float):
            return fixed
        match expression:
            case Here(name):
                return name
            case Operation("+" | "-" | "*" | "/" as operator, left, right):
                return f"({self._number(left)} {operator} {self._number(right)})"
            case Call("ABS", (argument,)):
                return f"abs({self._number(argument)})"
            case Call("ROUND", (argument, digits)):
                return f"rounded({self._number(argument)}, {self._number(digits)})"
        raise _Unsuited

    def _truth(self, expression: Expression) -> str:
        if fixed := self._fixed(expression, bool):
            return fixed
        match expression:
            case Operation(">=", Call("ROUND", (argument, Literal(int() as digits))), Literal(0)) if digits >= 0:
                # Nearly every number is far from zero on one side or the other, and need not be rounded.
                near = f"not -1e15 < near <= -1.0 and rounded(near, {digits}) >= 0"
                return f"(0.0 <= (near := {self._number(argument)}) < 1e15 or {near})"
            case Operation(operator, left, right) if operator in _COMPARE:
                return f"({self._number(left)} {_COMPARE[operator]} {self._number(right)})"
            case Call("AND", arguments):
                # A tuple: an error in the second raises even where the first is false.
                return f"all(({', '.join(self._truth(argument) for argument in arguments)},))"
        raise _Unsuited

    def _if(self, arguments: tuple[Expression, ...], branch: Callable[[Expression], str]) -> str:
        condition, then, otherwise = arguments
        settled = self._settled(condition)
        if settled is not None:
            return branch(then if settled else otherwise)
        return f"({branch(then)} if {self._truth(condition)} else {branch(otherwise)})"

    def _settled(self, condition: Expression) -> bool | None:
        """Whether a comparison of counts holds: the inputs are numbers, so how many there are is known."""
        match condition:
            case Operation(operator, left, right) if operator in _COMPARE:
                a, b = self._known(left), self._known(right)
                if a is not None and b is not None:
                    return {"=": a == b, "<>": a != b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[operator]
        return None

    def _known(self, expression: Expression) -> float | None:
        match expression:
            case Literal(value) if not isinstance(value, str):
                return float(value)
            case Call("COUNT", arguments) if all(
                isinstance(argument, Here) and argument.field in self._inputs for argument in arguments
            ):
                return float(len(arguments))
        return None
