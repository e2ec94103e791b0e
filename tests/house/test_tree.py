"""The repository speaks of the project alone, and its two commands can be run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = ("scripts/test", "scripts/demo", "scripts/systems", "scripts/live-google", ".ci/run")


@pytest.fixture(scope="module")
def texts(repository: Path) -> dict[str, str]:
    """The text files that git keeps."""
    if shutil.which("git") is None or not (repository / ".git").exists():
        pytest.skip("this is not a git checkout")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=repository, check=True, capture_output=True, text=True).stdout
    found = {}
    for name in filter(None, names.split("\0")):
        path = repository / name
        if path.is_file() and b"\0" not in (raw := path.read_bytes()):
            found[name] = raw.decode("utf-8")
    assert "pyproject.toml" in found
    return found


def test_no_path_of_a_machine(texts: dict[str, str], repository: Path) -> None:
    own = {str(repository), *({str(Path.home()) + "/"} - {"//"})}
    somebodys = re.compile(r"/(?:home|Users)/[a-z]\w*/|[A-Z]:\\Users\\\w")
    odd = [
        f"{name}:{number}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if somebodys.search(line) or any(path in line for path in own)
    ]
    assert odd == []


def test_no_package_index_of_a_machine(texts: dict[str, str]) -> None:
    sign = re.compile(r"(?:extra-)?index-" + r"url|find-" + r"links|/simpl" + r"e/")
    assert [name for name, text in texts.items() if sign.search(text)] == []


def test_lines_end_as_on_every_system(texts: dict[str, str]) -> None:
    assert [name for name, text in texts.items() if "\r\n" in text] == []
    assert [name for name, text in texts.items() if text and not text.endswith("\n")] == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_can_be_run(repository: Path, name: str) -> None:
    assert os.access(repository / name, os.X_OK)
    subprocess.run(["bash", "-n", repository / name], check=True)


@pytest.mark.parametrize("name", ["scripts/test", "scripts/demo"])
def test_script_says_what_is_missing(repository: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(repository / "scripts", tmp_path / "scripts")
    shutil.copy(repository / "pyproject.toml", tmp_path)
    done = subprocess.run(
        [tmp_path / name], env={**os.environ, "PYTHON": "no-such-python"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: no Python 3.11 or later was found; install one")
    assert not (tmp_path / ".venv").exists()
