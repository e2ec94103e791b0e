"""The page of a review meeting, in every form: all of them read the same value, as those of the report do."""

from __future__ import annotations

from kpisheets.core.meeting import Agenda
from kpisheets.errors import UsageError
from kpisheets.reports.meeting import document, markup, plain
from kpisheets.reports.meeting.view import view
from kpisheets.templates import Language

FORMATS = ("text", "md", "html", "json")


def render(agenda: Agenda, form: str, words: Language) -> str:
    """The page in a form of ``FORMATS``. UsageError for another one."""
    match form:
        case "text":
            return plain.text(view(agenda, words), words)
        case "md":
            return plain.markdown(view(agenda, words), words)
        case "html":
            return markup.standalone(view(agenda, words), words)
        case "json":
            return document.render(agenda)
    raise UsageError(f"there is no agenda format “{form}”", mend=f"choose among: {', '.join(FORMATS)}")
