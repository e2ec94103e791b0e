"""The references in a formula's text: moved with rows and columns, copied relatively, renamed with their tab."""

from __future__ import annotations

import re
from collections.abc import Callable

from .a1 import column_number, letters, quoted
from .geometry import ROWS, Shift

_TOKEN = re.compile(
    r"""
    "(?:[^"]|"")*"                                        # a text
    | \[[^\]]*\]                                          # a table's column
    | (?<![\w.$])
      (?:(?P<tab>'(?:[^']|'')+'|[A-Za-z_][\w.]*)!)?
      (?P<reference>
          \$?[A-Za-z]{1,3}\$?[0-9]{1,7}(?::\$?(?:[A-Za-z]{1,3}\$?[0-9]{1,7}|[A-Za-z]{1,3}(?![\w])|[0-9]{1,7}))?
        | \$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?:[0-9]{1,7})?
        | \$?[0-9]{1,7}:\$?[0-9]{1,7}
      )
      (?![\w.(!\[])
    | (?:(?P<name_tab>'(?:[^']|'')+'|[A-Za-z_][\w.]*)!)?(?P<name>[A-Za-z_\\][\w.]*)(?P<call>\s*\()?
    """,
    re.VERBOSE,
)
_CORNER = re.compile(r"(\$?)([A-Za-z]{0,3})(\$?)([0-9]{0,7})\Z")
_NUMBER = re.compile(r"\d+")
GONE = "#REF!"


class Corner:
    """One side of a reference: a row and a column, each perhaps missing, each perhaps fixed with `$`."""

    def __init__(self, text: str) -> None:
        match = _CORNER.match(text)
        assert match is not None, text
        if match[2]:
            self.column: int | None = column_number(match[2])
            self.fixed_column, self.fixed_row = bool(match[1]), bool(match[3])
        else:
            self.column, self.fixed_column = None, False
            self.fixed_row = bool(match[1] or match[3])
        self.row: int | None = int(match[4]) - 1 if match[4] else None

    def __str__(self) -> str:
        text = ""
        if self.column is not None:
            text += ("$" if self.fixed_column else "") + letters(self.column)
        if self.row is not None:
            text += ("$" if self.fixed_row else "") + str(self.row + 1)
        return text


def _rewritten(formula: str, change: Callable[[str | None, list[Corner]], str | None]) -> str:
    """The formula with each reference replaced by what `change(tab, corners)` says; `None` leaves it as it is."""

    def one(match: re.Match[str]) -> str:
        if match["reference"] is None:
            return match[0]
        tab = match["tab"]
        title = tab[1:-1].replace("''", "'") if tab and tab.startswith("'") else tab
        corners = [Corner(part) for part in match["reference"].split(":")]
        new = change(title, corners)
        if new is None:
            return match[0]
        return new if new == GONE or not tab else f"{tab}!{new}"

    return _TOKEN.sub(one, formula)


def shifted(formula: str, shift: Shift, home: str, title: str) -> str:
    """A formula of the tab `home` after a change of the tab `title`."""
    if shift.dimension == ROWS and not any(int(part) > shift.first for part in _NUMBER.findall(formula)):
        return formula  # it names no row so far down

    def change(tab: str | None, corners: list[Corner]) -> str | None:
        if (home if tab is None else tab).casefold() != title.casefold():
            return None
        return _shifted_reference(corners, shift)

    return _rewritten(formula, change)


def _shifted_reference(corners: list[Corner], shift: Shift) -> str | None:
    name = "row" if shift.dimension == ROWS else "column"
    first, last = corners[0], corners[-1]
    start, end = getattr(first, name), getattr(last, name)
    if start is None and end is None:
        return None
    if shift.band is not None and not _in_band(first, last, shift):
        return None
    if start is None or end is None:
        only = first if end is None else last
        at = shift.span(getattr(only, name), 1 << 30)
        if at is None:
            return GONE
        setattr(only, name, at[0])
    else:
        span = shift.span(min(start, end), max(start, end) + 1)
        if span is None:
            return GONE
        low, high = (first, last) if start <= end else (last, first)
        setattr(low, name, span[0])
        setattr(high, name, span[1] - 1)
    return ":".join(str(corner) for corner in corners)


