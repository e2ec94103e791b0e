"""The only joiner of clock, I/O and core: provision, sync, report, send, check, explain."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpisheets import config as configuration
from kpisheets import provisioning, vocabulary
from kpisheets.backends.base import Receipt, Workbook
from kpisheets.backends.place import Place
from kpisheets.config import Config, ReportSettings
from kpisheets.core import catalogue as catalogues
from kpisheets.core import explain as explaining
from kpisheets.core import sync as syncing
from kpisheets.core.applied import applied, joined
from kpisheets.core.catalogue import Catalogue
from kpisheets.core.explain import Explanation
from kpisheets.core.metric import Asked, Collected, Query
from kpisheets.core.plan import AddRow, Plan
from kpisheets.core.summary import Line, Summary
from kpisheets.core.tracking import Moment, Tracking, questions
from kpisheets.core.workbook import CATALOGUE, DATA_AS_OF, REPORT_DATE, TRACKING, Observed
from kpisheets.errors import BadConfig, BadData, KpisheetsError, Problem, UsageError
from kpisheets.templates import Language, enum_value, language, languages, packs
from kpisheets.timing import ScheduleSettings

if TYPE_CHECKING:
    from kpisheets.backends.google.access.api import Api
    from kpisheets.backends.google.access.login import SignedIn
    from kpisheets.delivery import Composed
    from kpisheets.running import Ran

Clock = Callable[[], datetime]
Progress = Callable[[str], None]
_MAIL = "kpisheets.toml, [mail]"


def _now() -> datetime:
    return datetime.now(UTC)


def _silent(_: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Synced:
    """A sync that took place (``receipt``) or was only planned (``receipt`` is None). ``unreachable``: no source that
    was asked could be opened; ``denied``: for want of credentials."""

    plan: Plan
    receipt: Receipt | None
    queries: tuple[Query, ...] = ()
    unreachable: bool = False
    denied: bool = False

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Those of the plan, and those that only the writing met."""
        return (*self.plan.problems, *(self.receipt.problems if self.receipt else ()))


@dataclass(frozen=True, slots=True)
class Sent:
    """One message: to whom, and where it went (a file or a server). ``without``: attachments that it lacks."""

    report: str
    to: str
    subject: str
    where: str
    without: tuple[str, ...] = ()


