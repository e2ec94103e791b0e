"""Runs that can be killed and failed at each system call, and a workbook for them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.excel_editor.conftest import with_xlsxwriter
from tests.faults.runs import Nursery, unavailable


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    with Nursery() as found:
        yield found


@pytest.fixture(scope="session")
def strace(nursery: Nursery) -> Nursery:
    """A nursery whose runs can be traced."""
    reason = unavailable(nursery)
    if reason:
        pytest.skip(reason)
    return nursery


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_xlsxwriter(tmp_path_factory.mktemp("made") / "Book one.xlsx")


@pytest.fixture
def book(_made: Path) -> Iterator[Path]:
    """A workbook in a folder of its own, to which every user of the machine has a way."""
    with tempfile.TemporaryDirectory(prefix="kpisheets-faults-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield Path(shutil.copy(_made, folder / "Book one.xlsx"))
