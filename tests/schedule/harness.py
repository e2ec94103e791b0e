"""A project whose scheduled runs are real processes, and a real mail server behind a wire that can be cut.

The wire counts bytes. At a given one it may kill the process that sends (SIGKILL), or cut the connection: before, in
the middle of, and after a message, or when the server has answered and the answer has not arrived.
"""

from __future__ import annotations

import collections
import email
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parents[2]
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # 07:00 in Paris: the slot of CONFIG's report
QUARTER = timedelta(minutes=15)
TO = ("ann@example.org", "bob@example.org", "eve@example.org")
CONFIG = """\
[project]
name = "Acme"
timezone = "Europe/Paris"

[workbook]
path = "Acme KPIs.xlsx"

[sources.shop]
url = "data/"

[metrics.revenue]
source = "shop"
table = "orders"
date = "day"
value = "sum(amount)"

[reports.weekly]
to = ["ann@example.org", "bob@example.org", "eve@example.org"]
schedule = "0 7 * * MON"

[mail]
url = "smtp://127.0.0.1:PORT"
from = "kpi@example.org"

[schedule]
sync = []
"""


class Nursery:
    """See ``nursery.py``; a context manager."""

    def __enter__(self) -> Nursery:
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.schedule.nursery"], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(20)

    def ask(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(order), file=self._process.stdin, flush=True)
        return dict(json.loads(self._process.stdout.readline()))


@dataclass
class Server:
    """A mail server's mailboxes and moods. ``refused`` and ``put_off`` are recipients; ``greylists``: everybody is put
    off the first time."""

    refused: set[str] = field(default_factory=set)
    put_off: set[str] = field(default_factory=set)
    greylists: bool = False
    taken: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return "550 no such user"
        if address in self.put_off or (self.greylists and address not in self._seen):
            self._seen.add(address)
            return "451 greylisted, come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = email.message_from_bytes(envelope.content, policy=policy.default)
        self.taken += [(recipient, str(message["Message-ID"])) for recipient in envelope.rcpt_tos]
        self.bodies.append(envelope.content)
        return "250 OK"

    @property
    def copies(self) -> collections.Counter[str]:
        """How many messages each recipient has."""
        return collections.Counter(recipient for recipient, _ in self.taken)


