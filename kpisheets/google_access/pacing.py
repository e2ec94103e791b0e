"""When the next request may be sent, so that Google's quotas are used and never overdrawn: values alone.

Google counts requests a minute, reads and writes apart, for each user and for the whole Cloud project. Whether its
minute slides or begins at fixed moments is not told, so no window of that length, wherever it begins, may hold more.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

READ, WRITE = "read", "write"
USER_QUOTA, PROJECT_QUOTA = 60, 300
"""What Google grants to everybody, in requests a minute."""

_DAY = 86_400.0
_ROUNDING = 1e-6  # of seconds since 1970, in a float


@dataclass(frozen=True, slots=True)
class Quota:
    """``user`` and ``project``: requests in ``span`` seconds.

    ``margin``: requests sent that many seconds apart may arrive together, since each takes its own time on the way.
    Two seconds cost 3 % of the quota.
    """

    user: int = USER_QUOTA
    project: int = PROJECT_QUOTA
    span: float = 60.0
    margin: float = 2.0

    @property
    def window(self) -> float:
        return self.span + self.margin


@dataclass(slots=True)
class Ledger:
    """The moments of requests, past and promised, of one Cloud project: user → kind → moments in order.

    ``written`` is when it was last looked at: a clock that shows less by then was set back.
    """

    written: float = 0.0
    moments: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def promise(self, user: str, kind: str, quota: Quota, now: float) -> float:
        """The next moment at which ``user`` may send a request of that kind; it is taken. Seconds of ``now``'s clock.

        Users are served in the order in which they ask; one whose own quota is spent holds up nobody else.
        """
        self._forget(quota, now)
        own = self.moments.setdefault(user, {}).setdefault(kind, [])
        everyone = sorted(moment for kinds in self.moments.values() for moment in kinds.get(kind, ()))
        earliest = max([now, *own[-1:]])
        if len(own) >= quota.user:
            earliest = max(earliest, own[-quota.user] + quota.window)
        moment = _first_gap(everyone, earliest, quota)
        insort(own, moment)
        return moment

    def give_back(self, user: str, kind: str, moment: float) -> None:
        """A promise that nobody waits for any more."""
        own = self.moments.get(user, {}).get(kind, [])
        if moment in own:
            own.remove(moment)

    def is_over(self, now: float) -> bool:
        """Nothing in it will hold up anybody, by whatever quota."""
        return all(moment < now - _DAY for kinds in self.moments.values() for held in kinds.values() for moment in held)

    def _forget(self, quota: Quota, now: float) -> None:
        # Small steps are nothing: machines that share a home folder never quite agree.
        shift = now - self.written if now < self.written - quota.span else 0.0
        self.written = now
        self.moments = {
            user: kept
            for user, kinds in self.moments.items()
            if (kept := {kind: _recent(moments, shift, now - quota.window) for kind, moments in kinds.items()})
            and any(kept.values())
        }


def _recent(moments: Iterable[float], shift: float, since: float) -> list[float]:
    return [moment + shift for moment in moments if moment + shift > since]


def _first_gap(taken: Sequence[float], earliest: float, quota: Quota) -> float:
    """The first moment from ``earliest`` on at which no window would hold more than the project's quota."""
    if _fits(taken, earliest, quota):
        return earliest
    ends = (moment + quota.window for moment in taken)
    return next(end for end in ends if end > earliest and _fits(taken, end, quota))


def _fits(taken: Sequence[float], moment: float, quota: Quota) -> bool:
    place = bisect_right(taken, moment)
    near = [*taken[max(0, place - quota.project) : place], moment, *taken[place : place + quota.project]]
    windows = zip(near, near[quota.project :], strict=False)
    return all(last - first >= quota.window - _ROUNDING for first, last in windows)
