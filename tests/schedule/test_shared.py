"""Two hosts that share a ledger, in databases of three kinds: each message goes out once, whoever sends it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from kpisheets.schedule.database import Shared
from kpisheets.schedule.tables import TABLES, make_tables
from tests.connectors import servers
from tests.schedule.harness import MONDAY, QUARTER, TO, World

pytest.importorskip("sqlalchemy")


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/shared.sqlite"
    elif request.param == "postgres":
        with servers.postgres() as url:
            yield url
    else:
        with servers.mariadb() as url:
            yield url


def test_two_hosts_send_each_message_once(world: World, ledger: str, tmp_path: Path) -> None:
    world.configure("[schedule]", f'[schedule]\nledger = "{ledger}"\nmax_late = "1d"')
    other = World(tmp_path / "other host", world.nursery, world.server, world.wire)
    shutil.copytree(world.root, other.root)
    world.server.put_off = {"bob@example.org"}
    for host, pid in [(host, host.start(MONDAY)) for host in (world, other, world, other)]:
        done = host.wait(pid)
        assert done is not None
        assert done["code"] == 0, done["problems"]
    assert world.server.copies == dict.fromkeys(("ann@example.org", "eve@example.org"), 1)
    world.server.put_off = set()
    assert [one["state"] for one in other.ran(MONDAY + QUARTER)["deliveries"]] == ["sent"]
    assert world.server.copies == dict.fromkeys(TO, 1)
    # A host dies at work: its lease keeps the other out for ten minutes, then that one takes over what is in doubt.
    week = MONDAY + timedelta(days=7)
    assert world.run_under(week, verdict_at=1, kill=True) is None
    assert other.ran(week + timedelta(minutes=5))["ran"] is False
    done = other.ran(week + timedelta(minutes=11))
    assert {one["to"]: one["state"] for one in done["deliveries"]} == dict.fromkeys(TO, "sent") | {TO[0]: "unknown"}
    assert world.server.copies == dict.fromkeys(TO, 2)
    done = other.ran(week + timedelta(days=8), resend=True)
    assert world.server.copies == dict.fromkeys(TO, 3) | {TO[0]: 4}


def test_many_hosts_make_the_ledger_at_once(ledger: str) -> None:
    """The tables are made by whoever comes first; PostgreSQL refuses one of two that make the same at once."""
    hosts = [Shared(ledger) for _ in range(8)]
    together = Barrier(len(hosts))

    def begin(host: Shared) -> int:
        with host.transaction() as session:
            session.ask("SELECT 1")
        together.wait(30)
        make_tables(host)
        with host.transaction() as session:
            return len(session.ask("SELECT name FROM kpi_fact"))

    try:
        for _ in range(4):
            with ThreadPoolExecutor(len(hosts)) as pool:
                assert list(pool.map(begin, hosts)) == [0] * len(hosts)
            with hosts[0].transaction() as session:
                for name in TABLES:
                    session.do(f"DROP TABLE {name}")
    finally:
        for host in hosts:
            host._engine.dispose()
