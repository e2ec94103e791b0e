"""What happens to places when rows or columns are inserted, deleted or moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

GridRange = dict[str, Any]
ROWS, COLUMNS = "ROWS", "COLUMNS"
KEYS = {ROWS: ("startRowIndex", "endRowIndex"), COLUMNS: ("startColumnIndex", "endColumnIndex")}


@dataclass(frozen=True)
class Shift:
    """One change of a tab's rows or columns.

    `kind` is `insert` (n new ones before `start`), `delete` (`start` to before `end`) or `move` (that block to before
    `to`, counted as before the move). `band` limits an inserted or deleted part to some of the other dimension's
    indices, as `insertRange` and `deleteRange` do.
    """

    sheet_id: int
    dimension: str
    kind: str
    start: int
    end: int
    to: int = 0
    band: tuple[int, int] | None = None

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def first(self) -> int:
        """The first row or column that anything happens to."""
        return min(self.start, self.to) if self.kind == "move" else self.start

    def index(self, at: int) -> int | None:
        """Where a row or column is afterwards; `None` when it is gone."""
        if self.kind == "insert":
            return at + self.length if at >= self.start else at
        if self.kind == "delete":
            if at < self.start:
                return at
            return None if at < self.end else at - self.length
        if self.start <= at < self.end:
            return at - self.start + (self.to if self.to <= self.start else self.to - self.length)
        if self.to <= at < self.start:
            return at + self.length
        if self.end <= at < self.to:
            return at - self.length
        return at

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Where the indices from `start` to before `end` are afterwards, as one span; `None` when all are gone."""
        if self.kind == "insert":
            return self._inserted(start, end, self.start)
        if self.kind == "delete":
            return self._deleted(start, end)
        if self.start <= start and end <= self.end:
            first = self.index(start)
            assert first is not None
            return first, first + end - start
        if start <= self.start and self.end <= end and start <= self.to <= end:
            return start, end
        left = self._deleted(start, end)
        if left is None:
            return None
        to = self.to if self.to <= self.start else self.to - self.length
        return self._inserted(*left, to)

    def _inserted(self, start: int, end: int, at: int) -> tuple[int, int]:
        if at <= start:
            return start + self.length, end + self.length
        return (start, end + self.length) if at < end else (start, end)

    def _deleted(self, start: int, end: int) -> tuple[int, int] | None:
        first, last = (place if place <= self.start else max(self.start, place - self.length) for place in (start, end))
        return (first, last) if first < last else None

    def grid_range(self, given: GridRange) -> GridRange | None:
        """A `GridRange` afterwards; open sides stay open."""
        if given.get("sheetId", 0) != self.sheet_id or not self._in_band(given):
            return given
        low, high = KEYS[self.dimension]
        if low not in given and high not in given:
            return given
        if high not in given:
            start = self.span(given[low], 1 << 30)
            return None if start is None else {**given, low: start[0]}
        span = self.span(given.get(low, 0), given[high])
        if span is None:
            return None
        moved = {**given, high: span[1]}
        if low in given or span[0]:
            moved[low] = span[0]
        return moved

    def _in_band(self, given: GridRange) -> bool:
        """Whether a change of a part of the tab concerns a range: it must lie inside the part's width."""
        if self.band is None:
            return True
        low, high = KEYS[COLUMNS if self.dimension == ROWS else ROWS]
        first, last = self.band
        return bool(first <= given.get(low, 0) and given.get(high, 1 << 30) <= last)


def overlap(first: GridRange, second: GridRange) -> bool:
    """Whether two `GridRange`s share a cell."""
    if first.get("sheetId", 0) != second.get("sheetId", 0):
        return False
    return all(
        first.get(low, 0) < second.get(high, 1 << 30) and second.get(low, 0) < first.get(high, 1 << 30)
        for low, high in KEYS.values()
    )


def inside(inner: GridRange, outer: GridRange) -> bool:
    """Whether every cell of one `GridRange` lies in another."""
    if inner.get("sheetId", 0) != outer.get("sheetId", 0):
        return False
    return all(
        outer.get(low, 0) <= inner.get(low, 0) and inner.get(high, 1 << 30) <= outer.get(high, 1 << 30)
        for low, high in KEYS.values()
    )


def grid_range(sheet_id: int, row0: int, row1: int, column0: int, column1: int) -> GridRange:
    return {
        "sheetId": sheet_id,
        "startRowIndex": row0,
        "endRowIndex": row1,
        "startColumnIndex": column0,
        "endColumnIndex": column1,
    }
