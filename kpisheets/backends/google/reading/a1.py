"""A1 notation from rows and columns that are counted from 0."""

from __future__ import annotations

from functools import cache


@cache
def letters(column: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def a1(title: str, top: int, left: int, bottom: int, right: int) -> str:
    """A range with its tab, such as ``'My tab'!B2:C9``; ``bottom`` and ``right`` are exclusive."""
    quoted = title.replace("'", "''")
    return f"'{quoted}'!{letters(left)}{top + 1}:{letters(right - 1)}{bottom}"
