"""The report as Markdown (GitHub's dialect, for its tables)."""

from __future__ import annotations

import re

from kpisheets.core.summary import Summary
from kpisheets.reports.late import LISTED
from kpisheets.reports.rows import Row
from kpisheets.reports.trend import blocks
from kpisheets.reports.view import View, view
from kpisheets.templates import Language

# What Markdown or HTML could take for markup, wherever it stands in a line.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$&@]|:(?=//)|^[-+=]|(?<=^\d)[.)](?= |$))")


def render(summary: Summary, words: Language) -> str:
    """The same parts as the plain text. Ends with a newline."""
    shown = view(summary, words)
    parts = [
        f"# {escape(shown.title)} · {escape(shown.period)}",
        f"**{escape(shown.verdict)}**",
        f"> ⚠ {escape(shown.stale_note)}" if shown.stale else "",
        escape(shown.overrides),
        _table(shown, words),
        _section(words.word("successes"), [_said(row) for row in shown.successes]),
        escape(shown.well_done),
        _section(words.word("attention"), [_attention(row) for row in shown.attention]),
        _section(words.word("insight.warnings"), [_attention(row) for row in shown.warnings]),
        _section(words.word("actions_title"), [f"**{escape(one.name)}**: {escape(one.said)}" for one in shown.actions]),
        _section(shown.late.title, _late(shown, words)),
        escape(" ".join(shown.late.hints)),
        escape(shown.suggestions),
        _section(words.word("report.notes"), [_notes(row) for row in shown.rows if row.notes]),
        _section(words.word("report.problems"), [escape(problem) for problem in shown.problems]),
        escape(shown.as_of),
        linked(shown, words),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    """The text with every character that Markdown could take for markup made literal."""
    return _MARKUP.sub(r"\\\1", text)


def _table(shown: View, words: Language) -> str:
    if not shown.rows:
        return ""
    heads = [words.columns["report"][name] for name in ("status", "kpi", "actual", "target", "trend")]
    lines = [f"| {' | '.join(escape(head) for head in heads)} |", "| --- | --- | ---: | ---: | --- |"]
    for row in shown.rows:
        name = escape(row.name) + (r" \*" if row.marks else "")
        trend = blocks(row.line.trend)
        status = f"{row.symbol} {escape(row.word)}"
        lines.append(f"| {status} | {name} | {escape(row.actual)} | {escape(row.target)} | {trend} |")
    return "\n".join(lines)


def _said(row: Row) -> str:
    return f"**{escape(row.name)}**: {escape(row.actual)}" + (f", {escape(row.gap)}" if row.gap else "")


def _attention(row: Row) -> str:
    said = _said(row) + (f" ({escape(row.owner)})" if row.owner else "")
    return ". ".join([said, *(escape(part) for part in (row.reading, row.recommendation) if part)])


def _notes(row: Row) -> str:
    return f"{escape(row.name)}: {escape('; '.join(row.notes))}"


def _late(shown: View, words: Language) -> list[str]:
    items = [f"**{escape(one.name)}**, {escape(f'{one.period}: {one.said}')}" for one in shown.late.items[:LISTED]]
    return [*items, *filter(None, [escape(shown.late.more(LISTED, words))])]


def _section(title: str, items: list[str]) -> str:
    return "\n".join([f"## {escape(title)}", "", *(f"- {item}" for item in items)]) if items else ""


def linked(shown: View, words: Language) -> str:
    """Where the workbook is; blank where nobody knows."""
    if not shown.workbook:
        return ""
    if shown.workbook_is_link:
        target = re.sub(r"[\s<>()\[\]\\]", lambda match: f"%{ord(match[0]):02X}", shown.workbook)
        return f"[{escape(words.word('mail_open_workbook'))}]({target})"
    return escape(words.word("report.workbook", workbook=shown.workbook))
