"""A formula's text as Google Sheets keeps it, put into the words of the engine (IronCalc).

Separators, decimals, named ranges, tables and open ranges become what an engine without them understands: names turn
into absolute references, ``A3:A`` ends with the sheet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from .a1 import column_number, letters
from .calc_types import CalcBook, CalcError, CalcRange, CalcTable
from .locales import manner

PARSE_ERROR = CalcError("ERROR", "Formula parse error.")
_OWN_ROW = "\ue000"
_ROW_NUMBER = re.compile(r"(?<=[A-Za-z$])([1-9]\d*)(?![\w(!\[])")
_TOKEN = re.compile(
    r"""
      (?P<text>"(?:[^"]|"")*"?)
    | (?P<sheet>'(?:[^']|'')+'!|[^\W\d][\w.]*!)
    | (?P<area>(?<![\w.$])(?:
          (?P<left>\$?[A-Za-z]{1,3})(?P<top>\$?(?:[1-9]\d*|\ue000))
              (?::(?=[$A-Za-z1-9\ue000])(?P<right>\$?[A-Za-z]{1,3})?(?P<bottom>\$?(?:[1-9]\d*|\ue000))?)?
        | (?P<column>\$?[A-Za-z]{1,3}):(?P<to_column>\$?[A-Za-z]{1,3})(?P<to_bottom>\$?[1-9]\d*)?
        | (?P<row>\$?[1-9]\d*):(?P<to_row>\$?[1-9]\d*)
      )(?![\w.(!\[]))
    | (?P<table>[^\W\d]\w*)\[(?P<part>[^\[\]]*)\]
    | (?P<word>[^\W\d][\w.]*)(?P<call>\s*\()?
    | (?P<number>\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?|\.\d+)
    | (?P<error>\#(?:N/A|[A-Z0-9/]+[!?]))
    | (?P<mark>[;,\\{}])
    """,
    re.VERBOSE,
)
# Its argument comes back as it is: the engine computes arrays everywhere, and formats are not its affair.
_TRANSPARENT = frozenset({"ARRAYFORMULA", "TO_PERCENT", "TO_DATE", "TO_DOLLARS", "TO_PURE_NUMBER"})
# They show a picture, and their value is blank: such a call becomes a cell that nobody fills.
_PICTURES = re.compile(r"\b(?:SPARKLINE|IMAGE)\s*\(", re.IGNORECASE)
_PICTURE, _BLANK_CELL = "\ue001", "$XFD$1048576"
_ONLY_A_PICTURE = re.compile(rf"\+?{_PICTURE}|IFERROR\(\s*{_PICTURE}\s*(?:[;,]\s*\"\"\s*)?\)", re.IGNORECASE)
_TEXT_OR_BRACKET = re.compile(r"\"[^\"]*\"|[()]")


class Translated(NamedTuple):
    """``text`` is from its ``=`` on. Without one the cell is blank (a picture) or shows ``error``. With one, ``error``
    says more about an error of its type, if that is what is computed."""

    text: str | None
    error: CalcError | None


class _Unreadable(Exception):
    """The formula cannot be parsed."""


class Translator:
    """Puts the formulas of one book into the engine's words. ``titles`` are the tabs' names there."""

    def __init__(self, book: CalcBook, titles: Mapping[int, str]) -> None:
        self._sizes = {sheet.id: (sheet.rows, sheet.columns) for sheet in book.sheets}
        self._ids = {sheet.title.casefold(): sheet.id for sheet in book.sheets}
        self._titles = titles
        self._names = {name.casefold(): area for name, area in book.named_ranges.items()}
        self._tables = {table.name.casefold(): table for table in book.tables}
        self._decimal_comma = manner(book.locale).decimal == ","
        self._shapes: dict[tuple[str, int], Translated] = {}

    def translate(self, formula: str, sheet_id: int, row: int) -> Translated:
        """The formula for the engine, whose cell stands in that row (from 0)."""
        # The formulas of a column differ by their own row's number: each shape is translated once.
        own = str(row + 1)
        pieces = _ROW_NUMBER.split(formula)
        pieces[1::2] = [_OWN_ROW if piece == own else piece for piece in pieces[1::2]]
        shape = "".join(pieces), sheet_id
        found = self._shapes.get(shape)
        if found is None:
            found = self._shapes[shape] = self._translated(*shape)
        return Translated(found.text and found.text.replace(_OWN_ROW, own), found.error)

    def _translated(self, formula: str, sheet_id: int) -> Translated:
        state = _State(sheet_id)
        body = formula[1:].strip()
        body = _without_pictures(body)
        if _ONLY_A_PICTURE.fullmatch(body):
            return Translated(None, None)
        try:
            text = "=" + _TOKEN.sub(lambda match: self._token(match, state), body)
        except _Unreadable:
            return Translated(None, PARSE_ERROR)
        return Translated(text.replace(_PICTURE, _BLANK_CELL), state.error)

    def _token(self, match: re.Match[str], state: _State) -> str:
        kind = next(name for name in _KINDS if match[name] is not None)
        text = match[0]
        if kind == "sheet":
            return self._sheet(text[:-1], state)
        other, state.other = state.other, None
        if other == _NO_SHEET:
            return "#REF!"
        if kind == "area":
            return _area(match, *self._sizes[state.sheet if other is None else other])
        if kind == "word":
            return self._word(match, state)
        if kind == "table":
            return self._structured(match["table"], match["part"], state)
        if kind == "mark":
            return self._mark(text, state)
        if kind == "number" and self._decimal_comma:
            if "." in text:
                raise _Unreadable
            return text.replace(",", ".")
        if kind == "number" and "," in text:
            return ",".join(text.split(","))
        if kind == "text" and (len(text) < 2 or text[-1] != '"'):
            raise _Unreadable
        return text

    def _sheet(self, prefix: str, state: _State) -> str:
        title = prefix[1:-1].replace("''", "'") if prefix[0] == "'" else prefix
        state.other = self._ids.get(title.casefold(), _NO_SHEET)
        if state.other == _NO_SHEET:
            return state.broken(CalcError("REF", f"Unresolved sheet name '{title}'."), "")
        return _quoted(self._titles[state.other]) + "!"

    def _word(self, match: re.Match[str], state: _State) -> str:
        word = match["word"]
        upper = word.upper()
        if match["call"]:
            return "(" if upper in _TRANSPARENT else upper + "("
        if upper in ("TRUE", "FALSE"):
            return upper
        if area := self._names.get(word.casefold()):
            return self._absolute(area)
        if table := self._tables.get(word.casefold()):
            return self._absolute(self._data(table))
        return state.broken(CalcError("NAME", f"Unknown range name: '{upper}'."), "#NAME?")

    def _structured(self, name: str, part: str, state: _State) -> str:
        table = self._tables.get(name.casefold())
        if table is None:
            return state.broken(CalcError("NAME", f"Unknown range name: '{name.upper()}'."), "#NAME?")
        if part.upper() == "#ALL":
            return self._absolute(table.range)
        area = self._data(table)
        headers = [header.casefold() for header in table.columns]
        if part.casefold() not in headers:
            error = CalcError("REF", f"Column '{part}' does not exist in table '{table.name}'.")
            return state.broken(error, "#REF!")
        column = area.column0 + headers.index(part.casefold())
        return self._absolute(CalcRange(area.sheet_id, area.row0, area.row1, column, column + 1))

    def _data(self, table: CalcTable) -> CalcRange:
        area = table.range
        end = self._sizes[area.sheet_id][0] if area.row1 is None else area.row1
        return CalcRange(area.sheet_id, area.row0 + 1, end - table.footer, area.column0, area.column1)

    def _absolute(self, area: CalcRange) -> str:
        if area.sheet_id not in self._sizes:
            return "#REF!"
        rows, columns = self._sizes[area.sheet_id]
        bottom = rows if area.row1 is None else min(area.row1, rows)
        right = columns if area.column1 is None else min(area.column1, columns)
        if area.row0 >= bottom or area.column0 >= right:
            return "#REF!"
        first, last = f"${letters(area.column0)}${area.row0 + 1}", f"${letters(right - 1)}${bottom}"
        return f"{_quoted(self._titles[area.sheet_id])}!" + (first if first == last else f"{first}:{last}")

    def _mark(self, mark: str, state: _State) -> str:
        state.braces += {"{": 1, "}": -1}.get(mark, 0)
        if mark == "," and self._decimal_comma:
            raise _Unreadable
        if mark == "\\":
            if not (self._decimal_comma and state.braces):
                raise _Unreadable
            return ","
        return "," if mark == ";" and not state.braces else mark


class _State:
    """What a token must know of those before it."""

    __slots__ = ("braces", "error", "other", "sheet")

    def __init__(self, sheet: int) -> None:
        self.sheet = sheet
        self.other: int | None = None
        self.braces = 0
        self.error: CalcError | None = None

    def broken(self, error: CalcError, text: str) -> str:
        """Remembers the first error, and gives the text in its place."""
        self.error = self.error or error
        return text


def _without_pictures(body: str) -> str:
    """The formula with a mark in place of each call that shows a picture."""
    texts = [match.span() for match in re.finditer('"[^"]*"', body)]
    for found in reversed(list(_PICTURES.finditer(body))):
        if any(start < found.start() < end for start, end in texts):
            continue
        depth = 1
        for token in _TEXT_OR_BRACKET.finditer(body, found.end()):
            depth += {"(": 1, ")": -1}.get(token[0], 0)
            if not depth:
                body = body[: found.start()] + _PICTURE + body[token.end() :]
                break
    return body


_NO_SHEET = -1
_KINDS = ("text", "area", "word", "mark", "number", "sheet", "table", "error")


def _area(match: re.Match[str], rows: int, columns: int) -> str:
    """A reference with both ends; ``#REF!`` for a cell outside the grid."""
    if match["left"]:
        first, last = match["left"] + match["top"], None
        if match["right"] or match["bottom"]:
            last = (match["right"] or "$" + letters(columns - 1)) + (match["bottom"] or f"${rows}")
        elif _beyond(match["top"], rows) or column_number(match["left"].lstrip("$")) >= columns:
            return "#REF!"
    elif match["column"]:
        first, last = match["column"] + "$1", match["to_column"] + (match["to_bottom"] or f"${rows}")
    else:
        first, last = "$A" + match["row"], f"${letters(columns - 1)}" + match["to_row"]
    return first if last is None else f"{first}:{last}"


def _beyond(row: str, rows: int) -> bool:
    plain = row.lstrip("$")
    return plain != _OWN_ROW and int(plain) > rows


def _quoted(title: str) -> str:
    return "'" + title.replace("'", "''") + "'"
