"""What the whole way writes, Excel opens without repairing it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repairs import watch_writes


@pytest.fixture(autouse=True, scope="module")
def no_repairs() -> Iterator[list[Path]]:
    """From the first fixture that writes to the end of the module."""
    with pytest.MonkeyPatch.context() as patch:
        yield from watch_writes(patch)
