"""A project as the papers make it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kpisheets.cli import main

Run = Callable[..., Any]


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project on sample data, provisioned and synced."""
    folder = tmp_path_factory.mktemp("papers") / "acme"
    runner = CliRunner()
    for words in (["init", str(folder), "--template", "sales"], ["provision"], ["sync"]):
        done = runner.invoke(main, [*words, "--project", str(folder)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="session")
def answer(project: Path) -> Run:
    """The JSON document that a command prints."""

    def run(*words: str) -> Any:
        done = CliRunner().invoke(main, [*words, "--json", "--project", str(project)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return run
