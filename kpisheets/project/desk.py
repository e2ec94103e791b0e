"""What every command works with: the configuration, the clock, the workbook's place, and what they give together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpisheets import vocabulary
from kpisheets.backends.base import Workbook
from kpisheets.backends.place import Place
from kpisheets.config import Config
from kpisheets.core import catalogue as catalogues
from kpisheets.core import sync as syncing
from kpisheets.core.actions import Acting
from kpisheets.core.bounds import Bounds
from kpisheets.core.catalogue import Catalogue
from kpisheets.core.insight import Signs
from kpisheets.core.kpi import Kpi, Number
from kpisheets.core.metric import Asked, Collected
from kpisheets.core.reporting import Telling
from kpisheets.core.request import Request
from kpisheets.core.review import Came, Finding, Reviewing, Said
from kpisheets.core.summary import Summary
from kpisheets.core.tracking import Moment, narrowed
from kpisheets.core.tracking.moment import report_date
from kpisheets.core.workbook import CATALOGUE, DATA_AS_OF, LAST_RUN, REPORT_DATE, Observed, Table
from kpisheets.core.working import closed_until, working_days
from kpisheets.errors import BadData, UsageError
from kpisheets.project.guiding import guiding
from kpisheets.templates import Language, enum_value, language

if TYPE_CHECKING:
    from holidays import HolidayBase

    from kpisheets.google_access.api import Api

Clock = Callable[[], datetime]
Progress = Callable[[str], None]
Watch = Callable[[str, str, int], None]
"""Hears, from several threads, (source, what it does, records so far); blank when a source has finished."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def silent(_: str) -> None:
    pass


