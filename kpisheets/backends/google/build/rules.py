"""What may be typed, what is coloured, what warns: validations, conditional formats, protections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from kpisheets.backends.google.build.formats import changed_format
from kpisheets.backends.google.build.geometry import grid_range
from kpisheets.backends.google.build.ids import identity
from kpisheets.backends.google.reading.a1 import letters
from kpisheets.backends.google.writing.requests import Request
from kpisheets.backends.tabs.canvas import Area, AtLeast, Dropdown, Typing
from kpisheets.backends.tabs.looks import Look
from kpisheets.core.formula import Dialect, Expression, text

MOST_ITEMS = 500
"""The most items of a list that a rule names itself."""


def condition(kind: str, *values: str) -> dict[str, Any]:
    return {"type": kind, "values": [{"userEnteredValue": value} for value in values]}


def dropdown(sheet: int, area: Area, wanted: Dropdown, source: str) -> Request:
    """``source`` is where the items stand, where they are not given themselves. Sheets knows two strengths: what is
    not refused is marked, as a question is."""
    offered = wanted.offered
    rule: dict[str, Any] = {
        "condition": condition("ONE_OF_RANGE", source)
        if isinstance(offered, str)
        else condition("ONE_OF_LIST", *offered),
        "strict": wanted.typing is Typing.REFUSED,
        "showCustomUi": True,
    }
    if said := wanted.prompt or wanted.message:
        rule["inputMessage"] = said
    return {"setDataValidation": {"range": grid_range(sheet, area), "rule": rule}}


def at_least(sheet: int, area: Area, wanted: AtLeast) -> Request:
    least = wanted.minimum
    rule = {
        "condition": condition("DATE_ON_OR_AFTER", f"=DATE({least.year};{least.month};{least.day})")
        if isinstance(least, date)
        else condition("NUMBER_GREATER_THAN_EQ", str(least)),
        "strict": True,
        "inputMessage": wanted.message,
    }
    return {"setDataValidation": {"range": grid_range(sheet, area), "rule": rule}}


def shade_equal(sheet: int, area: Area, value: str | int, look: Look) -> Request:
    wanted = condition("TEXT_EQ" if isinstance(value, str) else "NUMBER_EQ", str(value))
    return _shaded(sheet, area, wanted, look)


def shade_where(sheet: int, area: Area, first: int, when: Expression, fields: Mapping[str, int], look: Look) -> Request:
    """``first`` is the first row for which the condition is meant: a header above it is told by its own text."""

    def here(field: str) -> str:
        return f"${letters(fields[field])}{area.top + 1}"

    written = text(when, here, Dialect.SHEETS)
    if first > area.top:
        column, header = f"${letters(area.left)}", first
        written = f"AND({column}{header}<>{column}${header};{written})"
    return _shaded(sheet, area, condition("CUSTOM_FORMULA", f"={written}"), look)


def _shaded(sheet: int, area: Area, wanted: dict[str, Any], look: Look) -> Request:
    rule = {
        "ranges": [grid_range(sheet, area)],
        "booleanRule": {"condition": wanted, "format": changed_format(look)},
    }
    return {"addConditionalFormatRule": {"rule": rule}}


def protected(sheet: int, area: Area, why: str) -> Request:
    """A warning to whoever types there. More than a warning would keep people from sorting the table."""
    found = {
        "protectedRangeId": identity(f"protected {sheet} {area.top} {area.left}"),
        "range": grid_range(sheet, area),
        "description": why,
        "warningOnly": True,
    }
    return {"addProtectedRange": {"protectedRange": found}}
