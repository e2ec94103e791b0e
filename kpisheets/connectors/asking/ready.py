"""The metrics of one open source, read and checked one by one against its tables."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from kpisheets.connectors.asking.expression import Measure, read
from kpisheets.connectors.asking.free import filled, tables_of
from kpisheets.connectors.base import Column, Connection, Kind, Refused, Table, Window
from kpisheets.connectors.dialects.spellings import named
from kpisheets.core.metric import Metric

_Key = tuple[str, str]
_WITHOUT_CASE = ("duckdb", "sqlite")
"""Dialects in which a column is found however it is written."""


class Ready:
    """The metrics of one open source: read, and checked one by one against their tables."""

    def __init__(self, connection: Connection, today: date, *, also: str = "") -> None:
        self.connection = connection
        self.today = today
        self._also = {also.casefold()} - {""}
        self.dialect = named(connection.dialect)
        self.names = connection.tables()
        self.measures: dict[Metric, Measure] = {}
        self._tables: dict[_Key, Table | Refused] = {}
        self._wanted: dict[_Key, Window] = {}
        self._queries: dict[str, tuple[str, ...]] = {}

    def prepare(self, metric: Metric, window: Window, *also: str) -> None:
        """Read a metric's expressions. Refused when they are not pure or its table does not exist.

        ``window`` is when it is asked for; ``also`` are columns of its table that will matter too.
        """
        if metric.sql:
            self._queries[metric.sql] = tables_of(metric.sql, self.dialect.name)
        key = self._key(metric)
        if metric.is_single:
            self._wanted.setdefault(key, window)
            return
        measure = self.measures[metric] = self._read(metric)
        columns = frozenset(column.casefold() for column in (*measure.words, _bare(metric.date), *also, *self._also))
        before = self._wanted.get(key)
        self._wanted[key] = replace(
            window,
            start=min(window.start, before.start) if before else window.start,
            end=max(window.end, before.end) if before else window.end,
            dated_by=_bare(metric.date),
            columns=columns | before.columns if before else columns,
        )

    def load(self) -> None:
        """Open every table that the metrics read, then shut the doors."""
        for key, window in self._wanted.items():
            try:
                self._tables[key] = self._opened(key[0], window)
            except Refused as error:
                self._tables[key] = error
        self.connection.seal()

    def _opened(self, name: str, window: Window) -> Table:
        if name not in self._queries:
            return self.connection.table(name, window)
        text = filled(name, self.dialect.name, window)
        return self.connection.query(f"sql {len(self._tables)}", text, self._queries[name], window)

    def knows(self, metric: Metric) -> bool:
        """Whether the metric could be read."""
        return metric in self.measures or (metric.is_single and metric.sql in self._queries)

    def width(self, metric: Metric) -> int:
        """How many numbers the SELECT of a single metric gives: a value, or numerator and denominator. Refused when it
        fails."""
        table = self._tables[self._key(metric)]
        if isinstance(table, Refused):
            raise table
        if len(table.columns) not in (1, 2):
            mend = "let it give a number, or numerator and denominator; or give date and value"
            raise Refused(f"its sql gives {len(table.columns)} columns", mend)
        return len(table.columns)

    def check(self, metric: Metric) -> tuple[Table, Column, Measure]:
        """The metric's table, date column and measure. Refused when a column is missing or an expression fails."""
        table = self._tables[self._key(metric)]
        if isinstance(table, Refused):
            raise table
        day = _column(table, _bare(metric.date), "date")
        if day.kind is Kind.NUMBER:
            raise Refused(f"the date column “{day.name}” holds numbers", "name a date, timestamp or ISO text column")
        if day.kind is Kind.TEXT and not self.dialect.reads_text:
            raise Refused(f"the date column “{day.name}” is text", "make a view in which it is a date or timestamp")
        measure = self.measures[metric]
        for word in measure.words:
            _column(table, word, "expression")
        if self.dialect.name not in _WITHOUT_CASE:
            measure = self.measures[metric] = self._read(metric, table)
        if not self.connection.capabilities.exact_distinct and any("DISTINCT" in text for text in measure.outputs):
            raise Refused(
                "the source counts distinct values only roughly", "count something else, or use another source"
            )
        self.connection.bind(table, (*measure.outputs, measure.count), measure.numbers)
        return table, day, measure

    def _read(self, metric: Metric, table: Table | None = None) -> Measure:
        if self.connection.capabilities.filters:
            metric = replace(metric, filter="")
        return read(metric, reads=self.connection.reads, writes=self.dialect.name, today=self.today, table=table)

    def _key(self, metric: Metric) -> _Key:
        """The table's name; where records are brought, with the date column by which they are."""
        brought = not self.connection.capabilities.aggregates
        return self._name(metric), _bare(metric.date).casefold() if brought else ""

    def _name(self, metric: Metric) -> str:
        """The table's name as the source spells it; the SELECT that stands in its place."""
        if metric.sql:
            return metric.sql
        wanted = metric.table.replace('"', "")
        if self.names is None:
            return wanted
        exact = [name for name in self.names if name == wanted]
        found = exact or [name for name in self.names if name.casefold() == wanted.casefold()]
        if found:
            return found[0]
        bare = [
            name for name in self.names if name.rpartition(".")[2].casefold() == wanted.rpartition(".")[2].casefold()
        ]
        if bare and "." in wanted and self.connection.engine not in ("DuckDB", "SQLite"):
            return wanted
        if self.connection.capabilities.patterns and fnmatch.filter(map(str.casefold, self.names), wanted.casefold()):
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
