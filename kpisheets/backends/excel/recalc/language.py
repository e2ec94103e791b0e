"""The part of the formula language in which engines were found to agree, and what must hold of the values for that.

A formula outside it is not refreshed. Within it there are still values on which spreadsheet programs differ: text that
looks like a number, a comparison of two sums that differ in their last digit, a fraction that becomes text in the
reader's own language. So a formula comes with demands on the values of its parts, to be judged after it was computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias

Guard: TypeAlias = tuple[str, str]
"""``("true", condition)``, ``("false", condition)`` or ``("error", expression)``: when a part is computed at all."""


class Demand(NamedTuple):
    """What must hold of some expressions' values, where the guards hold."""

    kind: str
    operands: tuple[str, ...]
    guards: tuple[Guard, ...]


class Unproven(Exception):
    """The formula has something in which engines were not found to agree."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A function's arguments, one letter each; those from ``again`` on may repeat (-1: none).

    ``r`` cells or a number, ``R`` cells only, ``n`` a number, ``i`` a whole number, ``d`` a day, ``t`` text, ``a``
    anything, ``c`` a condition, ``k`` a criterion for the cells before it, ``0`` the literal 0 or FALSE, ``u`` a text
    whose case may change, ``v`` a value looked up in the cells after it, ``f`` a format.
    """

    arguments: str
    needed: int
    again: int = -1
    step: str = ""


_AGGREGATE = Signature("r", 1, 0)
FUNCTIONS: Mapping[str, Signature] = {
    **dict.fromkeys(("SUM", "AVERAGE", "MIN", "MAX", "COUNT"), _AGGREGATE),
    "COUNTA": Signature("R", 1, 0),
    "SUMIF": Signature("RkR", 2),
    "AVERAGEIF": Signature("RkR", 2),
    "COUNTIF": Signature("Rk", 2),
    "SUMIFS": Signature("RRk", 3, 1),
    "AVERAGEIFS": Signature("RRk", 3, 1),
    "COUNTIFS": Signature("Rk", 2, 0),
    "SUMPRODUCT": Signature("R", 1, 0),
    "ROWS": Signature("R", 1),
    "COLUMNS": Signature("R", 1),
    "INDEX": Signature("Rpp", 2),
    "MATCH": Signature("vR0", 3),
    "VLOOKUP": Signature("vRp0", 4),
    "IF": Signature("caa", 2),
    "IFERROR": Signature("aa", 2),
    "IFNA": Signature("aa", 2),
    "AND": Signature("c", 1, 0),
    "OR": Signature("c", 1, 0),
    "NOT": Signature("c", 1),
    **dict.fromkeys(("ISNUMBER", "ISTEXT", "ISERROR"), Signature("a", 1)),
    "ABS": Signature("n", 1),
    "SIGN": Signature("n", 1),
    "SQRT": Signature("n", 1),
    "INT": Signature("n", 1, step="whole_step"),
    "ROUND": Signature("ni", 2, step="half"),
    "ROUNDUP": Signature("ni", 2, step="whole_step"),
    "ROUNDDOWN": Signature("ni", 2, step="whole_step"),
    "MOD": Signature("ip", 2),
    "DATE": Signature("iii", 3),
    **dict.fromkeys(("YEAR", "MONTH", "DAY"), Signature("d", 1)),
    "EOMONTH": Signature("di", 2),
    "EDATE": Signature("di", 2),
    "LEFT": Signature("ti", 1),
    "RIGHT": Signature("ti", 1),
    "MID": Signature("tpi", 3),
    "LEN": Signature("t", 1),
    "UPPER": Signature("u", 1),
    "LOWER": Signature("u", 1),
    "TRIM": Signature("t", 1),
    "SUBSTITUTE": Signature("ttt", 3),
    "FIND": Signature("ttp", 2),
    "CONCATENATE": Signature("t", 1, 0),
    "EXACT": Signature("tt", 2),
    "TEXT": Signature("nf", 2),
    "TRUE": Signature("", 0),
    "FALSE": Signature("", 0),
    "NA": Signature("", 0),
}
_CELLS = re.compile(r"tab_\d+!\$[A-Z]+\$\d+(?::\$[A-Z]+\$\d+)?")
_WHOLE_FORMAT, _DAY_FORMAT = re.compile(r"0{1,9}"), re.compile(r"yyyy(?:-mm(?:-dd)?)?|mm|dd")
_ORDER = frozenset({"<", ">", "<=", ">="})
_MAX_DEPTH = 60


@dataclass(frozen=True, slots=True)
class _Place:
    guards: tuple[Guard, ...] = ()
    depth: int = 0

    def under(self, *guards: Guard) -> _Place:
        return replace(self, guards=self.guards + guards)


def demands(tree: Any) -> list[Demand]:
    """What must hold for the formula's value to be the same in every engine. ``tree`` is formualizer's.

    Raises:
        Unproven: the formula has something that is not known to be the same in every engine.
    """
    return list(dict.fromkeys(_scalar(tree, "a", _Place())))


def is_cells(text: str) -> bool:
    """Whether an expression is a plain reference."""
    return _CELLS.fullmatch(text) is not None


def spelled(tree: Any) -> str:
    """The expression as text, without ``=``."""
    return str(tree.to_formula()).removeprefix("=")


