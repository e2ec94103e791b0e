"""Conditions of validations and conditional formats: which there are, and how many values each takes."""

from __future__ import annotations

from .errors import invalid
from .messages import Message

# Type of condition: least and most values.
VALUES = {
    "NUMBER_GREATER": (1, 1),
    "NUMBER_GREATER_THAN_EQ": (1, 1),
    "NUMBER_LESS": (1, 1),
    "NUMBER_LESS_THAN_EQ": (1, 1),
    "NUMBER_EQ": (1, 1),
    "NUMBER_NOT_EQ": (1, 1),
    "NUMBER_BETWEEN": (2, 2),
    "NUMBER_NOT_BETWEEN": (2, 2),
    "TEXT_CONTAINS": (1, 1),
    "TEXT_NOT_CONTAINS": (1, 1),
    "TEXT_STARTS_WITH": (1, 1),
    "TEXT_ENDS_WITH": (1, 1),
    "TEXT_EQ": (1, 1),
    "TEXT_IS_EMAIL": (0, 0),
    "TEXT_IS_URL": (0, 0),
    "DATE_EQ": (1, 1),
    "DATE_BEFORE": (1, 1),
    "DATE_AFTER": (1, 1),
    "DATE_ON_OR_BEFORE": (1, 1),
    "DATE_ON_OR_AFTER": (1, 1),
    "DATE_BETWEEN": (2, 2),
    "DATE_NOT_BETWEEN": (2, 2),
    "DATE_IS_VALID": (0, 0),
    "ONE_OF_RANGE": (1, 1),
    "ONE_OF_LIST": (1, 500),
    "BLANK": (0, 0),
    "NOT_BLANK": (0, 0),
    "CUSTOM_FORMULA": (1, 1),
    "BOOLEAN": (0, 2),
    "TEXT_NOT_EQ": (1, 1_000),
    "DATE_NOT_EQ": (1, 1_000),
    "FILTER_EXPRESSION": (1, 1),
}
ONLY_VALIDATION = {"TEXT_IS_EMAIL", "TEXT_IS_URL", "DATE_ON_OR_BEFORE", "DATE_ON_OR_AFTER", "DATE_BETWEEN"} | {
    "DATE_NOT_BETWEEN",
    "DATE_IS_VALID",
    "ONE_OF_RANGE",
    "ONE_OF_LIST",
    "BOOLEAN",
}
ONLY_FORMATS = {"TEXT_STARTS_WITH", "TEXT_ENDS_WITH", "BLANK", "NOT_BLANK"}
ONLY_FILTERS = {"TEXT_NOT_EQ", "DATE_NOT_EQ", "FILTER_EXPRESSION"}
RELATIVE = {"DATE_EQ", "DATE_BEFORE", "DATE_AFTER"}


def check_condition(condition: Message, *, for_validation: bool) -> None:
    """Raises where a `BooleanCondition` is none that may stand there, or has too few or too many values."""
    kind = condition.get("type", "CONDITION_TYPE_UNSPECIFIED")
    refused = (ONLY_FORMATS if for_validation else ONLY_VALIDATION) | ONLY_FILTERS
    if kind not in VALUES or kind in refused:
        where = "data validation" if for_validation else "conditional formatting"
        raise invalid(f"ConditionType '{kind}' is not supported for {where}.")
    least, most = VALUES[kind]
    values = condition.get("values", [])
    if not least <= len(values) <= most:
        raise invalid(f"ConditionType '{kind}' takes {least} to {most} ConditionValues, {len(values)} given.")
    for value in values:
        if len(value) != 1:
            raise invalid("A ConditionValue has exactly one of relativeDate and userEnteredValue.")
        if "relativeDate" in value and (kind not in RELATIVE or for_validation):
            raise invalid(f"relativeDate is not supported for ConditionType '{kind}' here.")
    if kind in ("CUSTOM_FORMULA", "ONE_OF_RANGE") and not values[0].get("userEnteredValue", "").startswith("="):
        raise invalid(f"The value of ConditionType '{kind}' is a formula or a range: it starts with =.")
