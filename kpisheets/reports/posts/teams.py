"""An Adaptive Card 1.5: a post in Teams. Texts are runs, in which no markup is read: nothing that people typed acts."""

from __future__ import annotations

import json
from typing import Any

from kpisheets.core.kpi import Status
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
from kpisheets.reports.view import View
from kpisheets.templates import Language

LARGEST = 24_000
"""Bytes. Teams refuses a message of more than 28 kB; what it adds on the way is not known."""
_FEWER = (15, 10, 6, 3, 1, 0)
_COLOURS = {Status.MISSED: "attention", Status.AT_RISK: "warning", Status.MET: "good"}
_APART = "\u200b"

Element = dict[str, Any]


def document(view: View, words: Language, subject: str) -> dict[str, Any]:
    """The message that a workflow's webhook takes, with as many KPIs as it holds."""
    found: dict[str, Any] = {}
    for most in _FEWER:
        found = _message(view, words, subject, most)
        if len(json.dumps(found, ensure_ascii=False).encode()) <= LARGEST:
            break
    return found


def _message(view: View, words: Language, subject: str, most: int) -> dict[str, Any]:
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "lang": view.language,
        "fallbackText": cut(subject, WORDS),
        "msteams": {"width": "Full"},
        "body": _body(view, words, most),
    }
    if address := link(view):
        content["actions"] = [{"type": "Action.OpenUrl", "title": words.word("mail_open_workbook"), "url": address}]
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": content}]}


def _body(view: View, words: Language, most: int) -> list[Element]:
    title = f"{view.title} · {view.period}"
    body = [
        _text(_run(cut(title, WORDS), size="large", weight="bolder")),
        _text(_run(view.verdict, weight="bolder"), spacing="small"),
    ]
    if view.stale:
        body.append(_box("warning", [_text(_run(f"⚠ {view.stale_note}"))]))
    body += [_attention(row, words) for row in view.attention[:most]]
    if len(view.attention) > most:
        body.append(_text(_run(words.word("report.more", n=len(view.attention) - most), subtle=True)))
    if warnings := view.warnings[: min(most, MOST_WARNINGS)]:
        body.append(_text(_run(words.word("insight.warnings"), weight="bolder"), spacing="medium", separator=True))
        body += [_attention(row, words) for row in warnings]
    if view.actions:
        body.append(_text(_run(actions_title(view, words), weight="bolder"), spacing="medium", separator=True))
        body += _actions(view, words, min(most, MOST_ACTIONS))
    if view.successes:
        body.append(_text(_run(words.word("successes"), weight="bolder"), spacing="medium", separator=True))
        body += _list(view.successes, words, min(most, MOST_SUCCESSES))
        if view.well_done:
            body.append(_text(_run(cut(view.well_done, WORDS), subtle=True), spacing="small"))
    if quiet := silent(view):
        body += _list(quiet, words, min(most, MOST_SUCCESSES), separator=True)
    if view.late.items:
        body.append(_text(_run(view.late.title, weight="bolder"), spacing="medium", separator=True))
        body += [
            _text(_run(f"{cut(name, NAME)}, " if name else ""), _run(cut(said, WORDS)), spacing="none")
            for name, said in late_lines(view, words)
        ]
    if view.problems:
        body.append(_text(_run(words.word("report.problems"), weight="bolder"), spacing="medium", separator=True))
        body += [_text(_run(cut(one, WORDS)), spacing="none") for one in view.problems[:MOST_PROBLEMS]]
    body.append(_text(_run(view.as_of, size="small", subtle=True), spacing="medium"))
    return body


def _attention(row: Row, words: Language) -> Element:
    """A KPI on two columns: what it is and whose, what it is at; below them what to do."""
    colour = _COLOURS.get(row.status, "default")
    left = [
        _text(_run(f"{row.symbol} ", colour=colour), _run(cut(row.name, NAME), weight="bolder")),
        _text(_run(cut(_whose(row), WORDS), size="small", subtle=True), spacing="none"),
    ]
    right = [
        _text(_run(row.word, colour=colour, weight="bolder"), align="right"),
        _text(_run(row.actual, weight="bolder"), align="right", spacing="none"),
    ]
    said = against(row, words).removeprefix(row.actual).lstrip(", ")
    below = [_text(_run(cut(said, WORDS)), spacing="small")] if said else []
    if row.reading:
        below.append(_text(_run(cut(row.reading, WORDS)), spacing="none" if said else "small"))
    if row.recommendation:
        below.append(_text(_run(f"→ {cut(row.recommendation, ADVICE)}", subtle=True), spacing="none"))
    columns = [
        {"type": "Column", "width": "stretch", "items": left},
        {"type": "Column", "width": "auto", "items": right},
    ]
    items = [{"type": "ColumnSet", "columns": columns}, *below]
    return {"type": "Container", "separator": True, "spacing": "medium", "items": items}


def _list(rows: tuple[Row, ...], words: Language, most: int, *, separator: bool = False) -> list[Element]:
    found: list[Element] = []
    for row in rows[:most]:
        said = against(row, words) if row.actual not in ("", NOTHING) else row.word
        mark = _run(f"{row.symbol} ", colour=_COLOURS.get(row.status, "default"))
        runs = (mark, _run(f"{cut(row.name, NAME)}: "), _run(cut(said, WORDS)))
        found.append(_text(*runs, spacing="small" if separator and not found else "none"))
    if len(rows) > most:
        found.append(_text(_run(words.word("report.more", n=len(rows) - most), subtle=True), spacing="none"))
    if separator and found:
        found[0]["separator"] = True
    return found


def _actions(view: View, words: Language, most: int) -> list[Element]:
    """The open actions, those that are overdue first."""
    found = []
    for one in view.actions[:most]:
        mark = _run("✖ ", colour="attention") if one.overdue else _run("• ")
        found.append(_text(mark, _run(f"{cut(one.name, NAME)}: "), _run(cut(one.said, WORDS)), spacing="none"))
    if len(view.actions) > most:
        found.append(_text(_run(words.word("report.more", n=len(view.actions) - most), subtle=True), spacing="none"))
    return found


def _run(text: str, *, size: str = "", weight: str = "", colour: str = "", subtle: bool = False) -> Element:
    # A host reads {{DATE(…)}} even in a run.
    run: Element = {"type": "TextRun", "text": text.replace("{{", f"{{{_APART}{{")}
    for key, value in (("size", size), ("weight", weight), ("color", colour), ("isSubtle", subtle)):
        if value:
            run[key] = value
    return run


def _text(*runs: Element, spacing: str = "", separator: bool = False, align: str = "") -> Element:
    block: Element = {"type": "RichTextBlock", "inlines": list(runs)}
    for key, value in (("spacing", spacing), ("separator", separator), ("horizontalAlignment", align)):
        if value:
            block[key] = value
    return block


def _box(style: str, items: list[Element]) -> Element:
    return {"type": "Container", "style": style, "bleed": True, "items": items}