class Project:
    """A folder with a ``kpisheets.toml``. ``clock`` gives the aware present instant; ``progress`` is told each step."""

    def __init__(self, config: Config, clock: Clock = _now, progress: Progress = _silent) -> None:
        self.config, self.clock, self.progress = config, clock, progress

    @classmethod
    def load(cls, folder: Path | None = None, clock: Clock = _now, progress: Progress = _silent) -> Project:
        """The project of a folder (its ``kpisheets.toml``, or the nearest upwards). BadConfig with every problem."""
        path = configuration.find(folder or Path.cwd())
        return cls(configuration.load(path, known_templates=packs(), known_languages=languages()), clock, progress)

    # --- provision ---

    def provision(self) -> provisioning.Provisioned:
        """Create the workbook, add the KPI tabs to one that exists, or bring a KPI workbook up to date. Repeatable."""
        place, today = self._place, self._today
        self.progress("Building the workbook")
        found = place.find()
        if found is None:
            with place.draft(provisioning.content(self.config, self.language, today)) as draft:
                catalogue, plan = self._first_plan(draft.observe())
                draft.publish(plan)
            created, added, tabs = draft.created, tuple[str, ...](), draft.tabs
        else:
            workbook, observed = found
            packs = provisioning.new_packs(observed, self.config, self.language, today)
            catalogue, plan = self._first_plan(applied(observed, packs))
            whole = joined(packs, plan, observed)
            if packs.changes or not whole.is_bookkeeping or not workbook.is_whole:
                workbook.apply(whole)
            created, added, tabs = False, tuple(row.key for row in packs.changes if isinstance(row, AddRow)), {}
        return provisioning.Provisioned(place.path, created, len(catalogue.kpis), added, tabs, place.link, place.advice)

    def _first_plan(self, observed: Observed) -> tuple[Catalogue, Plan]:
        """What a workbook needs before any source is asked."""
        catalogue = self._catalogue(observed)
        return catalogue, syncing.plan(observed, catalogue, self._request(observed, add_rows=False)).plan

    # --- sync ---

    def sync(self, *, dry_run: bool = False, only: Sequence[str] = (), since: str | None = None) -> Synced:
        """Read, collect, plan, apply. ``dry_run`` stops before applying; ``since`` is a period or a date."""
        workbook = self._workbook()
        self.progress("Reading the workbook")
        observed = workbook.observe()
        catalogue = self._catalogue(observed)
        unknown = sorted(set(only) - catalogue.kpis.keys() - catalogue.stopped)
        if unknown:
            raise UsageError(
                f"there is no KPI “{unknown[0]}”", mend=f"choose among: {', '.join(catalogue.kpis) or 'none yet'}"
            )
        asked = questions(catalogue, self.config.metrics, self.config.calendar, self._today, self._since(since), only)
        wanted = {question.metric.source for question in asked}
        self.progress(f"Asking {', '.join(sorted(wanted)) or 'no source'}")
        collected = self._collect(asked)
        self.progress("Planning")
        request = replace(self._request(observed), asked=asked, collected=collected, only=tuple(only))
        planned = syncing.plan(observed, catalogue, request)
        if not dry_run:
            self.progress("Writing the workbook")
        receipt = None if dry_run else workbook.apply(planned.plan)
        return Synced(
            planned.plan,
            receipt,
            collected.queries,
            unreachable=bool(asked) and wanted <= collected.unreachable,
            denied=bool(asked) and wanted <= collected.denied,
        )

    # --- report and send ---

    def summary(self) -> Summary:
        """What the Report tab says, from the workbook as it is."""
        observed = self._workbook().observe()
        catalogue = self._catalogue(observed)
        request = self._request(observed, add_rows=False)
        planned = syncing.plan(observed, catalogue, request)
        return self._summary(observed, planned.lines, planned.plan.problems, request.moment)

    def render(self, form: str) -> str:
        """The report as html, text, md or json."""
        from kpisheets.reports import render

        return render(self.summary(), form, self.language)

    def export(self, kind: str) -> bytes:
        """The whole workbook as a file: ``pdf`` or ``xlsx``. UsageError where its place cannot make one."""
        if self.config.workbook.path is not None:
            said = f"{kind.upper()} is not available of an Excel file in this version"
            raise UsageError(said, where="--format", mend="choose html, text, md or json")
        made = self._place.attachment(kind)
        if made is None:
            raise self._missing()
        return made[1]

    def send(self, report: str | None = None, *, to: str | None = None, dry_run: bool = False) -> list[Sent]:
        """Send a report now, one message to each recipient; ``to`` replaces the recipients."""
        from kpisheets.delivery import attach, open_channel
        from kpisheets.secrets import resolve

        made = self.compose(report, to=to)
        for problem in made.refused:
            raise BadData(problem.what, where=problem.where, mend=problem.mend)
        messages = [attach(message, made.attachments) for message, _ in made.messages]
        if dry_run:
            return [Sent(made.report, str(m["To"]), str(m["Subject"]), "", made.without) for m in messages]
        channel = open_channel(resolve(self.config.mail.url, self.config.root, where=_MAIL), self.config.root)
        return [Sent(made.report, str(m["To"]), str(m["Subject"]), channel.send(m), made.without) for m in messages]

    def compose(
        self,
        report: str | None = None,
        *,
        to: str | None = None,
        occasion: str = "",
        problems: tuple[Problem, ...] = (),
        unsynced: bool = False,
    ) -> Composed:
        """The messages of a report, from the workbook as it is; see ``send``.

        ``occasion`` names the slot that they are for, and so their Message-IDs. ``problems`` are shown with those of
        the workbook; ``unsynced`` labels the data as not up to date.
        """
        from kpisheets.delivery import Composed, address
        from kpisheets.reports import letter
        from kpisheets.secrets import resolve

        settings = self._report(report)
        if to is not None:
            _check_address(to)
        summary = self.summary()
        summary = replace(summary, problems=(*problems, *summary.problems), unsynced=unsynced)
        pairs = [(recipient, summary, "") for recipient in ((to,) if to else settings.to)]
        if settings.owners and not to:
            pairs += [(one, replace(summary, lines=mine), "own") for one, mine in _by_owner(summary.lines).items()]
        if not pairs:
            raise BadData(
                "no active KPI has the e-mail address of its owner",
                where=f"the report “{settings.name}”",
                mend="fill “Owner email” in the KPIs tab, or add to = [...] in kpisheets.toml",
            )
        sender = resolve(self.config.mail.sender, self.config.root, where=_MAIL) or "kpisheets@localhost"
        files = {kind: self._place.attachment(kind) for kind in settings.attach}
        attachments = dict(file for file in files.values() if file is not None)
        without = tuple(kind for kind, file in files.items() if file is None)
        messages, refused = [], []
        for recipient, part, kind in pairs:
            try:
                message = address(
                    letter(part, self.language, recipient=recipient, report_name=settings.name),
                    sender=sender,
                    recipient=recipient,
                    report_name=settings.name,
                    project=part.project,
                    day=part.report_date,
                    language=self.language.code,
                    occasion=occasion and f"{occasion} {kind}",
                )
            except BadData as error:
                refused.append(Problem(f"the report “{settings.name}”", error.what, error.mend, code=error.exit_code))
            else:
                messages.append((message, kind))
        return Composed(settings.name, tuple(messages), attachments, without, tuple(refused), as_of=summary.synced_at)

    # --- on a schedule ---

    def run_due(self, *, resend: bool = False) -> Ran:
        """Whatever is due, once: sync, requests of the Control tab, reports. ``resend`` lets held mails go again."""
        from kpisheets.running import Runner

        return Runner(self, self._workbook).run(resend=resend)

    # --- check and explain ---

    def check(self) -> tuple[int, tuple[Problem, ...]]:
        """Every problem of catalogue, sources and workbook at once, and the exit code that says the gravest."""
        from kpisheets.connectors import probe

        problems: list[Problem] = []
        try:
            observed = self._workbook().observe()
            catalogue = self._catalogue(observed)
            tracking = Tracking(
                observed.tables[TRACKING],
                observed.tables[CATALOGUE],
                catalogue,
                self.config.calendar,
                self._moment(observed),
                self.language.for_workbook,
            )
            tracking.merge({}, (), {})
            problems += [*observed.problems, *catalogue.problems, *tracking.tally.problems, *tracking.own_cells()]
            problems += _bad_owners(observed, catalogue)
        except KpisheetsError as error:
            where = error.where or self._place.name
            problems.append(Problem(where, error.what, error.mend, code=error.exit_code))
        for source in self.config.sources.values():
            metrics = [metric for metric in self.config.metrics.values() if metric.source == source.name]
            problems += probe(source, metrics, root=self.config.root, today=self._today)
        if self.config.reports:
            problems += self._mail_problems()
        if self.config.schedule != ScheduleSettings():
            from kpisheets.running import troubles

            problems += troubles(self.config)
        return max((problem.code for problem in problems), default=0), tuple(dict.fromkeys(problems))

    def explain(self, identity: str, period: str | None = None) -> Explanation:
        """Where a KPI's number comes from: source, query, window, as-of, override, history."""
        observed = self._workbook().observe()
        catalogue = self._catalogue(observed)
        kpi = catalogue.kpis.get(identity)
        if kpi is None:
            stopped = [problem for problem in catalogue.problems if problem.kpi == identity]
            if stopped:
                raise BadData(stopped[0].what, where=stopped[0].where, mend=stopped[0].mend)
            known = ", ".join(catalogue.kpis) or "none yet"
            raise UsageError(f"there is no KPI “{identity}”", mend=f"choose among: {known}")
        calendar, moment = self.config.calendar, self._moment(observed)
        latest = calendar.previous(calendar.period(kpi.frequency, moment.as_of))
        if period is None:
            # A KPI that has ended is explained by its last period.
            last = calendar.period(kpi.frequency, kpi.active_to) if kpi.active_to else latest
            wanted = min(latest, last, key=lambda one: one.start)
        else:
            try:
                wanted = calendar.parse(period, kpi.frequency)
            except ValueError as error:
                raise UsageError(str(error), mend=f"write a period such as {latest.label}") from None
        metric = self.config.metrics.get(kpi.metric)
        asked = questions(catalogue, self.config.metrics, calendar, moment.today, wanted.start, [identity])
        asked = [replace(question, first=wanted, last=wanted) for question in asked]
        collected = self._collect(asked)
        return explaining.explain(observed, catalogue, calendar, kpi, wanted, metric, collected)

    # --- sign in ---

    def login(self, show: Progress, *, browser: bool = True, port: int = 0) -> SignedIn:
        """Let a person sign in to Google in their browser; ``show`` tells them what to do.

        Without ``browser`` they open the address themselves, on any computer.
        """
        from kpisheets.backends.google.access.login import Ways, login
        from kpisheets.backends.google.access.scopes import Need

        need = Need(adopt=self.config.workbook.id is not None)
        ways = Ways(show, webbrowser.open if browser else None, pasted=0, port=port)
        return login(self.config.google, self.config.root, need, ways)

    # --- helpers ---

    @cached_property
    def language(self) -> Language:
        return language(self.config.project.language)

    @property
    def _now(self) -> datetime:
        """The present, local and naive, to the second: what a spreadsheet cell can hold."""
        zone = ZoneInfo(self.config.project.timezone)
        return self.clock().astimezone(zone).replace(tzinfo=None, microsecond=0)

    @property
    def _today(self) -> date:
        return self._now.date()

    @cached_property
    def _place(self) -> Place:
        settings, memory = self.config.workbook, self.config.root / ".kpisheets"
        known = vocabulary.dictionary(self.config.project.currency, self.config.project.language)
        if settings.path is None:
            from kpisheets.backends.google.place import GooglePlace

            return GooglePlace(
                self._google,
                known,
                project=self.config.project.name,
                title=settings.title,
                memory=memory / "google.json",
                id=settings.id,
                folder=settings.folder,
                share=settings.share,
            )
        from kpisheets.backends.excel.place import ExcelPlace

        return ExcelPlace(
            settings.path,
            known,
            backups=memory / "backups",
            keep=settings.backups,
            max_bytes=settings.backups_mb * 1_000_000,
        )

    def _google(self) -> Api:
        """The way to Google, with the rights that this workbook needs."""
        from kpisheets.backends.google.access.api import open_api
        from kpisheets.backends.google.access.scopes import Need

        settings = self.config.workbook
        need = Need(adopt=settings.id is not None, folder=settings.folder is not None)
        return open_api(self.config.google, self.config.root, need=need, tell=self.progress)

    def _workbook(self) -> Workbook:
        workbook = self._place.workbook()
        if workbook is None:
            raise self._missing()
        return workbook

    def _missing(self) -> BadData:
        return BadData("the workbook does not exist", where=self._place.name, mend="run `kpisheets provision`")

    def _catalogue(self, observed: Observed) -> Catalogue:
        return catalogues.read(observed.tables[CATALOGUE], enum_value, self.config.metrics.keys())

    def _moment(self, observed: Observed) -> Moment:
        now = self._now
        as_of = syncing.report_date(observed.named.get(REPORT_DATE), now.date())
        return Moment(now, now.date(), as_of, self.config.project.close_after_days)

    def _request(self, observed: Observed, *, add_rows: bool = True) -> syncing.Request:
        sources = {name: f"{metric.source}.{name}" for name, metric in self.config.metrics.items()}
        return syncing.Request(
            calendar=self.config.calendar,
            moment=self._moment(observed),
            words=self.language.for_workbook,
            sources=sources,
            add_rows=add_rows,
        )

    def _collect(self, asked: Sequence[Asked]) -> Collected:
        if not asked:
            return Collected()
        from kpisheets.connectors import collect

        now = self.clock()
        return collect(self.config.sources, asked, calendar=self.config.calendar, root=self.config.root, now=now)

    def _since(self, text: str | None) -> date | None:
        if text is None:
            return None
        try:
            return self.config.calendar.parse(text).start
        except ValueError as error:
            raise UsageError(str(error), where="--since", mend="write a period such as 2026-10") from None

    def _mail_problems(self) -> list[Problem]:
        """Whether there is a way out for the reports; nothing is opened."""
        from kpisheets.delivery import open_channel
        from kpisheets.secrets import resolve

        try:
            open_channel(resolve(self.config.mail.url, self.config.root, where=_MAIL), self.config.root)
        except KpisheetsError as error:
            return [Problem(error.where, error.what, error.mend)]
        return []

    def _report(self, name: str | None) -> ReportSettings:
        known = self.config.reports
        if name is None and len(known) == 1:
            return next(iter(known.values()))
        if name is None and not known:
            raise BadConfig("there are no reports", where="kpisheets.toml", mend="add a [reports.weekly] section")
        if name is None or name not in known:
            said = f"there is no report “{name}”" if name else "there are several reports"
            raise UsageError(said, mend=f"choose among: {', '.join(known) or 'none'}")
        return known[name]

    def _summary(
        self, observed: Observed, lines: tuple[Line, ...], problems: tuple[Problem, ...], moment: Moment
    ) -> Summary:
        settings = self.config.project
        stamp = observed.named.get(DATA_AS_OF)
        zone = ZoneInfo(settings.timezone)
        return Summary(
            project=settings.name,
            language=settings.language,
            currency=settings.currency,
            timezone=settings.timezone,
            report_date=moment.as_of,
            synced_at=stamp.replace(tzinfo=zone) if isinstance(stamp, datetime) else None,
            lines=lines,
            problems=problems,
            workbook=self._place.link or str(self._place.path),
        )


def _check_address(to: str) -> None:
    from kpisheets.delivery.addresses import mailbox

    try:
        mailbox(to)
    except BadData as error:
        raise UsageError(error.what, where="--to", mend=error.mend) from None


def _bad_owners(observed: Observed, catalogue: Catalogue) -> list[Problem]:
    from kpisheets.delivery.addresses import mailbox

    problems, table = [], observed.tables[CATALOGUE]
    for identity, kpi in catalogue.kpis.items():
        try:
            if kpi.owner_email:
                mailbox(kpi.owner_email)
        except BadData as error:
            where = table.where(catalogue.rows[identity], "owner_email")
            problems.append(Problem(where, error.what, error.mend, identity))
    return problems


def _by_owner(lines: Iterable[Line]) -> dict[str, tuple[Line, ...]]:
    from kpisheets.delivery.addresses import mailbox

    found: dict[str, tuple[str, tuple[Line, ...]]] = {}
    for line in lines:
        if owner := line.kpi.owner_email:
            try:
                one = mailbox(owner).address.casefold()  # “Ann <ann@example.org>” and ann@example.org are one owner
            except BadData:
                one = owner
            first, theirs = found.get(one, (owner, ()))
            found[one] = (first, (*theirs, line))
    return dict(found.values())
