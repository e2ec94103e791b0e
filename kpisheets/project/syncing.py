"""A sync: the workbook is read, sources and boards are asked, the plan is made and written."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from kpisheets.backends.base import Receipt
from kpisheets.core import sync as syncing
from kpisheets.core.catalogue import Catalogue
from kpisheets.core.metric import Asked, Collected, Query, Reach
from kpisheets.core.plan import Plan
from kpisheets.core.tracking import questions
from kpisheets.core.workbook import CATALOGUE, Observed, Table
from kpisheets.errors import NotAllowed, Problem, TryLater, Unreachable, UsageError
from kpisheets.project.beside import beside
from kpisheets.project.boarding import Boarding, Carded
from kpisheets.project.desk import Desk


@dataclass(frozen=True, slots=True)
class Synced:
    """A sync that took place (``receipt``) or was only planned (``receipt`` is None). ``unreachable``: no source that
    was asked could be opened; ``denied``: for want of credentials; ``later``: none of them for now. ``asked`` are the
    questions, ``boards`` what was done on boards, ``untold`` what went wrong there after the workbook was written."""

    plan: Plan
    receipt: Receipt | None
    queries: tuple[Query, ...] = ()
    unreachable: bool = False
    denied: bool = False
    later: bool = False
    asked: tuple[Asked, ...] = ()
    boards: tuple[Carded, ...] = ()
    untold: tuple[Problem, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Those of the plan, and those that only the writing met."""
        return (*self.plan.problems, *(self.receipt.problems if self.receipt else ()), *self.untold)

    @property
    def exit_code(self) -> int:
        if not self.unreachable:
            return 1 if self.problems else 0
        return (NotAllowed if self.denied else TryLater if self.later else Unreachable).exit_code


@dataclass(frozen=True, slots=True)
class _Asking:
    """What the sources are asked, while the rest of the workbook is read."""

    catalogue: Catalogue
    asked: Sequence[Asked]
    answers: Future[Collected]


def sync(
    desk: Desk,
    *,
    dry_run: bool = False,
    only: Sequence[str] = (),
    since: str | None = None,
    full: bool = False,
    review: bool = False,
) -> Synced:
    """Read, collect, plan, apply. ``dry_run`` stops before applying; ``since`` is a period or a date.

    ``full`` reads every source from the start, those too that are read by windows. ``review`` holds a review of the
    KPIs now, whether one is due or not.
    """
    workbook = desk.workbook()
    asking: list[_Asking] = []

    def ask(table: Table) -> None:
        asking.append(_ask(desk, table, only, since, full=full))

    desk.progress("Reading the workbook")
    if full or since or all(source.reading.whole for source in desk.config.sources.values()):
        observed = workbook.observe(early=ask)
    else:
        observed = workbook.observe()
        asking.append(_ask(desk, observed.tables[CATALOGUE], only, since, observed=observed))
    asked = asking[0].asked
    wanted = {question.metric.source for question in asked}
    desk.progress(f"Asking {', '.join(sorted(wanted)) or 'no source'}")
    collected = asking[0].answers.result()
    asked = collected.asked
    boarding = Boarding(desk)
    cards = boarding.hear(observed, dry_run=dry_run)
    heard = tuple(boarding.problems)
    collected = replace(collected, problems=(*collected.problems, *heard))
    desk.progress("Planning")
    request = replace(
        desk.request(observed),
        asked=asked,
        collected=collected,
        only=tuple(only),
        cards=cards,
        review=review,
    )
    planned = syncing.plan(observed, asking[0].catalogue, request)
    if not dry_run:
        desk.progress("Writing the workbook")
    receipt = None if dry_run else workbook.apply(planned.plan)
    boards = boarding.tell(planned.actions(), dry_run=dry_run) if cards else ()
    return Synced(
        planned.plan,
        receipt,
        collected.queries,
        unreachable=bool(asked) and wanted <= collected.unreachable,
        denied=bool(asked) and wanted <= collected.denied,
        later=bool(asked) and wanted <= collected.later,
        asked=tuple(asked),
        boards=boards,
        untold=tuple(problem for problem in boarding.problems if problem not in heard),
    )


def _ask(
    desk: Desk,
    table: Table,
    only: Sequence[str],
    since: str | None,
    *,
    observed: Observed | None = None,
    full: bool = False,
) -> _Asking:
    """Begin to ask the sources what the catalogue wants to know, by windows where the workbook has been read."""
    catalogue = desk.read(table)
    desk.must_know(only, catalogue)
    config = desk.config
    asked = questions(catalogue, config.metrics, config.calendar, desk.today, _since(desk, since), only)
    if full:
        windowed = {name for name, source in config.sources.items() if not source.reading.whole}
        asked = [replace(q, reach=Reach.RECONCILE) if q.metric.source in windowed else q for q in asked]
    elif observed is not None:
        asked = desk.narrowed(asked, observed, catalogue)
    return _Asking(catalogue, asked, beside(partial(desk.collect, asked)))


def _since(desk: Desk, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return desk.config.calendar.parse(text).start
    except ValueError as error:
        raise UsageError(str(error), where="--since", mend="write a period such as 2026-10") from None
