"""One source's answers: its metrics checked one by one, one query for each table and date column, facts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any

from kpisheets.connectors import plan
from kpisheets.connectors.base import Column, Connection, Divided, Kind, Refused, Table, Tell, Window, silent
from kpisheets.connectors.changes import widened
from kpisheets.connectors.choices import Family, families
from kpisheets.connectors.expression import Measure
from kpisheets.connectors.facts import Answer, Row, facts_of
from kpisheets.connectors.free import singly
from kpisheets.connectors.ready import Ready
from kpisheets.connectors.watermarks import Watermark, WholeSource
from kpisheets.connectors.zones import Shift, shifts
from kpisheets.core.metric import Asked, Fact, Metric, Query, Source
from kpisheets.core.period import Calendar, Frequency, Period
from kpisheets.errors import Problem

_DAYS = timedelta(days=2)


def _moment(value: object) -> datetime:
    """What a query gave for a date, as a naive moment."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.combine(value if isinstance(value, date) else date.fromisoformat(str(value)[:10]), time_of_day())


def _both(held: tuple[date, date] | None, window: Window) -> tuple[date, date]:
    """The first and the last day of a window of which there may be records; its first one where there are none."""
    first, last = held or (window.start, window.last_day)
    first = max(first, window.start)
    return first, max(first, min(last, window.last_day))


def place(source: Source) -> str:
    """Where a person finds the source."""
    return source.where or f"source {source.name}"


@dataclass(slots=True)
class _Group:
    """Questions about one table by one date column that passed their checks: alone, and by families."""

    table: Table
    day: Column
    alone: list[Asked] = field(default_factory=list)
    families: list[tuple[Family, Column, list[Asked]]] = field(default_factory=list)
    watermark: str = ""
    shifts: Sequence[Shift] = ()
    held: tuple[date, date] | None = None

    @property
    def asked(self) -> list[Asked]:
        return [*self.alone, *(one for _, _, asked in self.families for one in asked)]


