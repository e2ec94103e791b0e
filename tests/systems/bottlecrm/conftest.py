"""A real BottleCRM on a PostgreSQL of its own, started once."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.connectors.servers import postgres, postgres_programs
from tests.systems.bottlecrm.prepare import DUMP, HOME, TOKENS, surroundings, wait_for
from tests.systems.programs import free_port, installed, running

# Its own seed makes everything on one day.
SPREAD = "; ".join(
    f"""UPDATE "{table}" SET created_at = created_at
        - make_interval(hours => ('x' || substr(md5(id::text), 1, 4))::bit(16)::int % 7000)"""
    for table in ("lead", "opportunity", "case")
)


@dataclass(frozen=True)
class Crm:
    """``reader`` and ``clerk`` are access tokens; ``judge`` is the URL of its database, for who reads that itself."""

    port: int
    judge: str
    reader: str
    clerk: str

    @property
    def url(self) -> str:
        return f"bottlecrm+http://127.0.0.1:{self.port}"


@pytest.fixture(scope="session")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    installed(DUMP, "bottlecrm")
    programs = postgres_programs()
    assert programs is not None
    folder, port = tmp_path_factory.mktemp("bottlecrm"), free_port()
    with postgres() as url:
        [socket] = parse_qs(urlsplit(url).query)["host"]
        wait_for(programs, socket)
        psql = [programs / "psql", "-q", "-h", socket, "-U", "kpi"]
        for words in (["-c", "CREATE ROLE crm LOGIN", "postgres"], ["-c", "CREATE DATABASE crm OWNER crm", "postgres"]):
            subprocess.run([*psql, *words], check=True, capture_output=True, timeout=60)
        subprocess.run([*psql, "-f", str(DUMP), "crm"], check=True, capture_output=True, timeout=300)
        subprocess.run([*psql, "-c", SPREAD, "crm"], check=True, capture_output=True, timeout=60)
        serving = ["-m", "gunicorn", "crm.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
        with running([HOME / "bin" / "python", *serving], port, folder / "log", env=surroundings(socket), cwd=folder):
            tokens = json.loads(TOKENS.read_text())
            yield Crm(port, f"host={socket} user=kpi dbname=crm", tokens["reader"], tokens["clerk"])
