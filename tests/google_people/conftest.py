"""One emulator, and a small project in it, for all tests of a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.google_people.sheet import SmallSheet, begun
from tests.sheets_emulator.emulator import Emulator


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator() as found:
        yield found


@pytest.fixture(scope="session")
def started(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> SmallSheet:
    """Provisioned, with three KPIs, synced on 2026-03-10; not to be touched."""
    return begun(tmp_path_factory.mktemp("begun") / "small", emulator)


@pytest.fixture
def small(started: SmallSheet) -> Iterator[SmallSheet]:
    """The small project, as it began."""
    found = started.again()
    yield found
    found.done()
