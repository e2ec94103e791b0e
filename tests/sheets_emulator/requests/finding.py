"""Text found and replaced."""

from __future__ import annotations

import re

from ..book import Tab
from ..calc_types import Formula
from ..computed import shown
from ..errors import invalid
from ..grid import Row
from ..messages import Message
from ..typed import typed
from .batch import Batch, request, required

COUNTS = ("valuesChanged", "formulasChanged", "rowsChanged", "sheetsChanged", "occurrencesChanged")


@request("findReplace")
def find_replace(batch: Batch, given: Message) -> Message:
    pattern, replacement = _pattern(given)
    counts = dict.fromkeys(COUNTS, 0)
    for tab, bounds in _places(batch, given):
        changed_rows = 0
        for row in range(bounds[0], bounds[1]):
            new: Row = {}
            for column, cell in tab.grid.rows[row].items():
                if not bounds[2] <= column < bounds[3] or cell.value is None:
                    continue
                formula = isinstance(cell.value, Formula)
                if formula and not given.get("includeFormulas"):
                    continue
                text = (
                    cell.value.text if isinstance(cell.value, Formula) else shown(cell.value, cell, batch.book.locale)
                )
                result, count = pattern.subn(replacement, text)
                if count:
                    new[column] = typed(result, cell, "USER_ENTERED", batch.book.locale)
                    counts["formulasChanged" if formula else "valuesChanged"] += 1
                    counts["occurrencesChanged"] += count
            if new:
                batch.check_area(tab, row, row + 1, min(new), max(new) + 1)
                tab.grid.put(row, new)
                changed_rows += 1
        counts["rowsChanged"] += changed_rows
        counts["sheetsChanged"] += bool(changed_rows)
    return {name: count for name, count in counts.items() if count}


def _pattern(given: Message) -> tuple[re.Pattern[str], str]:
    text = required(given, "find")
    replacement = given.get("replacement", "")
    if given.get("searchByRegex"):
        replacement = re.sub(r"\$(\d+)", r"\\g<\1>", replacement.replace("\\", "\\\\"))
    else:
        text, replacement = re.escape(text), replacement.replace("\\", "\\\\")
    if given.get("matchEntireCell"):
        text = rf"\A(?:{text})\Z"
    try:
        return re.compile(text, 0 if given.get("matchCase") else re.IGNORECASE), replacement
    except re.error:
        raise invalid(f"Invalid regular expression: {given['find']}") from None


def _places(batch: Batch, given: Message) -> list[tuple[Tab, tuple[int, int, int, int]]]:
    scopes = [name for name in ("range", "sheetId", "allSheets") if given.get(name) not in (None, False)]
    if len(scopes) != 1:
        raise invalid("Exactly one of range, sheetId and allSheets must be set.")
    if scopes == ["range"]:
        return [batch.book.grid_tab(given["range"])]
    tabs = batch.book.tabs if scopes == ["allSheets"] else [batch.book.tab(given["sheetId"])]
    return [(tab, (0, tab.rows, 0, tab.columns)) for tab in tabs]
