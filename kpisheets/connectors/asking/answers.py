"""What one source has answered so far."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kpisheets.connectors.asking.watermarks import Watermark
from kpisheets.connectors.base import Tell, silent
from kpisheets.core.metric import Asked, Fact, Query, Source
from kpisheets.core.period import Calendar
from kpisheets.errors import Problem


def place(source: Source) -> str:
    """Where a person finds the source."""
    return source.where or f"source {source.name}"


class Answers:
    """Facts, queries and problems, as they come. ``records`` are those that the queries have read, ``tell`` hears what
    is being done."""

    def __init__(self, calendar: Calendar, now: datetime, tell: Tell = silent) -> None:
        self.calendar = calendar
        self.now = now
        self._tell = tell
        self.records = 0
        self.facts: dict[int, list[Fact]] = {}  # by the question's id, each in time order
        self.queries: list[Query] = []
        self.problems: list[Problem] = []
        self.watermarks: dict[str, Watermark] = {}
        self.widened: dict[int, Asked] = {}  # by the former question's id

    def tell(self, doing: str) -> None:
        self._tell(doing, self.records)

    def note(self, where: str, what: str, mend: str) -> None:
        """A problem of the source as a whole."""
        self.problems.append(Problem(where, what, mend))

    def blame(self, asked: Iterable[Asked], what: str, mend: str) -> None:
        """A problem for each KPI that asked."""
        for one in asked:
            metric = one.metric
            where = metric.where or f"metric {metric.name}"
            self.problems.append(Problem(where, what, mend, one.kpi, source=metric.source, metric=metric.name))
