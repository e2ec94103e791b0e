"""Always met: a target that asks for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean, median

from kpisheets.core.kpi import Direction, Status, variance_share
from kpisheets.core.review.finding import Finding, Reason
from kpisheets.core.review.past import Followed, Scene, typical

MARGIN = 0.1
"""Half of the periods beat the target by this share of it, at least. A target that is always just met is a good one."""


def find(scene: Scene) -> Iterator[Finding]:
    for one in scene.followed:
        yield from _easy(one)


def _easy(one: Followed) -> Iterator[Finding]:
    """A Range KPI is meant to stay in its range, and is never too easy."""
    judged = one.judged()
    if not judged or one.kpi.direction is Direction.RANGE or any(it.status is not Status.MET for it in judged):
        return
    shares = [abs(share) for it in judged if (share := variance_share(it.actual, it.target)) is not None]
    # Nothing is better than no accident at all: a target of zero that is met leaves no margin.
    if len(shares) < len(judged) or median(shares) < MARGIN:
        return
    pairs = [(it.actual, float(it.target)) for it in judged if it.actual is not None and it.target is not None]
    yield Finding(
        Reason.ALWAYS_MET,
        one.kpi,
        size=fmean(shares),
        count=len(judged),
        total=len(judged),
        gap=fmean(abs(actual - target) for actual, target in pairs),
        share=fmean(shares),
        since=judged[0].period.label,
        target=judged[-1].target,
        proposed=typical(actual for actual, _ in pairs),
    )