def unseen(_: str, __: str, ___: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Looked:
    """A workbook as it is: what was observed, its KPIs, and what is planned for it when no source is asked."""

    observed: Observed
    catalogue: Catalogue
    request: Request
    planned: syncing.Planned


@dataclass
class Desk:
    """``clock`` gives the aware present instant; ``progress`` is told each step, ``watch`` what each source does."""

    config: Config
    clock: Clock = utc_now
    progress: Progress = silent
    watch: Watch = unseen

    @cached_property
    def language(self) -> Language:
        return language(self.config.project.language)

    @property
    def now(self) -> datetime:
        """The present, local and naive, to the second: what a spreadsheet cell can hold."""
        zone = ZoneInfo(self.config.project.timezone)
        return self.clock().astimezone(zone).replace(tzinfo=None, microsecond=0)

    @property
    def today(self) -> date:
        return self.now.date()

    @cached_property
    def place(self) -> Place:
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
        from kpisheets.google_access.api import open_api
        from kpisheets.google_access.scopes import Need

        settings = self.config.workbook
        need = Need(adopt=settings.id is not None, folder=settings.folder is not None)
        return open_api(self.config.google, self.config.root, need=need, tell=self.progress)

    def workbook(self) -> Workbook:
        workbook = self.place.workbook()
        if workbook is None:
            raise self.missing()
        return workbook

    def missing(self) -> BadData:
        return BadData("the workbook does not exist", where=self.place.name, mend="run `kpisheets provision`")

    def catalogue(self, observed: Observed) -> Catalogue:
        return self.read(observed.tables[CATALOGUE])

    def read(self, table: Table) -> Catalogue:
        """The KPIs of the catalogue's table."""
        return catalogues.read(table, enum_value, self.config.metrics.keys())

    def must_know(self, only: Sequence[str], catalogue: Catalogue) -> None:
        """UsageError where the catalogue lacks one of the KPIs."""
        unknown = sorted(set(only) - catalogue.kpis.keys() - catalogue.stopped)
        if unknown:
            known = ", ".join(catalogue.kpis) or "none yet"
            raise UsageError(f"there is no KPI “{unknown[0]}”", mend=f"choose among: {known}")

    def moment(self, observed: Observed) -> Moment:
        now = self.now
        as_of = report_date(observed.named.get(REPORT_DATE), now.date())
        grace, last = (now.date() - self._closed_until(now.date())).days, observed.named.get(LAST_RUN)
        before = self._closed_until(last.date()) if isinstance(last, datetime) else None
        return Moment(now, now.date(), as_of, grace, before)

    def _closed_until(self, day: date) -> date:
        """By when a period must have ended to be closed on that day."""
        settings = self.config.project
        return closed_until(day, settings.close_after_days, self.working if settings.close_on_working_days else None)

    @cached_property
    def working(self) -> HolidayBase:
        return working_days(self.config.schedule.country, self.config.schedule.holidays)

    @property
    def origins(self) -> dict[str, str]:
        """What the Source column says of each metric."""
        return {name: f"{metric.source}.{name}" for name, metric in self.config.metrics.items()}

    @property
    def acting(self) -> Acting:
        """How actions are opened and told: by the configuration, in the workbook's language."""
        words, currency = self.language, self.config.project.currency

        def gap(kpi: Kpi, period: str, actual: Number, target: Number | None) -> str:
            from kpisheets.reports import gaps

            return gaps.gap(kpi, period, actual, target, currency, words)

        def effect(kpi: Kpi, before: Number, after: Number) -> str:
            from kpisheets.reports import gaps

            return gaps.effect(kpi, before, after, currency, words)

        return Acting(
            after=self.config.actions.after,
            signals=self.config.actions.signals,
            read=partial(enum_value, "action_status"),
            say=partial(words.enum, "action_status"),
            gap=gap,
            effect=effect,
        )

    @property
    def telling(self) -> Telling:
        """How the Report tab puts things: by the project's currency, in the workbook's language."""
        words, currency = self.language, self.config.project.currency

        def bounds(kpi: Kpi) -> Bounds:
            from kpisheets.reports import tab

            return tab.bounds(kpi, currency, words)

        def signal(signs: Signs) -> str:
            from kpisheets.reports import tab

            return tab.signal(signs, words)

        return Telling(bounds, signal)

    @property
    def reviewing(self) -> Reviewing:
        """How a review is held and told: by the configuration, in the workbook's language."""
        words, currency, settings = self.language, self.config.project.currency, self.config.review

        def say(finding: Finding) -> Said:
            from kpisheets.reports import review

            return review.said(finding, currency, words)

        def tell(came: Came) -> str:
            from kpisheets.reports import review

            return review.told(came, currency, words)

        return Reviewing(
            quarterly=settings.quarterly,
            most=settings.department_kpis,
            read=partial(enum_value, "decision"),
            say=say,
            tell=tell,
            word=words.word("review_held"),
            held=lambda count: words.word("run_suggested", n=count),
        )

    def request(self, observed: Observed, *, add_rows: bool = True) -> Request:
        return Request(
            calendar=self.config.calendar,
            moment=self.moment(observed),
            words=self.language.for_workbook,
            acting=self.acting,
            guiding=guiding(self.config, self.language, self.origins),
            telling=self.telling,
            reviewing=self.reviewing,
            sources=self.origins,
            add_rows=add_rows,
        )

    def narrowed(self, asked: Sequence[Asked], observed: Observed, catalogue: Catalogue) -> list[Asked]:
        """The questions, cut to the windows by which their sources are read."""
        word = self.language.for_workbook.text["reconciled"]
        return narrowed(
            asked,
            self.config.sources,
            observed,
            catalogue,
            self.config.calendar,
            self.moment(observed),
            self.origins,
            word,
        )

    def collect(self, asked: Sequence[Asked]) -> Collected:
        if not asked:
            return Collected()
        from kpisheets.connectors import collect

        now = self.clock()
        config = self.config
        return collect(
            config.sources,
            asked,
            calendar=config.calendar,
            root=config.root,
            now=now,
            google=config.google,
            watch=self.watch,
        )

    def look(self) -> Looked:
        """The workbook as it is, and what a sync that asks no source would make of it."""
        observed = self.workbook().observe()
        catalogue, request = self.catalogue(observed), self.request(observed, add_rows=False)
        return Looked(observed, catalogue, request, syncing.plan(observed, catalogue, request))

    def summary(self) -> Summary:
        """What the Report tab says, from the workbook as it is."""
        return self.summed_up(self.look())

    def summed_up(self, looked: Looked) -> Summary:
        """What the Report tab says of what was seen."""
        settings, planned = self.config.project, looked.planned
        stamp = looked.observed.named.get(DATA_AS_OF)
        zone = ZoneInfo(settings.timezone)
        return Summary(
            project=settings.name,
            language=settings.language,
            currency=settings.currency,
            timezone=settings.timezone,
            report_date=looked.request.moment.as_of,
            synced_at=stamp.replace(tzinfo=zone) if isinstance(stamp, datetime) else None,
            lines=planned.lines(),
            problems=planned.plan.problems,
            workbook=self.config.workbook.link or self.place.link or str(self.place.path),
            actions=planned.actions(),
            waiting=planned.waiting(),
            suggestions=planned.suggestions(),
        )
