"""What the papers tell a reader to run, runs: in order, in an empty folder, with exit code 0."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.papers import PAPERS, ROOT, read

RUNNING = [name for name in PAPERS if any(block.runs for block in read(name).blocks)]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment whose ``kpisheets`` is that of this checkout, and whose ``python`` is this one."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, words in (("kpisheets", [sys.executable, "-m", "kpisheets"]), ("python", [sys.executable])):
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        (programs / name).chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }


def steps(name: str) -> list[str]:
    """The shell commands of a paper's running blocks."""
    found = []
    for block in read(name).blocks:
        if block.runs and block.language == "python":
            found.append(f"python -c {shlex.quote(block.text)}")
        elif block.runs:
            found += [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
    return found


@pytest.mark.parametrize("name", RUNNING)
def test_blocks_run(name: str, tmp_path: Path, environment: dict[str, str]) -> None:
    here = tmp_path / "reader"
    here.mkdir()
    for step in steps(name):
        # The folder that a step ends in is the one that the next begins in.
        script = f"{step}\ncode=$?\npwd >&3\nexit $code"
        reader, writer = os.pipe()
        with os.fdopen(reader) as answer:
            done = subprocess.run(
                ["bash", "-c", f"exec 3>&{writer}\n{script}"],
                cwd=here,
                env=environment,
                pass_fds=[writer],
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            os.close(writer)
            here = Path(answer.readline().strip())
        assert done.returncode == 0, f"{step}\n{done.stdout}{done.stderr}"
        assert not done.stderr, f"{step}\n{done.stderr}"


def test_the_first_papers_run() -> None:
    assert {"README.md", "docs/getting-started.md", "docs/python-api.md"} <= set(RUNNING)
