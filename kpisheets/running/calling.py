"""Who calls a run: the command that a scheduler is given, and what the schedule looks like from outside."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kpisheets.config import Config
from kpisheets.running.timetable import FILE, FOLDER, jobs_of, memory, rules_of
from kpisheets.schedule import Delivery, Job, Run, Slot, cron, upcoming

_FROM_ENVIRONMENT = re.compile(r"\$\{env:([^}]+)\}")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Schedule:
    """A project's schedule: each job with its next local times, the line for crontab and whether it stands there (None:
    there is no crontab), the last run, the latest slots, and the deliveries that wait for a person."""

    jobs: tuple[tuple[Job, tuple[datetime, ...]], ...]
    line: str
    installed: bool | None
    last_run: Run | None
    slots: tuple[Slot, ...]
    held: tuple[Delivery, ...]


def look(config: Config, now: datetime) -> Schedule:
    """What is planned, and what became of the latest."""
    rules = rules_of(config)
    jobs = tuple((job, tuple(upcoming(job, now, rules, _SHOWN))) for job in jobs_of(config))
    text = cron.line(command(config), config.schedule.every, config.root)
    there = cron.installed(config.root)
    if not config.schedule.ledger and not (config.root / FOLDER / FILE).exists():
        return Schedule(jobs, text, there, None, (), ())
    ledger, deliveries = memory(config)
    last = next(iter(ledger.runs()), None)
    return Schedule(jobs, text, there, last, tuple(ledger.slots(10)), tuple(deliveries.held()))


def install(config: Config, now: datetime) -> bool:
    """Put the line into crontab; False where it stands there. What was due before the first run is nobody's due."""
    changed = cron.install(command(config), config.schedule.every, config.root)
    ledger, _ = memory(config)
    if not ledger.runs():
        ledger.begin(now, jobs_of(config), [])
        ledger.end(now, 0, "")
    return changed


def command(config: Config) -> Sequence[str]:
    """``run-due`` with absolute paths: a scheduler has neither this folder nor this search path."""
    beside = Path(sys.executable).parent / ("kpisheets.exe" if sys.platform == "win32" else "kpisheets")
    program = [str(beside)] if beside.is_file() else [sys.executable, "-m", "kpisheets"]
    return [*program, "run-due", "--project", str(config.root)]


def from_environment(config: Config) -> list[str]:
    """The variables that ``kpisheets.toml`` names, which cron does not set."""
    text = config.path.read_text(encoding="utf-8-sig", errors="replace")
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return sorted({name.strip() for line in lines for name in _FROM_ENVIRONMENT.findall(line)})
