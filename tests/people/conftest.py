"""What the tests of people share: a small project with a synced workbook."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.people.office import Office, python_with_uno
from tests.people.small import Small
from tests.repairs import watch_writes


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """The small project from which every test starts; not to be touched."""
    return Small.begun(tmp_path_factory.mktemp("begun") / "small")


@pytest.fixture
def small(begun: Small, tmp_path: Path) -> Small:
    """A small project, provisioned, with three KPIs, synced on 2026-03-10."""
    return begun.copied(tmp_path / "small")


@pytest.fixture(scope="session")
def office(soffice: str) -> Iterator[Office]:
    """A LibreOffice that is remote-controlled."""
    python = python_with_uno()
    if python is None:
        pytest.skip("LibreOffice's Python bindings are not installed: apt-get install python3-uno")
    found = Office(python, soffice)
    yield found
    found.end()


@pytest.fixture(scope="session")
def office_if_any() -> Iterator[Office | None]:
    """LibreOffice where it is installed; tests that can do without it then judge a little less."""
    program, python = shutil.which("soffice") or shutil.which("libreoffice"), python_with_uno()
    found = Office(python, program) if program and python else None
    yield found
    if found is not None:
        found.end()


@pytest.fixture(autouse=True)
def no_repairs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Whatever a test writes with the editor, Excel opens without repairing it."""
    yield from watch_writes(monkeypatch)
