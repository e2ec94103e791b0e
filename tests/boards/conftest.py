from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.google_people.conftest import emulator, started
from tests.google_people.conftest import small as sheet
from tests.rest.service import Server, running

__all__ = ["emulator", "sheet", "started"]


@pytest.fixture(scope="module")
def _service() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def service(_service: Server) -> Server:
    return _service.fresh()
