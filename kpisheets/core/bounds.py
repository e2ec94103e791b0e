"""What a Range KPI aims at, as the Report tab says it: both bounds in one text, and how far a figure is outside them.

The text is a live formula, and the same in every reader's locale: its marks are those of the workbook's language, as
its words are, whatever the program that computes it writes between the digits of a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter

from kpisheets.core.formula import Column, Expression, Here, Literal, call, op
from kpisheets.core.kpi import JUDGING_DIGITS, Kpi
from kpisheets.core.workbook import CATALOGUE, Words, handle


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a number is written inside a text: ``times`` as large (a share by 100), rounded to ``decimals``, between
    ``before`` and ``after``.

    ``exact`` shows every decimal, zeros too. ``mark`` parts the decimals, ``group`` the thousands, of which there are
    ``groups`` to part; such a number has none but exact decimals. A ``negative`` one has its sign before all.
    """

    before: str = ""
    after: str = ""
    times: int = 1
    decimals: int = 0
    exact: bool = False
    mark: str = "."
    group: str = ","
    groups: int = 0
    negative: bool = False


Bounds = tuple[Spelling | None, Spelling | None]
"""How low and high are written; None for a bound that a KPI does not have."""
Spell = Callable[[Kpi], Bounds]
_Part = str | Expression
_MINUS = "\N{MINUS SIGN}"
_INSIDE: Expression = Literal(0)
_LINE = call("MATCH", Here("id"), Column(handle(CATALOGUE, "id")), 0)
_LOW, _HIGH = (call("INDEX", Column(handle(CATALOGUE, name)), _LINE) for name in ("low", "high"))


def range_text(bounds: Bounds, words: Words) -> Expression:
    """“4.0% to 6.0%”, “at least 4.0%”, “at most 6.0%”: blank where a bound was deleted since."""
    said = {
        name: (bound, _spelled(bound, spelling))
        for name, bound, spelling in zip(("low", "high"), (_LOW, _HIGH), bounds, strict=True)
        if spelling is not None
    }
    if not said:
        return Literal("")
    key = "between" if len(said) == 2 else f"at_{'least' if 'low' in said else 'most'}"
    parts: Mapping[str, list[_Part]] = {name: part for name, (_, part) in said.items()}
    phrase = _filled(words.text[f"report.{key}"], parts if len(said) == 2 else {"bound": next(iter(parts.values()))})
    known = op(call("COUNT", *(bound for bound, _ in said.values())), "=", len(said))
    return call("IFERROR", call("IF", known, _joined(phrase), ""), "")


def range_bounds() -> Mapping[str, Expression]:
    """Low and high as numbers, blank where there is none: what the chart draws."""
    return {
        name: call("IFERROR", call("IF", op(call("COUNT", bound), "=", 1), bound, ""), "")
        for name, bound in (("low", _LOW), ("high", _HIGH))
    }


def range_variance(kpi: Kpi) -> Expression:
    """How far the actual is below the range (negative) or above it (positive), 0 within it."""
    actual, off, bounds = Here("actual"), _INSIDE, list[Expression]()
    if kpi.high is not None:
        above = op(actual, "-", _HIGH)
        off = call("IF", op(call("ROUND", above, JUDGING_DIGITS), ">", 0), above, off)
        bounds.append(_HIGH)
    if kpi.low is not None:
        below = op(actual, "-", _LOW)
        off = call("IF", op(call("ROUND", below, JUDGING_DIGITS), "<", 0), below, off)
        bounds.append(_LOW)
    if not bounds:
        return Literal("")
    known = op(call("COUNT", actual, *bounds), "=", 1 + len(bounds))
    return call("IFERROR", call("IF", known, off, ""), "")


def _spelled(number: Expression, how: Spelling) -> list[_Part]:
    plain: list[_Part] = [how.before, *_digits(number, how), how.after]
    if not how.negative:
        return plain
    turned: list[_Part] = [_MINUS + how.before, *_digits(op(0, "-", number), how), how.after]
    return [call("IF", op(number, "<", 0), _joined(turned), _joined(plain))]


def _digits(number: Expression, how: Spelling) -> list[_Part]:
    value = op(number, "*", how.times) if how.times != 1 else number
    # What the reader's locale writes between the digits is found where it can be nothing else.
    if how.exact and how.decimals:
        mark = call("MID", call("FIXED", 1, 1), 2, 1)
        digits = call("SUBSTITUTE", call("FIXED", value, how.decimals, 1), mark, how.mark)
    else:
        mark = call("MID", op(op(1, "/", 2), "&", ""), 2, 1)
        digits = call("SUBSTITUTE", op(call("ROUND", value, how.decimals), "&", ""), mark, how.mark)
    if not how.groups:
        return [digits]
    shown = how.decimals if how.exact else 0
    least, rounded = 1000**how.groups, call("ROUND", value, shown)
    whole = call("INT", rounded) if shown else rounded
    parts: list[_Part] = [call("INT", op(whole, "/", least))]
    for place in reversed(range(how.groups)):
        above: Expression = call("INT", op(whole, "/", 1000**place)) if place else whole
        parts += [how.group, call("RIGHT", op("00", "&", call("MOD", above, 1000)), 3)]
    if shown:
        parts.append(call("RIGHT", digits, shown + 1))
    return [call("IF", op(whole, "<", least), digits, _joined(parts))]


def _filled(phrase: str, parts: Mapping[str, list[_Part]]) -> list[_Part]:
    found: list[_Part] = []
    for text, name, _, _ in Formatter().parse(phrase):
        found += [text, *(parts[name] if name else [])]
    return found


def _joined(parts: list[_Part]) -> Expression:
    """The parts as one text, neighbouring texts as one."""
    merged: list[_Part] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    first, *others = merged or [""]
    found = Literal(first) if isinstance(first, str) else first
    for part in others:
        found = op(found, "&", part)
    return found
