"""The formats that cells get beside their own: from alternating colours below, from conditional formats above.

Not here: gradients, relative dates, and formulas that ask for their own row (`ROW()`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .banding_colours import Bands
from .book import Book, Tab
from .calc import compute
from .calc_types import CalcSheet, CalcValue, Formula
from .computed import calc_book, effective, shown
from .entered import entered
from .errors import NotImplementedHere
from .masks import Mask, selected, touches
from .messages import Message
from .references import placed

Place = tuple[int, int]
LIT = ("backgroundColor", "backgroundColorStyle", "textFormat")  # what bands and conditional formats can set
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


@dataclass(frozen=True)
class Rule:
    """A conditional format: its closed bounds, their first cell, for which its formulas are written, and its parts."""

    bounds: tuple[tuple[int, int, int, int], ...]
    start: Place
    condition: Message
    format: Message

    @classmethod
    def of(cls, tab: Tab, given: Message) -> Rule:
        if "gradientRule" in given:
            raise NotImplementedHere("effectiveFormat where gradients are")
        bounds = tuple(tab.bounds(one) for one in given["ranges"])
        start = (min(one[0] for one in bounds), min(one[2] for one in bounds))
        return cls(bounds, start, given["booleanRule"]["condition"], given["booleanRule"].get("format", {}))

    def covers(self, row: int, column: int) -> bool:
        return any(row0 <= row < row1 and column0 <= column < column1 for row0, row1, column0, column1 in self.bounds)


class Conditions:
    """The conditional formats of one tab, in the state that the spreadsheet has now."""

    def __init__(self, book: Book, tab: Tab) -> None:
        self.book = book
        self.tab = tab
        self.rules = [Rule.of(tab, given) for given in tab.objects["conditionalFormats"]]
        self._formulas: dict[str, int] = {}
        self._values: dict[tuple[int, int, int], CalcValue] | None = None

    def holding(self, row: int, column: int) -> tuple[int, ...]:
        """The places of the rules that hold for a cell."""
        return tuple(
            place
            for place, rule in enumerate(self.rules)
            if rule.covers(row, column) and self._holds(rule, row, column)
        )

    def _holds(self, rule: Rule, row: int, column: int) -> bool:
        kind = rule.condition["type"]
        cell = self.tab.grid.get(row, column)
        value = effective(self.book, self.tab, row, column, cell)
        moved = (row - rule.start[0], column - rule.start[1])
        limits = [self._limit(one, moved) for one in rule.condition.get("values", [])]
        if kind == "CUSTOM_FORMULA":
            return isinstance(limits[0], bool | int | float) and bool(limits[0])
        if kind in ("BLANK", "NOT_BLANK"):
            blank = value is None or value == ""
            return blank is (kind == "BLANK")
        if kind in _TEXTS:
            return _TEXTS[kind](shown(value, cell, self.book.locale).casefold(), str(limits[0]).casefold())
        if kind in _NUMBERS:
            numbers = [value, *limits]
            if any(isinstance(one, bool) or not isinstance(one, int | float) for one in numbers):
                return False
            return bool(_NUMBERS[kind](*numbers))
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
        """Compute the formulas of all rules for all filled cells at once, on a tab that nobody sees."""
        for rule in self.rules:
            texts = [one.get("userEnteredValue", "") for one in rule.condition.get("values", [])]
            for text in filter(lambda text: text.startswith("="), texts):
                for row, cells in self.tab.cells():
                    for column in cells:
                        if rule.covers(row, column):
                            formula = placed(text, row - rule.start[0], column - rule.start[1], self.tab.title)
                            self._formulas.setdefault(formula, len(self._formulas))
        aside = CalcSheet(ASIDE, "_conditions", len(self._formulas) + 1, 1)
        aside.cells = {(number, 0): Formula(text) for text, number in self._formulas.items()}
        book = calc_book(self.book)
        book.sheets.append(aside)
        self._values = compute(book)


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
    """What a mask asks for of a tab's cells' `effectiveFormat`. Cells that look alike get the same message."""

    def __init__(self, book: Book, tab: Tab, mask: Mask) -> None:
        self.tab = tab
        self.mask = mask
        self.default = default_format(book)
        lit = any(touches(mask, name) for name in LIT)
        self.conditions = Conditions(book, tab) if lit else None
        self.bands = Bands(tab)
        self._known: dict[tuple[int, int, tuple[int, ...]], Message] = {}

    def format(self, row: int, column: int) -> Message:
        own = self.tab.grid.get(row, column).format
        band = self.bands.colour(row, column) if self.conditions else None
        holding = self.conditions.holding(row, column) if self.conditions else ()
        key = (id(own), id(band), holding)
        if key not in self._known:
            result = merged(merged(self.default, band or {}), own or {})
            for place in reversed(holding):  # the first that sets something decides it
                assert self.conditions
                result = merged(result, self.conditions.rules[place].format)
            self._known[key] = selected(result, self.mask)
        return self._known[key]
