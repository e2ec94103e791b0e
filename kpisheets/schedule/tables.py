"""The tables of a ledger, how it writes instants, and one project's part of it."""

from __future__ import annotations

from datetime import UTC, datetime

from kpisheets.errors import TryLater, Unreachable
from kpisheets.schedule.database import Database

_KEY = "VARCHAR(120) NOT NULL"
_SLOT = f"project {_KEY}, job {_KEY}, slot VARCHAR(20) NOT NULL"
_ONE = f"{_SLOT}, recipient VARCHAR(254) NOT NULL, channel VARCHAR(20) NOT NULL"
TABLES = {
    "kpi_fact": f"project {_KEY}, name {_KEY}, value TEXT, PRIMARY KEY (project, name)",
    "kpi_run": (
        f"project {_KEY}, id VARCHAR(32) NOT NULL, host VARCHAR(120), process INTEGER, began VARCHAR(20) NOT NULL, "
        "ended VARCHAR(20), code INTEGER, said TEXT, PRIMARY KEY (project, id)"
    ),
    "kpi_slot": (
        f"{_SLOT}, state VARCHAR(20) NOT NULL, changed VARCHAR(20), note TEXT, told INTEGER NOT NULL, "
        "PRIMARY KEY (project, job, slot)"
    ),
    "kpi_delivery": (
        f"{_ONE}, state VARCHAR(20) NOT NULL, tries INTEGER NOT NULL, again VARCHAR(20), message_id VARCHAR(80), "
        "subject TEXT, changed VARCHAR(20), note TEXT, code INTEGER NOT NULL, told INTEGER NOT NULL, "
        "PRIMARY KEY (project, job, slot, recipient, channel)"
    ),
    "kpi_message": f"{_ONE}, content {{binary}}, PRIMARY KEY (project, job, slot, recipient, channel)",
    "kpi_file": f"{_SLOT}, name VARCHAR(254) NOT NULL, content {{binary}}, PRIMARY KEY (project, job, slot, name)",
}


_TRIES = 8


def make_tables(database: Database) -> None:
    """Make what is not there yet."""
    for left in reversed(range(_TRIES)):
        try:
            with database.transaction() as session:
                for name, columns in TABLES.items():
                    session.do(f"CREATE TABLE IF NOT EXISTS {name} ({columns.format(binary=database.binary)})")
            return
        except (TryLater, Unreachable):
            # Another host may be making them at this moment, which PostgreSQL refuses in several ways.
            if not left:
                raise
            with database.transaction() as session:  # raises where the database is out of reach
                session.ask("SELECT 1")


def stamp(instant: datetime) -> str:
    """An aware instant as the ledger writes it: in UTC, to the second, in an order that text has too."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def instant(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)
