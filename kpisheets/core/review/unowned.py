"""No owner: nobody answers for the KPI."""

from __future__ import annotations

from collections.abc import Iterator

from kpisheets.core.review.finding import Finding, Reason
from kpisheets.core.review.past import Scene


def find(scene: Scene) -> Iterator[Finding]:
    """Where no KPI has one, the workbook does without owners: that is said once."""
    without = [one.kpi for one in scene.followed if not one.kpi.owner]
    if 1 < len(without) == len(scene.followed):
        yield Finding(Reason.NO_OWNER, size=len(without), count=len(without), total=len(without))
        return
    for kpi in without:
        yield Finding(Reason.NO_OWNER, kpi)
