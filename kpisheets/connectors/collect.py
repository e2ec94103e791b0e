"""From questions to facts: open each source once, plan, check each metric alone, run one query for each table."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from kpisheets.connectors import plan
from kpisheets.connectors.base import Column, Connection, Kind, Opening, Refused, Table, connect
from kpisheets.connectors.choices import Family, families
from kpisheets.connectors.expression import Measure
from kpisheets.connectors.facts import Answer, Row, facts_of
from kpisheets.connectors.ready import Ready
from kpisheets.core.metric import Asked, Collected, Fact, Metric, Query, Source
from kpisheets.core.period import Calendar, Period
from kpisheets.errors import KpisheetsError, NotAllowed, Problem
from kpisheets.secrets import Revealed, reveal


def collect(
    sources: Mapping[str, Source], asked: Sequence[Asked], *, calendar: Calendar, root: Path, now: datetime
) -> Collected:
    """Answer every question with the facts that its source holds, read at ``now`` (an aware instant).

    A period in which the table has no record gives no fact. Whatever fails becomes a problem of the KPIs that it
    concerns, and the others go on; a source that can't be opened is named in ``unreachable``.
    """
    run = _Run(calendar, now)
    by_source: dict[str, list[Asked]] = {}
    for one in asked:
        by_source.setdefault(one.metric.source, []).append(one)
    for name, questions in by_source.items():
        source = sources.get(name)
        if source is None:
            run.blame(questions, f"there is no source “{name}”", f"choose among: {', '.join(sources) or 'none'}")
            continue
        try:
            with opened(source, calendar.timezone, root) as connection:
                run.source(connection, source, questions)
        except KpisheetsError as error:
            run.unreachable.add(name)
            if isinstance(error, NotAllowed):
                run.denied.add(name)
            run.problems.append(Problem(error.where or _place(source), error.what, error.mend, code=error.exit_code))
    run.facts.sort(key=lambda found: found[0])
    return Collected(
        facts=tuple(fact for _, facts in run.facts for fact in facts),
        queries=tuple(run.queries),
        problems=tuple(run.problems),
        unreachable=frozenset(run.unreachable),
        denied=frozenset(run.denied),
    )


def probe(source: Source, metrics: Sequence[Metric], *, root: Path) -> list[Problem]:
    """Whether the source opens, and whether each metric's table, columns and expressions exist; every problem."""
    problems: list[Problem] = []
    try:
        with opened(source, "UTC", root) as connection:
            ready = Ready(connection, date(2000, 1, 1))
            for metric in metrics:
                try:
                    ready.prepare(metric)
                except Refused as error:
                    problems.append(
                        Problem(metric.where or metric.name, f"metric {metric.name}: {error.what}", error.mend)
                    )
            ready.load()
            for metric in metrics:
                try:
                    if metric in ready.measures:
                        ready.check(metric)
                except Refused as error:
                    problems.append(
                        Problem(metric.where or metric.name, f"metric {metric.name}: {error.what}", error.mend)
                    )
    except KpisheetsError as error:
        problems.append(Problem(error.where or _place(source), error.what, error.mend, code=error.exit_code))
    return problems


def _place(source: Source) -> str:
    return source.where or f"source {source.name}"


@contextmanager
def opened(source: Source, timezone: str, root: Path) -> Iterator[Connection]:
    """The source, open until the block ends. Unreachable or NotAllowed, with the place of its definition."""
    url = Revealed(source.url, source.url)
    try:
        url = reveal(source.url, root, where=_place(source))
        connection = connect(Opening(url, root, timezone))
    except KpisheetsError as error:
        raise type(error)(url.masked(error.what), where=_place(source), mend=url.masked(error.mend)) from None
    try:
        yield connection
    finally:
        connection.close()


@dataclass(slots=True)
class _Group:
    """Questions about one table by one date column that passed their checks: alone, and by families."""

    table: Table
    day: Column
    alone: list[Asked] = field(default_factory=list)
    families: list[tuple[Family, Column, list[Asked]]] = field(default_factory=list)

    @property
    def asked(self) -> list[Asked]:
        return [*self.alone, *(one for _, _, asked in self.families for one in asked)]


