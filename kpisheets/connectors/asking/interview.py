"""A conversation with one source: its metrics are checked one by one, one query answers each table and date column."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from kpisheets.connectors.asking import plan
from kpisheets.connectors.asking.answers import Answers, place
from kpisheets.connectors.asking.changes import widened
from kpisheets.connectors.asking.choices import Family, families
from kpisheets.connectors.asking.expression import Measure
from kpisheets.connectors.asking.facts import Answer, Row, facts_of
from kpisheets.connectors.asking.free import singly
from kpisheets.connectors.asking.groups import Group, dated
from kpisheets.connectors.asking.ready import Ready
from kpisheets.connectors.asking.watermarks import WholeSource
from kpisheets.connectors.base import Column, Connection, Divided, Kind, Refused
from kpisheets.core.metric import Asked, Metric, Query, Source
from kpisheets.core.period import Frequency, Period


def ask(connection: Connection | Divided, source: Source, asked: Sequence[Asked], answers: Answers) -> None:
    """Ask an open source, in its parts where it has some. A KpisheetsError where it can't be reached after all."""
    if not hasattr(connection, "part"):
        _Interview(connection, source, answers).run(asked)
        return
    parts: dict[tuple[Frequency, str], list[Asked]] = {}
    for one in asked:
        parts.setdefault((one.frequency, one.metric.filter), []).append(one)
    for (frequency, condition), some in parts.items():
        _Interview(connection.part(frequency, condition), source, answers).run(some)


