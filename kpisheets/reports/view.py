"""The summary in words and written numbers: what text, Markdown and HTML lay out, each in its way.

Nothing here judges or computes; that is done in the summary. Names that people typed are stripped of what could
change a layout (line breaks, control and direction characters); escaping is left to each rendering.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from kpisheets.core.kpi import Direction, Number, RollUp, Status
from kpisheets.core.summary import Line, SoFar, Summary
from kpisheets.core.unit import Measure, Unit
from kpisheets.reports.dates import day_words, moment_words, period_words, until_words
from kpisheets.reports.numbers import NOTHING, Writer, differ
from kpisheets.reports.trend import finite
from kpisheets.templates import Language

STALE_AFTER = timedelta(hours=36)
"""Data read longer than this before the report date ends is labelled as stale."""


@dataclass(frozen=True, slots=True)
class Row:
    """One KPI, written. ``gap`` says how far from target in words; ``marks`` are notes such as “typed by hand”;
    ``trend`` says in words what a picture of it shows, blank where it has fewer than two values."""

    line: Line
    name: str
    owner: str
    department: str
    period: str
    actual: str
    target: str
    status: Status
    symbol: str
    word: str
    gap: str
    gap_share: str
    so_far: str
    marks: tuple[str, ...]
    trend: str
    recommendation: str

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about the number, and the running period."""
        return (*self.marks, self.so_far) if self.so_far else self.marks


@dataclass(frozen=True, slots=True)
class Count:
    """How many KPIs have a status, with its word."""

    status: Status
    number: int
    symbol: str
    word: str


@dataclass(frozen=True, slots=True)
class View:
    """A report, written. ``rows`` are worst first; ``counts`` leaves out statuses that no KPI has, save the judged."""

    project: str
    language: str
    title: str
    period: str
    verdict: str
    counts: tuple[Count, ...]
    rows: tuple[Row, ...]
    successes: tuple[Row, ...]
    attention: tuple[Row, ...]
    as_of: str
    stale_note: str
    stale_word: str
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
    writer = Writer.of(words)
    rows = {id(line): _row(line, summary, words, writer, compact) for line in summary.lines}
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
        as_of=_as_of(summary, words),
        stale_note=_stale_note(summary, words),
        stale_word=words.word("stale").capitalize(),
        problems=tuple(clean(str(problem)) for problem in summary.problems),
        workbook=workbook,
        workbook_is_link=workbook.casefold().startswith(("https://", "http://")),
    )


def clean(text: str) -> str:
    """One line of visible text: white space joined, control, direction and unassigned characters removed."""
    return "".join(
        char
        for char in " ".join(text.split())
        if unicodedata.category(char) not in _INVISIBLE and unicodedata.bidirectional(char) not in _DIRECTING
    )


_INVISIBLE = frozenset({"Cc", "Cn", "Co", "Cs", "Zl", "Zp"})
_DIRECTING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def is_stale(summary: Summary) -> bool:
    """Whether the last sync failed, lies more than ``STALE_AFTER`` before the end of the report date, or never was."""
    if summary.synced_at is None or summary.unsynced:
        return True
    end = datetime.combine(summary.report_date + timedelta(days=1), time(), ZoneInfo(summary.timezone))
    return end - _aware(summary.synced_at, summary) > STALE_AFTER


def _aware(moment: datetime, summary: Summary) -> datetime:
    zone = ZoneInfo(summary.timezone)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _row(line: Line, summary: Summary, words: Language, writer: Writer, compact: bool) -> Row:
    unit = Unit.read(clean(line.kpi.unit), summary.currency)
    write = _Write(writer, unit, compact)
    if line.kpi.direction is Direction.RANGE:
        actual, target = write(line.actual), _range(line, words, write)
    else:
        actual, target = writer.pair(line.actual, line.target, unit, compact=compact)
    judged = line.verdict.judged
    share = line.variance_share
    gap = _gap(line, words, write)
    symbol, word = _word(line.verdict.status, judged, words)
    return Row(
        line=line,
        name=clean(line.kpi.name) or clean(line.kpi.id),
        owner=clean(line.kpi.owner),
        department=clean(line.kpi.department),
        period=period_words(line.period, words),
        actual=actual,
        target=target,
        status=judged,
        symbol=symbol,
        word=word,
        gap=gap,
        gap_share=writer.share(abs(share)) if share and gap and unit.measure is not Measure.SHARE else "",
        so_far=_so_far(line.so_far, words, write),
        marks=_marks(line, words, write),
        trend=_trend(line, words, write),
        recommendation=clean(line.kpi.recommendation) if judged in (Status.MISSED, Status.AT_RISK) else "",
    )


