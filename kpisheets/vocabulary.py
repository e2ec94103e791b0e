"""The language files' words in the forms that the core and the backends take."""

from __future__ import annotations

from functools import cache

from kpisheets.backends.base import Dictionary
from kpisheets.core.kpi import Kpi, Status
from kpisheets.core.workbook import CATALOGUE, LOG, REPORT, TRACKING, Words
from kpisheets.templates import Language, languages

TABLES = {TRACKING: "tracking", CATALOGUE: "catalogue", LOG: "log", REPORT: "report"}
"""Workbook tables → their section in the language files."""


def words(language: Language) -> Words:
    """The words that formulas and plans put into cells."""
    so_far = {status: language.so_far[status.value] for status in (Status.MET, Status.AT_RISK, Status.MISSED)}
    return Words({status: language.status[status.value] for status in Status}, so_far, language.words)


@cache
def dictionary(currency: str, language: str) -> Dictionary:
    """How to recognise the tool's columns and tabs in any language."""
    known = languages()
    headers = {
        table: {text.casefold(): field for spoken in known for field, text in spoken.columns.get(section, {}).items()}
        for table, section in TABLES.items()
    }
    tabs = {key: frozenset(spoken.tabs[key].casefold() for spoken in known) for key in known[0].tabs}
    return Dictionary(headers, tabs, currency, language)


def spoken(kpi: Kpi, language: Language) -> dict[str, str]:
    """A KPI's enumerated fields in the words of the workbook's language."""
    return {
        "direction": language.enums["direction"][kpi.direction.value],
        "frequency": language.enums["frequency"][kpi.frequency.value],
        "roll_up": language.enums["roll_up"][kpi.roll_up.value],
    }
