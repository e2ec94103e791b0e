"""Where the rows of a run stand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import NamedTuple

from kpisheets.errors import BadData

from ..notation.cells import attributes, patterns

_RESAVE = "open it in Excel and save it again"


class RowSpan(NamedTuple):
    """Where a row stands: its tag from ``start`` to ``inside``, its content to ``close``, its all to ``end``."""

    number: int
    start: int
    inside: int
    close: int
    end: int


class Unusual(Exception):
    """The part has comments or literal sections among its cells: it has to be normalised and read again."""


class Rows:
    """The rows of one run, which begins and ends between rows.

    Raises:
        BadData: from its methods: rows without a number, or without an end.
        Unusual: see there.
    """

    def __init__(self, prefix: bytes, run: bytes, where: str) -> None:
        self.run = run
        self._prefix, self._where = prefix, where

    @property
    def first(self) -> int:
        """The number of the first row; 0 where there is none."""
        start = self.run.find(b"<%brow" % self._prefix)
        match = patterns(self._prefix).number.match(self.run, start) if start >= 0 else None
        if match:
            return int(match[1])
        return self.all[0].number if self.all else 0

    @property
    def last(self) -> int:
        """The number of the last row; 0 where there is none."""
        start = self.run.rfind(b"<%brow" % self._prefix)
        match = patterns(self._prefix).number.match(self.run, start) if start >= 0 else None
        if match:
            return int(match[1])
        return self.all[-1].number if self.all else 0

    def find(self, numbers: Collection[int]) -> Iterator[RowSpan | None]:
        """The rows of these numbers, which go up; None for each that is not there."""
        at = 0
        following = patterns(self._prefix).number
        for number in numbers:
            start = self.run.find(b'<%brow r="%d"' % (self._prefix, number), at)
            span = self._span(number, start) if start >= 0 else None
            after = following.match(self.run, span.end) if span else None
            if span is None or (span.end < len(self.run) and (after is None or int(after[1]) <= number)):
                # It is not there, or its neighbour is spelled otherwise or out of order: all are looked at.
                yield self._by_number.get(number)
                continue
            at = span.end
            yield span

    def place(self, number: int) -> int:
        """Where a row of that number, which is not there, would be inserted."""
        at = bisect_right(self.all, number, key=lambda span: span.number)
        return self.all[at].start if at < len(self.all) else len(self.run)

    @cached_property
    def _by_number(self) -> dict[int, RowSpan]:
        return {span.number: span for span in self.all}

    @cached_property
    def all(self) -> list[RowSpan]:
        """Every row, in order."""
        if b"<!" in self.run or b"<?" in self.run:
            raise Unusual
        spans: list[RowSpan] = []
        last = 0
        for match in patterns(self._prefix).row.finditer(self.run):
            number = match[1] or attributes(match[2]).get(b"r", b"")
            if not number.isdigit() or int(number) <= last:
                raise disorder(last, self._where)
            last = int(number)
            spans.append(self._span(last, match.start()))
        return spans

    def _span(self, number: int, start: int) -> RowSpan:
        run = self.run
        inside = run.find(b">", start) + 1
        if inside and run[inside - 2 : inside - 1] == b"/":
            return RowSpan(number, start, inside, inside, inside)
        close = run.find(b"</%brow" % self._prefix, inside)
        end = run.find(b">", close) + 1
        if not inside or close < 0 or not end:
            raise BadData(f"row {number} has no end", where=self._where, mend=_RESAVE)
        return RowSpan(number, start, inside, close, end)


def disorder(last: int, where: str) -> BadData:
    """The refusal of rows that are not numbered from top to bottom."""
    return BadData(f"its rows are not numbered in order (after row {last})", where=where, mend=_RESAVE)
