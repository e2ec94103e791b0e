"""When to ask again and how long to wait before: computed from values, the clock and the dice are handed in."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from kpisheets.services.values import Limits

ATTEMPTS = 6
FIRST = 0.5
"""Seconds: the wait before the n-th repetition is drawn between 0 and this times 2^(n-1) ("full jitter")."""
CAP = 30.0

_REMAINING = ("RateLimit-Remaining", "X-RateLimit-Remaining", "X-Rate-Limit-Remaining")
_RESET = ("RateLimit-Reset", "X-RateLimit-Reset", "X-Rate-Limit-Reset")
_INSTANT = 1e8
"""A number of seconds beyond this is an instant, not a wait."""


@dataclass(frozen=True, slots=True)
class Passing:
    """What passes and what chance decides: replaced in simulations. ``wall`` is in seconds since 1970."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    dice: Callable[[], float] = random.random
    wall: Callable[[], float] = time.time


def delay(failures: int, dice: float) -> float:
    """Seconds to wait after so many failures; ``dice`` is from 0 to 1."""
    return dice * min(CAP, FIRST * 2.0 ** (failures - 1))


def asked_for(headers: Mapping[str, str], wall: float) -> float:
    """The seconds that Retry-After asks for, in seconds or as a date; 0 where it asks for none."""
    return _seconds(headers.get("Retry-After", ""), wall)


def quota_wait(headers: Mapping[str, str], limits: Limits, wall: float) -> float:
    """Seconds until there are requests again, where the headers say that none is left; else 0."""
    remaining = _first(headers, (limits.remaining, *_REMAINING))
    try:
        if not remaining or float(remaining) > 0:
            return 0.0
    except ValueError:
        return 0.0
    return _seconds(_first(headers, (limits.reset, *_RESET)), wall)


def _first(headers: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((headers[name] for name in names if name and name in headers), "")


def _seconds(text: str, wall: float) -> float:
    """A wait or an instant as a number of seconds or milliseconds, or a date, as seconds from now."""
    text = text.strip()
    try:
        number = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return 0.0
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.fromtimestamp(wall, UTC)).total_seconds())
    if not 0 <= number < float("inf"):
        return 0.0
    if number > _INSTANT * 1000:
        number /= 1000
    return max(0.0, number - wall) if number > _INSTANT else number


class Pace:
    """Requests no closer to each other than the limits allow."""

    def __init__(self, limits: Limits, passing: Passing) -> None:
        self._between = 1 / limits.rate if limits.rate else 0.0
        self._passing = passing
        self._next = 0.0

    def wait(self) -> float:
        """Seconds until the next request may be sent."""
        return max(0.0, self._next - self._passing.clock())

    def sent(self) -> None:
        self._next = self._passing.clock() + self._between

    def pause(self, seconds: float) -> None:
        """Nothing is sent for so many seconds."""
        self._next = max(self._next, self._passing.clock() + seconds)
