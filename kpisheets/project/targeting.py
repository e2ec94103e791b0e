"""Targets for a year, proposed: computed from the workbook, written into a column of their own, never into Target."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from kpisheets.core import sync as syncing
from kpisheets.core.kpi import Kpi, RollUp
from kpisheets.core.period import Frequency, Period
from kpisheets.core.targets import Curve, Method, Proposal, Proposed, propose
from kpisheets.core.tracking import Suggested, Tracking
from kpisheets.core.workbook import CATALOGUE, TRACKING, Table
from kpisheets.core.working import counted
from kpisheets.errors import Problem, UsageError

if TYPE_CHECKING:
    from kpisheets.backends.base import Receipt
    from kpisheets.project.desk import Desk


@dataclass(frozen=True, slots=True)
class Targeted:
    """What was proposed for a KPI and a year; ``total`` is what the periods add up to, None where they don't add up.
    ``receipt`` is None where nothing was written, for want of the column (``problems``) or after a dry run."""

    kpi: Kpi
    year: Period
    method: Method
    periods: tuple[Proposed, ...]
    problems: tuple[Problem, ...]
    receipt: Receipt | None
    dry_run: bool

    @property
    def total(self) -> Decimal | None:
        return sum((one.value for one in self.periods), Decimal(0)) if self.kpi.roll_up is RollUp.SUM else None

    @property
    def exit_code(self) -> int:
        return 1 if self.problems else 0


def targets(
    desk: Desk,
    identity: str,
    year: str,
    *,
    method: str,
    total: str | None,
    goal: str | None,
    start: str | None,
    curve: str,
    step: str | None,
    dry_run: bool,
) -> Targeted:
    """Propose and, unless it is a dry run, write. UsageError where it cannot be done, with the reason."""
    workbook = desk.workbook()
    observed = workbook.observe()
    catalogue, calendar = desk.catalogue(observed), desk.config.calendar
    desk.must_know([identity], catalogue)
    table = observed.tables[TRACKING]
    request = desk.request(observed, add_rows=False)
    tracking = Tracking(table, observed.tables[CATALOGUE], catalogue, calendar, request.moment, request.words)
    if identity in tracking.stopped:
        raise UsageError(f"the rows or the definition of {identity} are ambiguous", mend="kpisheets check says more")
    asked = Proposal(
        kpi=catalogue.kpis[identity],
        year=_year(desk, year),
        method=Method(method),
        working=lambda first, last: counted(desk.working, first, last),
        total=_amount("--total", total),
        goal=_amount("--goal", goal),
        baseline=_amount("--from", start),
        curve=Curve(curve),
        step=_amount("--round", step),
        currency=desk.config.project.currency,
    )
    if asked.step is not None and asked.step <= 0:
        raise UsageError(f"targets cannot be rounded to {step}", where="--round", mend="write a number above zero")
    try:
        found = propose(tracking, calendar, asked)
    except ValueError as error:
        raise UsageError(str(error), mend="kpisheets targets propose --help tells the ways") from None
    problems = () if table.has("proposed") else (_no_column(desk, table),)
    receipt = None
    if not dry_run and not problems:
        made = Suggested(asked.kpi, [(one.period, one.value) for one in found], desk.origins, method)
        desk.progress("Writing the workbook")
        receipt = workbook.apply(syncing.plan(observed, catalogue, replace(request, proposed=made)).plan)
    return Targeted(asked.kpi, asked.year, asked.method, found, problems, receipt, dry_run)


def _year(desk: Desk, text: str) -> Period:
    calendar = desk.config.calendar
    for written in (text, f"FY{text}"):
        try:
            return calendar.parse(written, Frequency.YEARLY)
        except ValueError:
            continue
    usual = calendar.next(calendar.period(Frequency.YEARLY, desk.today)).label
    raise UsageError(f"“{text}” is no year", where="--year", mend=f"write one such as {usual}")


def _amount(option: str, text: str | None) -> Decimal | None:
    """A number, or a share such as 3.5%."""
    if text is None:
        return None
    bare = text.strip().removesuffix("%").strip()
    try:
        found = Decimal(bare)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise UsageError(f"“{text}” is no number", where=option, mend="write one such as 1200000, 0.035 or 3.5%")
    return found / 100 if text.strip().endswith("%") else found


def _no_column(desk: Desk, table: Table) -> Problem:
    header = desk.language.columns["tracking"]["proposed"]
    what = f"the workbook has no column “{header}”, so nothing was written"
    mend = f"type that header right of the last column of the table in {table.tab}, save, and repeat this"
    return Problem(desk.place.name, what, mend)
