"""Where the rows of a run stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from operator import ge
from typing import NamedTuple

from kpisheets.errors import BadData

from .cells import attributes, patterns

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
        self._all: list[RowSpan] | None = None

    def numbers(self, last: int) -> list[int]:
        """The numbers of all rows. ``last`` is the number before them; BadData where they are not in order."""
        found = patterns(self._prefix).number.findall(self.run)
        if len(found) != self.run.count(b"<%brow" % self._prefix):
            if b"<!" in self.run or b"<?" in self.run:
                raise Unusual
            return [span.number for span in self.all(last)]
        numbers = list(map(int, found))
        if numbers and (numbers[0] <= last or any(map(ge, numbers, islice(numbers, 1, None)))):
            raise disorder(last, self._where)
        return numbers

    @property
    def last(self) -> int:
        """The number of the last row; 0 where there is none."""
        start = self.run.rfind(b"<%brow" % self._prefix)
        match = patterns(self._prefix).number.match(self.run, start) if start >= 0 else None
        if match:
            return int(match[1])
        spans = self.all()
        return spans[-1].number if spans else 0

    def find(self, numbers: Iterable[int]) -> Iterator[RowSpan | None]:
        """The rows of these numbers, which go up; None for each that is not there."""
        at = 0
        for number in numbers:
            start = self.run.find(b'<%brow r="%d"' % (self._prefix, number), at)
            if start < 0:
                yield next((span for span in self.all() if span.number == number), None)
                continue
            span = self._span(number, start)
            at = span.end
            yield span

    def place(self, number: int) -> int:
        """Where a row of that number, which is not there, would be inserted."""
        return next((span.start for span in self.all() if span.number > number), len(self.run))

    def all(self, last: int = 0) -> list[RowSpan]:
        """Every row, in order."""
        if self._all is None:
            self._all = []
            for match in patterns(self._prefix).row.finditer(self.run):
                number = match[1] or attributes(match[2]).get(b"r", b"")
                if not number.isdigit() or int(number) <= last:
                    raise disorder(last, self._where)
                last = int(number)
                self._all.append(self._span(last, match.start()))
        return self._all

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
