"""A scheduled run: whatever is due, once."""

from __future__ import annotations

from kpisheets.running.bench import Ran
from kpisheets.running.calling import Schedule
from kpisheets.running.runner import Runner
from kpisheets.running.timetable import troubles

__all__ = ["Ran", "Runner", "Schedule", "troubles"]