def _in_band(first: Corner, last: Corner, shift: Shift) -> bool:
    assert shift.band is not None
    name = "column" if shift.dimension == ROWS else "row"
    low, high = getattr(first, name), getattr(last, name)
    return low is not None and high is not None and shift.band[0] <= low and high < shift.band[1]


def copied(formula: str, rows: int, columns: int) -> str:
    """A formula as it is after a copy that many rows down and columns to the right."""

    return _rewritten(formula, lambda tab, corners: _copied(corners, rows, columns))


def _copied(corners: list[Corner], rows: int, columns: int) -> str:
    for corner in corners:
        if corner.row is not None and not corner.fixed_row:
            corner.row += rows
        if corner.column is not None and not corner.fixed_column:
            corner.column += columns
        if (corner.row or 0) < 0 or (corner.column or 0) < 0:
            return GONE
    return ":".join(str(corner) for corner in corners)


def placed(formula: str, rows: int, columns: int, home: str) -> str:
    """A copied formula of the tab `home` as it means the same on any other tab."""

    def change(tab: str | None, corners: list[Corner]) -> str | None:
        text = _copied(corners, rows, columns)
        return text if tab or text == GONE else f"{quoted(home)}!{text}"

    return _rewritten(formula, change)


def moved(formula: str, home: str, title: str, row0: int, row1: int, column0: int, column1: int, to: Move) -> str:
    """A formula after the cells of a range of the tab `title` were cut and pasted elsewhere."""

    def change(tab: str | None, corners: list[Corner]) -> str | None:
        if (home if tab is None else tab).casefold() != title.casefold():
            return None
        for corner in corners:
            if corner.row is None or corner.column is None:
                return None
            if not (row0 <= corner.row < row1 and column0 <= corner.column < column1):
                return None
        for corner in corners:
            corner.row = (corner.row or 0) + to[1]
            corner.column = (corner.column or 0) + to[2]
        text = ":".join(str(corner) for corner in corners)
        return text if to[0] == title else f"\0{quoted(to[0])}!{text}"

    new = _rewritten(formula, change)
    return re.sub(r"(?:(?:'(?:[^']|'')+'|[A-Za-z_][\w.]*)!)?\0", "", new)


Move = tuple[str, int, int]  # (title of the tab where the cells went, rows down, columns to the right)


def renamed_tab(formula: str, old: str, new: str | None) -> str:
    """A formula after the tab `old` got the name `new`, or went away (`None`)."""

    def one(match: re.Match[str]) -> str:
        tab = match["tab"] or match["name_tab"]
        if not tab:
            return match[0]
        title = tab[1:-1].replace("''", "'") if tab.startswith("'") else tab
        if title.casefold() != old.casefold():
            return match[0]
        return GONE if new is None else quoted(new) + match[0][len(tab) :]

    return _TOKEN.sub(one, formula)


def renamed_name(formula: str, old: str, new: str) -> str:
    """A formula after the named range or table `old` got the name `new`."""

    def one(match: re.Match[str]) -> str:
        if match["name"] is None or match["call"] or match["name"].casefold() != old.casefold():
            return match[0]
        return match[0][: len(match[0]) - len(match["name"])] + new

    return _TOKEN.sub(one, formula)


def renamed_column(formula: str, table: str, old: str, new: str) -> str:
    """A formula after a column of a table got another name: `table[old]` and `table[[#ALL],[old]]`."""
    column = re.escape(f"[{old}]")
    place = re.compile(rf"(?<!\w)({re.escape(table)}(?:\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)?){column}", re.IGNORECASE)
    return place.sub(lambda match: f"{match[1]}[{new}]", formula)


def touches_tab(formula: str, title: str) -> bool:
    """Whether a formula's text could name a tab at all: a quick look before the slow one."""
    return title.casefold() in formula.casefold()
