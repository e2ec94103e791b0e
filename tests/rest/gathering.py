"""Monthly numbers of a source, and what went wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from kpisheets.connectors import collect
from kpisheets.core.metric import Asked, Collected, Metric, Source
from kpisheets.core.period import Calendar, Frequency
from kpisheets.errors import Problem

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CALENDAR = Calendar(1, "Europe/Paris")


def metric(name: str = "m", table: str = "orders", **parts: str) -> Metric:
    return Metric(name, "shop", table, parts.pop("date", "day"), where="kpisheets.toml:99", **parts)


TOTAL = metric(value="sum(amount)")


def gather(source: Source, *metrics: Metric, first: str | None = None, root: Path = Path()) -> Collected:
    begin = CALENDAR.parse(first) if first else None
    asked = [Asked(m.name, m, Frequency.MONTHLY, begin, CALENDAR.parse("2026-12")) for m in metrics]
    return collect({source.name: source}, asked, calendar=CALENDAR, root=root, now=NOW)


def numbers(got: Collected, kpi: str = "m") -> dict[str, Decimal | None]:
    return {fact.period.label: fact.value for fact in got.facts if fact.kpi == kpi}


def only(got: Collected) -> Problem:
    (problem,) = got.problems
    assert "\n" not in str(problem)
    assert problem.mend
    return problem
