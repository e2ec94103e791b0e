"""What became of each slot, written down before anything is done about it, so that a crash shows.

A slot is ``due``, then ``ready`` (its messages are frozen), then ``done``; or ``missed`` (no run took place, or a newer
slot of its job took over) or ``skipped-late``.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kpisheets.errors import TryLater
from kpisheets.schedule.database import Database, Row, Session
from kpisheets.schedule.due import Due, Job
from kpisheets.schedule.tables import instant, make_tables, stamp

KEPT = timedelta(days=400)
LEASE = timedelta(minutes=10)
NEWER = "a newer one was due before it could be done"
_TOLERANCE = timedelta(minutes=5)
_ASKED = "asked for"
_AT = "project = :p AND job = :job AND slot = :slot"


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot of one job and its state, and when that became so. ``told``: there is nothing about it that people have
    still to hear. ``was_asked``: a person's request, which still stands in the workbook."""

    job: str
    at: datetime
    state: str
    note: str = ""
    changed: datetime | None = None
    told: bool = True

    @property
    def was_asked(self) -> bool:
        return self.note == _ASKED


@dataclass(frozen=True, slots=True)
class Run:
    """A run: where and when it began, when it ended (None: it is under way, or was killed), its exit code and what it
    said."""

    host: str
    process: int
    began: datetime
    ended: datetime | None = None
    code: int | None = None
    said: str = ""


