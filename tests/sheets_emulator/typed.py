"""Values that come in: as they are (`RAW`), as if typed (`USER_ENTERED`), or as `ExtendedValue`s."""

from __future__ import annotations

from typing import Any

from .calc_types import Formula
from .entered import entered
from .errors import invalid
from .grid import Cell, Value, valued
from .messages import Message, number

MOST_CHARACTERS = 50_000


def _checked(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise invalid("Your input contains more than the maximum of 50000 characters in a single cell.")
    return text


def typed(value: Any, cell: Cell, option: str, locale: str) -> Cell:
    """The cell after a value of `ValueRange.values` was put into it; `""` clears its value and keeps its format."""
    if isinstance(value, dict | list):
        raise invalid("Invalid values: a cell's value must be a boolean, a number or a text.")
    if value == "":
        return valued(cell, None)
    if not isinstance(value, str):
        return valued(cell, number(value))
    _checked(value)
    if option == "RAW":
        return valued(cell, value)
    result = entered(value, locale)
    new = number(result.value) if isinstance(result.value, float) else result.value
    cell = valued(cell, new)
    if result.number_format is not None and "numberFormat" not in (cell.format or {}):
        cell = cell._replace(format={**(cell.format or {}), "numberFormat": result.number_format})
    return cell


def extended(value: Message | None) -> Value:
    """The value of an `ExtendedValue`."""
    if not value:
        return None
    if len(value) > 1:
        raise invalid("Only one of numberValue, stringValue, boolValue and formulaValue can be set.")
    kind, item = next(iter(value.items()))
    if kind == "formulaValue":
        if not item.startswith("="):
            raise invalid(f"Invalid formula: {item}. A formula starts with =.")
        return Formula(_checked(item))
    if kind == "errorValue":
        raise invalid("errorValue is read-only.")
    if kind == "stringValue":
        return _checked(item) or None
    return number(item) if kind == "numberValue" else item


def as_extended(value: Value) -> Message:
    """A cell's value as an `ExtendedValue`."""
    if isinstance(value, Formula):
        return {"formulaValue": value.text}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    assert value is not None
    return {"numberValue": number(value)}
