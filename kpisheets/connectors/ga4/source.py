"""A property as a source: for each frequency and each filter a table of its own, with a row for each period."""

# ruff: noqa: S608 — identifiers are quoted

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kpisheets.connectors.base import Capabilities, Column, Kind, Opening, Refused, Table, Window, quoted
from kpisheets.connectors.databases.duckdb import Session, kind_of
from kpisheets.connectors.extracted.rows import created
from kpisheets.connectors.ga4.conditions import condition
from kpisheets.connectors.ga4.reports import DATE, EVENTS, METRICS, Question, Row, is_share, question
from kpisheets.connectors.ga4.service import Service
from kpisheets.core.period import Frequency

if TYPE_CHECKING:
    from google.analytics.data_v1beta.types import FilterExpression, ResponseMetaData

REPORT = "report"
_BY = re.compile(r"report\s+by\s+(.+)", re.IGNORECASE)
_SETTLES = timedelta(hours=48)
"""Google goes on counting a day's events for so long."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a property knows: the names of its metrics and dimensions, by their case-folded forms."""

    metrics: dict[str, str]
    dimensions: dict[str, str]


@dataclass(slots=True)
class Brought:
    """A table's rows and what is to be said of them. ``failed`` holds the metrics that Google refuses, and why."""

    rows: dict[tuple[object, ...], Row] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    failed: dict[str, Refused] = field(default_factory=dict)
    zone: str = ""


class Property:
    """An open property; what it is asked goes through its parts."""

    engine = "Google Analytics 4"

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        self.service = Service(opening)
        self.calendar = opening.calendar
        self.today = self.calendar.today(opening.now)
        self._parts: list[Part] = []

    @cached_property
    def names(self) -> Names:
        known = self.service.metadata()
        return Names(
            {one.api_name.casefold(): one.api_name for one in known.metrics},
            {one.api_name.casefold(): one.api_name for one in known.dimensions},
        )

    def part(self, frequency: Frequency, filter: str) -> Part:
        """What answers the metrics of one frequency and one ``where``."""
        self._parts.append(Part(self, frequency, filter))
        return self._parts[-1]

    def cancel(self) -> None:
        self.service.close()

    def close(self) -> None:
        self.service.close()
        for part in self._parts:
            part.close()


