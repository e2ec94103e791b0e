"""Google Analytics on this machine: its wire format by Google's own message classes, its numbers from raw events.

It refuses what the Data API refuses, and counts people and sessions as the Data API does: anew for each row.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zoneinfo import ZoneInfo

from google.analytics.data_v1beta.types import (
    DimensionHeader,
    DimensionMetadata,
    DimensionValue,
    Filter,
    FilterExpression,
    Metadata,
    MetricHeader,
    MetricMetadata,
    MetricType,
    MetricValue,
    PropertyQuota,
    QuotaStatus,
    ResponseMetaData,
    Row,
    RunReportRequest,
    RunReportResponse,
)
from google.auth import jwt

PROPERTY = "4242"
KEY_EVENTS = ("generate_lead", "purchase")


@dataclass(frozen=True, slots=True)
class Event:
    """What a visitor did. ``at`` is aware; ``revenue``, and what the advertisement cost, in the property's currency."""

    at: datetime
    user: str
    session: str
    name: str
    channel: str
    country: str
    engaged: bool
    revenue: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)


def _named(name: str) -> Callable[[Sequence[Event]], object]:
    return lambda events: sum(event.name == name for event in events)


def _sessions(events: Sequence[Event]) -> int:
    return len({event.session for event in events})


def _engaged(events: Sequence[Event]) -> int:
    return len({event.session for event in events if event.engaged})


METRICS: dict[str, tuple[str, Callable[[Sequence[Event]], object]]] = {
    "activeUsers": ("TYPE_INTEGER", lambda events: len({event.user for event in events if event.engaged})),
    "addToCarts": ("TYPE_INTEGER", _named("add_to_cart")),
    "advertiserAdCost": ("TYPE_CURRENCY", lambda events: sum((event.cost for event in events), Decimal(0))),
    "ecommercePurchases": ("TYPE_INTEGER", _named("purchase")),
    "engagedSessions": ("TYPE_INTEGER", _engaged),
    "engagementRate": ("TYPE_FLOAT", lambda events: _engaged(events) / _sessions(events) if events else 0),
    "eventCount": ("TYPE_INTEGER", len),
    "keyEvents": ("TYPE_FLOAT", lambda events: sum(event.name in KEY_EVENTS for event in events)),
    "keyEvents:generate_lead": ("TYPE_FLOAT", _named("generate_lead")),
    "newUsers": ("TYPE_INTEGER", lambda events: len({e.user for e in events if e.name == "first_visit"})),
    "screenPageViews": ("TYPE_INTEGER", _named("page_view")),
    "sessions": ("TYPE_INTEGER", _sessions),
    "totalRevenue": ("TYPE_CURRENCY", lambda events: sum((event.revenue for event in events), Decimal(0))),
    "totalUsers": ("TYPE_INTEGER", lambda events: len({event.user for event in events})),
}
INCOMPATIBLE = "itemsViewed"
"""A metric that the property lists and no report of ours goes together with."""
DIMENSIONS: dict[str, Callable[[Event, date], str]] = {
    "date": lambda _, day: day.strftime("%Y%m%d"),
    "yearMonth": lambda _, day: day.strftime("%Y%m"),
    "isoYearIsoWeek": lambda _, day: day.strftime("%G%V"),
    "country": lambda event, _: event.country,
    "eventName": lambda event, _: event.name,
    "sessionDefaultChannelGroup": lambda event, _: event.channel,
}


class Wrong(Exception):
    """An answer that is an error: its HTTP code, its status, its words."""

    def __init__(self, code: int, status: str, said: str) -> None:
        super().__init__(said)
        self.code, self.status, self.said = code, status, said