class Answers:
    """What one source has answered so far."""

    def __init__(self, calendar: Calendar, now: datetime, tell: Tell = silent) -> None:
        self.calendar = calendar
        self.now = now
        self._tell = tell
        self._records = 0
        self.facts: dict[int, list[Fact]] = {}  # by the question's id, each in time order
        self.queries: list[Query] = []
        self.problems: list[Problem] = []
        self.watermarks: dict[str, Watermark] = {}
        self.widened: dict[int, Asked] = {}  # by the former question's id

    def blame(self, asked: Iterable[Asked], what: str, mend: str) -> None:
        """A problem for each KPI that asked."""
        for one in asked:
            metric = one.metric
            where = metric.where or f"metric {metric.name}"
            self.problems.append(Problem(where, what, mend, one.kpi, source=metric.source, metric=metric.name))

    def source(self, connection: Connection | Divided, source: Source, asked: Sequence[Asked]) -> None:
        """Ask an open source, in its parts where it has some. A KpisheetsError where it can't be reached after all."""
        parts: dict[tuple[Frequency, str], list[Asked]] = {}
        if not hasattr(connection, "part"):
            self._ask(connection, source, asked)
            return
        for one in asked:
            parts.setdefault((one.frequency, one.metric.filter), []).append(one)
        for (frequency, condition), some in parts.items():
            self._ask(connection.part(frequency, condition), source, some)

    def _ask(self, connection: Connection, source: Source, asked: Sequence[Asked]) -> None:
        ready = Ready(connection, self.calendar.today(self.now), also=source.reading.updated_at)
        singles = [one for one in asked if one.metric.is_single]
        by_metric: dict[Metric, list[Asked]] = {}
        for one in asked:
            if not one.metric.is_single:
                by_metric.setdefault(one.metric, []).append(one)
        together = self._families(ready, by_metric)
        alone = by_metric.keys() - {metric for family in together for metric in family.members}
        self._prepare(ready, {metric: mine for metric, mine in by_metric.items() if metric in alone})
        for one in singles:
            try:
                ready.prepare(one.metric, plan.window([one], self.calendar))
            except Refused as error:
                self.blame([one], error.what, error.mend)
        self._tell("reading its tables", self._records)
        mark = WholeSource(ready, source, plan.window(asked, self.calendar))
        ready.load()
        for one in singles:
            self._single(ready, source, one)
        groups: dict[tuple[str, str], _Group] = {}
        for family in together:
            mine = {metric: by_metric[metric] for metric in family.members}
            try:
                checked = [ready.check(shape) for shape in family.shapes]
            except Refused:
                checked = []
            column = checked[0][0].column(family.column) if checked else None
            if column is None or column.kind is not Kind.TEXT:
                # Alone, each says what is wrong with it; and a word that is compared with other types may be converted.
                self._prepare(ready, mine)
                alone |= mine.keys()
                continue
            table, day, _ = checked[0]
            group = groups.setdefault((table.name, day.name), _Group(table, day))
            group.families.append((family, column, [one for some in mine.values() for one in some]))
        for metric in by_metric:
            if metric in alone and metric in ready.measures:
                self._check(ready, by_metric[metric], groups)
        for group in groups.values():
            self._widen(ready, source, group)
            if not self._dates(ready, source, group):
                continue
            for family, column, members in group.families:
                if not self._family(ready, source, group, family, column, members):
                    self._prepare(ready, {one.metric: [one] for one in members})
                    group.alone += members
            if group.alone:
                self._query(ready, source, group, group.alone)
        for group in groups.values():
            mark.of(group.table.watermark, group.asked)
        mark.of(None, singles)
        for former, question in self.widened.items():
            if id(question) in self.facts:
                self.facts[former] = self.facts.pop(id(question))
        self.watermarks |= {
            one.kpi: mark.found[one.kpi] for one in asked if id(one) in self.facts and one.kpi in mark.found
        }
        self.problems += [Problem(place(source), what, mend) for what, mend in mark.problems]

    def _single(self, ready: Ready, source: Source, one: Asked) -> None:
        if not ready.knows(one.metric):
            return
        try:
            width = ready.width(one.metric)
            facts, query = singly(ready.connection, source, one, width, self.calendar, self.now)
        except Refused as error:
            self.blame([one], error.what, error.mend)
            return
        self.facts[id(one)] = facts
        self.queries.append(query)

    def _families(self, ready: Ready, by_metric: Mapping[Metric, Sequence[Asked]]) -> list[Family]:
        """The families whose shapes can be read, where a join compares text as a condition does."""
        connection = ready.connection
        can = connection.capabilities
        if not ready.dialect.words or not can.grouping_sets or can.filters:
            return []
        found = []
        for family in families(by_metric, reads=connection.reads, today=ready.today):
            if connection.dialect != "duckdb" and any(word != word.rstrip() for word in family.words):
                continue  # a column of fixed width is padded, and a condition on it knows that
            asked = [one for metric in family.members for one in by_metric[metric]]
            try:
                for shape in family.shapes:
                    ready.prepare(shape, plan.window(asked, self.calendar), family.column)
            except Refused:
                continue
            found.append(family)
        return found

    def _prepare(self, ready: Ready, by_metric: Mapping[Metric, Sequence[Asked]]) -> None:
        for metric, asked in by_metric.items():
            try:
                ready.prepare(metric, plan.window(asked, self.calendar))
            except Refused as error:
                self.blame(asked, error.what, error.mend)

    def _check(self, ready: Ready, asked: Sequence[Asked], groups: dict[tuple[str, str], _Group]) -> None:
        """Put the questions about one metric into the group that answers them."""
        try:
            table, day, _ = ready.check(asked[0].metric)
        except Refused as error:
            self.blame(asked, error.what, error.mend)
            return
        groups.setdefault((table.name, day.name), _Group(table, day)).alone += asked

    def _widen(self, ready: Ready, source: Source, group: _Group) -> None:
        """Let the questions reach back to the earliest record that changed."""
        try:
            found = widened(ready, source, group.table, group.day, group.asked, self.calendar)
        except Refused as error:
            self.problems.append(Problem(place(source), f"updated_at: {error.what}", error.mend))
            return
        self.widened |= found
        group.alone = [found.get(id(one), one) for one in group.alone]
        group.families = [(f, column, [found.get(id(one), one) for one in mine]) for f, column, mine in group.families]

    def _dates(self, ready: Ready, source: Source, group: _Group) -> bool:
        """Look at the date column as a whole: say what is out of range; False when there is nothing to ask for."""
        try:
            records, dated, usable, inside, earliest, latest = self._census(ready, group)
        except Refused as error:
            self.blame(group.asked, error.what, error.mend)
            return False
        told = group.table.watermark or self._changed(ready, group.table) or latest
        group.watermark = told.isoformat() if isinstance(told, date) else str(told or "")
        if inside:
            first, last = _moment(earliest) - _DAYS, _moment(latest) + _DAYS
            group.held = first.date(), last.date()
            if not ready.dialect.knows_zones(group.day.kind):
                group.shifts = shifts(self.calendar.timezone, first, last)
        if records and not usable:
            said = f"no record of “{group.table.name}” has a date in “{group.day.name}”"
            if dated:
                said = f"no value of “{group.day.name}” is a date" + (f" ({group.day.hint})" if group.day.hint else "")
            self.blame(group.asked, said, "name a date, timestamp or ISO text column in date")
            return False
        if dated > usable:
            self.problems.append(
                Problem(
                    place(source),
                    f"{dated - usable} of {records} records of “{group.table.name}” were skipped: "
                    f"“{group.day.name}” holds no date there",
                    "write dates such as 2026-01-31 at the source",
                )
            )
        if usable > inside:
            said = f"{usable - inside} of {records} records of “{group.table.name}” were skipped"
            self.problems.append(
                Problem(
                    place(source),
                    f"{said}: “{group.day.name}” lies outside the years 1900 to 9998",
                    "correct these dates at the source",
                )
            )
        return bool(inside)

    def _census(self, ready: Ready, group: _Group) -> tuple[Any, ...]:
        """Records, those with something in the date column, with a date, with one in range; the earliest and latest.

        Of a column whose values have a type, the bounds tell in most cases.
        """
        table, day, connection = group.table, group.day, ready.connection
        if day.kind is not Kind.TEXT:
            looked = plan.extent(table, day, self.calendar, dialect=ready.dialect)
            for records, dated, earliest, latest in connection.run(looked.text, looked.parameters):
                if latest is not None:
                    return records, dated, dated, dated, earliest, latest
        counted = plan.census(table, day, self.calendar, dialect=ready.dialect)
        for found in connection.run(counted.text, counted.parameters):
            return found
        raise Refused(f"“{table.name}” can't be counted: the source gives no answer", "check the source")

    @staticmethod
    def _changed(ready: Ready, table: Table) -> object:
        """When a record last changed, where the source tells."""
        column = table.column(ready.connection.capabilities.updated_at)
        if column is None:
            return None
        ((latest,),) = ready.connection.run(plan.latest(table, column, dialect=ready.dialect).text, ())
        return latest

    def _query(
        self,
        ready: Ready,
        source: Source,
        group: _Group,
        asked: Sequence[Asked],
    ) -> None:
        """Run the query for ``asked``. Should one expression break it while it runs, halve until that one is alone."""
        metrics = plan.metrics_of(asked)
        try:
            answer = self._answer(ready, source, group, [ready.measures[metric] for metric in metrics], asked)
        except Refused as error:
            if len(metrics) == 1:
                self.blame(asked, error.what, error.mend)
                return
            half = set(metrics[: len(metrics) // 2])
            for part in ([o for o in asked if o.metric in half], [o for o in asked if o.metric not in half]):
                self._query(ready, source, group, part)
            return
        for one in asked:
            rows = answer.rows(one.frequency, None, tuple)
            self._facts(one, ready.measures[one.metric], answer, rows)

    def _family(
        self,
        ready: Ready,
        source: Source,
        group: _Group,
        family: Family,
        column: Column,
        asked: Sequence[Asked],
    ) -> bool:
        """Run one query for a family. False where it breaks: alone, most of the family may be answered."""
        measures = [ready.measures[shape] for shape in family.shapes]
        words = plan.Words(column, family.words)
        try:
            answer = self._answer(ready, source, group, measures, asked, words)
            nothing = plan.on_nothing(group.table, answer.layout)
            none_found: Row = (*ready.connection.run(nothing.text, ())[0], None)
        except Refused:
            return False
        places = {word: place for place, word in enumerate(words.words)}
        for one in asked:
            choice = family.members[one.metric]
            rows = answer.rows(one.frequency, places[choice.word], lambda: none_found)
            self._facts(one, ready.measures[choice.shape], answer, rows)
        return True

    def _answer(
        self,
        ready: Ready,
        source: Source,
        group: _Group,
        measures: Sequence[Measure],
        asked: Sequence[Asked],
        words: plan.Words | None = None,
    ) -> Answer:
        window = plan.window(asked, self.calendar)
        statement, layout = plan.statement(
            group.table,
            group.day,
            measures,
            [one.frequency for one in asked],
            window,
            self.calendar,
            dialect=ready.dialect,
            grouping_sets=ready.connection.capabilities.grouping_sets,
            shifts=group.shifts,
            words=words,
            held=_both(group.held, window),
        )
        connection = ready.connection
        kpis = len({one.kpi for one in asked})
        self._tell(f"adding up “{group.table.name}” for {kpis} KPI{'s' if kpis != 1 else ''}", self._records)
        began = time.perf_counter()
        rows = connection.run(statement.text, statement.parameters)
        seconds = time.perf_counter() - began
        answer = Answer(rows, layout, self.calendar)
        self._records += answer.records
        self.queries.append(
            Query(
                source.name,
                group.table.name,
                connection.engine,
                statement.text,
                statement.parameters,
                tuple(one.kpi for one in asked),
                seconds,
                answer.records,
                group.watermark,
                group.table.notes,
            )
        )
        return answer

    def _facts(self, one: Asked, measure: Measure, answer: Answer, rows: Iterator[tuple[Period, Row]]) -> None:
        def complain(what: str) -> None:
            self.blame([one], what, "correct the data or the expression")

        try:
            facts = facts_of(one, measure, answer.layout, rows, self.now, complain)
        except TypeError as error:
            self.blame([one], str(error), "write an expression that gives a number")
            return
        self.facts[id(one)] = facts