class Part(Session):
    """See ``Connection``. Its tables hold a record for each period, counted by Google."""

    capabilities = Capabilities(aggregates=False, filters=True)

    def __init__(self, whole: Property, frequency: Frequency, filter: str) -> None:
        super().__init__(whole.opening.url, whole.opening.timezone, ())
        self.whole, self.frequency, self.filter = whole, frequency, filter
        self.engine = whole.engine
        self._failed: dict[str, Refused] = {}
        self._made = 0

    def tables(self) -> None:
        """Reports have no list: ``report by`` takes any dimensions."""

    def table(self, name: str, window: Window) -> Table:
        names = self.whole.names
        dimensions = _dimensions(name, names)
        if window.dated_by.casefold() != DATE:
            raise Refused(f"a report has no date “{window.dated_by}”", f'write date = "{DATE}": it follows the KPI')
        asked = question(self.frequency, window.start, window.end, self.whole.today, self.whole.calendar, dimensions)
        wanted = [names.metrics[word] for word in sorted(window.columns) if word in names.metrics]
        brought = Brought()
        where = condition(self.filter, names.dimensions)
        if asked is not None and wanted:
            self._bring(asked, wanted, where, brought)
        self._failed |= {metric.casefold(): error for metric, error in brought.failed.items()}
        self._made += 1
        reference = self._laid(list(brought.rows.values()), dimensions, wanted)
        described = self.described(f"SELECT * FROM {reference}")
        columns = [Column(column, kind_of(kind)) for column, kind in described]
        found = {column.name.casefold() for column in columns}
        # The others are named for whoever mistypes one.
        columns += [Column(known, Kind.NUMBER) for word, known in names.metrics.items() if word not in found]
        columns += [Column(known, Kind.OTHER) for word, known in names.dimensions.items() if word not in found]
        notes = (*([f"asked {asked.text}"] if asked else []), *dict.fromkeys(brought.notes))
        return Table(name, reference, tuple(columns), notes, self._watermark(brought.zone, window))

    def query(self, name: str, text: str, tables: Sequence[str], window: Window) -> Table:  # noqa: ARG002
        raise Refused("Google Analytics takes no sql", 'give table = "report", date = "date" and value')

    def bind(self, table: Table, expressions: Sequence[str], numbers: Sequence[str]) -> None:
        names, used = self.whole.names, _words(expressions)
        by = _dimensions(table.name, names)
        for word in used:
            if word in self._failed:
                raise self._failed[word]
            dimension = names.dimensions.get(word)
            if dimension is not None and dimension not in by and word not in names.metrics:
                mend = f'put it into where, or write table = "report by {dimension}"'
                raise Refused(f"“{dimension}” is a dimension of Google Analytics, and no metric", mend)
        if not any(word in names.metrics for word in used):
            raise Refused("it counts the rows of a report", "name a metric: sum(sessions), sum(eventCount)")
        super().bind(table, expressions, numbers)

    def _laid(self, records: list[Row], dimensions: Sequence[str], metrics: Sequence[str]) -> str:
        """The name of a view of these records, in which every column has its type, whether it has values or not."""
        raw, view = f"kpisheets_rows_{self._made}", f"kpisheets_report_{self._made}"
        created(self.sql, raw, records, REPORT, wanted=(DATE, *dimensions, *metrics))
        there = dict(self.described(f"SELECT * FROM {raw}"))
        chosen = [f"CAST({DATE} AS DATE) AS {DATE}", *(quoted(dimension) for dimension in dimensions)]
        for metric in metrics:
            blank = there.get(metric, "VARCHAR") == "VARCHAR"
            chosen.append(f"CAST(NULL AS BIGINT) AS {quoted(metric)}" if blank else quoted(metric))
        self.run(f"CREATE TEMP VIEW {view} AS SELECT {', '.join(chosen)} FROM {raw}", ())
        return view

    def _bring(self, asked: Question, metrics: Sequence[str], where: FilterExpression | None, brought: Brought) -> None:
        for first in range(0, len(metrics), METRICS):
            self._ask(asked, metrics[first : first + METRICS], where, brought)
        if where is None or asked.dimensions or (not brought.rows and brought.failed):
            return
        # A filter also takes away the periods in which nothing passes it: their counts are 0 where the property has
        # any event at all.
        active = Brought()
        self._ask(asked, [EVENTS], None, active)
        for key, row in active.rows.items():
            if row[EVENTS]:
                empty = {metric: None if is_share(metric) else 0 for metric in metrics if metric not in brought.failed}
                brought.rows.setdefault(key, {DATE: row[DATE], **empty})

    def _ask(self, asked: Question, metrics: Sequence[str], where: FilterExpression | None, brought: Brought) -> None:
        """Lay a report's rows beside those that are there. What Google refuses is halved until it stands alone."""
        service, calendar = self.whole.service, self.whole.calendar
        try:
            for request in asked.requests(service.name, metrics, where):
                answer = service.report(request)
                for row in asked.rows(request, answer, calendar):
                    key = tuple(row[name] for name in (DATE, *asked.dimensions))
                    brought.rows.setdefault(key, {}).update(row)
                self.whole.opening.tell(f"reading {len(metrics)} metrics", len(brought.rows))
                brought.zone = answer.metadata.time_zone or brought.zone
                money = any(head.type_.name == "TYPE_CURRENCY" for head in answer.metric_headers)
                brought.notes += self._told(answer.metadata, money=money)
        except Refused as error:
            if len(metrics) == 1:
                brought.failed[metrics[0]] = error
                return
            half = len(metrics) // 2
            for some in (metrics[:half], metrics[half:]):
                self._ask(asked, some, where, brought)

    def _told(self, said: ResponseMetaData, *, money: bool) -> Iterable[str]:
        ours = self.whole.opening.timezone
        if said.time_zone and said.time_zone != ours:
            yield f"days are those of the property's time zone, {said.time_zone}, and not of {ours}"
        if money and said.currency_code:
            yield f"amounts are in {said.currency_code}, the property's currency"
        if said.subject_to_thresholding:
            yield "Google leaves out small numbers of people (thresholding): the real numbers may be greater"
        for sample in said.sampling_metadatas:
            share = sample.samples_read_count / sample.sampling_space_size if sample.sampling_space_size else 1
            yield f"Google estimated it from {share:.3g} of the events (sampling)"
        if said.data_loss_from_other_row:
            yield "Google put rare values together as “(other)”: what is filtered by them may be less than it was"
        for one in said.schema_restriction_response.active_metric_restrictions:
            yield f"the account may not see {one.metric_name}: Google says 0"
        if said.empty_reason:
            yield f"Google gives no row: {said.empty_reason}"

    def _watermark(self, zone: str, window: Window) -> date:
        """The last day whose number will not change any more."""
        try:
            local = self.whole.opening.now.astimezone(ZoneInfo(zone or window.timezone))
        except (ZoneInfoNotFoundError, ValueError):
            local = self.whole.opening.now
        settled = _day_before(local - _SETTLES)
        return min(settled, window.last_day)


def open_property(opening: Opening) -> Property:
    """Open ``ga4://NUMBER``. BadConfig where the number or a package is wrong, NotAllowed without credentials."""
    return Property(opening)


def _day_before(moment: datetime) -> date:
    return moment.date() - timedelta(days=1)


def _dimensions(table: str, names: Names) -> list[str]:
    """The dimensions that a table's name lists behind ``report by``. Refused where it is no report."""
    if table.strip().casefold() == REPORT:
        return []
    listed = _BY.fullmatch(table.strip())
    if listed is None:
        raise Refused(f"there is no table “{table}”", 'write table = "report", or "report by country"')
    found = []
    for word in listed[1].split(","):
        known = names.dimensions.get(word.strip().casefold())
        if known is None:
            raise Refused(f"“{word.strip()}” is not a dimension of the property", "name one, such as country")
        found.append(known)
    return found


def _words(expressions: Sequence[str]) -> set[str]:
    """The case-folded names of the columns in expressions of DuckDB."""
    import sqlglot
    from sqlglot import exp

    trees = (sqlglot.parse_one(text, dialect="duckdb") for text in expressions)
    return {column.name.casefold() for tree in trees for column in tree.find_all(exp.Column)}
