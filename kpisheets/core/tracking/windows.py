"""How much of a source that is not read whole is asked for: what is open, a look-back, and what else needs an answer.

From time to time such a source is read from the start all the same: only who looks finds what came late, moved or was
deleted in periods that are closed. When that was, the Log remembers; where its entry was deleted, it is done again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from kpisheets.core.catalogue import Catalogue
from kpisheets.core.flag import REOPENED, Flag
from kpisheets.core.kpi import Kpi
from kpisheets.core.merge import is_blank
from kpisheets.core.metric import Asked, Collected, Reach, Source
from kpisheets.core.period import Calendar, Period
from kpisheets.core.plan import AddRow, Content, Why
from kpisheets.core.rows import Rows, text_of
from kpisheets.core.tracking.moment import Moment, reaches
from kpisheets.core.workbook import LOG, TRACKING, Observed, Table


def narrowed(
    asked: Iterable[Asked],
    sources: Mapping[str, Source],
    observed: Observed,
    catalogue: Catalogue,
    calendar: Calendar,
    moment: Moment,
    origins: Mapping[str, str],
    word: str,
) -> list[Asked]:
    """The questions, those to sources that are read by windows cut to what may have changed.

    ``origins`` names each metric's source for the Source column; ``word`` stands in the field of the Log's entries.
    """
    rows = _Needs(observed.tables[TRACKING], catalogue, calendar, origins)
    last = reconciled(observed.tables[LOG], word)
    found = []
    for question in asked:
        reading = sources[question.metric.source].reading
        if reading.whole:
            found.append(question)
            continue
        read = last.get(question.metric.source)
        if read is None or (moment.today - read.date()).days >= reading.reconcile:
            found.append(replace(question, reach=Reach.RECONCILE))
            continue
        day = min(moment.closed_until, moment.today - timedelta(days=reading.look_back))
        first = rows.first(catalogue.kpis[question.kpi], question, day)
        news = rows.known_until(question.kpi) if reading.updated_at else None
        found.append(replace(question, first=first, reach=Reach.OPEN, begins=question.first, changed_since=news))
    return found


def reconciled(log: Table, word: str) -> dict[str, datetime]:
    """When each source was last read from the start."""
    found: dict[str, datetime] = {}
    if not all(log.has(name) for name in ("when", "field", "new")):
        return found
    for row in range(len(log)):
        when, source = log.value(row, "when"), text_of(log.value(row, "new"))
        if log.value(row, "field") == word and isinstance(when, datetime):
            found[source] = max(when, found.get(source, when))
    return found


def reconciling(
    asked: Sequence[Asked], collected: Collected, only: Collection[str], now: datetime, word: str, why: str
) -> list[AddRow]:
    """The Log's entries of the sources that this run read from the start and that answered every question."""
    failed = {problem.kpi for problem in collected.problems if problem.kpi}
    by_source: dict[str, list[Asked]] = {}
    for question in asked:
        by_source.setdefault(question.metric.source, []).append(question)
    return [
        AddRow(
            LOG,
            "",
            {"when": Content(now), "field": Content(word), "new": Content(source), "why": Content(why)},
            Why.BOOKKEEPING,
        )
        for source, mine in by_source.items()
        if not only
        and source not in collected.unreachable
        and all(one.reach is Reach.RECONCILE and one.kpi not in failed for one in mine)
    ]


class _Needs:
    """Which periods of each KPI wait for an answer, however old they are."""

    def __init__(self, table: Table, catalogue: Catalogue, calendar: Calendar, origins: Mapping[str, str]) -> None:
        self._calendar = calendar
        self._known: dict[str, set[date]] = {}
        self._waiting: dict[str, Period] = {}
        self._latest: dict[str, datetime] = {}
        columns = [table.columns[name] for name in ("actual", "source_value", "source", "as_of", "flag")]
        for row, (identity, period) in Rows(table, catalogue, calendar).owners.items():
            kpi = catalogue.kpis.get(identity)
            if kpi is None or period is None or period.frequency is not kpi.frequency:
                continue
            self._known.setdefault(identity, set()).add(period.start)
            actual, before, origin, stamp, flag = (column[row] for column in columns)
            if isinstance(stamp, datetime):
                self._latest[identity] = max(stamp, self._latest.get(identity, stamp))
            # Cleared, never read to its end, opened again, or of another source than now.
            waits = not is_blank(before) and (is_blank(actual) or not reaches(stamp, period.end))
            waits = waits or (flag is not None and Flag.read(flag).period == REOPENED)
            if waits or (not is_blank(before) and text_of(origin) != origins.get(kpi.metric, "")):
                earlier = self._waiting.get(identity, period)
                self._waiting[identity] = min(period, earlier, key=lambda one: one.start)

    def known_until(self, kpi: str) -> date | None:
        """A day before the latest stamp of the KPI's rows: clocks differ, and a record is seen after it was changed."""
        latest = self._latest.get(kpi)
        return None if latest is None else latest.date() - timedelta(days=1)

    def first(self, kpi: Kpi, question: Asked, day: date) -> Period | None:
        """The first period to ask for, where ``day`` and whatever is later is asked for in any case."""
        known = self._known.get(kpi.id)
        if known is None:
            return question.first
        first = min(self._calendar.period(kpi.frequency, day), question.last, key=lambda one: one.start)
        begun = question.first or self._calendar.period(kpi.frequency, min(known))
        if begun.start >= first.start:
            return begun
        # Where a row is missing, it is to be made with its figure.
        missing = next((one for one in self._calendar.span(begun, first) if one.start not in known), first)
        waiting = self._waiting.get(kpi.id, first)
        return max(begun, min(first, missing, waiting, key=lambda one: one.start), key=lambda one: one.start)
