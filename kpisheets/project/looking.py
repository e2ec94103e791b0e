"""Looking without changing anything: every problem at once, and where a number comes from."""

from __future__ import annotations

from dataclasses import replace

from kpisheets.backends.base import TAB_OF
from kpisheets.config import ScheduleSettings
from kpisheets.core import explain as explaining
from kpisheets.core.catalogue import Catalogue
from kpisheets.core.explain import Explanation
from kpisheets.core.flag import REOPENED, Flag
from kpisheets.core.tracking import Tracking, questions
from kpisheets.core.workbook import ACTIONS, CATALOGUE, REVIEW, TRACKING, Observed
from kpisheets.errors import BadData, KpisheetsError, Problem, UsageError
from kpisheets.project import mailing
from kpisheets.project.boarding import Boarding
from kpisheets.project.desk import Desk


def check(desk: Desk) -> tuple[int, tuple[Problem, ...]]:
    """Every problem of catalogue, sources and workbook at once, and the exit code that says the gravest."""
    from kpisheets.connectors import probe

    problems: list[Problem] = []
    try:
        observed = desk.workbook().observe()
        catalogue = desk.catalogue(observed)
        tracking = Tracking(
            observed.tables[TRACKING],
            observed.tables[CATALOGUE],
            catalogue,
            desk.config.calendar,
            desk.moment(observed),
            desk.language.for_workbook,
        )
        tracking.merge({}, (), {})
        problems += [*observed.problems, *catalogue.problems, *tracking.tally.problems, *tracking.own_cells()]
        problems += _bad_owners(observed, catalogue)
        problems += _missing_tabs(desk, observed)
        problems += _reopened(tracking)
    except KpisheetsError as error:
        where = error.where or desk.place.name
        problems.append(Problem(where, error.what, error.mend, code=error.exit_code))
    for source in desk.config.sources.values():
        metrics = [metric for metric in desk.config.metrics.values() if metric.source == source.name]
        problems += probe(source, metrics, root=desk.config.root, today=desk.today, google=desk.config.google)
    if desk.config.reports or desk.config.reminders.schedule or any(one.to for one in desk.config.meetings.values()):
        problems += mailing.problems(desk)
    problems += Boarding(desk).look()
    if desk.config.schedule != ScheduleSettings():
        from kpisheets.running import troubles

        problems += troubles(desk.config)
    return max((problem.code for problem in problems), default=0), tuple(dict.fromkeys(problems))


def explain(desk: Desk, identity: str, period: str | None = None) -> Explanation:
    """Where a KPI's number comes from: source, query, window, as-of, override, history."""
    observed = desk.workbook().observe()
    catalogue = desk.catalogue(observed)
    kpi = catalogue.kpis.get(identity)
    if kpi is None:
        stopped = [problem for problem in catalogue.problems if problem.kpi == identity]
        if stopped:
            raise BadData(stopped[0].what, where=stopped[0].where, mend=stopped[0].mend)
        known = ", ".join(catalogue.kpis) or "none yet"
        raise UsageError(f"there is no KPI “{identity}”", mend=f"choose among: {known}")
    calendar, moment = desk.config.calendar, desk.moment(observed)
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
    metric = desk.config.metrics.get(kpi.metric)
    asked = questions(catalogue, desk.config.metrics, calendar, moment.today, wanted.start, [identity])
    asked = [replace(question, first=wanted, last=wanted) for question in asked]
    collected = desk.collect(asked)
    source = desk.config.sources.get(metric.source) if metric else None
    reading, words = source.reading if source else None, desk.language.for_workbook
    return explaining.explain(observed, catalogue, calendar, kpi, wanted, metric, collected, reading, moment, words)


def _missing_tabs(desk: Desk, observed: Observed) -> list[Problem]:
    """A workbook may do without some tabs: that is told, and is nothing wrong."""
    found, acts = [], desk.config.actions.after or desk.config.actions.signals
    for table, wanted, effect, off in (
        (ACTIONS, acts, "missed KPIs open no actions", "after = 0 under [actions]"),
        (REVIEW, desk.config.review.quarterly, "KPIs are not reviewed", "quarterly = false under [review]"),
    ):
        if wanted and table not in observed.tables:
            what = f"the workbook has no tab “{desk.language.tabs[TAB_OF[table]]}”: {effect}"
            mend = f"`kpisheets provision` adds it, or write {off} in kpisheets.toml"
            found.append(Problem(desk.place.name, what, mend, code=0))
    return found


def _reopened(tracking: Tracking) -> list[Problem]:
    """Periods that somebody opened again and that nobody closed since: that is told, and is nothing wrong."""
    table = tracking.draft.table
    rows = {
        row: period
        for row, (_, period) in tracking.rows.owners.items()
        if period is not None and Flag.read(table.value(row, "flag")).period == REOPENED
    }
    if not rows:
        return []
    labels = sorted({period.label for period in rows.values()})
    what = f"open again, until they are closed anew: {', '.join(labels[:5])}{' …' if labels[5:] else ''}"
    return [Problem(table.where(min(rows), "period"), what, f"kpisheets close {labels[0]}", code=0)]


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
