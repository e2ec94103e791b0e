"""From questions to facts: open each source once, plan, check each metric alone, run one query for each table."""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

from kpisheets.connectors import plan
from kpisheets.connectors.base import Column, Connection, Kind, Opening, Refused, Table, connect
from kpisheets.connectors.expression import Measure, read
from kpisheets.connectors.secrets import Revealed, reveal
from kpisheets.core.metric import Asked, Collected, Fact, Metric, Query, Source
from kpisheets.core.period import Calendar, Frequency
from kpisheets.errors import KpisheetsError, NotAllowed, Problem

_RATIO = Context(prec=28)


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
    facts = sorted(run.facts, key=lambda item: (item[0], item[1].period.start))
    return Collected(
        facts=tuple(fact for _, fact in facts),
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
            ready = _Ready(connection, date(2000, 1, 1))
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


class _Ready:
    """The metrics of one open source: read, and checked one by one against their tables."""

    def __init__(self, connection: Connection, today: date) -> None:
        self.connection = connection
        self.today = today
        self.names = list(connection.tables())
        self.measures: dict[Metric, Measure] = {}
        self._tables: dict[str, Table | Refused] = {}

    def prepare(self, metric: Metric) -> None:
        """Read a metric's expressions. Refused when they are not pure or its table does not exist."""
        self._name(metric)
        self.measures[metric] = read(
            metric, reads=self.connection.reads, writes=self.connection.dialect, today=self.today
        )

    def load(self) -> None:
        """Open every table that the metrics read, then shut the doors."""
        used: dict[str, set[str]] = {}
        for metric, measure in self.measures.items():
            used.setdefault(self._name(metric), set()).update(measure.used, [_bare(metric.date).casefold()])
        for name, columns in used.items():
            try:
                self._tables[name] = self.connection.table(name, frozenset(columns))
            except Refused as error:
                self._tables[name] = error
        self.connection.seal()

    def check(self, metric: Metric) -> tuple[Table, Column, Measure]:
        """The metric's table, date column and measure. Refused when a column is missing or an expression fails."""
        table = self._tables[self._name(metric)]
        if isinstance(table, Refused):
            raise table
        day = _column(table, _bare(metric.date), "date")
        if day.kind is Kind.NUMBER:
            raise Refused(f"the date column “{day.name}” holds numbers", "name a date, timestamp or ISO text column")
        measure = self.measures[metric]
        for word in measure.words:
            _column(table, word, "expression")
        self.connection.bind(table, (*measure.outputs, measure.count), measure.numbers)
        return table, day, measure

    def _name(self, metric: Metric) -> str:
        """The table's name as the source spells it."""
        wanted = metric.table.replace('"', "")
        exact = [name for name in self.names if name == wanted]
        found = exact or [name for name in self.names if name.casefold() == wanted.casefold()]
        if found:
            return found[0]
        bare = [
            name for name in self.names if name.rpartition(".")[2].casefold() == wanted.rpartition(".")[2].casefold()
        ]
        if bare and "." in wanted and self.connection.engine not in ("DuckDB", "SQLite"):
            return wanted
        raise Refused(f"there is no table “{metric.table}”", _choice(wanted, self.names, "tables"))


def _bare(name: str) -> str:
    return name.strip().removeprefix('"').removesuffix('"')


def _column(table: Table, name: str, role: str) -> Column:
    found = table.column(name)
    if found is None:
        said = f"table “{table.name}” has no column “{name}”" + (" (the date)" if role == "date" else "")
        raise Refused(said, _choice(name, [column.name for column in table.columns], "columns"))
    return found


def _choice(name: str, known: Sequence[str], what: str) -> str:
    """What could have been meant: near misses first, else the beginning of the list."""
    folded = {one.casefold(): one for one in known}
    near = [folded[one] for one in difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)]
    if near:
        return f"did you mean {' or '.join(f'“{one}”' for one in near)}?"
    if not known:
        return f"it has no {what} yet"
    more = f" and {len(known) - 12} more" if len(known) > 12 else ""
    return f"its {what} are: {', '.join(known[:12])}{more}"


@dataclass(slots=True)
class _Group:
    """Questions about one table by one date column that passed their checks."""

    table: Table
    day: Column
    asked: list[Asked]


