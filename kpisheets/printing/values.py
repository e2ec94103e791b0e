"""Values, counts and problems, as they are printed everywhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpisheets.core.catalogue import written
from kpisheets.core.together import together
from kpisheets.errors import Problem

if TYPE_CHECKING:
    pass


def plain(value: object) -> Any:
    """A value as JSON has it: numbers as numbers, dates in ISO form."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, (tuple, list, frozenset)):
        return [plain(item) for item in value]
    return str(value)


def counted(number: int, thing: str) -> str:
    """``1 row``, ``2 rows``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def shown(value: object) -> str:
    """A value as a person reads it: at most 12 digits of a number."""
    if isinstance(value, (Decimal, float)):
        value = Decimal(f"{value:.12g}")
    return written(value) or "blank"


def problem_document(problem: Problem) -> dict[str, str | None]:
    return {"where": problem.where, "what": problem.what, "mend": problem.mend, "kpi": problem.kpi}


def problems_line(problems: Sequence[Problem], mend: str) -> str:
    """Several problems in one line: the first, and how to see the others."""
    first, *others = together(problems)
    return f"{first}; and {len(others)} more: {mend}" if others else str(first)