class _Interview:
    """With one connection; what it says goes into ``answers``."""

    def __init__(self, connection: Connection, source: Source, answers: Answers) -> None:
        today = answers.calendar.today(answers.now)
        self.ready = Ready(connection, today, also=source.reading.updated_at)
        self.source, self.answers = source, answers

    def run(self, asked: Sequence[Asked]) -> None:
        """Ask everything. A KpisheetsError where the source can't be reached after all."""
        answers = self.answers
        singles = [one for one in asked if one.metric.is_single]
        by_metric: dict[Metric, list[Asked]] = {}
        for one in asked:
            if not one.metric.is_single:
                by_metric.setdefault(one.metric, []).append(one)
        together = self._families(by_metric)
        alone = by_metric.keys() - {metric for family in together for metric in family.members}
        self._prepare({metric: mine for metric, mine in by_metric.items() if metric in alone})
        for one in singles:
            try:
                self.ready.prepare(one.metric, plan.window([one], answers.calendar))
            except Refused as error:
                answers.blame([one], error.what, error.mend)
        answers.tell("reading its tables")
        mark = WholeSource(self.ready, self.source, plan.window(asked, answers.calendar))
        self.ready.load()
        for one in singles:
            self._single(one)
        groups = self._grouped(by_metric, together, alone)
        for group in groups:
            self._widen(group)
            if dated(self.ready, self.source, group, answers):
                self._ask_group(group)
        for group in groups:
            mark.of(group.table.watermark, group.asked)
        mark.of(None, singles)
        for former, question in answers.widened.items():
            if id(question) in answers.facts:
                answers.facts[former] = answers.facts.pop(id(question))
        answers.watermarks |= {
            one.kpi: mark.found[one.kpi] for one in asked if id(one) in answers.facts and one.kpi in mark.found
        }
        for what, mend in mark.problems:
            answers.note(place(self.source), what, mend)

    def _grouped(
        self, by_metric: Mapping[Metric, Sequence[Asked]], together: Sequence[Family], alone: set[Metric]
    ) -> list[Group]:
        """The questions by table and date column; those of families that turn out to be none are asked alone."""
        groups: dict[tuple[str, str], Group] = {}
        for family in together:
            mine = {metric: by_metric[metric] for metric in family.members}
            try:
                checked = [self.ready.check(shape) for shape in family.shapes]
            except Refused:
                checked = []
            column = checked[0][0].column(family.column) if checked else None
            if column is None or column.kind is not Kind.TEXT:
                # Alone, each says what is wrong with it; and a word that is compared with other types may be converted.
                self._prepare(mine)
                alone |= mine.keys()
                continue
            table, day, _ = checked[0]
            group = groups.setdefault((table.name, day.name), Group(table, day))
            group.families.append((family, column, [one for some in mine.values() for one in some]))
        for metric in by_metric:
            if metric in alone and metric in self.ready.measures:
                self._check(by_metric[metric], groups)
        return list(groups.values())

    def _ask_group(self, group: Group) -> None:
        for family, column, members in group.families:
            if not self._family(group, family, column, members):
                self._prepare({one.metric: [one] for one in members})
                group.alone += members
        if group.alone:
            self._query(group, group.alone)

    def _single(self, one: Asked) -> None:
        if not self.ready.knows(one.metric):
            return
        try:
            width = self.ready.width(one.metric)
            facts, query = singly(
                self.ready.connection, self.source, one, width, self.answers.calendar, self.answers.now
            )
        except Refused as error:
            self.answers.blame([one], error.what, error.mend)
            return
        self.answers.facts[id(one)] = facts
        self.answers.queries.append(query)

    def _families(self, by_metric: Mapping[Metric, Sequence[Asked]]) -> list[Family]:
        """The families whose shapes can be read, where a join compares text as a condition does."""
        connection = self.ready.connection
        can = connection.capabilities
        if not self.ready.dialect.words or not can.grouping_sets or can.filters:
            return []
        found = []
        for family in families(by_metric, reads=connection.reads, today=self.ready.today):
            if connection.dialect != "duckdb" and any(word != word.rstrip() for word in family.words):
                continue  # a column of fixed width is padded, and a condition on it knows that
            asked = [one for metric in family.members for one in by_metric[metric]]
            try:
                for shape in family.shapes:
                    self.ready.prepare(shape, plan.window(asked, self.answers.calendar), family.column)
            except Refused:
                continue
            found.append(family)
        return found

    def _prepare(self, by_metric: Mapping[Metric, Sequence[Asked]]) -> None:
        for metric, asked in by_metric.items():
            try:
                self.ready.prepare(metric, plan.window(asked, self.answers.calendar))
            except Refused as error:
                self.answers.blame(asked, error.what, error.mend)

    def _check(self, asked: Sequence[Asked], groups: dict[tuple[str, str], Group]) -> None:
        """Put the questions about one metric into the group that answers them."""
        try:
            table, day, _ = self.ready.check(asked[0].metric)
        except Refused as error:
            self.answers.blame(asked, error.what, error.mend)
            return
        groups.setdefault((table.name, day.name), Group(table, day)).alone += asked

    def _widen(self, group: Group) -> None:
        """Let the questions reach back to the earliest record that changed."""
        try:
            found = widened(self.ready, self.source, group.table, group.day, group.asked, self.answers.calendar)
        except Refused as error:
            self.answers.note(place(self.source), f"updated_at: {error.what}", error.mend)
            return
        self.answers.widened |= found
        group.alone = [found.get(id(one), one) for one in group.alone]
        group.families = [(f, column, [found.get(id(one), one) for one in mine]) for f, column, mine in group.families]

    def _query(
        self,
        group: Group,
        asked: Sequence[Asked],
    ) -> None:
        """Run the query for ``asked``. Should one expression break it while it runs, halve until that one is alone."""
        metrics = plan.metrics_of(asked)
        try:
            answer = self._answer(group, [self.ready.measures[metric] for metric in metrics], asked)
        except Refused as error:
            if len(metrics) == 1:
                self.answers.blame(asked, error.what, error.mend)
                return
            half = set(metrics[: len(metrics) // 2])
            for part in ([o for o in asked if o.metric in half], [o for o in asked if o.metric not in half]):
                self._query(group, part)
            return
        for one in asked:
            rows = answer.rows(one.frequency, None, tuple)
            self._facts(one, self.ready.measures[one.metric], answer, rows)

    def _family(
        self,
        group: Group,
        family: Family,
        column: Column,
        asked: Sequence[Asked],
    ) -> bool:
        """Run one query for a family. False where it breaks: alone, most of the family may be answered."""
        measures = [self.ready.measures[shape] for shape in family.shapes]
        words = plan.Words(column, family.words)
        try:
            answer = self._answer(group, measures, asked, words)
            nothing = plan.on_nothing(group.table, answer.layout)
            none_found: Row = (*self.ready.connection.run(nothing.text, ())[0], None)
        except Refused:
            return False
        places = {word: place for place, word in enumerate(words.words)}
        for one in asked:
            choice = family.members[one.metric]
            rows = answer.rows(one.frequency, places[choice.word], lambda: none_found)
            self._facts(one, self.ready.measures[choice.shape], answer, rows)
        return True

    def _answer(
        self,
        group: Group,
        measures: Sequence[Measure],
        asked: Sequence[Asked],
        words: plan.Words | None = None,
    ) -> Answer:
        window = plan.window(asked, self.answers.calendar)
        statement, layout = plan.statement(
            group.table,
            group.day,
            measures,
            [one.frequency for one in asked],
            window,
            self.answers.calendar,
            dialect=self.ready.dialect,
            grouping_sets=self.ready.connection.capabilities.grouping_sets,
            shifts=group.shifts,
            words=words,
            held=group.within(window),
        )
        connection = self.ready.connection
        kpis = len({one.kpi for one in asked})
        self.answers.tell(f"adding up “{group.table.name}” for {kpis} KPI{'s' if kpis != 1 else ''}")
        began = time.perf_counter()
        rows = connection.run(statement.text, statement.parameters)
        seconds = time.perf_counter() - began
        answer = Answer(rows, layout, self.answers.calendar)
        self.answers.records += answer.records
        self.answers.queries.append(
            Query(
                self.source.name,
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
            self.answers.blame([one], what, "correct the data or the expression")

        try:
            facts = facts_of(one, measure, answer.layout, rows, self.answers.now, complain)
        except TypeError as error:
            self.answers.blame([one], str(error), "write an expression that gives a number")
            return
        self.answers.facts[id(one)] = facts
