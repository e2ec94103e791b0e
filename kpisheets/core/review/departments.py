"""A department with too many KPIs to look after any of them."""

from __future__ import annotations

from collections.abc import Iterator

from kpisheets.core.review.finding import Finding, Reason
from kpisheets.core.review.past import Scene


def find(scene: Scene) -> Iterator[Finding]:
    found: dict[str, list[str]] = {}
    for one in scene.followed:
        if one.kpi.department:
            found.setdefault(one.kpi.department.casefold(), []).append(one.kpi.department)
    for names in found.values():
        if scene.most and len(names) > scene.most:
            count = len(names)
            yield Finding(Reason.DEPARTMENT, about=names[0], size=count, count=count, total=scene.most)
