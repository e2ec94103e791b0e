"""An objective without a KPI: all that served it are retired."""

from __future__ import annotations

from collections.abc import Iterator

from kpisheets.core.review.finding import Finding, Reason
from kpisheets.core.review.past import Scene


def find(scene: Scene) -> Iterator[Finding]:
    """Objectives stand in the catalogue alone, so that one is known as long as a retired KPI names it. Nothing is said
    where a KPI cannot be read: it may be the one that serves."""
    if scene.stopped:
        return
    served, orphaned = set[str](), dict[str, list[str]]()
    for kpi in scene.kpis:
        if kpi.active_to is None or kpi.active_to > scene.today:
            served.add(kpi.objective.casefold())
        elif kpi.objective:
            orphaned.setdefault(kpi.objective.casefold(), []).append(kpi.objective)
    for folded, names in orphaned.items():
        if folded not in served:
            yield Finding(Reason.OBJECTIVE, about=names[0], count=len(names), total=len(names))
