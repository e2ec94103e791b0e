"""Servers of whole systems, each on a free port of this machine, and gone with the tests."""

from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def installed(path: Path, name: str) -> Path:
    """The path; where nothing is there the test is skipped."""
    if not path.exists():
        pytest.skip(f"{name} is not installed here: scripts/systems {name}")
    return path


@contextmanager
def running(
    command: Sequence[str | Path], port: int, log: Path, *, env: Mapping[str, str], cwd: Path, seconds: float = 90
) -> Iterator[subprocess.Popen[bytes]]:
    """A server that listens on a port, until the block ends. What it prints goes into ``log``."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            env=env,
            cwd=cwd,
            preexec_fn=_with_the_tests,
        )
        try:
            _wait(lambda: _answers(port), process, log, seconds)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(20)


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"it did not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _with_the_tests() -> None:
    """Linux tells a server when the tests were killed before they could stop it."""
    with suppress(Exception):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
