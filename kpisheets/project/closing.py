"""Closing periods, and opening them again, at a person's word."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kpisheets.core import sync as syncing
from kpisheets.core.period import Frequency, Period
from kpisheets.core.tracking import Closing
from kpisheets.errors import Problem, UsageError

if TYPE_CHECKING:
    from kpisheets.backends.base import Receipt
    from kpisheets.project.desk import Desk


@dataclass(frozen=True, slots=True)
class Marked:
    """What was closed, or opened again (``reopened``), by key: what ``changed`` and what was so ``already``.
    ``problems`` says what stays open; ``receipt`` is None where nothing was written."""

    period: Period
    reopened: bool
    changed: tuple[str, ...]
    already: tuple[str, ...]
    problems: tuple[Problem, ...]
    receipt: Receipt | None
    dry_run: bool

    @property
    def exit_code(self) -> int:
        return 1 if self.problems else 0


def mark(desk: Desk, period: str, *, reopen: bool, only: Sequence[str], by: str, dry_run: bool) -> Marked:
    """Plan the rows of the period closed or open, and write that. UsageError where there is nothing to be closed."""
    wanted = _period(desk, period)
    workbook = desk.workbook()
    observed = workbook.observe()
    catalogue = desk.catalogue(observed)
    desk.must_know(only, catalogue)
    words = desk.language.for_workbook.text
    closing = Closing(
        wanted, reopen, frozenset(only), words["period_open"], words["period_closed"], by.strip() or _user()
    )
    request = replace(desk.request(observed, add_rows=False), closing=closing)
    planned = syncing.plan(observed, catalogue, request)
    marked = planned.marks
    if marked is None or not (marked.changed or marked.already or marked.problems):
        of = f" of {', '.join(only)}" if only else ""
        raise UsageError(f"no row{of} in Tracking has a period in {wanted.label}", mend="kpisheets sync makes the rows")
    receipt = None
    if marked.changed and not dry_run:
        desk.progress("Writing the workbook")
        receipt = workbook.apply(planned.plan)
    return Marked(wanted, reopen, marked.changed, marked.already, marked.problems, receipt, dry_run)


def _period(desk: Desk, text: str) -> Period:
    """The period that a text names. UsageError where it names none, or one that has not ended."""
    calendar = desk.config.calendar
    latest = calendar.previous(calendar.period(Frequency.MONTHLY, desk.today))
    try:
        period = calendar.parse(text)
    except ValueError as error:
        raise UsageError(str(error), mend=f"write a period such as {latest.label}") from None
    if not period.ended(desk.today):
        what = f"{period.label} has not ended: its last day is {period.last_day.isoformat()}"
        raise UsageError(what, mend=f"name a period that has, such as {latest.label}")
    return period


def _user() -> str:
    """Who is signed in on this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "?"
