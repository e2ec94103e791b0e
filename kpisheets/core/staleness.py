"""Which KPIs kept their last figures because their source did not answer. The Log's entry of each run names them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from kpisheets.core.metric import Asked, Collected
from kpisheets.core.workbook import Table

_BETWEEN = ", "


def remembered(log: Table, run: str) -> frozenset[str]:
    """The KPIs that the latest run left as they were; ``run`` is the word that stands in the field of its entry."""
    if not all(log.has(name) for name in ("when", "field", "kpi")):
        return frozenset()
    latest: tuple[datetime, str] | None = None
    for row in range(len(log)):
        when = log.value(row, "when")
        if log.value(row, "field") == run and isinstance(when, datetime) and (latest is None or when >= latest[0]):
            latest = when, str(log.value(row, "kpi") or "")
    return frozenset(latest[1].split(_BETWEEN)) - {""} if latest else frozenset()


def stale(before: Collection[str], asked: Sequence[Asked], collected: Collected) -> tuple[str, ...]:
    """The KPIs whose figures are not up to date: asked for and not answered, or left so by an earlier run."""
    failed = {problem.kpi for problem in collected.problems if problem.kpi}
    brought = {fact.kpi for fact in collected.facts}
    silent = {
        one.kpi
        for one in asked
        if (one.kpi in failed or one.metric.source in collected.unreachable) and one.kpi not in brought
    }
    return tuple(sorted((set(before) - {one.kpi for one in asked}) | silent))


def written(kpis: Sequence[str]) -> str | None:
    """What the entry of a run says."""
    return _BETWEEN.join(kpis) or None
