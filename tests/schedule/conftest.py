"""Scheduled runs as processes, and a mail server to send to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("aiosmtpd.controller")

from tests.schedule.harness import Nursery, World, make
from tests.schedule.harness import world as make_world


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    with Nursery() as found:
        yield found


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("scheduled") / "made")


@pytest.fixture
def world(made: Path, nursery: Nursery, tmp_path: Path) -> Iterator[World]:
    with make_world(made, tmp_path / "project", nursery) as found:
        yield found
