"""When to ask Google again: the policy alone, which is handed its clock, its sleep and its dice."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from kpisheets.errors import KpisheetsError, TryLater

T = TypeVar("T")

_MOST_DOUBLINGS = 20


class Unanswered(TryLater):
    """A request that must not be carried out twice was sent, and nobody said whether it was carried out.

    Whoever sent it can look: what it writes bears the mark of the run.
    """


class Failed(Exception):
    """An attempt that failed and may succeed when repeated.

    ``cause`` is what a person is told when no attempt is left. ``certain``: the service certainly did nothing.
    ``unreachable``: it was not even reached. ``after``: the seconds that it asked to be left alone.
    """

    def __init__(
        self, cause: KpisheetsError, *, certain: bool = False, unreachable: bool = False, after: float = 0.0
    ) -> None:
        super().__init__(str(cause))
        self.cause, self.certain, self.unreachable, self.after = cause, certain or unreachable, unreachable, after


@dataclass(frozen=True, slots=True)
class Policy:
    """Seconds. Attempts end after ``deadline``; those at a service that cannot be reached, after ``reach``.

    The wait before the n-th repetition is drawn between 0 and ``first`` · 2^(n−1), never beyond ``cap``: many clients
    that failed together then come back apart ("full jitter").
    """

    deadline: float = 180.0
    first: float = 1.0
    cap: float = 32.0
    reach: float = 20.0

    def delay(self, failures: int, after: float, dice: float) -> float:
        """Before the next attempt, after so many failures; ``dice`` is a number from 0 to 1."""
        return after + dice * min(self.cap, self.first * 2.0 ** min(failures - 1, _MOST_DOUBLINGS))


@dataclass(frozen=True, slots=True)
class Time:
    """What passes and what chance decides: replaced in simulations. ``wall`` is in seconds since 1970."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    dice: Callable[[], float] = random.random
    wall: Callable[[], float] = time.time


_NOW = Time()


def persist(
    attempt: Callable[[float], T],
    policy: Policy,
    *,
    repeatable: bool,
    turn: Callable[[], float] = lambda: 0.0,
    tell: Callable[[str], None] = lambda _: None,
    passing: Time = _NOW,
) -> T:
    """What ``attempt`` gives; while it raises ``Failed`` it is repeated, as long as the policy allows.

    ``attempt`` is told the seconds that are left. ``turn`` is called before each one, and the seconds that it says it
    queued are not counted: waiting for one's turn is no failure of the service. ``tell`` hears why it takes longer.

    Unanswered where the outcome is unknown and the request not ``repeatable``; else the last failure's cause.
    """
    begin = passing.clock()
    failures = 0
    while True:
        try:
            begin += turn()
            return attempt(policy.deadline - (passing.clock() - begin))
        except Failed as failed:
            failures += 1
            if not repeatable and not failed.certain:
                raise _unanswered(failed.cause) from failed
            delay = policy.delay(failures, failed.after, passing.dice())
            patience = min(policy.reach, policy.deadline) if failed.unreachable else policy.deadline
            if passing.clock() - begin + delay > patience:
                raise failed.cause from failed
            tell(f"{failed.cause.what[:1].upper()}{failed.cause.what[1:]}: trying again")
            passing.sleep(delay)


def _unanswered(cause: KpisheetsError) -> Unanswered:
    return Unanswered(
        f"it is not known whether Google wrote what it was sent ({cause.what})",
        where=cause.where,
        mend="run it again: what was written is recognised, and nothing is written twice",
    )
