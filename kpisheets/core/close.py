"""``close+N``: so many working days after a period ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from kpisheets.core.period import Frequency

_WORDS = {frequency.value.lower(): frequency for frequency in Frequency}
_FORM = re.compile(rf"close\+(\d{{1,2}})(?:\s+({'|'.join(_WORDS)}))?(?:\s+([01]?\d|2[0-3]):([0-5]\d))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Close:
    """The ``days``-th working day after each period of a frequency, at a local time of day.

    0 days: the day after the period, working day or not. Quarters and years end with a month, so the monthly one is
    right for monthly, quarterly and yearly KPIs alike.
    """

    days: int
    frequency: Frequency = Frequency.MONTHLY
    at: time = time(7)

    @classmethod
    def read(cls, text: str) -> Close | None:
        """``close+3``, ``close+5 quarterly``, ``close+3 08:30``; None for anything else."""
        found = _FORM.fullmatch(text.strip())
        if found is None:
            return None
        frequency = _WORDS[found[2].lower()] if found[2] else Frequency.MONTHLY
        at = time(int(found[3]), int(found[4])) if found[3] else time(7)
        return cls(int(found[1]), frequency, at)
