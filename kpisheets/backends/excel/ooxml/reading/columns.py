"""A sheet's cells by column, and the values behind what the cells of a column spell, many at once."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from math import isfinite
from typing import NamedTuple

from ..notation.markup import from_xstring, unescape
from ..notation.refs import Area, RelativeFormula
from ..notation.values import Value, from_serial

_NUMBERS = frozenset({int, float})


class Shared(NamedTuple):
    """A shared formula where it is spelled out: the cell, the text, its number, the cells that may share it."""

    row: int
    column: int
    formula: RelativeFormula
    number: bytes
    area: Area


class Column:
    """One column's cells, in row order: all lists have one item for each, but that ``formulas`` may end early.

    A formula is kept with NUL for its row's number, so that the thousands of one column are few texts.
    """

    __slots__ = ("formulas", "rows", "styles", "values")

    def __init__(self) -> None:
        self.rows = array("I")
        self.styles = array("I")
        self.values: list[Value] = []
        self.formulas: list[bytes | Shared | None] = []

    def formula(self, at: int) -> bytes | Shared | None:
        """The formula of the cell with this index."""
        return self.formulas[at] if at < len(self.formulas) else None

    def add_formulas(self, first: int, formulas: Sequence[bytes | Shared | None]) -> None:
        """The formulas of the cells from the index ``first`` on; those before have theirs, or none."""
        self.formulas.extend([None] * (first - len(self.formulas)))
        self.formulas.extend(formulas)


class Values:
    """The values that cells spell. ``strings`` gives the shared texts, ``dates`` says which styles show dates."""

    def __init__(self, strings: Callable[[], Mapping[bytes, str]], dates: Sequence[bool], date1904: bool) -> None:
        self.strings = strings
        self.texts = _Texts()
        self._dates = dates
        self._serials = _Serials(date1904)

    def number(self, style: int, raw: bytes) -> Value:
        """A number, or the moment that it stands for. ValueError where it is none."""
        value = int(raw) if raw.isdigit() and len(raw) < 16 else float(raw)
        if not isfinite(value):
            raise ValueError(raw)
        return self._serials[raw] if self._are_dates({style}) else value

    def many(
        self, styles: Collection[int], kinds: Sequence[bytes] | bytes, raws: Sequence[bytes] | None, count: int
    ) -> Sequence[Value] | None:
        """The values of ``count`` cells; None where they have to be looked at one by one."""
        if raws is None:
            return [None] * count
        known = {kinds} if isinstance(kinds, bytes) else set(kinds)
        try:
            if known <= {b"", b"n"}:
                return self._numbers(styles, raws)
            if known == {b"s"}:
                return list(map(self.strings().__getitem__, raws))
            if known <= {b"inlineStr", b"str"}:
                self.texts.learn(raws)
                return list(map(self.texts.__getitem__, raws))
        except (ValueError, LookupError, OverflowError, RecursionError):
            pass
        return None

    def _numbers(self, styles: Collection[int], raws: Sequence[bytes]) -> Sequence[Value] | None:
        if self._are_dates(styles):
            return list(map(self._serials.__getitem__, raws)) if len(styles) == 1 and all(raws) else None
        # JSON's numbers are spelled as most programs spell theirs: ``1,2`` or ``NaN`` would show in count or type.
        numbers = json.loads(b"[%b]" % b",".join(filter(None, raws)))
        if len(numbers) == len(raws):
            return numbers if _NUMBERS.issuperset(map(type, numbers)) and isfinite(sum(numbers)) else None
        if b"" not in raws or not _NUMBERS.issuperset(map(type, numbers)) or not isfinite(sum(numbers)):
            return None
        if len(numbers) != len(raws) - raws.count(b""):
            return None
        following = iter(numbers)
        return [next(following) if raw else None for raw in raws]

    def _are_dates(self, styles: Collection[int]) -> bool:
        return any(style < len(self._dates) and self._dates[style] for style in styles)


class _Serials(dict[bytes, Value]):
    """The moments behind date serials, each made once; numbers that no calendar has stay numbers."""

    def __init__(self, date1904: bool) -> None:
        super().__init__()
        self._date1904 = date1904

    def __missing__(self, raw: bytes) -> Value:
        number = int(raw) if raw.isdigit() and len(raw) < 16 else float(raw)
        if not isfinite(number):
            raise ValueError(raw)
        found = self[raw] = from_serial(number, self._date1904) or number
        return found


class _Texts(dict[bytes, str]):
    """The texts behind bytes of the part, each decoded once."""

    def learn(self, raws: Collection[bytes]) -> None:
        """Decodes many plain ones at once."""
        fresh = [raw for raw in set(raws) if raw not in self]
        joined = b"\0".join(fresh)
        if not (b"&" in joined or b"_x" in joined or b"\r" in joined):
            texts = joined.decode("utf-8", "replace").split("\0")
            if len(texts) == len(fresh):
                self.update(zip(fresh, texts, strict=True))

    def __missing__(self, raw: bytes) -> str:
        text = self[raw] = (
            from_xstring(unescape(raw))
            if b"&" in raw or b"_x" in raw or b"\r" in raw
            else raw.decode("utf-8", "replace")
        )
        return text
