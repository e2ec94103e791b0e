"""Never met: a target that cannot be reached as things are."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

from kpisheets.core.kpi import Direction, Status, variance_share
from kpisheets.core.review.finding import Finding, Reason
from kpisheets.core.review.past import Followed, Scene, typical


def find(scene: Scene) -> Iterator[Finding]:
    for one in scene.followed:
        yield from _hard(one)


def _hard(one: Followed) -> Iterator[Finding]:
    """At risk is not met either."""
    judged = one.judged()
    if not judged or any(it.status is Status.MET for it in judged):
        return
    actuals = [it.actual for it in judged if it.actual is not None]
    ranged = one.kpi.direction is Direction.RANGE
    pairs = [(it.actual, float(it.target)) for it in judged if it.actual is not None and it.target is not None]
    shares = [abs(share) for it in judged if (share := variance_share(it.actual, it.target)) is not None]
    yield Finding(
        Reason.NEVER_MET,
        one.kpi,
        size=fmean(shares) if shares and not ranged else 1.0,
        count=0,
        total=len(judged),
        gap=0.0 if ranged or not pairs else fmean(abs(actual - target) for actual, target in pairs),
        share=0.0 if ranged or not shares else fmean(shares),
        since=judged[0].period.label,
        target=None if ranged else judged[-1].target,
        proposed=typical(actuals),
    )
