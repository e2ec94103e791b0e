"""No data: a KPI of which nobody has heard for a while."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from kpisheets.core.review.finding import Finding, Reason
from kpisheets.core.review.past import YEAR, Scene


def find(scene: Scene) -> Iterator[Finding]:
    """A quarter of a year without an actual, two closed periods at least."""
    for one in scene.followed:
        blank = list(takewhile(lambda it: it.actual is None, reversed(one.past)))
        if len(blank) >= max(YEAR[one.kpi.frequency] // 4, 2):
            count = len(blank)
            yield Finding(Reason.NO_DATA, one.kpi, size=count, count=count, total=count, since=blank[-1].period.label)
