"""Cell references: ``A1`` text to 1-based rows and columns and back, sheet-name quoting, shifted formulas."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")
_PLAIN_SHEET = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LOOKS_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}\d+|[Rr]\d*(?:[Cc]\d*)?|[Cc]\d*")


class Area(NamedTuple):
    """A block of cells on one sheet: 1-based, inclusive."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell lies inside."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def meets(self, other: Area) -> bool:
        """Whether the two blocks share a cell."""
        return (
            self.top <= other.bottom
            and other.top <= self.bottom
            and self.left <= other.right
            and other.left <= self.right
        )

    @property
    def a1(self) -> str:
        """``A5:C9``, or ``A5`` for one cell."""
        first = cell_name(self.top, self.left)
        last = cell_name(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"


class Range(NamedTuple):
    """A block of cells on a named sheet: 1-based, inclusive."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    @property
    def area(self) -> Area:
        """The block without its sheet."""
        return Area(self.top, self.left, self.bottom, self.right)

    @property
    def a1(self) -> str:
        """``'My tab'!$A$5:$C$9``, absolute, as a defined name wants it."""
        first = f"${column_letters(self.left)}${self.top}"
        last = f"${column_letters(self.right)}${self.bottom}"
        return f"{quote_sheet(self.sheet)}!{first if first == last else f'{first}:{last}'}"


@lru_cache(maxsize=16_384)
def column_letters(column: int) -> str:
    """``1`` is ``A``, ``27`` is ``AA``."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """``A`` is ``1``, ``aa`` is ``27``."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def cell_name(row: int, column: int) -> str:
    """``(5, 3)`` is ``C5``."""
    return f"{column_letters(column)}{row}"


def parse_cell(text: str) -> tuple[int, int] | None:
    """``$C$5`` is ``(5, 3)``; None for anything that is not one cell of a sheet."""
    match = _CELL.fullmatch(text)
    if match is None:
        return None
    row, column = int(match[2]), column_number(match[1])
    return (row, column) if row <= MAX_ROW and column <= MAX_COLUMN else None


def parse_area(text: str) -> Area | None:
    """``A5:C9`` or ``A5``; None for whole rows, whole columns and anything else."""
    first, _, last = text.partition(":")
    begin, end = parse_cell(first), parse_cell(last or first)
    if begin is None or end is None:
        return None
    return Area(min(begin[0], end[0]), min(begin[1], end[1]), max(begin[0], end[0]), max(begin[1], end[1]))


def parse_range(text: str) -> Range | None:
    """``'My tab'!$A$5:$C$9``; None for a formula, a union, another file or a name without its sheet."""
    sheet, mark, cells = text.strip().rpartition("!")
    area = parse_area(cells)
    if not mark or area is None:
        return None
    if sheet.startswith("'") and sheet.endswith("'") and len(sheet) > 2:
        sheet = sheet[1:-1]
        if "'" in sheet.replace("''", ""):
            return None
        sheet = sheet.replace("''", "'")
    elif not sheet or re.search(r"[\s'!,:(){}&=<>+*/^-]", sheet):
        return None
    return None if "[" in sheet else Range(sheet, *area)


def quote_sheet(name: str) -> str:
    """The sheet's name as formulas spell it: quoted unless it is a plain word."""
    if _PLAIN_SHEET.fullmatch(name) and not _LOOKS_LIKE_A_CELL.fullmatch(name):
        return name
    return "'" + name.replace("'", "''") + "'"


# What a formula is made of, as far as moving it goes. Order matters: text, quoted sheets and structured references
# are skipped whole, and a word is skipped whole unless all of it is a reference.
_TOKEN = re.compile(
    r"""
      (?P<skip> "(?:[^"]|"")*" | '(?:[^']|'')*' | \[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\] | \#[A-Z0-9/_]+[!?]? )
    | (?P<cell> (?P<ca>\$?)(?P<cc>[A-Za-z]{1,3})(?P<ra>\$?)(?P<rr>[1-9]\d{0,6}) (?![\w.(!\[]) )
    | (?P<cols> (?P<a1>\$?)(?P<c1>[A-Za-z]{1,3}):(?P<a2>\$?)(?P<c2>[A-Za-z]{1,3}) (?![\w.(!]) )
    | (?P<rows> (?P<a3>\$?)(?P<r1>[1-9]\d{0,6}):(?P<a4>\$?)(?P<r2>[1-9]\d{0,6}) (?![\w.(!]) )
    | (?P<word> [\w\\][\w.\\?]* )
    """,
    re.VERBOSE,
)


class _End(NamedTuple):
    """An end of a reference: a column, a row, or both; 0 where there is none."""

    fixed_column: str
    column: int
    fixed_row: str
    row: int

    def moved(self, down: int, right: int) -> str | None:
        """As text, moved; None beyond the sheet's edge."""
        column = self.column + (right if self.column and not self.fixed_column else 0)
        row = self.row + (down if self.row and not self.fixed_row else 0)
        if not (bool(self.column) <= column <= MAX_COLUMN and bool(self.row) <= row <= MAX_ROW):
            return None
        letters = f"{self.fixed_column}{column_letters(column)}" if self.column else ""
        return f"{letters}{self.fixed_row}{row}" if self.row else letters


class RelativeFormula:
    """A formula that other cells share: taken apart once, spelled out for each of them."""

    __slots__ = ("_pieces", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._pieces: list[str | tuple[_End, ...]] = []
        at = 0
        for match in _TOKEN.finditer(text):
            ends = _ends(match)
            if ends:
                self._pieces += (text[at : match.start()], ends)
                at = match.end()
        self._pieces.append(text[at:])

    def at(self, down: int, right: int) -> str:
        """The formula as it reads ``down`` rows below and ``right`` columns beside: relative references move.

        A reference that would leave the sheet becomes ``#REF!``.
        """
        return "".join(piece if isinstance(piece, str) else _moved(piece, down, right) for piece in self._pieces)


def _ends(match: re.Match[str]) -> tuple[_End, ...]:
    if match["cell"]:
        end = _End(match["ca"], column_number(match["cc"]), match["ra"], int(match["rr"]))
        return (end,) if end.column <= MAX_COLUMN and end.row <= MAX_ROW else ()
    if match["cols"]:
        return tuple(_End(match[a], column_number(match[c]), "", 0) for a, c in (("a1", "c1"), ("a2", "c2")))
    if match["rows"]:
        return tuple(_End("", 0, match[a], int(match[r])) for a, r in (("a3", "r1"), ("a4", "r2")))
    return ()


def _moved(ends: tuple[_End, ...], down: int, right: int) -> str:
    moved = [end.moved(down, right) for end in ends]
    return "#REF!" if None in moved else ":".join(text for text in moved if text)