class Ledger:
    """The ledger of one project. In a database that projects share, ``project`` tells them apart."""

    def __init__(self, database: Database, project: str = "") -> None:
        self.database, self.project = database, project
        self.run = secrets.token_hex(8)
        make_tables(database)

    # --- runs ---

    def last_run(self, now: datetime) -> datetime | None:
        """When the last run before ``now`` began; None before the first. ``now`` itself, so that nothing becomes due,
        where the clock stands before all of them."""
        with self.database.transaction() as session:
            sql = "SELECT MIN(began) AS first, MAX(CASE WHEN began <= :now THEN began END) AS last FROM kpi_run"
            [row] = session.ask(f"{sql} WHERE project = :p", p=self.project, now=stamp(now))
        return instant(row["last"]) if row["last"] else now if row["first"] else None

    def runs(self, number: int = 1) -> list[Run]:
        """The latest runs, the newest first."""
        with self.database.transaction() as session:
            sql = "SELECT * FROM kpi_run WHERE project = :p ORDER BY began DESC LIMIT :number"
            return [_run(row) for row in session.ask(sql, p=self.project, number=number)]

    def killed(self) -> list[Run]:
        """Runs that never ended, and are no longer at work, since this one is."""
        sql = "SELECT * FROM kpi_run WHERE project = :p AND ended IS NULL AND id <> :id"
        with self.database.transaction() as session:
            return [_run(row) for row in session.ask(sql, p=self.project, id=self.run)]

    def known(self) -> dict[str, str]:
        """The schedules by which the last run went, by job."""
        sql = "SELECT name, value FROM kpi_fact WHERE project = :p AND name LIKE 'job %'"
        with self.database.transaction() as session:
            return {row["name"][4:]: row["value"] for row in session.ask(sql, p=self.project)}

    def begin(self, now: datetime, jobs: Iterable[Job], found: Sequence[Due]) -> None:
        """Write down, in one step, that a run begins, what became due, and what was missed."""
        with self.database.transaction() as session:
            for due in found:
                self._add(session, now, due)
            session.do("DELETE FROM kpi_fact WHERE project = :p AND name LIKE 'job %'", p=self.project)
            for job in jobs:
                _remember(session, self.project, f"job {job.key}", job.written)
            session.do(
                "INSERT INTO kpi_run (project, id, host, process, began) VALUES (:p, :id, :host, :process, :now)",
                p=self.project, id=self.run, host=socket.gethostname()[:120], process=os.getpid(), now=stamp(now),
            )  # fmt: skip
            _remember(session, self.project, "newest run", stamp(now))

    def end(self, now: datetime, code: int, said: str) -> None:
        """The run that began ends; all that was to be told is told."""
        with self.database.transaction() as session:
            for table in ("kpi_slot", "kpi_delivery"):
                session.do(f"UPDATE {table} SET told = 1 WHERE project = :p AND told = 0", p=self.project)
            session.do(
                "UPDATE kpi_run SET ended = :now, said = 'it was killed' WHERE project = :p AND ended IS NULL",
                p=self.project, now=stamp(now),
            )  # fmt: skip
            session.do(
                "UPDATE kpi_run SET ended = :now, code = :code, said = :said WHERE project = :p AND id = :id",
                p=self.project, id=self.run, now=stamp(now), code=code, said=said,
            )  # fmt: skip

    def _add(self, session: Session, now: datetime, due: Due) -> None:
        newest = Slot(due.job.key, due.slot, "skipped-late" if due.too_late else "due", told=not due.too_late)
        former = self._has(session, newest)
        if former and former.state != "missed":
            # Only a clock that went wrong leads here: it is put back, or was ahead when the slot was done.
            if former.changed is not None and former.changed - now > _TOLERANCE:
                self._set(
                    session, now, replace(former, note="done before its time, by a clock that was ahead", told=False)
                )
            return
        older = "project = :p AND job = :job AND state IN ('due', 'ready')"
        for row in session.ask(f"SELECT * FROM kpi_slot WHERE {older}", p=self.project, job=due.job.key):
            slot = _slot(row)
            if slot.state == "ready":
                self._set(session, now, replace(slot, state="done"))
            else:
                note = f"{NEWER}: {slot.note}" if slot.note else NEWER
                self._set(session, now, replace(slot, state="missed", note=note, told=False))
        for at in due.missed:
            missed = Slot(due.job.key, at, "missed", "no run took place", told=False)
            if not self._has(session, missed):
                self._insert(session, now, missed)
        if former:
            self._set(session, now, newest)
        else:
            self._insert(session, now, newest)

    # --- slots ---

    def request(self, jobs: Sequence[str], at: datetime, now: datetime) -> list[Slot]:
        """The slots of what a person asked for in the workbook: the same ones however often that is read."""
        with self.database.transaction() as session:
            for job in jobs:
                slot = Slot(job, at, "due", _ASKED)
                if not self._has(session, slot):
                    self._insert(session, now, slot)
            sql = "SELECT * FROM kpi_slot WHERE project = :p AND slot = :slot"
            rows = session.ask(sql, p=self.project, slot=stamp(at))
        return [_slot(row) for row in rows if row["job"] in jobs]

    def open_slots(self) -> list[Slot]:
        """What is to be worked on: slots that are due, and those whose messages are not all through."""
        sql = "SELECT * FROM kpi_slot WHERE project = :p AND state IN ('due', 'ready') ORDER BY slot, job"
        with self.database.transaction() as session:
            return [_slot(row) for row in session.ask(sql, p=self.project)]

    def slots(self, number: int = 20) -> list[Slot]:
        """The latest slots, whatever became of them, the newest first."""
        sql = "SELECT * FROM kpi_slot WHERE project = :p ORDER BY slot DESC, job LIMIT :number"
        with self.database.transaction() as session:
            return [_slot(row) for row in session.ask(sql, p=self.project, number=number)]

    def mark(self, slot: Slot, state: str, now: datetime, note: str = "", *, told: bool = True) -> None:
        """A slot gets a state and a note."""
        with self.database.transaction() as session:
            self._set(session, now, replace(slot, state=state, note=note, told=told))

    def untold(self) -> list[Slot]:
        """Slots about which people have still to hear something."""
        sql = "SELECT * FROM kpi_slot WHERE project = :p AND told = 0 ORDER BY job, slot"
        with self.database.transaction() as session:
            return [_slot(row) for row in session.ask(sql, p=self.project)]

    def _has(self, session: Session, slot: Slot) -> Slot | None:
        """The slot as it is remembered."""
        rows = session.ask(f"SELECT * FROM kpi_slot WHERE {_AT}", **self._key(slot))
        return _slot(rows[0]) if rows else None

    def _insert(self, session: Session, now: datetime, slot: Slot) -> None:
        session.do(
            "INSERT INTO kpi_slot (project, job, slot, state, changed, note, told) "
            "VALUES (:p, :job, :slot, :state, :now, :note, :told)",
            **self._key(slot), state=slot.state, now=stamp(now), note=slot.note, told=int(slot.told),
        )  # fmt: skip

    def _set(self, session: Session, now: datetime, slot: Slot) -> None:
        session.do(
            f"UPDATE kpi_slot SET state = :state, changed = :now, note = :note, told = :told WHERE {_AT}",
            **self._key(slot), state=slot.state, now=stamp(now), note=slot.note, told=int(slot.told),
        )  # fmt: skip

    def _key(self, slot: Slot) -> dict[str, str]:
        return {"p": self.project, "job": slot.job, "slot": stamp(slot.at)}

    # --- facts ---

    def fact(self, name: str) -> str:
        """Something remembered between runs; blank if there is none."""
        sql = "SELECT value FROM kpi_fact WHERE project = :p AND name = :name"
        with self.database.transaction() as session:
            rows = session.ask(sql, p=self.project, name=name)
        return rows[0]["value"] or "" if rows else ""

    def remember(self, name: str, value: str) -> None:
        with self.database.transaction() as session:
            _remember(session, self.project, name, value)

    def take_lease(self, now: datetime) -> bool:
        """Whether this host may work, for the next ten minutes: where several share a ledger, one does."""
        try:
            return self._take_lease(now)
        except TryLater:  # two took the first one
            return False

    def _take_lease(self, now: datetime) -> bool:
        me = f"{socket.gethostname()}/{self.run}"
        with self.database.transaction() as session:
            if not session.ask("SELECT value FROM kpi_fact WHERE project = :p AND name = 'lease'", p=self.project):
                _remember(session, self.project, "lease", "")
            # A lease that ends later than any can was taken by a clock that was ahead.
            free = "(value < :now OR value > :latest OR value LIKE :mine)"
            return bool(
                session.do(
                    f"UPDATE kpi_fact SET value = :lease WHERE project = :p AND name = 'lease' AND {free}",
                    p=self.project, now=stamp(now), latest=stamp(now + 2 * LEASE), mine=f"% {me}",
                    lease=f"{stamp(now + LEASE)} {me}",
                )
            )  # fmt: skip

    def leave_lease(self) -> None:
        self.remember("lease", "")

    def prune(self, now: datetime) -> None:
        """Forget what nobody asks for any more. Requests are remembered: an old copy of a workbook may repeat them."""
        with self.database.transaction() as session:
            limit = {"p": self.project, "limit": stamp(now - KEPT)}
            session.do("DELETE FROM kpi_run WHERE project = :p AND began < :limit", **limit)
            late = "project = :p AND slot < :limit AND job NOT LIKE 'request %'"
            session.do(f"DELETE FROM kpi_slot WHERE {late}", **limit)
            session.do(f"DELETE FROM kpi_delivery WHERE {late}", **limit)


def _remember(session: Session, project: str, name: str, value: str) -> None:
    known = {"p": project, "name": name, "value": value}
    if not session.ask("SELECT name FROM kpi_fact WHERE project = :p AND name = :name", p=project, name=name):
        session.do("INSERT INTO kpi_fact (project, name, value) VALUES (:p, :name, :value)", **known)
    else:
        session.do("UPDATE kpi_fact SET value = :value WHERE project = :p AND name = :name", **known)


def _slot(row: Row) -> Slot:
    changed, told = instant(row["changed"]), bool(row["told"])
    return Slot(row["job"], instant(row["slot"]), row["state"], row["note"] or "", changed, told)


def _run(row: Row) -> Run:
    ended = instant(row["ended"]) if row["ended"] else None
    return Run(row["host"], row["process"], instant(row["began"]), ended, row["code"], row["said"] or "")
