"""Block Kit: a post in Slack. What people typed is shown as it is: no mention, no link, no markup comes of it."""

from __future__ import annotations

import re
from typing import Any

from kpisheets.reports.numbers import NOTHING
from kpisheets.reports.posts.brief import (
    ADVICE,
    MOST_ACTIONS,
    MOST_PROBLEMS,
    MOST_SUCCESSES,
    MOST_WARNINGS,
    NAME,
    WORDS,
    actions_title,
    against,
    cut,
    late_lines,
    link,
    silent,
)
from kpisheets.reports.posts.brief import whose as _whose
from kpisheets.reports.rows import Row
from kpisheets.reports.trend import blocks as trend
from kpisheets.reports.view import View
from kpisheets.templates import Language

MOST_ROWS = 15
HEADER, SECTION = 150, 3000
"""Slack's own limits, in characters; a post has 50 blocks at most."""

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Slack knows no other way to take their meaning from these than to part them from what they would mark.
_MARKS = re.compile(r"[*_~`]|:(?=[\w+'-]+:)")
_APART = "\u200b"

Block = dict[str, Any]


def document(view: View, words: Language, subject: str) -> dict[str, Any]:
    """``text`` for notifications and screen readers, and ``blocks``."""
    rows, more = view.attention[:MOST_ROWS], len(view.attention) - MOST_ROWS
    blocks = [
        {"type": "header", "text": _plain(f"{view.title} · {view.period}")},
        _section(f"*{escape(view.verdict)}*"),
    ]
    if view.stale:
        blocks.append(_context(f"⚠ {escape(view.stale_note)}"))
    if rows:
        blocks += [{"type": "divider"}, *(_section(_attention(row, words)) for row in rows)]
    if more > 0:
        blocks.append(_context(escape(words.word("report.more", n=more))))
    if warnings := view.warnings[:MOST_WARNINGS]:
        heading = _section(f"*{escape(words.word('insight.warnings'))}*")
        blocks += [{"type": "divider"}, heading, *(_section(_attention(row, words)) for row in warnings)]
    if view.actions:
        blocks += [{"type": "divider"}, _section(_actions(view, words))]
    for title, found in (("successes", view.successes), ("", silent(view))):
        if found:
            blocks += [{"type": "divider"}, _section(_list(words.word(title) if title else "", found, words))]
            if title and view.well_done:
                blocks.append(_context(cut(view.well_done, WORDS, escape)))
    if view.late.items:
        lines = [f"*{escape(view.late.title)}*"]
        for name, said in late_lines(view, words):
            lines.append(f"• {cut(name, NAME, escape)}, {cut(said, WORDS, escape)}" if name else escape(said))
        blocks.append(_context("\n".join(lines)))
    if view.problems:
        lines = [f"• {cut(problem, WORDS, escape)}" for problem in view.problems[:MOST_PROBLEMS]]
        blocks.append(_context("\n".join([f"*{escape(words.word('report.problems'))}*", *lines])))
    address = link(view)
    opened = f"<{_entities(address)}|{escape(words.word('mail_open_workbook'))}>" if address else ""
    blocks.append(_context(" · ".join(part for part in (escape(view.as_of), opened) if part)))
    return {"text": cut(subject, SECTION, escape), "blocks": blocks}


def escape(text: str) -> str:
    """The text as mrkdwn that shows just that."""
    return _entities(_MARKS.sub(lambda match: f"{match[0]}{_APART}", text))


def _entities(text: str) -> str:
    return "".join(_ENTITIES.get(char, char) for char in text)


def _attention(row: Row, words: Language) -> str:
    said = (
        f"{row.symbol} *{cut(row.name, NAME, escape)}*  {escape(row.word)}\n{cut(against(row, words), WORDS, escape)}"
    )
    drawn = trend(row.line.trend)
    lines = [f"{said}   {drawn}" if drawn else said, f"_{cut(_whose(row), WORDS, escape)}_"]
    if row.reading:
        lines.append(cut(row.reading, WORDS, escape))
    if row.recommendation:
        lines.append(f"→ {cut(row.recommendation, ADVICE, escape)}")
    return "\n".join(lines)


def _list(title: str, rows: tuple[Row, ...], words: Language) -> str:
    lines = [f"*{escape(title)}*"] if title else []
    for row in rows[:MOST_SUCCESSES]:
        said = against(row, words) if row.actual not in ("", NOTHING) else row.word
        lines.append(f"{row.symbol} {cut(row.name, NAME, escape)}: {cut(said, WORDS, escape)}")
    if len(rows) > MOST_SUCCESSES:
        lines.append(escape(words.word("report.more", n=len(rows) - MOST_SUCCESSES)))
    return "\n".join(lines)


def _actions(view: View, words: Language) -> str:
    """The open actions, those that are overdue first."""
    lines = [f"*{escape(actions_title(view, words))}*"]
    for one in view.actions[:MOST_ACTIONS]:
        mark = "✖" if one.overdue else "•"
        lines.append(f"{mark} {cut(one.name, NAME, escape)}: {cut(one.said, WORDS, escape)}")
    if len(view.actions) > MOST_ACTIONS:
        lines.append(escape(words.word("report.more", n=len(view.actions) - MOST_ACTIONS)))
    return "\n".join(lines)


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": cut(text, HEADER, _entities), "emoji": False}


def _mrkdwn(text: str) -> Block:
    # Verbatim: no name becomes a channel, no word an address.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}
