"""How a workbook's tabs and columns are recognised in any language."""

from __future__ import annotations

from functools import cache

from kpisheets.backends.base import Dictionary
from kpisheets.core.workbook import ACTIONS, CATALOGUE, GUIDE, LATER, LOG, REPORT, REVIEW, TARGETS, TRACKING
from kpisheets.templates import language, languages

SECTIONS = {
    **{TRACKING: "tracking", CATALOGUE: "catalogue", ACTIONS: "actions", REVIEW: "review"},
    **{TARGETS: "targets", LOG: "log", REPORT: "report", GUIDE: "guide"},
}
"""Workbook tables → their section of headers in the language files."""


@cache
def dictionary(currency: str, code: str) -> Dictionary:
    """The headers and tab titles of every language; numbers are written for ``currency`` and the language ``code``."""
    known = [language(found) for found in languages()]
    headers = {
        table: {
            text.casefold(): field
            for spoken in known
            for field, text in spoken.columns[section].items()
            if field not in LATER.get(table, ())
        }
        for table, section in SECTIONS.items()
    }
    tabs = {key: frozenset(spoken.tabs[key].casefold() for spoken in known) for key in known[0].tabs}
    return Dictionary(headers, tabs, currency, code)