class Wire:
    """Between the runs and the server. ``cut_at`` counts the bytes that clients send, ``mute_at`` the answers that they
    get, ``verdict_at`` the answers to whole messages alone; there ``strike`` is called, and the connection is cut."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.calm()
        threading.Thread(target=self._accept, daemon=True).start()

    def calm(self) -> None:
        self.sent = self.answers = self.verdicts = 0
        self.cut_at = self.mute_at = self.verdict_at = -1
        self.struck = False
        self.strike: Callable[[], object] = lambda: None

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # else a thread that waits in accept() keeps it open
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                for work in (self._there, self._back):
                    threading.Thread(target=work, args=(client, server), daemon=True).start()

    def _there(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                room = self.cut_at - self.sent
                if not self.struck and 0 <= room <= len(data):
                    server.sendall(data[:room])
                    self._hit(client, server)
                    return
                self.sent += len(data)
                server.sendall(data)
        self._end(client, server)

    def _back(self, client: socket.socket, server: socket.socket) -> None:
        after_data = False
        with suppress(OSError):
            while data := server.recv(65536):
                self.answers += 1
                self.verdicts += after_data
                here = self.answers == self.mute_at or (after_data and self.verdicts == self.verdict_at)
                after_data = data.startswith(b"354")
                if not self.struck and here:
                    self._hit(client, server)
                    return
                client.sendall(data)
        self._end(client, server)

    def _hit(self, client: socket.socket, server: socket.socket) -> None:
        self.struck = True
        self.strike()
        self._end(client, server)

    @staticmethod
    def _end(*ends: socket.socket) -> None:
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@dataclass
class World:
    """A project, its server, and the wire between. ``told`` collects what every run reported."""

    root: Path
    nursery: Nursery
    server: Server
    wire: Wire
    told: list[str] = field(default_factory=list)
    lines: int = 0

    def configure(self, old: str, new: str) -> None:
        path = self.root / "kpisheets.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def start(self, now: datetime, **order: Any) -> int:
        return int(self.nursery.ask(do="fork", root=str(self.root), now=now.isoformat(), **order)["pid"])

    def wait(self, pid: int) -> dict[str, Any] | None:
        """What a run did; None where it was killed."""
        ended = self.nursery.ask(do="wait", pid=pid)
        assert not ended["error"], ended["error"]
        done: dict[str, Any] | None = ended["done"]
        if done is None:
            assert ended["status"] == -signal.SIGKILL, ended
            return None
        self.told += [f"{problem['where']}: {problem['what']}" for problem in done["problems"]]
        self.lines = done["lines"]
        return done

    def run(self, now: datetime, **order: Any) -> dict[str, Any] | None:
        return self.wait(self.start(now, **order))

    def ran(self, now: datetime, **order: Any) -> dict[str, Any]:
        done = self.run(now, **order)
        assert done is not None
        return done

    def run_under(
        self, now: datetime, *, cut_at: int = -1, mute_at: int = -1, verdict_at: int = -1, kill: bool
    ) -> dict[str, Any] | None:
        """A run whose wire is cut at a byte, or at an answer; ``kill``: and which is killed at that moment."""
        self.wire.calm()
        running: list[int] = []
        born = threading.Event()

        def strike() -> None:
            born.wait(5)
            os.kill(running[0], signal.SIGKILL)

        if kill:
            self.wire.strike = strike
        self.wire.cut_at, self.wire.mute_at, self.wire.verdict_at = cut_at, mute_at, verdict_at
        running.append(self.start(now))
        born.set()
        done = self.wait(running[0])
        self.wire.calm()
        return done

    def ledger(self, sql: str) -> list[tuple[Any, ...]]:
        import sqlite3

        with sqlite3.connect(self.root / ".kpisheets/ledger.sqlite") as connection:
            return connection.execute(sql).fetchall()

    def states(self) -> dict[str, str]:
        """The state of each recipient's mail of the only slot."""
        return dict(self.ledger("SELECT recipient, state FROM kpi_delivery WHERE channel IN ('mail', 'own')"))

    def settle(self, now: datetime, runs: int = 6) -> datetime:
        """Quiet runs, a quarter of an hour apart, until everything is through."""
        for _ in range(runs):
            now += QUARTER
            self.ran(now)
            if set(self.states().values()) <= {"sent", "failed", "unknown"} and self.states():
                break
        return now

    def judge(self, now: datetime, to: tuple[str, ...] = TO) -> None:
        """After a disturbance: everybody has one copy, or is held and was reported; ``--resend`` brings the rest."""
        now = self.settle(now)
        states = self.states()
        assert set(states) == set(to), states
        for recipient in to:
            copies = self.server.copies[recipient]
            assert copies <= 1, f"{recipient} has {copies} copies"
            if states[recipient] == "sent":
                assert copies == 1, f"{recipient}: sent, and nothing arrived"
            else:
                assert states[recipient] == "unknown", states
                assert any(recipient in line or "may have arrived" in line for line in self.told), self.told
        ids = [identity for _, identity in self.server.taken]
        assert len(ids) == len(set(ids))
        self.ran(now + QUARTER)
        assert self.server.copies.total() == len(ids), "a later run sent again what was held"
        held = {recipient for recipient, state in states.items() if state == "unknown"}
        before = self.server.copies
        self.ran(now + 2 * QUARTER, resend=True)
        for recipient in to:
            assert self.server.copies[recipient] == before[recipient] + (recipient in held)
        assert set(self.states().values()) == {"sent"}
        assert len({identity for _, identity in self.server.taken}) == len(to), "another Message-ID than before"


@contextmanager
def serving(server: Server) -> Iterator[Wire]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    wire = Wire(port)
    try:
        yield wire
    finally:
        wire.close()
        controller.stop()


def make(folder: Path) -> Path:
    """A synced project to be copied."""
    from kpisheets.project import Project

    folder.mkdir()
    (folder / "data").mkdir()
    (folder / "data" / "orders.csv").write_text("day,amount\n2026-10-03,10\n2026-11-03,20\n", encoding="utf-8")
    text = CONFIG.replace('timezone = "Europe/Paris"', 'timezone = "Europe/Paris"\ntemplates = ["sales"]')
    (folder / "kpisheets.toml").write_text(text, encoding="utf-8")
    project = Project.load(folder, clock=lambda: MONDAY - timedelta(hours=12))
    project.provision()
    project.sync()
    shutil.rmtree(folder / ".kpisheets")
    return folder


@contextmanager
def world(made: Path, root: Path, nursery: Nursery) -> Iterator[World]:
    """A copy of the project whose mails go through a new wire to a new server."""
    shutil.copytree(made, root)
    server = Server()
    with serving(server) as wire:
        found = World(root, nursery, server, wire)
        found.configure("PORT", str(wire.port))
        yield found