class _Run:
    """What a collection has brought so far."""

    def __init__(self, calendar: Calendar, now: datetime) -> None:
        self.calendar = calendar
        self.now = now
        self.facts: list[tuple[int, list[Fact]]] = []  # by the place of the question, each in time order
        self.queries: list[Query] = []
        self.problems: list[Problem] = []
        self.unreachable: set[str] = set()
        self.denied: set[str] = set()

    def blame(self, asked: Iterable[Asked], what: str, mend: str) -> None:
        """A problem for each KPI that asked."""
        for one in asked:
            self.problems.append(Problem(one.metric.where or f"metric {one.metric.name}", what, mend, one.kpi))

    def source(self, connection: Connection, source: Source, asked: Sequence[Asked]) -> None:
        ready = Ready(connection, self.calendar.today(self.now))
        by_metric: dict[Metric, list[Asked]] = {}
        for one in asked:
            by_metric.setdefault(one.metric, []).append(one)
        together = self._families(ready, list(by_metric))
        alone = by_metric.keys() - {metric for family in together for metric in family.members}
        self._prepare(ready, {metric: mine for metric, mine in by_metric.items() if metric in alone})
        ready.load()
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
        order = {id(one): index for index, one in enumerate(asked)}
        for group in groups.values():
            if not self._dates(connection, source, group):
                continue
            for family, column, members in group.families:
                if not self._family(ready, source, group, family, column, members, order):
                    self._prepare(ready, {one.metric: [one] for one in members})
                    group.alone += members
            if group.alone:
                self._query(connection, source, group, ready.measures, group.alone, order)

    @staticmethod
    def _families(ready: Ready, metrics: Sequence[Metric]) -> list[Family]:
        """The families whose shapes can be read; a column of text is compared as it is grouped in DuckDB alone."""
        connection = ready.connection
        if connection.dialect != "duckdb":
            return []
        found = []
        for family in families(metrics, reads=connection.reads, today=ready.today):
            try:
                for shape in family.shapes:
                    ready.prepare(shape, family.column)
            except Refused:
                continue
            found.append(family)
        return found

    def _prepare(self, ready: Ready, by_metric: Mapping[Metric, Sequence[Asked]]) -> None:
        for metric, asked in by_metric.items():
            try:
                ready.prepare(metric)
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

    def _dates(self, connection: Connection, source: Source, group: _Group) -> bool:
        """Look at the date column as a whole: say what is out of range; False when there is nothing to ask for."""
        counting = plan.census(group.table, group.day, self.calendar, dialect=connection.dialect)
        try:
            ((records, dated, usable, inside),) = connection.run(counting.text, counting.parameters)
        except Refused as error:
            self.blame(group.asked, error.what, error.mend)
            return False
        if records and not usable:
            said = f"no record of “{group.table.name}” has a date in “{group.day.name}”"
            if dated:
                said = f"no value of “{group.day.name}” is a date" + (f" ({group.day.hint})" if group.day.hint else "")
            self.blame(group.asked, said, "name a date, timestamp or ISO text column in date")
            return False
        if dated > usable:
            self.problems.append(
                Problem(
                    _place(source),
                    f"{dated - usable} of {records} records of “{group.table.name}” were skipped: "
                    f"“{group.day.name}” holds no date there",
                    "write dates such as 2026-01-31 at the source",
                )
            )
        if usable > inside:
            said = f"{usable - inside} of {records} records of “{group.table.name}” were skipped"
            self.problems.append(
                Problem(
                    _place(source),
                    f"{said}: “{group.day.name}” lies outside the years 1900 to 9998",
                    "correct these dates at the source",
                )
            )
        return bool(inside)

    def _query(
        self,
        connection: Connection,
        source: Source,
        group: _Group,
        measures: Mapping[Metric, Measure],
        asked: Sequence[Asked],
        order: Mapping[int, int],
    ) -> None:
        """Run the query for ``asked``. Should one expression break it while it runs, halve until that one is alone."""
        metrics = plan.metrics_of(asked)
        try:
            answer = self._answer(connection, source, group, [measures[metric] for metric in metrics], asked)
        except Refused as error:
            if len(metrics) == 1:
                self.blame(asked, error.what, error.mend)
                return
            half = set(metrics[: len(metrics) // 2])
            for part in ([o for o in asked if o.metric in half], [o for o in asked if o.metric not in half]):
                self._query(connection, source, group, measures, part, order)
            return
        for one in asked:
            rows = answer.rows(one.frequency, None, tuple)
            self._facts(one, measures[one.metric], answer, rows, order[id(one)])

    def _family(
        self,
        ready: Ready,
        source: Source,
        group: _Group,
        family: Family,
        column: Column,
        asked: Sequence[Asked],
        order: Mapping[int, int],
    ) -> bool:
        """Run one query for a family. False where it breaks: alone, most of the family may be answered."""
        measures = [ready.measures[shape] for shape in family.shapes]
        words = plan.Words(column, family.words)
        try:
            answer = self._answer(ready.connection, source, group, measures, asked, words)
            nothing = plan.on_nothing(group.table, answer.layout)
            none_found: Row = (*ready.connection.run(nothing.text, ())[0], None)
        except Refused:
            return False
        places = {word: place for place, word in enumerate(words.words)}
        for one in asked:
            choice = family.members[one.metric]
            rows = answer.rows(one.frequency, places[choice.word], lambda: none_found)
            self._facts(one, ready.measures[choice.shape], answer, rows, order[id(one)])
        return True

    def _answer(
        self,
        connection: Connection,
        source: Source,
        group: _Group,
        measures: Sequence[Measure],
        asked: Sequence[Asked],
        words: plan.Words | None = None,
    ) -> Answer:
        statement, layout = plan.statement(
            group.table,
            group.day,
            measures,
            [one.frequency for one in asked],
            plan.window(asked),
            self.calendar,
            dialect=connection.dialect,
            grouping_sets=connection.grouping_sets,
            words=words,
        )
        began = time.perf_counter()
        rows = connection.run(statement.text, statement.parameters)
        seconds = time.perf_counter() - began
        answer = Answer(rows, layout, self.calendar)
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
            )
        )
        return answer

    def _facts(self, one: Asked, measure: Measure, answer: Answer, rows: Iterator[tuple[Period, Row]], at: int) -> None:
        def complain(what: str) -> None:
            self.blame([one], what, "correct the data or the expression")

        try:
            facts = facts_of(one, measure, answer.layout, rows, self.now, complain)
        except TypeError as error:
            self.blame([one], str(error), "write an expression that gives a number")
            return
        self.facts.append((at, facts))
