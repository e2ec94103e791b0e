"""A short quota and one who queues for it: for processes that are to start quickly."""

from __future__ import annotations

import time
from pathlib import Path

from kpisheets.google_access.pacing import READ, Quota
from kpisheets.google_access.turns import Turns

SPAN, LIMIT = 0.5, 8


def asked(folder: Path) -> tuple[float, float]:
    """The moment that one is promised, and how long one waited for it; the machine may wake us later than that."""
    seen: list[float] = []

    def clock() -> float:
        seen.append(time.time())
        return seen[-1]

    quota = Quota(user=LIMIT, project=100, span=SPAN, margin=0.0)
    waited = Turns(folder, "project", "user", quota, clock=clock).wait(READ)
    return seen[-1] + waited, waited
