"""Whether a source answers, and whether each metric of it makes sense, before anything depends on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from kpisheets.config import GoogleSettings
from kpisheets.connectors.aside import stdout_aside
from kpisheets.connectors.asking.answers import place
from kpisheets.connectors.asking.ready import Ready
from kpisheets.connectors.asking.watermarks import WholeSource
from kpisheets.connectors.base import Connection, Refused, Window
from kpisheets.connectors.collect import Around, opened
from kpisheets.core.metric import Metric, Source
from kpisheets.core.period import Calendar, Frequency
from kpisheets.errors import KpisheetsError, Problem

_NOON = time(12, tzinfo=UTC)
_NO_SETTINGS = GoogleSettings()


def probe(
    source: Source,
    metrics: Sequence[Metric],
    *,
    root: Path,
    today: date = date(2000, 1, 31),
    google: GoogleSettings = _NO_SETTINGS,
) -> list[Problem]:
    """Whether the source opens, and whether each metric's table, columns and expressions exist; every problem.

    Of a source that brings records, those of the month up to ``today`` are asked for.
    """
    window = Window(today - timedelta(days=30), today + timedelta(days=1), trial=True)
    around = Around(Calendar(), root, datetime.combine(today, _NOON), google)
    problems: list[Problem] = []
    try:
        with stdout_aside(), opened(source, around) as connection:
            if not hasattr(connection, "part"):
                _look(connection, source, metrics, window, problems)
                return problems
            for condition in dict.fromkeys(metric.filter for metric in metrics):
                some = [metric for metric in metrics if metric.filter == condition]
                _look(connection.part(Frequency.DAILY, condition), source, some, window, problems)
    except KpisheetsError as error:
        problems.append(Problem(error.where or place(source), error.what, error.mend, code=error.exit_code))
    return problems


def _look(
    connection: Connection, source: Source, metrics: Sequence[Metric], window: Window, problems: list[Problem]
) -> None:
    ready = Ready(connection, window.last_day)
    for metric in metrics:
        with _noted(metric, problems):
            ready.prepare(metric, window)
    mark = WholeSource(ready, source, window)
    ready.load()
    mark.of(None, ())
    problems += [Problem(place(source), what, mend) for what, mend in mark.problems]
    for metric in metrics:
        with _noted(metric, problems):
            if ready.knows(metric):
                ready.width(metric) if metric.is_single else ready.check(metric)


@contextmanager
def _noted(metric: Metric, problems: list[Problem]) -> Iterator[None]:
    """What is wrong with one metric, and the others go on."""
    try:
        yield
    except Refused as error:
        said = f"metric {metric.name}: {error.what}"
        where = metric.where or metric.name
        problems.append(Problem(where, said, error.mend, source=metric.source, metric=metric.name))
