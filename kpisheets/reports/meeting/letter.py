"""The mail that brings a meeting's page."""

from __future__ import annotations

from kpisheets.core.meeting import Agenda
from kpisheets.reports import text
from kpisheets.reports.letter import Letter
from kpisheets.reports.meeting import markup, plain
from kpisheets.reports.meeting.view import title, view
from kpisheets.reports.rows import clean
from kpisheets.templates import Language


def letter(agenda: Agenda, words: Language, *, recipient: str) -> Letter:
    """The mail to one recipient (an address)."""
    page, name = view(agenda, words), title(agenda, words)
    project = page.report.project
    why = (
        words.word("meeting.why", address=clean(recipient), meeting=name, project=project),
        words.word("mail_stop"),
    )
    key = "meeting.subject_stale" if page.report.stale else "meeting.subject"
    subject = clean(words.word(key, project=project, meeting=name))
    written = plain.text(page, words) + "\n-- \n" + "\n".join(text.wrapped(" ".join(why))) + "\n"
    return Letter(subject, written, markup.body(page, words, why), {})
