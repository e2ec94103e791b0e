"""What became of each message of a slot.

A delivery is ``due``, then ``sending`` (written down before the server hears of it), then ``sent``, ``retry``,
``failed``, or ``unknown``: it may have arrived, and only a person can find out.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kpisheets.schedule.database import Database, Row
from kpisheets.schedule.ledger import Slot
from kpisheets.schedule.tables import instant, stamp

LONGEST_PAUSE = timedelta(hours=4)
RESENDABLE = timedelta(days=60)
"""How long a message that did not go out is kept for ``--resend``."""
_AT = "project = :p AND job = :job AND slot = :slot"
_ONE = f"{_AT} AND recipient = :recipient AND channel = :channel"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of a slot on its way to one recipient. ``channel``: ``mail``, or ``own`` for an owner's own KPIs,
    ``slack`` or ``teams`` for a post, whose recipient is a channel or webhook by its label;
    ``code``: the exit code that says how grave it is that it did not arrive."""

    job: str
    at: datetime
    recipient: str
    channel: str
    state: str
    tries: int = 0
    message_id: str = ""
    subject: str = ""
    note: str = ""
    code: int = 1


@dataclass(frozen=True, slots=True)
class Frozen:
    """A message as it will be sent, however often that is tried."""

    recipient: str
    channel: str
    message_id: str
    subject: str
    content: bytes


