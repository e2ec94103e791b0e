"""Renderings of a summary: all of them read the same value, so that they say the same numbers.

Nothing is imported before it is asked for: a sync wants some words from here, and no page.
"""

from __future__ import annotations

from importlib.util import find_spec

from kpisheets.core.summary import Summary
from kpisheets.errors import UsageError
from kpisheets.templates import Language

__all__ = ["FORMATS", "can_pdf", "pdf", "render", "title"]

FORMATS = ("html", "text", "md", "json")


def render(summary: Summary, format: str, words: Language) -> str:
    """The report in a format of ``FORMATS``. Pictures of the HTML are inside it. UsageError for another format."""
    match format:
        case "html":
            from kpisheets.reports import html

            return html.standalone(summary, words)
        case "text":
            from kpisheets.reports import text

            return text.render(summary, words)
        case "md":
            from kpisheets.reports import markdown

            return markdown.render(summary, words)
        case "json":
            from kpisheets.reports import jsonreport

            return jsonreport.render(summary)
    raise UsageError(f"there is no report format “{format}”", mend=f"choose among: {', '.join(FORMATS)}")


def pdf(summary: Summary, words: Language, paper: str = "a4") -> bytes:
    """The report as pages. BadConfig where the packages for it are missing, BadData where it can't be set."""
    from kpisheets.reports import pages

    return pages.render(summary, words, paper)


def title(summary: Summary, words: Language) -> str:
    """What a file of the report is called, such as “Acme October 2026”."""
    from kpisheets.reports.view import view

    shown = view(summary, words)
    return f"{shown.project} {shown.period}"


def can_pdf() -> bool:
    """Whether the packages for it are there; nothing is imported."""
    return all(find_spec(name) for name in ("typst", "fontpkg_ibm_plex_sans"))