@dataclass
class Double:
    """``page`` is the most rows of an answer; ``tokens`` what is left an hour, ``price`` what a report costs.

    ``faults`` are given one by one before anything is answered: an error, bytes that are no answer, or
    seconds that it takes to say nothing.
    """

    events: list[Event]
    public_key: str
    timezone: str = "Europe/Paris"
    page: int = 250_000
    tokens: int = 40_000
    price: int = 3
    faults: list[Wrong | bytes | float] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    requests: list[RunReportRequest] = field(default_factory=list)
    url: str = ""

    def report(self, asked: RunReportRequest) -> RunReportResponse:
        self.requests.append(asked)
        self._check(asked)
        self.tokens -= self.price
        if self.tokens < 0:
            raise Wrong(429, "RESOURCE_EXHAUSTED", "Exhausted property tokens for an hour.")
        heads = [dimension.name for dimension in asked.dimensions]
        several = len(asked.date_ranges) > 1
        found: dict[tuple[str, ...], list[Event]] = defaultdict(list)
        zone = ZoneInfo(self.timezone)
        for event in self.events:
            day = event.at.astimezone(zone).date()
            if asked.dimension_filter and not passes(asked.dimension_filter, event, day):
                continue
            key = tuple(DIMENSIONS[head](event, day) for head in heads)
            for place, span in enumerate(asked.date_ranges):
                if span.start_date <= day.isoformat() <= span.end_date:
                    found[(*key, span.name or f"date_range_{place}") if several else key].append(event)
        rows = []
        for key, events in sorted(found.items()):
            values = [METRICS[metric.name][1](events) for metric in asked.metrics]
            if any(values) or asked.keep_empty_rows:
                rows.append((key, values))
        part = rows[asked.offset : asked.offset + min(asked.limit or 10_000, self.page)]
        status = {"consumed": self.price, "remaining": self.tokens}
        return RunReportResponse(
            dimension_headers=[DimensionHeader(name=name) for name in (*heads, *(["dateRange"] if several else []))],
            metric_headers=[
                MetricHeader(name=metric.name, type_=MetricType[METRICS[metric.name][0]]) for metric in asked.metrics
            ],
            rows=[
                Row(
                    dimension_values=[DimensionValue(value=value) for value in key],
                    metric_values=[MetricValue(value=str(value)) for value in values],
                )
                for key, values in part
            ],
            row_count=len(rows),
            metadata=ResponseMetaData(time_zone=self.timezone, currency_code="EUR", **self.metadata),
            property_quota=PropertyQuota(tokens_per_hour=QuotaStatus(**status))
            if asked.return_property_quota
            else None,
            kind="analyticsData#runReport",
        )

    def known(self) -> Metadata:
        metrics = [MetricMetadata(api_name=name) for name in (*METRICS, INCOMPATIBLE)]
        return Metadata(
            name=f"properties/{PROPERTY}/metadata",
            dimensions=[DimensionMetadata(api_name=name) for name in DIMENSIONS],
            metrics=metrics,
        )

    def _check(self, asked: RunReportRequest) -> None:
        limits = ((asked.metrics, 10), (asked.dimensions, 9), (asked.date_ranges, 4))
        if any(len(listed) > most for listed, most in limits) or not asked.metrics or not asked.date_ranges:
            raise Wrong(400, "INVALID_ARGUMENT", "Requests are limited to 10 metrics, 9 dimensions, 4 dateRanges.")
        for span in asked.date_ranges:
            if not "2015-08-14" <= span.start_date <= span.end_date:
                raise Wrong(400, "INVALID_ARGUMENT", f"Invalid dateRange: {span.start_date} to {span.end_date}.")
        if any(metric.name == INCOMPATIBLE for metric in asked.metrics):
            raise Wrong(400, "INVALID_ARGUMENT", f"Please remove {INCOMPATIBLE} to make the request compatible.")
        for named, names in ((asked.metrics, METRICS), (asked.dimensions, DIMENSIONS)):
            for one in named:
                if one.name not in names:
                    raise Wrong(400, "INVALID_ARGUMENT", f"Field {one.name} is not a valid name.")

    @contextmanager
    def running(self) -> Iterator[Double]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def passes(tree: FilterExpression, event: Event, day: date) -> bool:
    """Whether an event passes a filter."""
    return holds(tree, lambda name: DIMENSIONS[name](event, day))


def holds(tree: FilterExpression, value_of: Callable[[str], str]) -> bool:
    """Whether a filter holds of the dimensions' values."""
    if "and_group" in tree:
        return all(holds(one, value_of) for one in tree.and_group.expressions)
    if "or_group" in tree:
        return any(holds(one, value_of) for one in tree.or_group.expressions)
    if "not_expression" in tree:
        return not holds(tree.not_expression, value_of)
    test = tree.filter
    value = value_of(test.field_name)
    if "in_list_filter" in test:
        wanted = list(test.in_list_filter.values)
        folded = str if test.in_list_filter.case_sensitive else str.casefold
        return folded(value) in [folded(one) for one in wanted]
    found, sensitive = test.string_filter.value, test.string_filter.case_sensitive
    if not sensitive:
        value, found = value.casefold(), found.casefold()
    kinds = Filter.StringFilter.MatchType
    return {
        kinds.EXACT: value == found,
        kinds.BEGINS_WITH: value.startswith(found),
        kinds.ENDS_WITH: value.endswith(found),
        kinds.CONTAINS: found in value,
    }[test.string_filter.match_type]


def _handler(double: Double) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(lambda _: Metadata.to_json(double.known()) if "/metadata" in self.path else None)

        def do_POST(self) -> None:
            def answer(body: bytes) -> str | None:
                asked = RunReportRequest.from_json(body)
                asked.property = self.path.partition("/v1beta/")[2].partition(":")[0]
                return RunReportResponse.to_json(double.report(asked)) if ":runReport" in self.path else None

            self._answer(answer)

        def _answer(self, answer: Callable[[bytes], str | None]) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                self._admit()
                if double.faults:
                    fault = double.faults.pop(0)
                    if isinstance(fault, Wrong):
                        raise fault
                    if isinstance(fault, float):
                        time.sleep(fault)
                        return
                    self._send(200, fault)
                    return
                said = answer(body)
                if said is None:
                    raise Wrong(404, "NOT_FOUND", "Requested entity was not found.")
                self._send(200, said.encode())
            except Wrong as wrong:
                import json

                error = {"code": wrong.code, "message": wrong.said, "status": wrong.status}
                self._send(wrong.code, json.dumps({"error": error}).encode())

        def _admit(self) -> None:
            """Only whoever signs with the key, for no more than reading."""
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            try:
                claims = jwt.decode(token, certs=double.public_key, verify=bool(token))
            except ValueError as error:
                raise Wrong(401, "UNAUTHENTICATED", f"Invalid authentication credentials: {error}") from None
            if claims.get("scope") != "https://www.googleapis.com/auth/analytics.readonly":
                raise Wrong(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.")
            if f"properties/{PROPERTY}" not in self.path:
                raise Wrong(403, "PERMISSION_DENIED", "User does not have sufficient permissions for this property.")

        def _send(self, code: int, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