class _Run:
    """What a collection has brought so far."""

    def __init__(self, calendar: Calendar, now: datetime) -> None:
        self.calendar = calendar
        self.now = now
        self.facts: list[tuple[int, Fact]] = []
        self.queries: list[Query] = []
        self.problems: list[Problem] = []
        self.unreachable: set[str] = set()
        self.denied: set[str] = set()

    def blame(self, asked: Iterable[Asked], what: str, mend: str) -> None:
        """A problem for each KPI that asked."""
        for one in asked:
            self.problems.append(Problem(one.metric.where or f"metric {one.metric.name}", what, mend, one.kpi))

    def source(self, connection: Connection, source: Source, asked: Sequence[Asked]) -> None:
        ready = _Ready(connection, self.calendar.today(self.now))
        for metric in plan.metrics_of(asked):
            try:
                ready.prepare(metric)
            except Refused as error:
                self.blame((one for one in asked if one.metric == metric), error.what, error.mend)
        ready.load()
        groups: dict[tuple[str, str], _Group] = {}
        checked: dict[Metric, tuple[Table, Column, Measure]] = {}
        for metric in ready.measures:
            mine = [one for one in asked if one.metric == metric]
            try:
                table, day, _ = checked[metric] = ready.check(metric)
            except Refused as error:
                self.blame(mine, error.what, error.mend)
                continue
            groups.setdefault((table.name, day.name), _Group(table, day, [])).asked.extend(mine)
        order = {id(one): index for index, one in enumerate(asked)}
        for group in groups.values():
            if self._dates(connection, source, group):
                self._query(connection, source, group, {m: c[2] for m, c in checked.items()}, group.asked, order)

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
        statement, layout = plan.statement(
            group.table,
            group.day,
            [measures[metric] for metric in metrics],
            [one.frequency for one in asked],
            plan.window(asked),
            self.calendar,
            dialect=connection.dialect,
            grouping_sets=connection.grouping_sets,
        )
        began = time.perf_counter()
        try:
            rows = connection.run(statement.text, statement.parameters)
        except Refused as error:
            if len(metrics) == 1:
                self.blame(asked, error.what, error.mend)
                return
            half = set(metrics[: len(metrics) // 2])
            for part in ([o for o in asked if o.metric in half], [o for o in asked if o.metric not in half]):
                self._query(connection, source, group, measures, part, order)
            return
        seconds = time.perf_counter() - began
        found: dict[Frequency, list[tuple[Any, ...]]] = {}
        for row in rows:
            found.setdefault(Frequency(row[0]), []).append(row)
        read_rows = max((sum(int(row[2]) for row in part) for part in found.values()), default=0)
        self.queries.append(
            Query(
                source.name,
                group.table.name,
                connection.engine,
                statement.text,
                statement.parameters,
                tuple(one.kpi for one in asked),
                seconds,
                read_rows,
            )
        )
        for one in asked:
            measure, mine = measures[one.metric], found.get(one.frequency, [])
            try:
                facts = [fact for row in mine if (fact := self._fact(one, measure, layout, row)) is not None]
            except TypeError as error:
                self.blame([one], str(error), "write an expression that gives a number")
                continue
            self.facts += [(order[id(one)], fact) for fact in facts]

    def _fact(self, one: Asked, measure: Measure, layout: plan.Layout, row: tuple[Any, ...]) -> Fact | None:
        period = plan.period_of(self.calendar, one.frequency, row[1])
        if period.start > one.last.start or (one.first is not None and period.start < one.first.start):
            return None
        values = []
        for output in measure.outputs:
            try:
                values.append(number(row[layout.at(output)]))
            except ValueError as error:
                said = f"{period}: {error}"
                self.blame([one], said, "correct the data or the expression")
                values.append(None)
        rows = int(row[layout.at(measure.count)])
        if not one.metric.is_ratio:
            return Fact(one.kpi, period, values[0], rows, self.now)
        numerator, denominator = values
        value = _RATIO.divide(numerator, denominator) if numerator is not None and denominator else None
        return Fact(one.kpi, period, value, rows, self.now, numerator, denominator)


def number(value: object) -> Decimal | None:
    """An engine's number as a Decimal. In words: ValueError for NaN and infinities, TypeError for what is no number.

    A float keeps 15 significant digits, as a spreadsheet cell does: the order in which an engine's threads add up
    floats changes what comes after them, and must not look like a restatement.
    """
    match value:
        case None:
            return None
        case bool():
            return Decimal(int(value))
        case Decimal():
            found = value
        case int():
            return Decimal(value)
        case float():
            found = Decimal(format(value, ".15g"))
        case _:
            raise TypeError(f"the source gives “{str(value)[:40]}”, which is not a number")
    if found.is_nan():
        raise ValueError("the source gives NaN (not a number)")
    if found.is_infinite():
        raise ValueError("the source gives an infinite number, perhaps a division by zero")
    return found
