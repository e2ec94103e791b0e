"""Cell values as the editor has them and as the core has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import cast

from kpisheets.backends.excel.ooxml import CellError
from kpisheets.core.workbook import ErrorValue, Value
from kpisheets.errors import BadData

_PLAIN = frozenset({type(None), bool, int, float, str, datetime})


def observed_column(values: Sequence[object]) -> Sequence[Value]:
    """The column as the core sees it; nearly every column holds nothing that has to be made anew."""
    if _PLAIN.issuperset(map(type, values)):
        return cast(Sequence[Value], values)
    return [observed(value) for value in values]


def observed(value: object) -> Value:
    if isinstance(value, CellError):
        return ErrorValue(value)
    if value is None or isinstance(value, (bool, int, float, str, datetime, date)):
        return value
    raise BadData(f"a cell holds a {type(value).__name__}, which is not understood")


def stored(value: Value) -> bool | int | float | str | datetime | CellError | None:
    if value is None or type(value) is str or type(value) is float:
        return value
    if isinstance(value, ErrorValue):
        return CellError(value)
    if isinstance(value, Decimal):
        number = float(value)
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value
