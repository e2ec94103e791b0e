"""The report as plain text, 80 columns wide."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable

from kpisheets.core.summary import Summary
from kpisheets.reports.late import LISTED
from kpisheets.reports.rows import Row
from kpisheets.reports.trend import blocks
from kpisheets.reports.view import View, view
from kpisheets.templates import Language

COLUMNS = 80


def render(summary: Summary, words: Language) -> str:
    """Verdict, table, successes, what to look at, data as-of, problems. Ends with a newline."""
    shown = view(summary, words)
    parts = [_head(shown), _table(shown, words)]
    parts += [
        _section(words.word("successes"), (_success(row) for row in shown.successes), shown.well_done),
        _section(words.word("attention"), (_attention(row) for row in shown.attention)),
        _section(words.word("insight.warnings"), (_attention(row) for row in shown.warnings)),
        _section(words.word("actions_title"), (f"{one.name}: {one.said}" for one in shown.actions)),
        _section(shown.late.title, _late(shown, words), " ".join(shown.late.hints)),
        "\n".join(wrapped(shown.suggestions)) if shown.suggestions else "",
        _section(words.word("report.problems"), shown.problems),
        _foot(shown, words),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(shown: View) -> str:
    title = f"{shown.title} · {shown.period}"
    lines = [*wrapped(title), "=" * min(width(title), COLUMNS), "", *wrapped(shown.verdict)]
    if shown.stale:
        lines += ["", *wrapped(f"! {shown.stale_note}")]
    if shown.overrides:
        lines += wrapped(shown.overrides)
    return "\n".join(lines)


def _table(shown: View, words: Language) -> str:
    if not shown.rows:
        return ""
    heads = [words.columns["report"][name] for name in ("status", "kpi", "actual", "target")]
    cells = [[f"{row.symbol} {row.word}", row.name, row.actual, row.target] for row in shown.rows]
    widths = [max(width(line[column]) for line in [heads, *cells]) for column in range(4)]
    # Numbers and statuses are never cut; the name takes what is left and wraps.
    widths[1] = max(min(widths[1], COLUMNS - widths[0] - widths[2] - widths[3] - 6), 16)
    lines = [_line(heads, widths), "  ".join("-" * size for size in widths)]
    for row, (status, name, actual, target) in zip(shown.rows, cells, strict=True):
        first, *rest = _broken(name, widths[1])
        lines.append(_line([status, first, actual, target], widths))
        indent = " " * (widths[0] + 2)
        lines += [indent + part for part in rest]
        for detail in _details(row):
            lines += [indent + part for part in _broken(detail, COLUMNS - len(indent))]
    return "\n".join(lines)


def _details(row: Row) -> list[str]:
    trend = blocks(row.line.trend)
    about = [row.owner, row.period, trend if len(trend) > 1 else ""]
    said = f"{row.gap} ({row.gap_share})" if row.gap_share else row.gap
    details = [" · ".join(part for part in about if part), said, row.change, row.so_far]
    return [detail for detail in (*details, *(f"* {mark}" for mark in row.marks)) if detail]


def _success(row: Row) -> str:
    return f"{row.name}: {row.actual}" + (f", {row.gap}" if row.gap else "")


def _attention(row: Row) -> str:
    said = _success(row) + (f" ({row.owner})" if row.owner else "")
    return ". ".join(part for part in (said, row.reading, row.recommendation) if part)


def _late(shown: View, words: Language) -> list[str]:
    items = [f"{one.name}, {one.period}: {one.said}" for one in shown.late.items[:LISTED]]
    return [*items, *filter(None, [shown.late.more(LISTED, words)])]


def _section(title: str, items: Iterable[str], last: str = "") -> str:
    lines = [line for item in items for line in wrapped(item, first="- ", rest="  ")]
    return "\n".join([title, "-" * width(title), *lines, *(wrapped(last) if last else ())]) if lines else ""


def _foot(shown: View, words: Language) -> str:
    lines = wrapped(shown.as_of)
    if shown.workbook:
        lines.append(words.word("report.workbook", workbook=shown.workbook))
    return "\n".join(lines)


def _line(cells: list[str], widths: list[int]) -> str:
    status, name, actual, target = (
        _padded(cell, size, right=index > 1) for index, (cell, size) in enumerate(zip(cells, widths, strict=True))
    )
    return f"{status}  {name}  {actual}  {target}".rstrip()


def _padded(text: str, size: int, *, right: bool) -> str:
    filling = " " * (size - width(text))
    return filling + text if right else text + filling


def wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    """The text in lines of at most ``COLUMNS``, the first one after ``first``, the others after ``rest``."""
    return [(rest if index else first) + part for index, part in enumerate(_broken(text, COLUMNS - len(first)))]


def _broken(text: str, size: int) -> list[str]:
    """The text in lines of at most ``size`` columns; words longer than a line are cut."""
    if width(text) == len(text):
        return textwrap.wrap(text, size, break_on_hyphens=False) or [""]
    lines, line = [], ""
    for word in text.split(" "):
        for piece in _pieces(word, size):
            joined = f"{line} {piece}" if line else piece
            if line and width(joined) > size:
                lines.append(line)
                joined = piece
            line = joined
    return [*lines, line]


def _pieces(word: str, size: int) -> list[str]:
    pieces, piece = [], ""
    for char in word:
        if piece and width(piece + char) > size:
            pieces.append(piece)
            piece = ""
        piece += char
    return [*pieces, piece]


def width(text: str) -> int:
    """Columns that a text takes in a terminal: two for wide characters, none for marks that combine."""
    return sum(_column(char) for char in text)


def _column(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