class Deliveries:
    """The deliveries of one project."""

    def __init__(self, database: Database, project: str = "") -> None:
        self.database, self.project = database, project

    def freeze(self, slot: Slot, messages: Sequence[Frozen], files: Mapping[str, bytes], now: datetime) -> bool:
        """Keep a slot's messages, and the files that they all carry, in one step. False where another run did."""
        at = {"p": self.project, "job": slot.job, "slot": stamp(slot.at)}
        with self.database.transaction() as session:
            ready = "UPDATE kpi_slot SET state = 'ready', changed = :now, note = '' WHERE"
            if not session.do(f"{ready} {_AT} AND state = 'due'", **at, now=stamp(now)):
                return False
            for name, content in files.items():
                session.do(
                    "INSERT INTO kpi_file (project, job, slot, name, content) "
                    "VALUES (:p, :job, :slot, :name, :content)",
                    **at, name=name, content=content,
                )  # fmt: skip
            for message in messages:
                one = {**at, "recipient": message.recipient, "channel": message.channel}
                session.do(
                    "INSERT INTO kpi_delivery (project, job, slot, recipient, channel, state, tries, message_id, "
                    "subject, changed, code, told) "
                    "VALUES (:p, :job, :slot, :recipient, :channel, 'due', 0, :id, :subject, :now, 1, 1)",
                    **one, id=message.message_id, subject=message.subject, now=stamp(now),
                )  # fmt: skip
                session.do(
                    "INSERT INTO kpi_message (project, job, slot, recipient, channel, content) "
                    "VALUES (:p, :job, :slot, :recipient, :channel, :content)",
                    **one, content=zlib.compress(message.content),
                )  # fmt: skip
        return True

    def abandoned(self, now: datetime, *, repeatable: Sequence[str] = ()) -> None:
        """Deliveries that a run began and never finished are ``unknown``, which people hear of; those of channels where
        a second try does no harm are tried again."""
        note = "a run ended while it was being sent: it may have arrived"
        for channel in repeatable:
            self._all("state = 'sending' AND channel = :one", "retry", now, note, one=channel)
        self._all("state = 'sending'", "unknown", now, note)

    def outdated(self, now: datetime) -> None:
        """Deliveries whose slot is no longer worked on: from now on ``failed``, and not for ``--resend``."""
        gone = (
            "state IN ('due', 'retry') AND NOT EXISTS (SELECT 1 FROM kpi_slot s WHERE s.project = kpi_delivery.project "
            "AND s.job = kpi_delivery.job AND s.slot = kpi_delivery.slot AND s.state = 'ready')"
        )
        self._all(gone, "failed", now, "a newer report took its place", keep=False)

    def give_up(self, slot: Slot, now: datetime) -> None:
        """A slot's deliveries that are not through: from now on ``failed``."""
        which = "job = :job AND slot = :slot AND state IN ('due', 'retry')"
        self._all(which, "failed", now, "given up, it is too late", job=slot.job, slot=stamp(slot.at))

    def _all(self, which: str, state: str, now: datetime, note: str, *, keep: bool = True, **values: str) -> None:
        with self.database.transaction() as session:
            sql = f"SELECT * FROM kpi_delivery WHERE project = :p AND {which}"
            for row in session.ask(sql, p=self.project, **values):
                one = self._one(_delivery(row))
                session.do(
                    "UPDATE kpi_delivery SET state = :state, changed = :now, note = :note, code = 1, told = 0 "
                    f"WHERE {_ONE}",
                    **one, state=state, now=stamp(now), note=f"{note}: {row['note']}" if row["note"] else note,
                )  # fmt: skip
                if not keep:
                    session.do(f"DELETE FROM kpi_message WHERE {_ONE}", **one)

    def untold(self) -> list[Delivery]:
        """Deliveries of which people have still to hear."""
        sql = "SELECT * FROM kpi_delivery WHERE project = :p AND told = 0 ORDER BY slot, recipient, channel"
        with self.database.transaction() as session:
            return [_delivery(row) for row in session.ask(sql, p=self.project)]

    def of(self, slot: Slot) -> list[Delivery]:
        """All deliveries of a slot."""
        sql = f"SELECT * FROM kpi_delivery WHERE {_AT} ORDER BY recipient, channel"
        with self.database.transaction() as session:
            return [_delivery(row) for row in session.ask(sql, p=self.project, job=slot.job, slot=stamp(slot.at))]

    def ready(self, slot: Slot, now: datetime) -> list[Delivery]:
        """Those of a slot that may be tried by ``now``."""
        sql = f"SELECT * FROM kpi_delivery WHERE {_AT} AND state IN ('due', 'retry') ORDER BY recipient, channel"
        with self.database.transaction() as session:
            rows = session.ask(sql, p=self.project, job=slot.job, slot=stamp(slot.at))
        # A pause longer than any is one by a clock that was ahead.
        return [_delivery(row) for row in rows if not stamp(now) < (row["again"] or "") <= stamp(now + LONGEST_PAUSE)]

    def claim(self, delivery: Delivery, now: datetime) -> tuple[bytes, dict[str, bytes]] | None:
        """Write down that it is being sent; its message and its slot's files. None where another run has it."""
        one = self._one(delivery)
        with self.database.transaction() as session:
            sending = "UPDATE kpi_delivery SET state = 'sending', tries = tries + 1, changed = :now WHERE"
            if not session.do(f"{sending} {_ONE} AND state IN ('due', 'retry')", **one, now=stamp(now)):
                return None
            [kept] = session.ask(f"SELECT content FROM kpi_message WHERE {_ONE}", **one)
            at = {key: one[key] for key in ("p", "job", "slot")}
            files = session.ask(f"SELECT name, content FROM kpi_file WHERE {_AT} ORDER BY name", **at)
        return zlib.decompress(bytes(kept["content"])), {row["name"]: bytes(row["content"]) for row in files}

    def settle(
        self, delivery: Delivery, state: str, now: datetime, note: str, *, code: int = 0, again: datetime | None = None
    ) -> Delivery:
        """What became of a delivery, with an exit code; ``again`` is when to try next. People are to hear of what is
        ``failed`` or ``unknown``. The message of one that was sent is not kept."""
        one = self._one(delivery)
        with self.database.transaction() as session:
            session.do(
                "UPDATE kpi_delivery SET state = :state, changed = :now, note = :note, again = :again, code = :code, "
                f"told = :told WHERE {_ONE}",
                **one, state=state, now=stamp(now), note=note, again=stamp(again) if again else "", code=code,
                told=int(state not in ("failed", "unknown")),
            )  # fmt: skip
            if state == "sent":
                session.do(f"DELETE FROM kpi_message WHERE {_ONE}", **one)
        return replace(delivery, state=state, note=note, code=code)

    def held(self) -> list[Delivery]:
        """Deliveries that did not go out, or may not have, and wait for a person; the newest first."""
        sql = (
            "SELECT d.* FROM kpi_delivery d JOIN kpi_message m ON m.project = d.project AND m.job = d.job "
            "AND m.slot = d.slot AND m.recipient = d.recipient AND m.channel = d.channel "
            "WHERE d.project = :p AND d.state IN ('unknown', 'failed') ORDER BY d.slot DESC, d.recipient, d.channel"
        )
        with self.database.transaction() as session:
            return [_delivery(row) for row in session.ask(sql, p=self.project)]

    def resend(self, now: datetime) -> int:
        """Let every held delivery be tried again, with the same Message-ID. How many there are."""
        held = self.held()
        with self.database.transaction() as session:
            for delivery in held:
                one = self._one(delivery)
                due = "UPDATE kpi_delivery SET state = 'due', again = '', note = '', told = 1, changed = :now WHERE"
                session.do(f"{due} {_ONE}", **one, now=stamp(now))
                at = {key: one[key] for key in ("p", "job", "slot")}
                session.do(f"UPDATE kpi_slot SET state = 'ready' WHERE {_AT}", **at)
        return len(held)

    def prune(self, now: datetime) -> None:
        """Forget messages that nobody resent, and files that no message carries any more."""
        with self.database.transaction() as session:
            limit = stamp(now - RESENDABLE)
            session.do("DELETE FROM kpi_message WHERE project = :p AND slot < :limit", p=self.project, limit=limit)
            session.do(
                "DELETE FROM kpi_file WHERE project = :p AND NOT EXISTS (SELECT 1 FROM kpi_message m WHERE "
                "m.project = kpi_file.project AND m.job = kpi_file.job AND m.slot = kpi_file.slot)",
                p=self.project,
            )

    def _one(self, delivery: Delivery) -> dict[str, str]:
        at = {"p": self.project, "job": delivery.job, "slot": stamp(delivery.at)}
        return {**at, "recipient": delivery.recipient, "channel": delivery.channel}


def _delivery(row: Row) -> Delivery:
    return Delivery(
        job=row["job"],
        at=instant(row["slot"]),
        recipient=row["recipient"],
        channel=row["channel"],
        state=row["state"],
        tries=row["tries"],
        message_id=row["message_id"] or "",
        subject=row["subject"] or "",
        note=row["note"] or "",
        code=row["code"],
    )
