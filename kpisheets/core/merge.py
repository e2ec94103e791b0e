"""The three-way merge of an Actual: what the cell holds, what the source said last time, what it says now."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from kpisheets.core.flag import Flag
from kpisheets.core.kpi import Number
from kpisheets.core.workbook import ErrorValue, Value

_RESTATED = "restated "
OVERRIDE = "override"


class Outcome(StrEnum):
    UNCHANGED = "unchanged"
    WRITTEN = "written"
    OVERRIDE = "override"
    RESTATED = "restated"


@dataclass(frozen=True, slots=True)
class Merged:
    """The new state of a row's cells. ``flag`` is its ``Flag`` cell, marked with nothing, ``override``, or ``restated``
    followed by the actual that was kept, so that a later edit by a person can be told from a restatement that waits."""

    actual: Value
    source_value: Value
    flag: str
    outcome: Outcome


def merge(actual: Value, source_value: Value, flag: str, new: Number, *, closed: bool, typed_formula: bool) -> Merged:
    """Merge one fact into one row.

    A blank Actual takes the new value, and so does one that still equals the Source value while its period is open. An
    Actual that differs was typed by a person and stays (``typed_formula``: a person's formula stays whatever it
    computes). A closed period whose source changed its mind keeps its Actual until a person clears the cell, or opens
    the period again.
    """
    known = Flag.read(flag)
    plain = known.marked("")
    if is_blank(actual) and not typed_formula:
        return Merged(new, new, plain, Outcome.WRITTEN)
    if typed_formula or not same(actual, source_value):
        if not typed_formula and same(actual, new):
            return Merged(actual, new, plain, Outcome.UNCHANGED)
        if _is_pending(flag, actual):
            return Merged(actual, new, flag, Outcome.RESTATED) if closed else Merged(new, new, plain, Outcome.WRITTEN)
        return Merged(actual, new, known.marked(OVERRIDE), Outcome.OVERRIDE)
    if same(source_value, new):
        return Merged(actual, source_value, plain, Outcome.UNCHANGED)
    if closed:
        return Merged(actual, new, known.marked(f"{_RESTATED}{_number(actual)!r}"), Outcome.RESTATED)
    return Merged(new, new, plain, Outcome.WRITTEN)


def standing(actual: Value, source_value: Value, flag: str, *, typed_formula: bool) -> Outcome:
    """What a row is when its source was not asked: an override or restatement that still stands, or nothing special."""
    if is_blank(source_value) or (is_blank(actual) and not typed_formula):
        return Outcome.UNCHANGED
    if not typed_formula and same(actual, source_value):
        return Outcome.UNCHANGED
    return Outcome.RESTATED if _is_pending(flag, actual) and not typed_formula else Outcome.OVERRIDE


def _is_pending(flag: str, actual: Value) -> bool:
    mark = Flag.read(flag).mark
    if not mark.startswith(_RESTATED):
        return False
    try:
        return same(actual, float(mark.removeprefix(_RESTATED)))
    except ValueError:
        return False


def is_blank(value: Value) -> bool:
    return value is None or (isinstance(value, str) and not isinstance(value, ErrorValue) and not value.strip())


def same(a: Value, b: Value) -> bool:
    """Whether two cells hold the same number, apart from the 15 digits that spreadsheet programs keep."""
    if isinstance(a, (int, float, Decimal)) and isinstance(b, (int, float, Decimal)):
        return math.isclose(float(a), float(b), rel_tol=1e-13, abs_tol=1e-300)
    return is_blank(a) and is_blank(b)


def _number(value: Value) -> float:
    return float(value) if isinstance(value, (int, float, Decimal)) else math.nan
