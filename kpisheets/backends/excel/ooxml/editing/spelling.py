"""How new cells are spelled, column by column: what goes around a value is made once for all cells that are alike."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from ..notation.markup import content
from ..notation.refs import column_letters
from ..notation.values import Value, number_text, render, to_serial
from .block import Block, Filled

_BATCH = 2048
_SPECIAL = re.compile(r"[&<>\r\n]|_x|\A\s|\s\Z|  ")


def spelled(block: Block, prefix: bytes, date1904: bool) -> Iterator[tuple[Block, bytes]]:
    """The rows of a block as a part spells them, some thousand at a time, each with that part of the block."""
    columns = {number: _Column(prefix, number, date1904) for number in sorted(block.columns)}
    p = prefix.decode()
    for begin in range(0, block.count, _BATCH):
        end = min(begin + _BATCH, block.count)
        filled = {number: block.columns[number].part(begin, end) for number in columns}
        digits = list(map(str, range(block.top + begin, block.top + end)))
        cells = [column.cells(digits, filled[number]) for number, column in columns.items()]
        heads, tail = [f'<{p}row r="{row}">' for row in digits], [f"</{p}row>"] * len(digits)
        rows = map("".join, zip(heads, *cells, tail, strict=True))
        yield Block(block.top + begin, end - begin, filled), "".join(rows).encode()


class _Column:
    """The cells of one column."""

    def __init__(self, prefix: bytes, number: int, date1904: bool) -> None:
        self._prefix, self._number, self._date1904 = prefix, number, date1904
        self._frames: dict[tuple[type, int, str | None], tuple[list[str], str]] = {}
        self._serials: dict[dt.date, str] = {}

    def cells(self, digits: Sequence[str], filled: Filled) -> list[str]:
        """The cells of the rows with these numbers."""
        made = []
        for row, value, formula, style in zip(digits, *filled, strict=True):
            kind = type(value)
            text = self._text(kind, value)
            if text is None:
                made.append(self._unusual(int(row), value, formula, style))
                continue
            frame = self._frames.get((kind, style, formula))
            if frame is None:
                frame = self._frames[kind, style, formula] = self._frame(kind, style, formula)
            pieces, behind = frame
            made.append(row.join(pieces) + text + behind)
        return made

    def _text(self, kind: type, value: Value | dt.date) -> str | None:
        """A value as the file spells it; None where it takes more than that."""
        if value is None:
            return ""
        if kind is float or kind is int:
            return number_text(value)  # type: ignore[arg-type]
        if kind is str:
            return None if _SPECIAL.search(value) else value  # type: ignore[arg-type, return-value]
        if isinstance(value, dt.date):
            if value not in self._serials:
                self._serials[value] = number_text(to_serial(value, self._date1904))
            return self._serials[value]
        return None

    def _frame(self, kind: type, style: int, formula: str | None) -> tuple[list[str], str]:
        """What stands before a value, cut where its row's number goes, and what stands behind it."""
        if kind is type(None) and formula is None and not style:
            return [""], ""
        p, typed = self._prefix.decode(), ""
        opened, closed = f"<{p}v>", f"</{p}v></{p}c>"
        if kind is type(None):
            opened, closed = "", f"</{p}c>"
        elif kind is str and formula is None:
            typed, opened, closed = ' t="inlineStr"', f"<{p}is><{p}t>", f"</{p}t></{p}is></{p}c>"
        elif kind is str:
            typed = ' t="str"'
        styled = f' s="{style}"' if style else ""
        before = f'<{p}c r="{column_letters(self._number)}\0"{styled}{typed}'
        if kind is type(None) and formula is None:
            return (before + "/>").split("\0"), ""
        written = "" if formula is None else f"<{p}f>{content(formula).decode()}</{p}f>"
        return f"{before}>{written}{opened}".split("\0"), closed

    def _unusual(self, row: int, value: Value | dt.date, formula: str | None, style: int) -> str:
        """A cell with a value that has to be escaped, or is neither number nor text."""
        p, written = self._prefix, b""
        if formula is not None:
            written = b"<%bf>%b</%bf>" % (p, content(formula.replace("\0", str(row))), p)
        return render(p, row, self._number, style, value, written, date1904=self._date1904).decode()
