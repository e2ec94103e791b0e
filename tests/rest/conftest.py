"""One web service for the tests of a module, emptied before each; waits that take no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kpisheets.config import load
from kpisheets.connectors.rest import patience
from kpisheets.core.metric import Source
from tests.rest.service import Server, running


@pytest.fixture(scope="session")
def one_server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def server(one_server: Server) -> Server:
    return one_server.fresh()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between repetitions are a thousandth of what they are."""
    monkeypatch.setattr(patience, "FIRST", patience.FIRST / 1000)


@pytest.fixture
def configured(tmp_path: Path) -> Callable[[str], Source]:
    """The one source that a text of ``kpisheets.toml`` describes."""

    def made(text: str) -> Source:
        path = tmp_path / "kpisheets.toml"
        path.write_text('[project]\nname = "A"\n' + text, encoding="utf-8")
        [source] = load(path).sources.values()
        return source

    return made
