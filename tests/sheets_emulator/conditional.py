"""The formats that cells get beside their own: from alternating colours below, from conditional formats above.

Not here: gradients, relative dates, and formulas that ask for their own row (`ROW()`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .banding_colours import band_colour
from .book import Book, Tab
from .calc import compute
from .calc_types import CalcSheet, CalcValue, Formula
from .computed import calc_book, effective, shown
from .entered import entered
from .errors import NotImplementedHere
from .geometry import GridRange
from .messages import Message
from .references import placed

Place = tuple[int, int]
ASIDE = -1  # the id of the tab on which conditions are computed
_OWN_PLACE = re.compile(r"\b(?:ROW|COLUMN)\(\s*\)", re.IGNORECASE)
_NUMBERS: dict[str, Callable[..., bool]] = {
    "NUMBER_GREATER": lambda value, limit: value > limit,
    "NUMBER_GREATER_THAN_EQ": lambda value, limit: value >= limit,
    "NUMBER_LESS": lambda value, limit: value < limit,
    "NUMBER_LESS_THAN_EQ": lambda value, limit: value <= limit,
    "NUMBER_EQ": lambda value, limit: value == limit,
    "NUMBER_NOT_EQ": lambda value, limit: value != limit,
    "NUMBER_BETWEEN": lambda value, low, high: low <= value <= high,
    "NUMBER_NOT_BETWEEN": lambda value, low, high: not low <= value <= high,
    "DATE_EQ": lambda value, day: int(value) == int(day),
    "DATE_BEFORE": lambda value, day: value < day,
    "DATE_AFTER": lambda value, day: value >= day + 1,
}
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "TEXT_CONTAINS": lambda text, part: part in text,
    "TEXT_NOT_CONTAINS": lambda text, part: part not in text,
    "TEXT_STARTS_WITH": lambda text, part: text.startswith(part),
    "TEXT_ENDS_WITH": lambda text, part: text.endswith(part),
    "TEXT_EQ": lambda text, part: text == part,
}


class Conditions:
    """The conditional formats of one tab, in the state that the spreadsheet has now."""

    def __init__(self, book: Book, tab: Tab) -> None:
        self.book = book
        self.tab = tab
        self._formulas: dict[str, int] = {}
        self._values: dict[tuple[int, int, int], CalcValue] | None = None
        self._rules = tab.objects["conditionalFormats"]
        for rule in self._rules:
            if "gradientRule" in rule:
                raise NotImplementedHere("effectiveFormat where gradients are")

    def format(self, row: int, column: int) -> Message:
        """What the rules say of a cell: the first that sets something decides it."""
        result: Message = {}
        for rule in self._rules:
            start = self._start(rule, row, column)
            if start is not None and self._holds(rule["booleanRule"]["condition"], row, column, start):
                result = merged(rule["booleanRule"].get("format", {}), result)
        return result

    def _start(self, rule: Message, row: int, column: int) -> Place | None:
        """The first cell of a rule's ranges, if the cell lies in them: a rule's formulas are written for it."""
        bounds = [self.tab.bounds(given) for given in rule["ranges"]]
        if any(row0 <= row < row1 and column0 <= column < column1 for row0, row1, column0, column1 in bounds):
            return min(bound[0] for bound in bounds), min(bound[2] for bound in bounds)
        return None

    def _holds(self, condition: Message, row: int, column: int, start: Place) -> bool:
        kind = condition["type"]
        cell = self.tab.grid.get(row, column)
        value = effective(self.book, self.tab, row, column, cell)
        moved = (row - start[0], column - start[1])
        limits = [self._limit(one, moved) for one in condition.get("values", [])]
        if kind == "CUSTOM_FORMULA":
            return isinstance(limits[0], bool | int | float) and bool(limits[0])
        if kind in ("BLANK", "NOT_BLANK"):
            return (value is None or value == "") == (kind == "BLANK")
        if kind in _TEXTS:
            return _TEXTS[kind](shown(value, cell, self.book.locale).casefold(), str(limits[0]).casefold())
        if kind in _NUMBERS:
            numbers = [value, *limits]
            if any(isinstance(one, bool) or not isinstance(one, int | float) for one in numbers):
                return False
            return _NUMBERS[kind](*numbers)
        raise NotImplementedHere(f"effectiveFormat by ConditionType {kind}")

    def _limit(self, given: Message, moved: Place) -> CalcValue:
        if "relativeDate" in given:
            raise NotImplementedHere("effectiveFormat by a relative date")
        text = given.get("userEnteredValue", "")
        if not text.startswith("="):
            value = entered(text, self.book.locale).value
            return None if isinstance(value, Formula) else value
        if _OWN_PLACE.search(text):
            raise NotImplementedHere("effectiveFormat by a formula with ROW() or COLUMN()")
        return self._computed(placed(text, *moved, self.tab.title))

    def _computed(self, formula: str) -> CalcValue:
        if self._values is None:
            self._collect()
            assert self._values is not None
        return self._values.get((ASIDE, self._formulas[formula], 0))

    def _collect(self) -> None:
        """Compute the formulas of all rules for all their cells at once, on a tab that nobody sees."""
        for rule in self._rules:
            texts = [one.get("userEnteredValue", "") for one in rule["booleanRule"]["condition"].get("values", [])]
            for text in filter(lambda text: text.startswith("="), texts):
                for given in rule["ranges"]:
                    self._note(text, rule, given)
        aside = CalcSheet(ASIDE, "_conditions", len(self._formulas) + 1, 1)
        aside.cells = {(number, 0): Formula(text) for text, number in self._formulas.items()}
        book = calc_book(self.book)
        book.sheets.append(aside)
        self._values = compute(book)

    def _note(self, text: str, rule: Message, given: GridRange) -> None:
        row0, row1, column0, column1 = self.tab.bounds(given)
        start = self._start(rule, row0, column0)
        assert start is not None
        for row in range(row0, row1):
            for column in range(column0, column1):
                formula = placed(text, row - start[0], column - start[1], self.tab.title)
                self._formulas.setdefault(formula, len(self._formulas))


def merged(under: Message, over: Message) -> Message:
    """A format with another one above it. Colours are whole, everything else goes field by field."""
    result = dict(under)
    for name, item in over.items():
        old: Any = result.get(name)
        deeper = isinstance(item, dict) and isinstance(old, dict) and not name.endswith(("Color", "ColorStyle"))
        result[name] = merged(old, item) if deeper else item
    return result


def default_format(book: Book) -> Message:
    given: Message = dict(book.properties["defaultFormat"])
    return given | {"hyperlinkDisplayType": "PLAIN_TEXT"}


class Looks:
    """The `effectiveFormat` of a tab's cells."""

    def __init__(self, book: Book, tab: Tab) -> None:
        self.tab = tab
        self.default = default_format(book)
        self.conditions = Conditions(book, tab)
        self.banded = bool(tab.objects["bandedRanges"] or tab.objects["tables"])

    def format(self, row: int, column: int) -> Message:
        result = self.default
        if self.banded and (colour := band_colour(self.tab, row, column)):
            result = merged(result, colour)
        result = merged(result, self.tab.grid.get(row, column).format or {})
        own = self.conditions.format(row, column)
        return merged(result, own) if own else result
