"""What a formula refers to: names, tables and sheets resolved to blocks of cells, and its text rewritten with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from kpisheets.backends.excel.ooxml.notation.refs import MAX_COLUMN, MAX_ROW, Range, column_number, parse_range
from kpisheets.backends.excel.ooxml.parts.tables import TableInfo

_AREA = r"""(?:
    \$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}(?::\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6})?
  | \$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3} | \$?[1-9]\d{0,6}:\$?[1-9]\d{0,6} )(?![\w.(!\[:\#])"""
_TOKEN = re.compile(
    rf"""
      (?P<text> "(?:[^"]|"")*" )
    | (?P<qualified> (?P<sheet>'(?:[^']|'')+'|[\w.]+)!(?P<there>{_AREA}) )
    | (?P<structured> (?P<table>[^\W\d][\w.]*)?\[(?P<inside>(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*)\] )
    | (?P<here> {_AREA} )
    | (?P<number> (?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]) )
    | (?P<function> [^\W\d][\w.]*(?=\() )
    | (?P<word> [^\W\d][\w.]*(?![\w.!\[(:]) )
    | (?P<mark> [-+*/^&=<>%(),\s] )
    """,
    re.VERBOSE,
)
_PIECE = re.compile(r"\[((?:[^\[\]']|'.)*)\]")
_CORNER = re.compile(r"\$?([A-Za-z]{0,3})\$?(\d*)")
_LITERAL = re.compile(r"-?\d+(?:\.\d+)?|\"(?:[^\"]|\"\")*\"")


class Reading(NamedTuple):
    """A formula whose references are all known: its text with absolute ones, and the blocks that it refers to."""

    text: str
    areas: tuple[Range, ...]


class References:
    """Reads formulas by a workbook's sheets, its workbook-wide names and its tables."""

    def __init__(self, sheets: tuple[str, ...], names: Mapping[str, str], tables: Mapping[str, TableInfo]) -> None:
        self._sheets = {sheet.lower(): sheet for sheet in sheets}
        self.aliases = {sheet: f"tab_{number}" for number, sheet in enumerate(sheets, 1)}
        """What formulas call the sheets once they are read: words that need no quotes in any engine."""
        self._names = {name.lower(): text for name, text in names.items()}
        self._tables = {name.lower(): table for name, table in tables.items()}

    def read(self, formula: str, sheet: str, row: int, column: int) -> Reading | None:
        """The formula of that cell, or None where anything in it is not understood: another workbook, several sheets
        at once, a name that computes, an array, an unknown word."""
        pieces: list[str] = []
        areas: list[Range] = []
        at = 0
        while at < len(formula):
            match = _TOKEN.match(formula, at)
            if match is None:
                return None
            at = match.end()
            kind = match.lastgroup
            area: Range | None = None
            if match["qualified"]:
                area = self._block(match["sheet"], match["there"])
            elif match["structured"]:
                area = self._structured(match["table"], match["inside"], sheet, row, column)
            elif match["here"]:
                area = _area(sheet, match["here"])
            elif match["word"] and kind == "word":
                found = self._word(match["word"])
                if isinstance(found, str):
                    pieces.append(found)
                    continue
                area = found
            else:
                pieces.append(match[0])
                continue
            if area is None:
                return None
            areas.append(area)
            pieces.append(self._spelled(area))
        return Reading("".join(pieces), tuple(dict.fromkeys(areas)))

    def _block(self, sheet: str, text: str) -> Range | None:
        if sheet.startswith("'"):
            sheet = sheet[1:-1].replace("''", "'")
        known = self._sheets.get(sheet.lower())
        return _area(known, text) if known is not None else None

    def _word(self, word: str) -> Range | str | None:
        if word.upper() in ("TRUE", "FALSE"):
            return word.upper()
        if word.lower() in self._tables:
            return self._structured(word, "", "", 0, 0)
        text = self._names.get(word.lower(), "").strip()
        if _LITERAL.fullmatch(text):
            return f"({text})"
        found = parse_range(text)
        if found is None:
            return None
        known = self._sheets.get(found.sheet.lower())
        return found._replace(sheet=known) if known is not None else None

    def _structured(self, name: str | None, inside: str, sheet: str, row: int, column: int) -> Range | None:
        table = self._tables.get(name.lower()) if name else self._around(sheet, row, column)
        if table is None:
            return None
        parts = _parts(inside)
        if parts is None:
            return None
        keywords, columns = parts
        span = table.range
        left, right = span.left, span.right
        if columns:
            known = {name.lower(): at for at, name in enumerate(table.columns, span.left)}
            at = [known[wanted.lower()] for wanted in columns if wanted.lower() in known]
            if len(at) < len(columns):
                return None
            left, right = min(at), max(at)
        first, last = span.top + table.header_rows, span.bottom - table.totals_rows
        rows = {
            "#all": (span.top, span.bottom),
            "#data": (first, last),
            "#headers": (span.top, span.top + table.header_rows - 1),
            "#totals": (span.bottom - table.totals_rows + 1, span.bottom),
            "#this row": (row, row),
        }
        if any(word not in rows for word in keywords):
            return None
        if "#this row" in keywords and not (len(keywords) == 1 and sheet == span.sheet and first <= row <= last):
            return None
        chosen = [rows[word] for word in keywords or ["#data"]]
        top, bottom = min(one for one, _ in chosen), max(other for _, other in chosen)
        return Range(span.sheet, top, left, bottom, right) if top <= bottom else None

    def _spelled(self, area: Range) -> str:
        return area._replace(sheet=self.aliases[area.sheet]).a1

    def _around(self, sheet: str, row: int, column: int) -> TableInfo | None:
        return next(
            (
                table
                for table in self._tables.values()
                if table.range.sheet == sheet and table.range.area.holds(row, column)
            ),
            None,
        )


def _parts(inside: str) -> tuple[list[str], list[str]] | None:
    """The keywords (lower case) and the one column, or the first and the last, of a structured reference's inside."""
    keywords: list[str] = []
    inside = inside.strip()
    if inside.startswith("@"):
        keywords, inside = ["#this row"], inside[1:].strip()
    if not inside:
        return keywords, []
    pieces = _PIECE.findall(inside)
    if not pieces:
        if inside.startswith("#"):
            return [inside.lower()], []
        return keywords, [re.sub(r"'(.)", r"\1", inside)]
    joints = [joint.strip() for joint in _PIECE.split(inside)[::2]]
    keywords += [piece.lower() for piece in pieces if piece.startswith("#")]
    columns = [re.sub(r"'(.)", r"\1", piece) for piece in pieces if not piece.startswith("#")]
    between = joints[1:-1]
    ranged = len(columns) == 2 and between[-1] == ":"
    if joints[0] or joints[-1] or len(columns) > 2 or any(joint not in (",", ":") for joint in between):
        return None
    if between.count(":") != (1 if ranged else 0) or (len(columns) == 2 and not ranged):
        return None
    return keywords, columns


def _area(sheet: str, text: str) -> Range | None:
    """``$A$1:B2``, ``A:C`` or ``1:5`` on a sheet."""
    first, _, last = text.partition(":")
    begin, end = _CORNER.fullmatch(first), _CORNER.fullmatch(last or first)
    if begin is None or end is None:
        return None
    rows = sorted(int(corner[2]) if corner[2] else default for corner, default in ((begin, 1), (end, MAX_ROW)))
    columns = sorted(
        column_number(corner[1]) if corner[1] else default for corner, default in ((begin, 1), (end, MAX_COLUMN))
    )
    if rows[-1] > MAX_ROW or columns[-1] > MAX_COLUMN:
        return None
    return Range(sheet, rows[0], columns[0], rows[1], columns[1])
