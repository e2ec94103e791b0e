"""What is asked of Google Analytics, and what its rows say: requests and answers as values.

Limits and forms are those of the Data API's v1beta: 10 metrics, 9 dimensions and 4 date ranges a report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from kpisheets.core.period import Calendar, Frequency, Period

if TYPE_CHECKING:
    from google.analytics.data_v1beta.types import FilterExpression, RunReportRequest, RunReportResponse

METRICS, RANGES, PAGE = 10, 4, 100_000
EARLIEST = date(2015, 8, 14)
"""Google takes no date before."""
DATE = "date"
"""The column that holds a period's first day."""
EVENTS = "eventCount"

_BUCKETS = {Frequency.DAILY: "date", Frequency.WEEKLY: "isoYearIsoWeek", Frequency.MONTHLY: "yearMonth"}
"""The dimensions that are periods of the usual calendar. All other periods are asked for as date ranges."""
_USUAL = Calendar()

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """One table's worth: ``metrics`` in ``periods`` (of one frequency, in order, without a gap), up to ``last_day``.

    ``dimensions`` break it down further.
    """

    frequency: Frequency
    periods: tuple[Period, ...]
    last_day: date
    dimensions: tuple[str, ...] = ()

    @property
    def bucket(self) -> str:
        """The dimension that tells the periods apart; blank where there is none, and they are date ranges."""
        found = _BUCKETS.get(self.frequency, "")
        return found if found and all(p.end == _USUAL.period(p.frequency, p.start).end for p in self.periods) else ""

    @property
    def text(self) -> str:
        by = ", ".join((self.bucket or "dateRange", *self.dimensions))
        return f"by {by}, from {self.periods[0].start} to {self.last_day}"

    def requests(
        self, property_name: str, metrics: Sequence[str], where: FilterExpression | None
    ) -> Iterator[RunReportRequest]:
        """The requests for at most ten metrics, the first page of each."""
        from google.analytics.data_v1beta.types import DateRange, Dimension, Metric, RunReportRequest

        bucket = self.bucket
        spans = [(self.periods[0].start, self.periods[-1].last_day, "")] if bucket else self._named()
        for first in range(0, len(spans), RANGES):
            ranges = [
                DateRange(start_date=start.isoformat(), end_date=min(end, self.last_day).isoformat(), name=name)
                for start, end, name in spans[first : first + RANGES]
            ]
            yield RunReportRequest(
                property=property_name,
                dimensions=[Dimension(name=name) for name in (*([bucket] if bucket else ()), *self.dimensions)],
                metrics=[Metric(name=name) for name in metrics],
                date_ranges=ranges,
                dimension_filter=where,
                keep_empty_rows=True,
                return_property_quota=True,
                limit=PAGE,
            )

    def rows(self, request: RunReportRequest, answer: RunReportResponse, calendar: Calendar) -> Iterator[Row]:
        """The answer's rows: a period's first day under ``date``, dimensions and metrics under their names."""
        heads = [head.name for head in answer.dimension_headers]
        bucket = self.bucket
        kinds = [(head.name, head.type_) for head in answer.metric_headers]
        starts = {span.name: date.fromisoformat(span.start_date) for span in request.date_ranges}
        for row in answer.rows:
            said = {name: one.value for name, one in zip(heads, row.dimension_values, strict=True)}
            # Google names the range of a row only where there are several.
            start = (
                _start(said.get(bucket, ""), self.frequency)
                or starts[said.get("dateRange", request.date_ranges[0].name)]
            )
            found: Row = {DATE: calendar.period(self.frequency, start).start}
            found |= {name: said[name] for name in self.dimensions}
            found |= {
                name: _number(one.value, whole=kind.name == "TYPE_INTEGER")
                for (name, kind), one in zip(kinds, row.metric_values, strict=True)
            }
            yield found

    def _named(self) -> list[tuple[date, date, str]]:
        return [(period.start, period.last_day, f"p{place}") for place, period in enumerate(self.periods)]


def question(
    frequency: Frequency, start: date, end: date, today: date, calendar: Calendar, dimensions: Sequence[str]
) -> Question | None:
    """The question for the days from ``start`` to before ``end``; None where Google can have nothing for them."""
    first, last = max(start, EARLIEST), min(end - timedelta(days=1), today)
    if first > last:
        return None
    periods = calendar.span(calendar.period(frequency, first), calendar.period(frequency, last))
    # A period that began before Google took dates is asked for without its first days.
    found = [p if p.start >= EARLIEST else Period(p.frequency, EARLIEST, p.end, p.label) for p in periods]
    return Question(frequency, tuple(found), last, tuple(dimensions))


def is_share(metric: str) -> bool:
    """Whether a metric is a rate or an average: of nothing there is none, where a count would be 0."""
    plain = metric.partition(":")[0]
    return plain.startswith("average") or plain.endswith("Rate") or "Per" in plain or plain.startswith("percent")


def _start(value: str, frequency: Frequency) -> date | None:
    """A day of the period that a row's dimension names."""
    match frequency if value else None:
        case Frequency.DAILY:
            return date(int(value[:4]), int(value[4:6]), int(value[6:8]))
        case Frequency.WEEKLY:
            return date.fromisocalendar(int(value[:4]), int(value[4:6]), 1)
        case Frequency.MONTHLY:
            return date(int(value[:4]), int(value[4:6]), 1)
    return None


def _number(text: str, *, whole: bool) -> int | Decimal | None:
    try:
        return int(text) if whole else Decimal(text)
    except (ValueError, InvalidOperation):
        return None
