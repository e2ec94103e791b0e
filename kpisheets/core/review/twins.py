"""Two KPIs that say the same: whenever the one changes, so does the other.

What is correlated is the changes from period to period, never the levels: two series that merely grow have levels that
correlate (G. U. Yule, "Why do we sometimes get nonsense-correlations between time-series?", Journal of the Royal
Statistical Society 89, 1926; C. W. J. Granger and P. Newbold, "Spurious regressions in econometrics", Journal of
Econometrics 2, 1974). The season, which shows in two years, is taken out first. The statistic is Pearson's r;
Spearman's rank correlation, which a single jump cannot make, must agree. ``scripts/checks/review.py`` measures how
often both call independent series the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, groupby, pairwise
from operator import mul
from statistics import fmean

from kpisheets.core.insight.history import SEASONS
from kpisheets.core.insight.season import season_of
from kpisheets.core.kpi import Kpi
from kpisheets.core.period import Period
from kpisheets.core.review.finding import Finding, Reason
from kpisheets.core.review.past import Followed, Scene

LEAST = 0.95
"""Pearson's correlation of the changes, at least, without its sign."""
_RANKS = 0.8
"""Spearman's."""
FEWEST = 12
"""Changes that both have, at least."""
_MOST = 61
"""The latest periods that are compared, or two seasons where these are more."""
_MANY = 1000
"""KPIs of one frequency above which only those of a department are compared with each other."""


@dataclass(frozen=True, slots=True)
class _Moves:
    """The changes of a KPI from one period to the next, by the day on which the later one begins. ``bare`` are all of
    them around 0, of length 1 as a vector: of two KPIs with the same ``days``, Pearson's r is one product."""

    kpi: Kpi
    changes: dict[date, float]
    days: tuple[date, ...] = ()
    bare: tuple[float, ...] = ()


def find(scene: Scene) -> Iterator[Finding]:
    """Of two KPIs the one that stands further down in the catalogue is the one to question."""
    found = [_moves(one) for one in scene.followed]
    for frequency in SEASONS:
        mine = [one for one in found if one.kpi.frequency is frequency and len(one.changes) >= FEWEST]
        if len(mine) <= _MANY:
            yield from _pairs(mine)
            continue
        for _, group in groupby(sorted(mine, key=_department), key=_department):
            yield from _pairs(list(group))


def _department(one: _Moves) -> str:
    return one.kpi.department.casefold()


def _pairs(found: Sequence[_Moves]) -> Iterator[Finding]:
    for first, second in combinations(found, 2):
        # Nearly all pairs are told apart by a rough look.
        if first.days == second.days and abs(sum(map(mul, first.bare, second.bare))) < LEAST - 1e-6:
            continue
        days = [day for day in second.changes if day in first.changes]
        a, b = [first.changes[day] for day in days], [second.changes[day] for day in days]
        r = same(a, b)
        if r is not None:
            yield Finding(
                Reason.SAME, second.kpi, about=first.kpi.id, other=first.kpi, correlation=r, count=len(a), total=len(a)
            )


def same(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Pearson's r of two series of changes where they say the same, else None."""
    if len(a) < FEWEST or any(2 * sum(map(bool, changes)) < len(changes) for changes in (a, b)):
        return None
    r = correlation(a, b)
    if abs(r) < LEAST:
        return None
    return r if math.copysign(1, r) * correlation(_ranks(a), _ranks(b)) >= _RANKS else None


def correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Pearson's r; 0 where one of them does not vary."""
    x, y = _centred(a), _centred(b)
    below = math.sqrt(sum(map(mul, x, x)) * sum(map(mul, y, y)))
    return sum(map(mul, x, y)) / below if below > 0 else 0.0


def _centred(values: Sequence[float]) -> list[float]:
    """The values around 0 and no larger than 1, so that no square overflows."""
    mean = fmean(values)
    largest = max(abs(value - mean) for value in values)
    return [(value - mean) / largest for value in values] if largest > 0 else [0.0] * len(values)


def _ranks(values: Sequence[float]) -> list[float]:
    """Each value's rank; equal ones share the mean of theirs."""
    ranks = [0.0] * len(values)
    place = 0
    for _, group in groupby(sorted(range(len(values)), key=values.__getitem__), key=values.__getitem__):
        tied = list(group)
        for at in tied:
            ranks[at] = place + (len(tied) - 1) / 2
        place += len(tied)
    return ranks


def _moves(one: Followed) -> _Moves:
    """None of a KPI without two seasons on end: two that share a season would move together."""
    length = SEASONS[one.kpi.frequency]
    known: list[tuple[Period, float]] = []
    for it in one.past[-max(_MOST, 2 * length) :]:
        if it.actual is None or (known and known[-1][0].end != it.period.start):
            known = []
        if it.actual is not None:
            known.append((it.period, it.actual))
    if len(known) < max(2 * length, FEWEST + 1):
        return _Moves(one.kpi, {})
    values = [actual for _, actual in known]
    if season := season_of(values, length):
        values = season.removed(values)
    steps = zip(known[1:], pairwise(values), strict=True)
    changes = {period.start: now - was for (period, _), (was, now) in steps}
    bare = _centred(list(changes.values()))
    length_of = math.hypot(*bare)
    return _Moves(one.kpi, changes, tuple(changes), tuple(it / length_of for it in bare) if length_of else ())
