"""Cells of Google Sheets and the core's values: ``CellData`` read, ``CellData`` to write.

A date is a number there: days since 1899-12-30. Its number format says that it is one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from kpisheets.core.workbook import ErrorValue, Value
from kpisheets.errors import BadData

CellData = Mapping[str, Any]
"""A cell as the service writes it: ``effectiveValue``, ``userEnteredValue.formulaValue``, ``effectiveFormat``."""

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - cells have no time zone
LONGEST_TEXT = 50_000
"""Characters that a cell holds."""
_DAY_MS = 86_400_000
_DATES = frozenset({"DATE", "DATE_TIME"})
_ERRORS = {
    **{"ERROR": "#ERROR!", "NULL_VALUE": "#NULL!", "DIVIDE_BY_ZERO": "#DIV/0!", "VALUE": "#VALUE!", "REF": "#REF!"},
    **{"NAME": "#NAME?", "NUM": "#NUM!", "N_A": "#N/A", "LOADING": "#N/A"},
}
_SHOWN = frozenset(_ERRORS.values())


def value_of(cell: CellData | None, *, machine: bool = False, is_date: bool = False) -> Value:
    """The value that a cell shows. ``machine``: of a column for the tool alone, see ``entered``; ``is_date``: a number
    in it is a date whatever its format says."""
    shown = cell.get("effectiveValue") if cell else None
    if not shown:
        # A formula that gives an empty text may come without a value.
        return "" if cell and formula_of(cell) is not None else None
    if "numberValue" in shown:
        number = shown["numberValue"]
        if is_date or format_of(cell).get("type") in _DATES:
            return from_serial(number)
        return int(number) if float(number).is_integer() and abs(number) < 2**53 else float(number)
    if "stringValue" in shown:
        text = str(shown["stringValue"])
        return ErrorValue(text) if machine and text in _SHOWN else text
    if "boolValue" in shown:
        return bool(shown["boolValue"])
    if "errorValue" in shown:
        return ErrorValue(_ERRORS.get(shown["errorValue"].get("type", ""), "#ERROR!"))
    return None


def formula_of(cell: CellData | None) -> str | None:
    """The formula, with its ``=``; ``None`` where a cell has none."""
    return (cell.get("userEnteredValue") or {}).get("formulaValue") if cell else None


def typed_in(cell: CellData | None) -> Mapping[str, Any]:
    """What was typed into a cell, as ``userEnteredValue`` has it; empty for a blank."""
    if not cell:
        return {}
    formula = formula_of(cell)
    return {"formulaValue": formula} if formula is not None else cell.get("effectiveValue") or {}


def entered_in(cell: CellData | None) -> Mapping[str, Any]:
    """What was typed into a cell that was read with its whole ``userEnteredValue``."""
    return (cell.get("userEnteredValue") or {}) if cell else {}


def alike(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Whether two ``userEnteredValue`` are the same thing typed. A text of no letters is a blank."""
    a, b = _without_blank(a), _without_blank(b)
    return a.keys() == b.keys() and all(a[kind] == b[kind] for kind in a)


def _without_blank(typed: Mapping[str, Any]) -> Mapping[str, Any]:
    return {} if typed == {"stringValue": ""} else typed


def format_of(cell: CellData | None) -> Mapping[str, str]:
    """The number format in force: ``type`` and ``pattern``, either of which may be missing."""
    return (cell.get("effectiveFormat") or {}).get("numberFormat") or {} if cell else {}


def from_serial(number: float) -> datetime | float:
    """The moment of a date's number, to the millisecond; the number where it is beyond the calendar."""
    try:
        return EPOCH + timedelta(milliseconds=round(number * _DAY_MS))
    except OverflowError:
        return float(number)


def to_serial(moment: date) -> float:
    """The number of a date or of a naive datetime."""
    whole = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    if whole.tzinfo is not None:
        raise BadData(f"{moment.isoformat()} has a time zone, which cells cannot hold", mend="convert it first")
    return (whole - EPOCH) / timedelta(days=1)


def entered(value: Value) -> dict[str, Any]:
    """A plain value as ``userEnteredValue``: typed, so that no text can become a formula, number or date. Empty for a
    blank, which clears the cell where a field mask names it. An error, which cells cannot hold as such and which only
    the tool's own columns remember, becomes its text."""
    if value is None or value == "":
        return {}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise BadData("the text is longer than the 50,000 characters of a cell", mend="shorten it")
        return {"stringValue": value}
    if isinstance(value, date):
        return {"numberValue": _number(to_serial(value))}
    return {"numberValue": _number(float(value) if isinstance(value, Decimal) else value)}


def _number(number: float) -> float:
    try:
        found = float(number)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise BadData(f"{number!r:.40} is not a number that a cell can hold", mend="leave it blank")
    return int(found) if found.is_integer() and abs(found) < 2**53 else found


_FRACTION = re.compile(r"(?<![A-Za-z0-9_.])\(([0-9]+)/([0-9]+)\)")


def plain(formula: str) -> str:
    """A formula of Google Sheets, without its ``=``, as Excel would spell it: arguments parted by commas, numbers with
    a point. Sheets gives back ``;`` or ``,`` as the spreadsheet's locale has it."""
    pieces = formula.removeprefix("=").split('"')
    pieces[::2] = [_FRACTION.sub(_decimal, piece.replace(";", ",")) for piece in pieces[::2]]
    return '"'.join(pieces)


def _decimal(match: re.Match[str]) -> str:
    return repr(int(match[1]) / int(match[2])) if int(match[2]) else match[0]
