"""Formulas: one expression, two readings. Here its parts and its text in a spreadsheet's dialect; the value that it
computes is read in ``evaluate``.

The functions are those that Excel 2013, Google Sheets and LibreOffice 7.4 share and compute alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


@dataclass(frozen=True, slots=True)
class Literal:
    value: float | str


@dataclass(frozen=True, slots=True)
class Here:
    """The cell of a field in the formula's own row."""

    field: str


@dataclass(frozen=True, slots=True)
class Named:
    """A single named cell."""

    name: str


@dataclass(frozen=True, slots=True)
class Column:
    """A named column of a table, header included."""

    name: str


@dataclass(frozen=True, slots=True)
class Operation:
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Expression, ...]


Expression = Literal | Here | Named | Column | Operation | Call


def call(function: str, *arguments: Expression | float | str) -> Call:
    return Call(function, tuple(_expression(argument) for argument in arguments))


def op(left: Expression | float | str, operator: str, right: Expression | float | str) -> Operation:
    return Operation(operator, _expression(left), _expression(right))


def replaced(expression: Expression, old: Expression, new: Expression) -> Expression:
    """The expression with another part wherever ``old`` stands."""
    if expression == old:
        return new
    match expression:
        case Operation(operator, left, right):
            return Operation(operator, replaced(left, old, new), replaced(right, old, new))
        case Call(function, arguments):
            return Call(function, tuple(replaced(argument, old, new) for argument in arguments))
    return expression


def _expression(value: Expression | float | str) -> Expression:
    return Literal(value) if isinstance(value, (int, float, str)) else value


# --- the first reading: text -------------------------------------------------------------------------------------


class Dialect(Enum):
    EXCEL = ","
    SHEETS = ";"
    """Google Sheets: ``;`` separates arguments in every locale, and decimal literals are avoided."""


_STRENGTH = {"=": 1, "<>": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4}


def text(expression: Expression, here: Callable[[str], str], dialect: Dialect = Dialect.EXCEL) -> str:
    """The formula without its leading ``=``. ``here`` gives the reference to a field of the same row."""
    return _text(expression, here, dialect, 0)


def canonical(expression: Expression) -> str:
    """The form in which formulas are compared: see ``core.workbook.Table``."""
    return canonical_text(text(expression, lambda name: f"[{name}]"))


def canonical_text(formula: str) -> str:
    """Upper case outside quotes, no spaces or dollar signs there: what programs change when they save a formula."""
    pieces = formula.split('"')
    pieces[::2] = [piece.upper().replace(" ", "").replace("$", "") for piece in pieces[::2]]
    return '"'.join(pieces)


def _text(expression: Expression, here: Callable[[str], str], dialect: Dialect, strength: int) -> str:
    match expression:
        case Literal(value):
            return _literal(value, dialect)
        case Here(name):
            return here(name)
        case Named(name) | Column(name):
            return name
        case Call(function, arguments):
            inner = dialect.value.join(_text(argument, here, dialect, 0) for argument in arguments)
            return f"{function}({inner})"
        case Operation(operator, left, right):
            own = _STRENGTH[operator]
            written = f"{_text(left, here, dialect, own)}{operator}{_text(right, here, dialect, own + 1)}"
            return f"({written})" if own < strength else written


def _literal(value: float | str, dialect: Dialect) -> str:
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    if float(value).is_integer():
        return str(int(value))
    if dialect is Dialect.SHEETS:
        numerator, denominator = Decimal(repr(value)).as_integer_ratio()
        return f"({numerator}/{denominator})"
    return repr(value)