@dataclass(frozen=True, slots=True)
class _Write:
    """Writes the numbers of one KPI."""

    writer: Writer
    unit: Unit
    compact: bool

    def __call__(self, value: Number | None) -> str:
        return self.writer.number(value, self.unit, compact=self.compact)

    def gap(self, first: Number, second: Number) -> str:
        """How far two numbers are apart; rates in points: from 3 % to 4 % is one point, not a third."""
        difference = float(first) - float(second)
        if self.unit.measure is Measure.SHARE:
            return self.writer.points(difference)
        return self.writer.gap(difference, self.unit, compact=self.compact)


def _word(status: Status, judged: Status, words: Language) -> tuple[str, str]:
    """A status's symbol and its word; of a period in progress the word for its pace."""
    symbol, _, word = words.status[judged].partition(" ")
    return symbol, words.so_far[judged] if status is Status.IN_PROGRESS and judged is not status else word


def _range(line: Line, words: Language, write: _Write) -> str:
    kpi = line.kpi
    if kpi.low is None and kpi.high is None:
        return NOTHING
    if kpi.high is None:
        return words.word("report.at_least", bound=write(kpi.low))
    if kpi.low is None:
        return words.word("report.at_most", bound=write(kpi.high))
    low, high = write.writer.pair(kpi.low, kpi.high, write.unit, compact=write.compact)
    return words.word("report.between", low=low, high=high)


def _gap(line: Line, words: Language, write: _Write) -> str:
    """How far the actual is from its target, in words that say which side is the good one.

    Blank for the running period of a KPI whose values add up: its shortfall today says nothing yet.
    """
    actual, kpi = line.actual, line.kpi
    if actual is None or line.status is Status.NO_TARGET:
        return ""
    if line.status is Status.IN_PROGRESS and kpi.roll_up is RollUp.SUM:
        return ""
    if kpi.direction is Direction.RANGE:
        if kpi.low is not None and actual < kpi.low:
            return words.word("below_range", gap=write.gap(kpi.low, actual))
        if kpi.high is not None and actual > kpi.high:
            return words.word("above_range", gap=write.gap(actual, kpi.high))
        return words.word("report.within_range")
    if line.target is None:
        return ""
    if not differ(actual, line.target):
        return words.word("on_target")
    return words.word("better_by" if line.is_better else "worse_by", gap=write.gap(actual, line.target))


def _so_far(so_far: SoFar | None, words: Language, write: _Write) -> str:
    if so_far is None or so_far.actual is None:
        return ""
    period, actual = period_words(so_far.period, words), write(so_far.actual)
    verdict = so_far.verdict
    if verdict.so_far is None:
        return words.word("report.so_far", period=period, actual=actual)
    word = words.so_far[verdict.so_far]
    return words.word("report.so_far_judged", period=period, actual=actual, pace=word)


def _marks(line: Line, words: Language, write: _Write) -> tuple[str, ...]:
    """What a reader must know about the number. An override that was also restated shows the source's value once."""
    marks = []
    if line.status is Status.IN_PROGRESS:
        marks.append(words.word("provisional"))
    if line.stale:
        marks.append(words.word("stale"))
    if line.data_until is not None:
        marks.append(words.word("report.data_until", when=until_words(line.data_until, words)))
    says = words.word("report.source_says", value=write(line.source_value)) if line.source_value is not None else ""
    for kind, is_so in (("overridden", line.overridden), ("restated", line.restated)):
        if is_so:
            marks.append(f"{words.word(kind)} ({says})" if says else words.word(kind))
            says = ""
    return tuple(marks)


def _trend(line: Line, words: Language, write: _Write) -> str:
    known = [point.actual for point in line.trend if finite(point.actual) is not None]
    if len(known) < 2:
        return ""
    first, last = (write.writer.number(value, write.unit, compact=True) for value in (known[0], known[-1]))
    return words.word("report.trend", n=len(line.trend), first=first, last=last)


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


_JUDGED = (Status.MET, Status.AT_RISK, Status.MISSED)


def _counts(summary: Summary, words: Language) -> tuple[Count, ...]:
    counts = summary.counts
    return tuple(
        Count(status, counts[status], *_word(status, status, words))
        for status in (*_JUDGED, Status.NO_DATA, Status.NO_TARGET, Status.IN_PROGRESS)
        if counts[status] or status in _JUDGED
    )


def _stale_note(summary: Summary, words: Language) -> str:
    if not is_stale(summary):
        return ""
    if summary.synced_at is None:
        return words.word("report.never_synced")
    return words.word("stale_note", when=moment_words(_aware(summary.synced_at, summary), words))


def _as_of(summary: Summary, words: Language) -> str:
    if summary.synced_at is None:
        return words.word("report.never_synced")
    return words.word("data_as_of_when", when=moment_words(_aware(summary.synced_at, summary), words))
