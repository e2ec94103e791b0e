"""A1 notation: `'My tab'!B2:C`, in letters and back. Rows and columns count from 0 inside, from 1 in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CELL = re.compile(r"\$?([A-Za-z]{0,3})\$?([0-9]{0,7})\Z")
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LIKE_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]{1,7}\Z|R[0-9]*C[0-9]*\Z|[A-Za-z]{1,3}\Z|TRUE\Z|FALSE\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """What stands after the tab's name: `None` as an end is open, as a start is the first."""

    row0: int | None
    row1: int | None
    column0: int | None
    column1: int | None


def letters(column: int) -> str:
    """`A` for 0, `AA` for 26."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_number(text: str) -> int:
    number = 0
    for letter in text.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def quoted(title: str) -> str:
    """A tab's title as it stands before `!`, in quotes where it needs them."""
    if _PLAIN_TITLE.match(title) and not _LIKE_CELL.match(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def written(title: str, row0: int, row1: int, column0: int, column1: int) -> str:
    """`Sheet1!A1:C4`, as the service writes a range in its answers; a single cell has no `:`."""
    first = f"{letters(column0)}{row0 + 1}"
    last = f"{letters(column1 - 1)}{row1}"
    return f"{quoted(title)}!{first}" + ("" if first == last else f":{last}")


def split(text: str) -> tuple[str | None, str | None]:
    """`'My tab'!A1` → (title, rest). Without `!` the whole text is the second: a cell, a name or a title."""
    if text.startswith("'"):
        match = re.match(r"'((?:[^']|'')*)'(?:!(.*))?\Z", text, re.DOTALL)
        if match is not None:
            return match[1].replace("''", "'"), match[2]
    title, mark, rest = text.rpartition("!")
    return (title, rest) if mark else (None, text)


def span(text: str) -> Span | None:
    """`B2:C`, `3:5`, `A1` as a span; `None` when it is none."""
    first, mark, last = text.partition(":")
    start = _CELL.match(first)
    if start is None or not (start[1] or start[2]):
        return None
    if not mark:
        if not (start[1] and start[2]):
            return None
        row, column = int(start[2]) - 1, column_number(start[1])
        return Span(row, row + 1, column, column + 1) if row >= 0 else None
    end = _CELL.match(last)
    if end is None or not (end[1] or end[2]):
        return None
    rows = [int(part[2]) - 1 if part[2] else None for part in (start, end)]
    columns = [column_number(part[1]) if part[1] else None for part in (start, end)]
    if any(row is not None and row < 0 for row in rows):
        return None
    row0, row1 = _ordered(rows[0], rows[1])
    column0, column1 = _ordered(columns[0], columns[1])
    return Span(row0, row1, column0, column1)


def _ordered(first: int | None, last: int | None) -> tuple[int | None, int | None]:
    if first is not None and last is not None:
        return min(first, last), max(first, last) + 1
    if first is None and last is not None:
        # `A:B5` is read as A5 and down.
        return last, None
    return first, None
