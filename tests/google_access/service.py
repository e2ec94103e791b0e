"""Google's quota as the service may count it, and fleets that ask it: independent of the code that paces."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol


class Counter(Protocol):
    """One quota: says whether a request that arrives at ``now`` (seconds, never going back) is let in."""

    def admit(self, now: float) -> bool: ...


class SlidingMinute:
    """No 60 seconds hold more than ``limit`` requests; refused ones do not count."""

    def __init__(self, limit: int, _: float) -> None:
        self.limit, self.held = limit, deque[float]()

    def admit(self, now: float) -> bool:
        while self.held and self.held[0] <= now - 60:
            self.held.popleft()
        if len(self.held) >= self.limit:
            return False
        self.held.append(now)
        return True


class FixedMinute:
    """Counting begins anew at fixed moments, a minute apart; ``phase`` says where they lie."""

    def __init__(self, limit: int, phase: float) -> None:
        self.limit, self.phase, self.minute, self.count = limit, phase, -1, 0

    def admit(self, now: float) -> bool:
        minute = int((now + self.phase) // 60)
        if minute != self.minute:
            self.minute, self.count = minute, 0
        if self.count >= self.limit:
            return False
        self.count += 1
        return True


class Bucket:
    """A bucket of ``limit`` requests that fills evenly, full in a minute."""

    def __init__(self, limit: int, _: float) -> None:
        self.limit, self.level, self.seen = limit, float(limit), 0.0

    def admit(self, now: float) -> bool:
        self.level = min(self.limit, self.level + (now - self.seen) * self.limit / 60)
        self.seen = now
        if self.level < 1 - 1e-9:
            return False
        self.level -= 1
        return True


ASSUMPTIONS: tuple[Callable[[int, float], Counter], ...] = (SlidingMinute, FixedMinute, Bucket)


@dataclass
class Service:
    """A project's quota and each of its users', for one kind of request."""

    assume: Callable[[int, float], Counter]
    phase: float
    user_limit: int = 60
    project_limit: int = 300
    users: dict[str, Counter] = field(default_factory=dict)
    admitted: list[float] = field(default_factory=list)
    refused: int = 0

    def __post_init__(self) -> None:
        self.project = self.assume(self.project_limit, self.phase)

    def arrive(self, user: str, now: float) -> None:
        own = self.users.setdefault(user, self.assume(self.user_limit, self.phase))
        if own.admit(now) and self.project.admit(now):
            self.admitted.append(now)
        else:
            self.refused += 1


@dataclass(order=True)
class Event:
    at: float
    number: int
    run: Callable[[], None] = field(compare=False)


def fleet(
    promise: Callable[[str, float], float],
    service: Service,
    agents: list[str],
    seconds: float,
    rng: random.Random,
    *,
    way: float,
    work: float,
) -> None:
    """Agents (each of a user) that ask again as soon as they are answered, for so many simulated seconds.

    ``promise`` gives the moment at which a user who asks now may send. A request is on its way for up to ``way``
    seconds, and worked on for up to ``work``.
    """
    events: list[Event] = []
    numbers: Iterator[int] = iter(range(10**9))

    def plan(at: float, run: Callable[[], None]) -> None:
        heapq.heappush(events, Event(at, next(numbers), run))

    def ask(user: str, now: float) -> None:
        send = promise(user, now)
        arrival = send + rng.random() * way

        def arrive() -> None:
            service.arrive(user, arrival)
            answered = arrival + rng.random() * work
            plan(answered, lambda: ask(user, answered))

        plan(arrival, arrive)

    for user in agents:
        begins = rng.random()
        plan(begins, lambda user=user, begins=begins: ask(user, begins))  # type: ignore[misc]
    while events and events[0].at <= seconds:
        heapq.heappop(events).run()
