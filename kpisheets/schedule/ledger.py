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

from kpisheets.schedule.database import Database, Row, Session
from kpisheets.schedule.due import Due, Job
from kpisheets.schedule.tables import instant, make_tables, stamp

KEPT = timedelta(days=400)
LEASE = timedelta(minutes=10)
_TOLERANCE = timedelta(minutes=5)
_ASKED = "asked for"
_AT = "project = :p AND job = :job AND slot = :slot"


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot of one job and its state, and when that became so. ``was_asked``: a person's request, which still stands
    in the workbook."""

    job: str
    at: datetime
    state: str
    note: str = ""
    changed: datetime | None = None

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
            rows = session.ask("SELECT began FROM kpi_run WHERE project = :p", p=self.project)
        before = [row["began"] for row in rows if row["began"] <= stamp(now)]
        return instant(max(before)) if before else now if rows else None

    def runs(self, number: int = 1) -> list[Run]:
        """The latest runs, the newest first."""
        with self.database.transaction() as session:
            rows = session.ask("SELECT * FROM kpi_run WHERE project = :p ORDER BY began DESC", p=self.project)
        return [_run(row) for row in rows[:number]]

    def known(self) -> dict[str, str]:
        """The schedules by which the last run went, by job."""
        sql = "SELECT name, value FROM kpi_fact WHERE project = :p AND name LIKE 'job %'"
        with self.database.transaction() as session:
            return {row["name"][4:]: row["value"] for row in session.ask(sql, p=self.project)}

    def begin(self, now: datetime, jobs: Iterable[Job], found: Sequence[Due]) -> list[Slot]:
        """Write down, in one step, that a run begins and what became due. The slots that nothing will be done about."""
        lost: list[Slot] = []
        with self.database.transaction() as session:
            for due in found:
                lost += self._add(session, now, due)
            session.do("DELETE FROM kpi_fact WHERE project = :p AND name LIKE 'job %'", p=self.project)
            for job in jobs:
                _remember(session, self.project, f"job {job.key}", job.schedule)
            session.do(
                "INSERT INTO kpi_run (project, id, host, process, began) VALUES (:p, :id, :host, :process, :now)",
                p=self.project, id=self.run, host=socket.gethostname()[:120], process=os.getpid(), now=stamp(now),
            )  # fmt: skip
            _remember(session, self.project, "newest run", stamp(now))
        return lost

    def end(self, now: datetime, code: int, said: str) -> None:
        """The run that began ends."""
        with self.database.transaction() as session:
            session.do(
                "UPDATE kpi_run SET ended = :now, code = :code, said = :said WHERE project = :p AND id = :id",
                p=self.project, id=self.run, now=stamp(now), code=code, said=said,
            )  # fmt: skip

    def _add(self, session: Session, now: datetime, due: Due) -> list[Slot]:
        newest = Slot(due.job.key, due.slot, "skipped-late" if due.too_late else "due")
        former = self._has(session, newest)
        if former and former.state != "missed":
            # Only a clock that went wrong leads here: it is put back, or was ahead when the slot was done.
            early = former.changed is not None and former.changed - now > _TOLERANCE
            return [replace(former, note="done before its time, by a clock that was ahead")] if early else []
        lost = []
        older = "project = :p AND job = :job AND state IN ('due', 'ready')"
        for row in session.ask(f"SELECT * FROM kpi_slot WHERE {older}", p=self.project, job=due.job.key):
            slot = _slot(row)
            if slot.state == "due":
                why = "a newer one was due before it could be done"
                lost.append(replace(slot, state="missed", note=f"{why}: {slot.note}" if slot.note else why))
            self._set(session, now, replace(slot, state="done" if slot.state == "ready" else "missed"))
        for at in due.missed:
            missed = Slot(due.job.key, at, "missed", "no run took place")
            if not self._has(session, missed):
                self._insert(session, now, missed)
                lost.append(missed)
        if former:
            self._set(session, now, newest)
        else:
            self._insert(session, now, newest)
        return [*lost, newest] if due.too_late else lost

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
        with self.database.transaction() as session:
            rows = session.ask("SELECT * FROM kpi_slot WHERE project = :p ORDER BY slot DESC, job", p=self.project)
        return [_slot(row) for row in rows[:number]]

    def mark(self, slot: Slot, state: str, now: datetime, note: str = "") -> None:
        """A slot gets a state and a note."""
        with self.database.transaction() as session:
            self._set(session, now, replace(slot, state=state, note=note))

    def _has(self, session: Session, slot: Slot) -> Slot | None:
        """The slot as it is remembered."""
        rows = session.ask(f"SELECT * FROM kpi_slot WHERE {_AT}", **self._key(slot))
        return _slot(rows[0]) if rows else None

    def _insert(self, session: Session, now: datetime, slot: Slot) -> None:
        session.do(
            "INSERT INTO kpi_slot (project, job, slot, state, changed, note) "
            "VALUES (:p, :job, :slot, :state, :now, :note)",
            **self._key(slot), state=slot.state, now=stamp(now), note=slot.note,
        )  # fmt: skip

    def _set(self, session: Session, now: datetime, slot: Slot) -> None:
        session.do(
            f"UPDATE kpi_slot SET state = :state, changed = :now, note = :note WHERE {_AT}",
            **self._key(slot), state=slot.state, now=stamp(now), note=slot.note,
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
        me = f"{socket.gethostname()}/{self.run}"
        with self.database.transaction() as session:
            if not session.ask("SELECT value FROM kpi_fact WHERE project = :p AND name = 'lease'", p=self.project):
                _remember(session, self.project, "lease", "")
            free = "(value < :now OR value LIKE :mine)"
            return bool(
                session.do(
                    f"UPDATE kpi_fact SET value = :lease WHERE project = :p AND name = 'lease' AND {free}",
                    p=self.project, now=stamp(now), mine=f"% {me}", lease=f"{stamp(now + LEASE)} {me}",
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
    return Slot(row["job"], instant(row["slot"]), row["state"], row["note"] or "", instant(row["changed"]))


def _run(row: Row) -> Run:
    ended = instant(row["ended"]) if row["ended"] else None
    return Run(row["host"], row["process"], instant(row["began"]), ended, row["code"], row["said"] or "")
