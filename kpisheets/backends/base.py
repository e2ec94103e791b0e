"""What a place that holds KPI workbooks can do: observe one, apply a plan to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kpisheets.core.plan import Plan
from kpisheets.core.workbook import (
    ACTIONS,
    CATALOGUE,
    FIELDS,
    GUIDE,
    LOG,
    MACHINE,
    REPORT,
    REQUIRED,
    REVIEW,
    TARGETS,
    TRACKING,
    Observed,
    Table,
)
from kpisheets.errors import BadData, Problem

TAB_OF: Mapping[str, str] = {
    **{TRACKING: "tracking", CATALOGUE: "kpis", ACTIONS: "actions", REVIEW: "review", TARGETS: "targets"},
    **{LOG: "log", REPORT: "report"},
    GUIDE: "guide",
}
LATER: Mapping[str, str] = {table: TAB_OF[table] for table in (ACTIONS, REVIEW, REPORT)}
"""Tables that workbooks from before may lack, or whose tab people deleted, with their tabs: everything else works
without them, and provision adds them."""
RETOLD = frozenset({GUIDE})
"""Tables that say in other words what stands elsewhere: a row that finds no place is left out, and nothing stops."""
ANCHORS: Mapping[str, tuple[str, ...]] = {
    TRACKING: ("key", "kpi", "period"),
    CATALOGUE: ("id", "name"),
    LOG: ("when",),
    REPORT: ("id",),
    GUIDE: ("id",),
    ACTIONS: ("key", "kpi", "action"),
    TARGETS: ("kpi",),
    REVIEW: ("key", "kpi", "decision"),
}
"""Fields that a row must fill to count as part of the table when it stands below the table's recorded end."""
TELLING: Mapping[str, frozenset[str]] = {
    **REQUIRED,
    REPORT: MACHINE[REPORT] & {"id", "key", "line"},
    GUIDE: frozenset(FIELDS[GUIDE]),
}
"""Fields by whose headers alone a table is told from somebody's own: all of them but one."""
FORMULA_FIELDS: Mapping[str, frozenset[str]] = {
    table: frozenset(fields) for table, fields in FIELDS.items() if table != LOG
}
"""Fields whose cells may hold formulas that the core wants to see."""


@dataclass(frozen=True, slots=True)
class Dictionary:
    """How to recognise what is the tool's when its handles are gone, and how to write numbers.

    ``headers``: table → header text (casefolded, of any language) → field. ``tabs``: tab key → titles (casefolded).
    """

    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tabs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    currency: str = "EUR"
    language: str = "en"


def column_deleted(gone: Sequence[str], *, where: str, mend: str) -> BadData:
    """What to raise where the columns of those fields, without which a table cannot be worked on, are missing."""
    more = f" (and {len(gone) - 1} more)" if gone[1:] else ""
    return BadData(f"the column “{gone[0].replace('_', ' ').capitalize()}” was deleted{more}", where=where, mend=mend)


class NoKpiTabs(BadData):
    """The workbook is somebody's, and has no KPI tabs yet."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was written: where, and how many cells. ``problems`` are those that only the writing met.

    ``refreshed`` formulas of people that depend on those cells got their new value stored; ``left`` others keep the
    stored one until a spreadsheet program recalculates, and ``why`` says for the first of them.
    """

    place: str
    cells: int
    refreshed: int = 0
    left: int = 0
    why: str = ""
    problems: tuple[Problem, ...] = ()


Early = Callable[[Table], None]


def nobody(_: Table) -> None:
    """Nobody waits for the catalogue."""


class Workbook(Protocol):
    """A workbook at hand. ``apply`` belongs to the last ``observe``: it refuses if the workbook changed in between."""

    def observe(self, early: Early = nobody) -> Observed:
        """Read what the tool needs. NoKpiTabs where it is no KPI workbook, BadData where it cannot be read.

        ``early`` is handed the catalogue once, as soon as that is read: what the sources are asked depends on it alone,
        and the rest takes longer. What it raises ends the reading.
        """
        ...

    @property
    def is_whole(self) -> bool:
        """Whether every handle was in its place at the last ``observe``; ``apply`` restores those that are lost."""
        ...

    def apply(self, plan: Plan) -> Receipt:
        """Write the plan, whole or not at all. CannotWrite where the place is locked, read-only or full."""
        ...
