"""The only joiner of clock, I/O and core: provision, sync, report, send, check, explain."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kpisheets import config as configuration
from kpisheets import provisioning
from kpisheets.backends.base import LATER, TAB_OF, Receipt
from kpisheets.config import Config
from kpisheets.core import sync as syncing
from kpisheets.core.applied import applied, joined
from kpisheets.core.catalogue import Catalogue
from kpisheets.core.explain import Explanation
from kpisheets.core.meeting import Agenda
from kpisheets.core.metric import Asked, Collected, Query, Reach
from kpisheets.core.plan import AddRow, Plan
from kpisheets.core.summary import Summary
from kpisheets.core.tracking import questions
from kpisheets.core.workbook import CATALOGUE, TARGETS, Observed, Table
from kpisheets.errors import NotAllowed, Problem, TryLater, Unreachable, UsageError
from kpisheets.project import closing, looking, mailing, meeting, reminding, reviewing, targeting
from kpisheets.project.beside import beside
from kpisheets.project.boarding import Boarding, Carded
from kpisheets.project.closing import Marked
from kpisheets.project.desk import Clock, Desk, Progress, Watch, silent, unseen, utc_now
from kpisheets.project.mailing import Sent
from kpisheets.project.reminding import Reminded
from kpisheets.project.targeting import Targeted
from kpisheets.templates import Language, languages, packs

if TYPE_CHECKING:
    from kpisheets.delivery import Composed
    from kpisheets.google_access.login import SignedIn
    from kpisheets.running import Ran


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


class Project:
    """A folder with a ``kpisheets.toml``. ``clock`` gives the aware present instant; ``progress`` is told each step."""

    def __init__(
        self, config: Config, clock: Clock = utc_now, progress: Progress = silent, watch: Watch = unseen
    ) -> None:
        self._desk = Desk(config, clock, progress, watch)

    @classmethod
    def load(
        cls, folder: Path | None = None, clock: Clock = utc_now, progress: Progress = silent, watch: Watch = unseen
    ) -> Project:
        """The project of a folder (its ``kpisheets.toml``, or the nearest upwards). BadConfig with every problem."""
        path = configuration.find(folder or Path.cwd())
        return cls(
            configuration.load(path, known_templates=packs(), known_languages=languages()), clock, progress, watch
        )

    # --- provision ---

    def provision(self) -> provisioning.Provisioned:
        """Create the workbook, add the KPI tabs to one that exists, or bring a KPI workbook up to date. Repeatable."""
        place, today = self._desk.place, self._desk.today
        self.progress("Building the workbook")
        found = place.find()
        if found is None:
            with place.draft(provisioning.content(self.config, self.language, today)) as draft:
                catalogue, plan = self._first_plan(draft.observe())
                draft.publish(plan)
            created, added, tabs = draft.created, tuple[str, ...](), dict(draft.tabs)
            if self.config.workbook.targets_tab:
                place.extend(provisioning.content(self.config, self.language, today), [TAB_OF[TARGETS]])
        else:
            workbook, observed = found
            tabs, wanted = dict[str, str](), dict(LATER)
            if self.config.workbook.targets_tab:
                wanted[TARGETS] = TAB_OF[TARGETS]
            lacking = [tab for table, tab in wanted.items() if table not in observed.tables]
            if lacking:
                tabs = dict(place.extend(provisioning.content(self.config, self.language, today), lacking))
                observed = workbook.observe()
            packs = provisioning.new_packs(observed, self.config, self.language, today)
            catalogue, plan = self._first_plan(applied(observed, packs))
            whole = joined(packs, plan, observed)
            if packs.changes or not whole.is_bookkeeping or not workbook.is_whole:
                workbook.apply(whole)
            created, added = False, tuple(row.key for row in packs.changes if isinstance(row, AddRow))
        return provisioning.Provisioned(place.path, created, len(catalogue.kpis), added, tabs, place.link, place.advice)

    def _first_plan(self, observed: Observed) -> tuple[Catalogue, Plan]:
        """What a workbook needs before any source is asked."""
        catalogue = self._desk.catalogue(observed)
        return catalogue, syncing.plan(observed, catalogue, self._desk.request(observed, add_rows=False)).plan

    # --- sync ---

    def sync(
        self,
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
        workbook = self._desk.workbook()
        asking: list[_Asking] = []

        def ask(table: Table) -> None:
            asking.append(self._ask(table, only, since, full=full))

        self.progress("Reading the workbook")
        if full or since or all(source.reading.whole for source in self.config.sources.values()):
            observed = workbook.observe(early=ask)
        else:
            observed = workbook.observe()
            asking.append(self._ask(observed.tables[CATALOGUE], only, since, observed=observed))
        asked = asking[0].asked
        wanted = {question.metric.source for question in asked}
        self.progress(f"Asking {', '.join(sorted(wanted)) or 'no source'}")
        collected = asking[0].answers.result()
        asked = collected.asked
        boarding = Boarding(self._desk)
        cards = boarding.hear(observed, dry_run=dry_run)
        heard = tuple(boarding.problems)
        collected = replace(collected, problems=(*collected.problems, *heard))
        self.progress("Planning")
        request = replace(
            self._desk.request(observed),
            asked=asked,
            collected=collected,
            only=tuple(only),
            cards=cards,
            review=review,
        )
        planned = syncing.plan(observed, asking[0].catalogue, request)
        if not dry_run:
            self.progress("Writing the workbook")
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
        self,
        table: Table,
        only: Sequence[str],
        since: str | None,
        *,
        observed: Observed | None = None,
        full: bool = False,
    ) -> _Asking:
        """Begin to ask the sources what the catalogue wants to know, by windows where the workbook has been read."""
        catalogue = self._desk.read(table)
        self._desk.must_know(only, catalogue)
        config = self.config
        asked = questions(catalogue, config.metrics, config.calendar, self._desk.today, self._since(since), only)
        if full:
            windowed = {name for name, source in config.sources.items() if not source.reading.whole}
            asked = [replace(q, reach=Reach.RECONCILE) if q.metric.source in windowed else q for q in asked]
        elif observed is not None:
            asked = self._desk.narrowed(asked, observed, catalogue)
        return _Asking(catalogue, asked, beside(partial(self._desk.collect, asked)))

    def review(self) -> reviewing.Reviewed:
        """Which KPIs to keep, recalibrate, replace or retire, as things stand, with the evidence."""
        return reviewing.review(self._desk)

    # --- close and reopen ---

    def close(self, period: str, *, only: Sequence[str] = (), by: str = "", dry_run: bool = False) -> Marked:
        """Close a period that has ended: from now on its figures are kept and its targets settled. ``by``: for the
        Log; blank is the machine's user."""
        return closing.mark(self._desk, period, reopen=False, only=only, by=by, dry_run=dry_run)

    def reopen(self, period: str, *, only: Sequence[str] = (), by: str = "", dry_run: bool = False) -> Marked:
        """Open a closed period again, until it is closed anew: figures and targets follow the source and people."""
        return closing.mark(self._desk, period, reopen=True, only=only, by=by, dry_run=dry_run)

    # --- targets ---

    def propose_targets(
        self,
        identity: str,
        year: str,
        *,
        method: str = "even",
        total: str | None = None,
        goal: str | None = None,
        start: str | None = None,
        curve: str = "linear",
        step: str | None = None,
        dry_run: bool = False,
    ) -> Targeted:
        """Write targets for a KPI's periods of a year into the column of proposed ones; see ``core.targets``."""
        return targeting.targets(
            self._desk,
            identity,
            year,
            method=method,
            total=total,
            goal=goal,
            start=start,
            curve=curve,
            step=step,
            dry_run=dry_run,
        )

    # --- report and send ---

    def summary(self) -> Summary:
        """What the Report tab says, from the workbook as it is."""
        return self._desk.summary()

    def render(self, form: str) -> str:
        """The report as html, text, md or json."""
        from kpisheets.reports import render

        return render(self.summary(), form, self.language)

    def pdf(self, paper: str = "a4") -> bytes:
        """The report as pages; ``paper`` is ``a4`` or ``letter``. BadConfig where the packages for it are missing."""
        from kpisheets.reports import pdf

        return pdf(self.summary(), self.language, paper)

    def export(self, kind: str) -> bytes:
        """The whole workbook as a file: ``workbook-pdf`` or ``xlsx``. UsageError where its place cannot make one."""
        if self.config.workbook.path is not None:
            said = f"{kind} is what Google makes of a spreadsheet; this workbook is an Excel file"
            raise UsageError(said, where="--format", mend="choose pdf, the report, or take the file itself")
        made = self._desk.place.attachment(kind.removeprefix("workbook-"))
        if made is None:
            raise self._desk.missing()
        return made[1]

    def send(self, report: str | None = None, *, to: str | None = None, dry_run: bool = False) -> list[Sent]:
        """Send a report now, one message to each recipient; ``to`` replaces the recipients."""
        return mailing.send(self._desk, report, to=to, dry_run=dry_run)

    def compose(
        self,
        report: str | None = None,
        *,
        occasion: str = "",
        problems: tuple[Problem, ...] = (),
        unsynced: bool = False,
    ) -> Composed:
        """The messages of a report, from the workbook as it is; see ``mailing.compose``."""
        return mailing.compose(self._desk, report, occasion=occasion, problems=problems, unsynced=unsynced)

    def compose_meeting(
        self,
        which: str | None = None,
        *,
        occasion: str = "",
        problems: tuple[Problem, ...] = (),
        unsynced: bool = False,
    ) -> Composed:
        """The messages of a meeting's page; see ``mailing.compose``."""
        return meeting.compose(self._desk, which, occasion=occasion, problems=problems, unsynced=unsynced)

    def compose_reminders(self, *, occasion: str = "", unsynced: bool = False) -> Composed:
        """The messages to owners for whom something waits; see ``mailing.compose``."""
        return reminding.compose(self._desk, occasion=occasion, unsynced=unsynced)[0]

    def remind(self, *, dry_run: bool = False) -> Reminded:
        """One message to each owner for whom figures, comments or overdue actions wait."""
        return reminding.remind(self._desk, dry_run=dry_run)

    def agenda(self) -> bytes:
        """The due dates of all open actions, as a calendar file."""
        return reminding.calendar(self._desk)

    # --- meet ---

    def meeting(self, which: str | None = None) -> Agenda:
        """What a meeting talks about, as values: weekly, monthly, quarterly, or the one that most KPIs belong to."""
        return meeting.page(self._desk, which)

    def render_meeting(self, form: str, which: str | None = None) -> str:
        """The meeting's page as html, text, md or json."""
        return meeting.render(self._desk, form, which)

    def send_meeting(self, which: str | None = None, *, to: str | None = None, dry_run: bool = False) -> list[Sent]:
        """Send the meeting's page now, one message to each recipient; ``to`` replaces the recipients."""
        return meeting.send(self._desk, which, to=to, dry_run=dry_run)

    def calendar(self, which: str | None = None) -> bytes:
        """The meetings, or one of them, and the due dates of all open actions, as a calendar file."""
        return meeting.calendar(self._desk, which)

    # --- on a schedule ---

    def run_due(self, *, resend: bool = False) -> Ran:
        """Whatever is due, once: sync, requests of the Control tab, reports. ``resend`` lets held mails go again."""
        from kpisheets.running import Runner

        return Runner(self, self._desk.workbook).run(resend=resend)

    # --- check and explain ---

    def check(self) -> tuple[int, tuple[Problem, ...]]:
        """Every problem of catalogue, sources and workbook at once, and the exit code that says the gravest."""
        return looking.check(self._desk)

    def explain(self, identity: str, period: str | None = None) -> Explanation:
        """Where a KPI's number comes from: source, query, window, as-of, override, history."""
        return looking.explain(self._desk, identity, period)

    # --- sign in ---

    def login(self, show: Progress, *, browser: bool = True, port: int = 0) -> SignedIn:
        """Let a person sign in to Google in their browser; ``show`` tells them what to do.

        Without ``browser`` they open the address themselves, on any computer.
        """
        from kpisheets.google_access.login import Ways, login
        from kpisheets.google_access.scopes import Need

        kinds = {source.url.partition(":")[0].casefold() for source in self.config.sources.values()}
        need = Need(
            adopt=self.config.workbook.id is not None,
            sheets="gsheet" in kinds,
            analytics="ga4" in kinds,
            mail=self.config.mail.url.partition(":")[0].casefold() == "gmail",
        )
        ways = Ways(show, webbrowser.open if browser else None, pasted=0, port=port)
        return login(self.config.google, self.config.root, need, ways)

    # --- helpers ---

    @property
    def config(self) -> Config:
        return self._desk.config

    @property
    def clock(self) -> Clock:
        return self._desk.clock

    @property
    def progress(self) -> Progress:
        return self._desk.progress

    @property
    def language(self) -> Language:
        return self._desk.language

    def _since(self, text: str | None) -> date | None:
        if text is None:
            return None
        try:
            return self.config.calendar.parse(text).start
        except ValueError as error:
            raise UsageError(str(error), where="--since", mend="write a period such as 2026-10") from None
