"""What a run works with, and what it tells in the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from kpisheets.backends.base import Workbook
from kpisheets.config import Config
from kpisheets.core.plan import Plan
from kpisheets.delivery import Composed
from kpisheets.errors import KpisheetsError, Problem, TryLater
from kpisheets.running.outlets import Outlets
from kpisheets.schedule import Deliveries, Delivery, Ledger, Slot
from kpisheets.templates import Language

_LONGEST_WAIT = 240.0
"""Seconds: half of what a host that shares its ledger may be silent for."""
_MOST_WAITING = 1500.0


class Synced(Protocol):
    """What a sync says of itself."""

    @property
    def plan(self) -> Plan: ...
    @property
    def unreachable(self) -> bool: ...
    @property
    def exit_code(self) -> int: ...


class Works(Protocol):
    """What a run needs of a project."""

    @property
    def config(self) -> Config: ...

    @property
    def clock(self) -> Callable[[], datetime]: ...

    @property
    def language(self) -> Language: ...

    def sync(self) -> Synced: ...

    def compose(
        self, report: str | None, *, occasion: str, problems: tuple[Problem, ...], unsynced: bool
    ) -> Composed: ...

    def compose_meeting(
        self, which: str | None, *, occasion: str, problems: tuple[Problem, ...], unsynced: bool
    ) -> Composed: ...

    def compose_reminders(self, *, occasion: str, unsynced: bool) -> Composed: ...


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did. ``ran``: False where another run was at work. ``slots`` were closed, or wait, in this run;
    ``deliveries`` were tried, or given up, in it. ``synced``: None where no sync was due. ``code`` is the gravest exit
    code of the problems."""

    ran: bool = True
    synced: bool | None = None
    requests: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    problems: tuple[Problem, ...] = ()
    heartbeat: bool | None = None

    @property
    def code(self) -> int:
        return max((problem.code for problem in self.problems), default=0)


@dataclass
class Bench:
    """The tools of one run, and what it has found so far."""

    project: Works
    open_workbook: Callable[[], Workbook]
    ledger: Ledger
    deliveries: Deliveries
    sleep: Callable[[float], None] = time.sleep
    synced: bool | None = None
    requests: list[str] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    tried: list[Delivery] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    told: list[Problem] = field(default_factory=list)
    """Those of the problems that a sync has told in the workbook."""
    waited: float = 0.0
    """The seconds that services asked for, and were given."""

    @cached_property
    def outlets(self) -> Outlets:
        return Outlets(self.config)

    @property
    def config(self) -> Config:
        return self.project.config

    @property
    def now(self) -> datetime:
        """The aware present instant."""
        return self.project.clock()

    @property
    def local(self) -> datetime:
        """The present, local and naive, to the second: what a spreadsheet cell can hold."""
        zone = ZoneInfo(self.config.project.timezone)
        return self.now.astimezone(zone).replace(tzinfo=None, microsecond=0)

    def shown(self, instant: datetime) -> str:
        """An instant for a person: local time to the minute."""
        return f"{instant.astimezone(ZoneInfo(self.config.project.timezone)):%Y-%m-%d %H:%M}"

    def stay(self) -> None:
        """Where several hosts share a ledger: go on being the one that works. TryLater where another took over."""
        if self.config.schedule.ledger and not self.ledger.take_lease(self.now):
            what = "this run took so long that another host took over"
            raise TryLater(what, where="run-due", mend="see what it waited for")

    def wait(self, seconds: float) -> bool:
        """Leave a service alone for as long as it asks for; False where that is longer than a run has time."""
        if seconds > _LONGEST_WAIT or self.waited + seconds > _MOST_WAITING:
            return False
        self.waited += seconds
        self.sleep(seconds)
        return True

    def report(self, error: KpisheetsError, where: str = "") -> Problem:
        """Note what failed."""
        problem = Problem(error.where or where, error.what, error.mend, code=error.exit_code)
        self.problems.append(problem)
        return problem

    @property
    def ran(self) -> Ran:
        return Ran(
            synced=self.synced,
            requests=tuple(self.requests),
            slots=tuple(self.slots),
            deliveries=tuple(self.tried),
            problems=tuple(dict.fromkeys(self.problems)),
        )
