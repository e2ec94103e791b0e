"""A quick look at many rows that are alike: whether all is right in them, or each has to be looked at by itself.

One expression takes whole rows apart, as the editor's reading does, and its columns are checked as a whole. It never
tells what is wrong: that is for ``cells`` to find out, which has seen a row of the same kind before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import itemgetter

from kpisheets.backends.excel.ooxml.notation.refs import MAX_COLUMN, MAX_ROW
from kpisheets.backends.excel.ooxml.reading.rowshape import RowPattern, Taken, learn

from .cell_formulas import CellFormulas
from .strings import MAX_TEXT
from .styles import StyleCounts

# Possessive: where one is no number, those before it are not read in other ways.
NUMBERS = re.compile(rb"(?:\s*+(?:[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,3}+)?)?+\s*+\x00)*+")
HUGE = re.compile(rb"[eE]\+?[3-9]\d\d")
_TAG = re.compile(rb'<row r="\d{1,9}"([^<>]*)>')
_FEWEST = 32
_SAMPLE = 64
_SHORT = MAX_TEXT - 64
_NUMBER, _TEXT = frozenset({b"", b"n"}), frozenset({b"str", b"inlineStr"})


class Alike:
    """Looks at runs of rows. ``strings``: how many shared texts there are, None where nobody knows."""

    def __init__(self, styles: StyleCounts, strings: int | None, formulas: CellFormulas) -> None:
        self._styles, self._strings, self._formulas = styles, strings, formulas
        self._pattern: RowPattern | None = None

    def last_of(self, run: bytes, last: int, known: set[object]) -> int:
        """The number of the run's last row where nothing is wrong with any row; 0 where that is not known.

        ``last`` is the row before, ``known`` what was seen to be right of rows' tags.
        """
        count = run.count(b"<row")
        if count < _FEWEST or not known.issuperset(_TAG.findall(run)):
            return 0
        rows = self._taken(run)
        if len(rows) != count or self._pattern is None:
            return 0
        groups = list(zip(*rows, strict=True))
        numbers = list(map(int, groups[0]))
        if not last < numbers[0] <= numbers[-1] <= MAX_ROW or numbers != sorted(set(numbers)):
            return 0
        columns = list(self._pattern.columns(groups))
        good = all(map(self._is_good, columns)) and self._are_known(columns, groups[0])
        return numbers[-1] if good else 0

    def _taken(self, run: bytes) -> list[tuple[bytes, ...]]:
        """The rows, taken apart; none where one is of another shape."""
        for _ in range(2):
            if self._pattern:
                rows = self._pattern.regex.findall(run)
                if not any(map(itemgetter(-1), rows)):
                    return rows
            whole = run.split(b"</row>")[:-1]
            self._pattern = learn(b"", whole[:: max(len(whole) // _SAMPLE, 1)], exact=self._pattern is None)
        return []

    def _is_good(self, taken: Taken) -> bool:
        """Whether nothing but the formulas of a column could be wrong."""
        if taken.column > MAX_COLUMN or (taken.there is not None and not all(taken.there)):
            return False
        styles = taken.styles or b""
        spelled = {styles} if isinstance(styles, bytes) else set(styles)
        if not all(not style or self._styles.has_cell(style.decode()) for style in spelled):
            return False
        if taken.attributes and any(taken.attributes):
            return False
        values = taken.values
        known = {taken.kinds} if isinstance(taken.kinds, bytes) else set(taken.kinds)
        if values is None:
            return known <= _NUMBER | _TEXT
        if known <= _NUMBER:
            joined = b"\x00".join(values) + b"\x00"
            return bool(NUMBERS.fullmatch(joined)) and not HUGE.search(joined)
        if known == {b"s"}:
            return self._strings is None or all(value.isdigit() and int(value) < self._strings for value in set(values))
        if known == {b"b"}:
            return {b"0", b"1", b""}.issuperset(values)
        if known <= _TEXT:
            return max(map(len, values)) < _SHORT and (known == {b"str"} or b"_x" not in b"\x00".join(values))
        return False

    def _are_known(self, columns: Sequence[Taken], digits: Sequence[bytes]) -> bool:
        """Whether rows with the same formulas were seen to be right."""
        texts: list[Iterable[bytes]] = []
        for taken in columns:
            found = taken.formulas
            if found is None or isinstance(found, bytes):
                texts.append(repeat((found or b"").replace(b"\0", b"1"), len(digits)))
            else:
                texts.append(text.replace(row, b"1") for text, row in zip(found, digits, strict=True))
        return all(map(self._formulas.knows, set(zip(*texts, strict=True))))
