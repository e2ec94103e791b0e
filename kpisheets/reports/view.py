"""A report in words and written numbers: what text, Markdown, HTML and PDF lay out, each in its way.

Nothing here judges or computes; that is done in the summary.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from kpisheets.core.kpi import Status
from kpisheets.core.summary import Summary
from kpisheets.reports import late
from kpisheets.reports.dates import day_words, moment_words, period_words
from kpisheets.reports.late import AfterClose
from kpisheets.reports.rows import Row, clean, status_words, written
from kpisheets.reports.todo import Todo
from kpisheets.reports.todo import written as to_do
from kpisheets.templates import Language

STALE_AFTER = timedelta(hours=36)
"""Data read longer than this before the report date ends is labelled as stale."""


PRAISED = 5
"""The owners of so many successes are congratulated."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many KPIs have a status, with its word."""

    status: Status
    number: int
    symbol: str
    word: str


@dataclass(frozen=True, slots=True)
class View:
    """A report, written. ``rows`` are worst first; ``counts`` leaves out statuses that no KPI has, save the judged;
    ``warnings`` are on target and worsening; ``well_done`` names the owners of the successes that stand first;
    ``actions`` are open; ``late`` changed in closed periods; ``suggestions`` says how many await a decision,
    ``overrides`` how many figures were typed over their source, both blank where there is none."""

    project: str
    language: str
    title: str
    period: str
    verdict: str
    counts: tuple[Count, ...]
    rows: tuple[Row, ...]
    successes: tuple[Row, ...]
    attention: tuple[Row, ...]
    warnings: tuple[Row, ...]
    well_done: str
    actions: tuple[Todo, ...]
    late: AfterClose
    as_of: str
    stale_note: str
    stale_word: str
    suggestions: str
    overrides: str
    problems: tuple[str, ...]
    workbook: str
    workbook_is_link: bool

    @property
    def stale(self) -> bool:
        return bool(self.stale_note)

    @property
    def heading(self) -> str:
        """The period as a title."""
        return self.period[:1].upper() + self.period[1:]


def view(summary: Summary, words: Language, *, compact: bool = False) -> View:
    """The summary in the words of a language; ``compact`` writes large numbers short (1.24 M)."""
    rows = {id(line): written(line, summary.currency, words, compact=compact) for line in summary.lines}
    workbook = clean(summary.workbook)
    return View(
        project=clean(summary.project),
        language=words.code,
        title=words.word("report_title", project=clean(summary.project)),
        period=_period(summary, words),
        verdict=_verdict(summary, words),
        counts=_counts(summary, words),
        rows=tuple(rows[id(line)] for line in summary.worst_first),
        successes=tuple(rows[id(line)] for line in summary.successes),
        attention=tuple(rows[id(line)] for line in summary.attention),
        warnings=tuple(rows[id(line)] for line in summary.warnings),
        well_done=_well_done(summary, words),
        actions=tuple(to_do(action, summary.report_date, words) for action in summary.actions),
        late=late.written(summary.waiting, summary.currency, words, compact=compact),
        as_of=_as_of(summary, words),
        stale_note=stale_note(summary, words),
        stale_word=words.word("stale").capitalize(),
        suggestions=_suggestions(summary, words),
        overrides=words.word("mail_overrides", n=len(summary.overridden)) if summary.overridden else "",
        problems=tuple(clean(str(problem)) for problem in summary.problems),
        workbook=workbook,
        workbook_is_link=workbook.casefold().startswith(("https://", "http://")),
    )


def is_stale(summary: Summary) -> bool:
    """Whether the last sync failed, lies more than ``STALE_AFTER`` before the end of the report date, or never was."""
    if summary.synced_at is None or summary.unsynced:
        return True
    end = datetime.combine(summary.report_date + timedelta(days=1), time(), ZoneInfo(summary.timezone))
    return end - _aware(summary.synced_at, summary) > STALE_AFTER


def _aware(moment: datetime, summary: Summary) -> datetime:
    zone = ZoneInfo(summary.timezone)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _period(summary: Summary, words: Language) -> str:
    """The period that most lines speak of; the report date where there is no line."""
    found = summary.periods
    return period_words(found[0], words) if found else day_words(summary.report_date, words)


def _verdict(summary: Summary, words: Language) -> str:
    """“5 met, 2 at risk, 1 missed”: as the Report tab says it."""
    if not summary.lines:
        return words.word("report.no_kpis")
    shown = (count for count in _counts(summary, words) if count.number or count.status is Status.MET)
    return ", ".join(f"{count.number} {words.word(f'counted_{count.status.value}')}" for count in shown)


def _suggestions(summary: Summary, words: Language) -> str:
    count = len(summary.suggestions)
    return words.word("mail_suggestions", n=count, tab=words.tabs["review"]) if count else ""


def _well_done(summary: Summary, words: Language) -> str:
    owners = (clean(line.kpi.owner) for line in summary.successes[:PRAISED])
    named = tuple(dict.fromkeys(owner for owner in owners if owner))
    return words.word("insight.well_done", owners=", ".join(named)) if named else ""


_JUDGED = (Status.MET, Status.AT_RISK, Status.MISSED)


def _counts(summary: Summary, words: Language) -> tuple[Count, ...]:
    counts = summary.counts
    return tuple(
        Count(status, counts[status], *status_words(status, status, words))
        for status in (*_JUDGED, Status.NO_DATA, Status.NO_TARGET, Status.IN_PROGRESS)
        if counts[status] or status in _JUDGED
    )


def stale_note(summary: Summary, words: Language) -> str:
    """That the data is not up to date; blank where it is."""
    if not is_stale(summary):
        return ""
    if summary.synced_at is None:
        return words.word("report.never_synced")
    return words.word("stale_note", when=moment_words(_aware(summary.synced_at, summary), words))


def _as_of(summary: Summary, words: Language) -> str:
    if summary.synced_at is None:
        return words.word("report.never_synced")
    return words.word("data_as_of_when", when=moment_words(_aware(summary.synced_at, summary), words))
