"""A real Tryton with a year of business, started once."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.systems.programs import free_port, installed, running
from tests.systems.tryton import prepare


@dataclass(frozen=True)
class Erp:
    """``reader`` and ``clerk`` are keys; ``database`` is Tryton's own file."""

    port: int
    database: Path
    reader: str
    clerk: str

    @property
    def url(self) -> str:
        return f"tryton+http://127.0.0.1:{self.port}/erp"


@pytest.fixture(scope="session")
def erp(systems: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erp]:
    made = installed(systems / "tryton" / "seeded" / "keys.json", "tryton").parent
    folder, port = tmp_path_factory.mktemp("tryton"), free_port()
    for file in made.glob("erp.sqlite*"):
        shutil.copy(file, folder)
    keys = json.loads((made / "keys.json").read_text())
    bin = systems / "tryton" / "bin"
    command = [bin / "python", bin / "trytond", "-c", prepare.settings(folder, port), "-d", "erp"]
    with running(command, port, folder / "log", env=dict(os.environ), cwd=folder):
        yield Erp(port, folder / "erp.sqlite", **keys)
