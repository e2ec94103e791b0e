"""What a project can do, a method for each command: the only joiner of clock, I/O and core.

What a method does stands in the modules beside this one; all of them work with the same desk.
"""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kpisheets import config as configuration
from kpisheets import provisioning
from kpisheets.config import Config
from kpisheets.core.explain import Explanation
from kpisheets.core.meeting import Agenda
from kpisheets.core.summary import Summary
from kpisheets.errors import Problem, UsageError
from kpisheets.project import building, closing, looking, mailing, meeting, reminding, reviewing, syncing, targeting
from kpisheets.project.closing import Marked
from kpisheets.project.desk import Clock, Desk, Progress, Watch, silent, unseen, utc_now
from kpisheets.project.mailing import Sent
from kpisheets.project.reminding import Reminded
from kpisheets.project.syncing import Synced
from kpisheets.project.targeting import Targeted
from kpisheets.templates import Language, languages, packs

if TYPE_CHECKING:
    from kpisheets.delivery import Composed
    from kpisheets.google_access.login import SignedIn
    from kpisheets.running import Ran


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
        return building.provision(self._desk)

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
        return syncing.sync(self._desk, dry_run=dry_run, only=only, since=since, full=full, review=review)

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
