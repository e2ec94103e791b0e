"""What the tabs are made from, and their words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kpisheets.backends.tabs.canvas import Sheet, Table, TableColumn
from kpisheets.backends.tabs.looks import HEADER, MACHINE_HEADER, Align, Look
from kpisheets.core.kpi import Kpi
from kpisheets.core.workbook import (
    ACTIONS,
    ATTENTION,
    CATALOGUE,
    CHART,
    FIELDS,
    GUIDE,
    LOG,
    MACHINE,
    MONTHS,
    REPORT,
    REVIEW,
    SUCCESSES,
    TARGETS,
    TRACKING,
    handle,
)
from kpisheets.templates import Language

SECTIONS = {
    **{TRACKING: "tracking", CATALOGUE: "catalogue", ACTIONS: "actions", REVIEW: "review", TARGETS: "targets"},
    **{LOG: "log", REPORT: "report"},
    GUIDE: "guide",
    **{CHART: "chart", SUCCESSES: "successes", ATTENTION: "attention"},
}
"""Tables → their section in the language files."""
PIXELS = 7
"""Width of a digit in the workbook's font, as spreadsheet programs count column widths."""
LINE_HEIGHT = 15.75
"""Points that a line of text takes."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a workbook is made from.

    ``currency`` is the project's ISO code, ``packs`` the template packs that the KPIs come from, ``metric_names`` the
    choices of a KPI's Metric.
    """

    project: str
    kpis: Sequence[Kpi]
    language: Language
    currency: str
    timezone: str
    today: date
    packs: Sequence[str]
    metric_names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Book:
    """The content with the words for it; ``tabs`` are the tabs' titles by key."""

    content: Content
    tabs: Mapping[str, str]

    @property
    def language(self) -> Language:
        return self.content.language

    def say(self, key: str, **values: str) -> str:
        """Static text of the tabs, in the workbook's language."""
        return self.language.word(key, **values)

    def headers(self, table: str) -> list[str]:
        """The column headers of a table, unique as spreadsheet tables want them."""
        words = self.language.columns.get(SECTIONS[table], {})
        found: list[str] = []
        for field in FIELDS[table]:
            text = words.get(field, field)
            while text.casefold() in (known.casefold() for known in found):
                text = f"{text} {field}"
            found.append(text)
        return found

    def table(self, table: str, top: int, left: int, rows: int, *, filtered: bool = True) -> Table:
        """A spreadsheet table with blank rows."""
        machine = MACHINE.get(table, frozenset())
        columns = tuple(
            TableColumn(field, handle(table, field), header, _header_look(field, field in machine), field in machine)
            for field, header in zip(FIELDS[table], self.headers(table), strict=True)
        )
        return Table(table, top, left, rows, columns, filtered)


def _header_look(field: str, machine: bool) -> Look:
    own = Look(across=Align.RIGHT if field in _NUMBERS else Align.LEFT, indent=1 if field in _INDENTED else 0)
    return (HEADER | MACHINE_HEADER if machine else HEADER) | own


_INDENTED = frozenset({"status", "pace", "signal", "roll_up", "active_from"})
"""Columns of text that follow columns of numbers; the gap keeps them apart."""
_NUMBERS = frozenset(
    {
        "target",
        "actual",
        "variance",
        "variance_pct",
        "low",
        "high",
        "tolerance",
        "so_far",
        "source_value",
        "proposed",
        *MONTHS,
    }
)


def name_cell(sheet: Sheet, name: str, row: int, column: int) -> None:
    sheet.name(name, row, column, row)


def lines(text: str, width: float) -> int:
    """How many lines a text takes in a cell of that width, a little generously: rows don't grow by themselves when a
    file is opened in every program, and merged cells never do."""
    return math.ceil(len(text) * 0.9 / width)
