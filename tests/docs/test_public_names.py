"""``kpisheets.__all__`` is the public API: complete, documented, and cheap to import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import kpisheets
from tests.docs.papers import quoted, read, rows

PAPER = read("docs/python-api.md")


def test_every_public_name_is_there_and_documented() -> None:
    documented = [quoted(cells[0])[0] for cells in rows(PAPER.sections["Python"])][: len(kpisheets.__all__)]
    assert set(documented) == set(kpisheets.__all__)
    assert set(kpisheets.__all__) <= set(dir(kpisheets))
    assert all(getattr(kpisheets, name) is not None for name in kpisheets.__all__)


def test_documented_methods_exist() -> None:
    told = {quoted(cells[0])[0].partition("(")[0].removeprefix("Project.") for cells in rows(PAPER.prose)}
    methods = told - set(kpisheets.__all__)
    assert {"load", "provision", "sync", "send", "check", "explain"} <= methods
    assert all(callable(getattr(kpisheets.Project, name)) for name in methods)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        kpisheets.no_such_name  # noqa: B018 - the look-up is what is tested


def test_import_loads_next_to_nothing(repository: Path) -> None:
    program = "import sys, kpisheets; print(*(name for name in sys.modules if name.startswith('kpisheets')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=repository, check=True)
    assert set(done.stdout.split()) == {"kpisheets", "kpisheets.errors"}


def test_one_class_under_both_names() -> None:
    from kpisheets.errors import BadConfig
    from kpisheets.project import Project

    assert kpisheets.Project is Project
    assert issubclass(BadConfig, kpisheets.KpisheetsError)
