"""A meeting's page as HTML: a page of its own, and the body of a mail, in the looks of the report."""

from __future__ import annotations

from collections.abc import Sequence

from kpisheets.reports import html
from kpisheets.reports.meeting.view import Page
from kpisheets.templates import Language

_MOST = 20
"""Points of each part that a mail shows, fewer where it would grow too long."""


def standalone(page: Page, words: Language) -> str:
    """A page that needs nothing beside it, with every point."""
    return _filled(page, words, (), max((len(section.items) for section in page.sections), default=0))


def body(page: Page, words: Language, why: Sequence[str]) -> str:
    """The body of a mail, under ``html.MAIL_LIMIT`` bytes; ``why`` is what its foot says of why the reader gets it."""
    most = _MOST
    made = _filled(page, words, why, most)
    while most > 1 and len(made.encode()) > html.MAIL_LIMIT:
        most = max(1, min(most - 1, most * html.MAIL_LIMIT // len(made.encode())))
        made = _filled(page, words, why, most)
    return made


def _filled(page: Page, words: Language, why: Sequence[str], most: int) -> str:
    report = page.report
    values = {
        "language": report.language,
        "project": report.project,
        "title": page.title,
        "preheader": f"{page.about} {report.verdict}",
        "page": page,
        "report": report,
        "most": most,
        "notes": (*page.notes, report.as_of),
        "why": why,
        "workbook": report.workbook,
        "is_link": report.workbook_is_link,
        "word": words.word,
    }
    return html.filled("meeting.html.j2", values)
