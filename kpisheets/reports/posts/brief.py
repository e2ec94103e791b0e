"""What a post says of each KPI, before it is laid out."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from kpisheets.reports.numbers import NOTHING
from kpisheets.reports.rows import Row
from kpisheets.reports.view import View
from kpisheets.templates import Language

MOST_SUCCESSES = 8
MOST_PROBLEMS = 3
MOST_WARNINGS = 5
MOST_ACTIONS = 8
MOST_LATE = 5
NAME, OWNER, WORDS, ADVICE = 120, 80, 200, 600
_LONGEST_LINK = 400
"""The longest that each may be in a post, in characters."""


def cut(text: str, most: int, written: Callable[[str], str] = str) -> str:
    """``text`` in its written form, at most so many characters of it, and an ellipsis where more is left out."""
    full = written(text)
    if len(full) <= most:
        return full
    low, high = 0, min(len(text), most)
    while low < high:  # writing makes texts longer, never shorter
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(written(text[:middle])) < most else (low, middle - 1)
    return f"{written(text[:low].rstrip())}…"


def against(row: Row, words: Language) -> str:
    """The actual against its target, and how far they are apart: “7.6 d, target 5.0 d, worse by 2.6 d”."""
    target = "" if row.target in ("", NOTHING) else f"{words.columns['report']['target'].lower()} {row.target}"
    return ", ".join(part for part in (row.actual, target, row.gap) if part)


def whose(row: Row) -> str:
    return " · ".join(part for part in (cut(row.owner, OWNER), row.period) if part)


def actions_title(view: View, words: Language) -> str:
    """How many actions are open, and how many of these overdue."""
    colon, late = words.word("report.pace_colon"), sum(action.overdue for action in view.actions)
    title = f"{words.word('actions_title')}{colon} {len(view.actions)}"
    return f"{title} · {words.word('action_overdue')}{colon} {late}" if late else title


def late_lines(view: View, words: Language) -> list[tuple[str, str]]:
    """What changed in closed periods, as name and what is said of it; a last one without a name says that there is
    more."""
    items = [(one.name, f"{one.period}: {one.said}") for one in view.late.items[:MOST_LATE]]
    more = view.late.more(MOST_LATE, words)
    return [*items, ("", more)] if more else items


def silent(view: View) -> tuple[Row, ...]:
    """The KPIs that are neither met nor missed."""
    named = {id(row) for row in (*view.successes, *view.attention)}
    return tuple(row for row in view.rows if id(row) not in named)


def link(view: View) -> str:
    """The address of the workbook, safe inside any brackets; blank where it has none, or one that is too long."""
    if not view.workbook_is_link or len(view.workbook) > _LONGEST_LINK:
        return ""
    return re.sub(r"[\s<>|()\[\]\\\"`{}^]", lambda match: quote(match[0]), view.workbook)
