"""When something is due, and the memory of what was done about it."""

from __future__ import annotations

from kpisheets.schedule import cron, units
from kpisheets.schedule.database import open_database
from kpisheets.schedule.deliveries import LONGEST_PAUSE, Deliveries, Delivery, Frozen
from kpisheets.schedule.due import Due, Job, Rules, due, times, upcoming
from kpisheets.schedule.ledger import NEWER, Ledger, Run, Slot
from kpisheets.schedule.lock import alone
from kpisheets.schedule.recurrence import rule

__all__ = [
    "LONGEST_PAUSE",
    "NEWER",
    "Deliveries",
    "Delivery",
    "Due",
    "Frozen",
    "Job",
    "Ledger",
    "Rules",
    "Run",
    "Slot",
    "alone",
    "cron",
    "due",
    "open_database",
    "rule",
    "times",
    "units",
    "upcoming",
]