def _scalar(tree: Any, want: str, place: _Place) -> Iterator[Demand]:
    """The demands of an expression that must give one value, of the kind ``want``."""
    place = replace(place, depth=place.depth + 1)
    if place.depth > _MAX_DEPTH:
        raise Unproven("it is nested too deeply")
    kind, text = tree.node_type(), spelled(tree)
    if want in _NAMED:
        yield Demand(_NAMED[want], (text,), place.guards)
    if kind == "Literal":
        if not isinstance(tree.get_literal_value(), (bool, int, float, str)) or text.startswith("#"):
            raise Unproven("it has a literal that is not understood")
    elif kind == "Reference":
        if not is_cells(text) or ":" in text.rpartition("!")[2]:
            raise Unproven("it uses several cells where one is meant")
    elif kind == "UnaryOp":
        if tree.get_operator() not in ("+", "-", "%"):
            raise Unproven(f"it has the operator {tree.get_operator()}")
        yield from _scalar(tree.children()[0], "n", place)
    elif kind == "BinaryOp":
        yield from _binary(tree, text, place)
    elif kind == "Function":
        yield from _function(tree, text, place)
    else:
        raise Unproven(f"it has a part of the kind {kind}")


_NAMED = {"n": "number", "i": "whole", "p": "position", "d": "day", "t": "text", "u": "ascii", "c": "condition"}


def _binary(tree: Any, text: str, place: _Place) -> Iterator[Demand]:
    operator = tree.get_operator()
    one, other = tree.children()
    sides = (spelled(one), spelled(other))
    if operator in ("+", "-", "*", "/", "^"):
        want = "n"
        if operator in ("+", "-"):
            yield Demand("sum" if operator == "+" else "difference", (*sides, text), place.guards)
    elif operator == "&":
        want = "t"
    elif operator in ("=", "<>") or operator in _ORDER:
        want = "a"
        yield Demand("order" if operator in _ORDER else "equal", sides, place.guards)
    else:
        raise Unproven(f"it has the operator {operator!r}")
    yield from _scalar(one, want, place)
    yield from _scalar(other, want, place)


def _function(tree: Any, text: str, place: _Place) -> Iterator[Demand]:
    name = str(tree.get_function_name()).upper()
    signature = FUNCTIONS.get(name)
    if signature is None:
        raise Unproven(f"it calls {name}")
    given = tree.children()
    wants = _wants(signature, len(given))
    if wants is None:
        raise Unproven(f"it calls {name} in an unusual way")
    texts = [spelled(argument) for argument in given]
    if signature.step:
        digits = texts[1] if len(texts) > 1 else "0"
        yield Demand(signature.step, (texts[0], digits), place.guards)
    if name in ("SUM", "AVERAGE", "SUMIF", "SUMIFS", "AVERAGEIF", "AVERAGEIFS", "SUMPRODUCT"):
        yield Demand("total", (text, *filter(is_cells, texts)), place.guards)
    if name == "SUMPRODUCT":
        yield Demand("numbers", tuple(texts), place.guards)
    if name == "DATE":
        yield Demand("date", tuple(texts), place.guards)
    for at, (argument, want) in enumerate(zip(given, wants, strict=True)):
        within = place
        if name == "IF" and at:
            within = place.under(("true" if at == 1 else "false", texts[0]))
        elif name in ("IFERROR", "IFNA") and at:
            within = place.under(("error", texts[0]))
        yield from _argument(argument, want, texts, at, within)


def _wants(signature: Signature, count: int) -> str | None:
    """The kinds of ``count`` arguments; None where the function does not take so many."""
    wants = signature.arguments
    if count < signature.needed:
        return None
    if signature.again < 0:
        return wants[:count] if count <= len(wants) else None
    group = wants[signature.again :]
    more = count - len(wants)
    if more % len(group):
        return None
    return wants + group * (more // len(group))


def _argument(argument: Any, want: str, texts: list[str], at: int, place: _Place) -> Iterator[Demand]:
    text = texts[at]
    if want in ("r", "R") and argument.node_type() == "Reference" and is_cells(text):
        return
    match want:
        case "R":
            raise Unproven("it computes cells where plain ones are meant")
        case "r":
            # What is computed may be a reference, of whose blanks, texts and truth values functions take no notice.
            yield Demand("counted", (text,), place.guards)
            yield from _scalar(argument, "n", place)
        case "0":
            # LibreOffice writes FALSE().
            is_zero = argument.node_type() == "Literal" and argument.get_literal_value() in (0, False)
            if not is_zero and text.upper() != "FALSE()":
                raise Unproven("it looks up what is near")
        case "f":
            form = argument.get_literal_value() if argument.node_type() == "Literal" else None
            if not isinstance(form, str) or not (_WHOLE_FORMAT.fullmatch(form) or _DAY_FORMAT.fullmatch(form)):
                raise Unproven("its format depends on the reader's language")
            kind = "natural" if _WHOLE_FORMAT.fullmatch(form) else "day"
            yield Demand(kind, (texts[0],), place.guards)
        case "k":
            yield Demand("criterion", (text, texts[at - 1]), place.guards)
            yield from _scalar(argument, "a", place)
        case "v":
            yield Demand("sought", (text, texts[at + 1]), place.guards)
            yield from _scalar(argument, "a", place)
        case _:
            yield from _scalar(argument, want, place)
