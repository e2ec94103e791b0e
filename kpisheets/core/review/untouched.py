"""A target that nobody has touched for a year, while the actuals moved."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from kpisheets.core.insight.behaviour import behaviour
from kpisheets.core.insight.history import SEASONS
from kpisheets.core.insight.season import season_of
from kpisheets.core.kpi import Direction
from kpisheets.core.merge import same
from kpisheets.core.review.finding import Finding, Reason
from kpisheets.core.review.past import Followed, Scene, typical

DAYS = 364
"""A year of whole weeks."""
MOVED = 0.05
"""By this share of the target the mean moved, at least: a change may be real and too small for another target."""
_MOST = 156
"""At most so many values are looked at."""


def find(scene: Scene) -> Iterator[Finding]:
    for one in scene.followed:
        yield from _untouched(one)


def _untouched(one: Followed) -> Iterator[Finding]:
    """That actuals moved is what the process behaviour chart calls a confirmed shift: eight values in a row on one side
    of the mean, their season taken out. The bounds of a Range KPI have no history in ``Tracking``."""
    kpi = one.kpi
    if kpi.direction is Direction.RANGE or kpi.target is None:
        return
    fresh = one.past[len(one.past) - one.fresh :]
    first = len(fresh)
    while first and same(fresh[first - 1].target, kpi.target):
        first -= 1
    alike = fresh[first:]
    if not alike or (alike[-1].period.end - alike[0].period.start).days < DAYS:
        return
    known = [(it.period, it.actual) for it in alike if it.actual is not None][-_MOST:]
    values = [actual for _, actual in known]
    whole = all(a.end == b.start for (a, _), (b, _) in pairwise(known))
    season = season_of(values, SEASONS[kpi.frequency]) if whole else None
    phases = behaviour(season.removed(values) if season else values).phases
    if len(phases) < 2:
        return
    present, before = phases[-1], phases[-2]
    if abs(present.limits.mean - before.limits.mean) < MOVED * abs(float(kpi.target)):
        return
    yield Finding(
        Reason.UNTOUCHED,
        kpi,
        size=(alike[-1].period.end - alike[0].period.start).days / DAYS,
        count=len(alike),
        total=len(alike),
        since=alike[0].period.label,
        until=known[present.first][0].label,
        before=before.limits.mean,
        now=present.limits.mean,
        target=kpi.target,
        proposed=typical(values[present.first :]),
    )
