"""A time zone as what a query needs where the engine knows none: the moments at which its offset changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

Shift = tuple[datetime | None, int]
"""Up to this naive UTC moment (None: for good), so many seconds are to be added to UTC."""

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def shifts(timezone: str, first: datetime, last: datetime) -> list[Shift]:
    """The zone's offsets between two naive UTC moments, in order; exact to the second."""
    zone = ZoneInfo(timezone)

    def offset(moment: datetime) -> int:
        found = moment.replace(tzinfo=UTC).astimezone(zone).utcoffset()
        return int(found.total_seconds()) if found else 0

    found: list[Shift] = []
    moment = first.replace(microsecond=0)  # clocks change at whole seconds
    before = offset(moment)
    while moment < last:
        after = moment + _DAY
        if offset(after) != before:
            low, high = moment, after
            while high - low > _SECOND:
                middle = low + (high - low) // _SECOND // 2 * _SECOND
                low, high = (middle, high) if offset(middle) == before else (low, middle)
            found.append((high, before))
            before, after = offset(high), high
        moment = after
    return [*found, (None, before)]
