"""The plan: a frozen list of changes to a workbook, each with what it replaces and why.

A plan is made from what was observed and what should be there; printing it is a dry run, applying it is a sync. Every
backend applies the same plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from kpisheets.core.evaluate import Formula
from kpisheets.core.workbook import ACTIONS, CATALOGUE, GUIDE, LOG, REPORT, REVIEW, TRACKING, Value
from kpisheets.errors import Problem


class Why(StrEnum):
    """The reason of a change. The value is the key of its words in the language files."""

    NEW_PERIOD = "why_new_period"
    NEW_KPI = "why_new_kpi"
    SOURCE = "why_source"
    RESTATED = "why_restated"
    ACCEPTED = "why_accepted"
    OVERRIDE = "why_override"
    TARGET_EDITED = "why_target_edited"
    TARGET_LATE = "why_target_late"
    CLOSED = "why_closed"
    CLOSED_BY_TIME = "why_closed_by_time"
    REOPENED = "why_reopened"
    TARGET_FED = "why_target_fed"
    TARGETS_PROPOSED = "why_targets_proposed"
    DEFINITION_EDITED = "why_definition_edited"
    RENAMED = "why_renamed"
    ACTION_OPENED = "why_action_opened"
    ACTION_CLOSED = "why_action_closed"
    ACTION_EFFECT = "why_action_effect"
    CARD_MOVED = "why_card_moved"
    SUGGESTED = "why_suggested"
    DECIDED = "why_decided"
    RETIRED = "why_retired"
    RECALIBRATED = "why_recalibrated"
    FORMULA = "why_formula"
    BOOKKEEPING = "why_bookkeeping"
    REPORT = "why_report"
    TOLD = "why_told"


DAY = "day of the calendar"
"""The unit of a date, for a cell that people may have given any format: without a date's it would show a number."""
_SIGNED = "signed "


def signed(unit: str) -> str:
    """The unit of a difference: its format shows the sign of positive numbers too."""
    return _SIGNED + unit


def is_signed(unit: str) -> tuple[bool, str]:
    """(whether the sign of positive numbers is shown, the unit itself)."""
    return unit.startswith(_SIGNED), unit.removeprefix(_SIGNED)


class Content(NamedTuple):
    """What a cell should hold: a value, or a formula with the value that it computes.

    A first sync makes more than a million, hence a tuple. ``unit`` asks for that unit's number format (see ``signed``);
    ``None`` leaves the cell's format as it is.
    """

    value: Value = None
    formula: Formula | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class SetCell:
    """Write a cell of an existing row. ``row`` is the row's index in the observed table."""

    table: str
    row: int
    field: str
    key: str
    before: Value
    after: Content
    why: Why


@dataclass(frozen=True, slots=True)
class AddRow:
    """Add a row below the table's last one (or in a blank row that waits there)."""

    table: str
    key: str
    cells: Mapping[str, Content]
    why: Why


@dataclass(frozen=True, slots=True)
class SetNamed:
    """Write a single named cell."""

    name: str
    before: Value
    after: Content
    why: Why


Change = SetCell | AddRow | SetNamed


@dataclass(frozen=True, slots=True)
class Noted:
    """An override or a restatement: ``old`` is the Actual that was kept, ``new`` what the source says. Or a target that
    was changed after its period closed: ``old`` is the one that it is judged by, ``new`` what the cell says. Or one
    that stays in Tracking, ``old``, while the Targets tab says ``new``."""

    key: str
    field: str
    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class Plan:
    """``written`` counts actuals written (in new rows too), ``unchanged`` facts that the workbook already had.

    ``stale`` are the KPIs that keep their last figures because their source did not answer. ``suggested`` counts the
    rows that a review added, ``decided`` the decisions that are carried out.
    """

    changes: tuple[Change, ...] = ()
    overrides: tuple[Noted, ...] = ()
    restatements: tuple[Noted, ...] = ()
    late_targets: tuple[Noted, ...] = ()
    kept_targets: tuple[Noted, ...] = ()
    problems: tuple[Problem, ...] = ()
    written: int = 0
    unchanged: int = 0
    rows_added: int = 0
    stale: tuple[str, ...] = ()
    suggested: int = 0
    decided: int = 0

    @property
    def news(self) -> Iterator[SetCell | AddRow]:
        """The changes that a person would want to see: not recomputed formulas, the report's cells or bookkeeping."""
        for change in self.changes:
            if isinstance(change, SetNamed) or change.table in (LOG, REPORT, GUIDE):
                continue
            told = change.table in (TRACKING, CATALOGUE, ACTIONS, REVIEW)
            if told and change.why not in (Why.FORMULA, Why.BOOKKEEPING):
                yield change

    @property
    def is_bookkeeping(self) -> bool:
        """Whether nothing would change but the record that a run took place."""
        return all(
            change.why is Why.BOOKKEEPING or (isinstance(change, AddRow) and change.table == LOG)
            for change in self.changes
        )
