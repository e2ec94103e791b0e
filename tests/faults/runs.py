"""Runs of their own process, and strace: it counts their system calls, kills them at one, fails one."""

from __future__ import annotations

import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CALLS = "trace=%file,%desc"  # what takes a path or a descriptor
# They touch no file: memory, and waiting.
IDLE = {"mmap", "munmap", "poll", "ppoll", "epoll_wait", "epoll_ctl", "epoll_create1", "select", "pselect6", "ioctl"}

# Every call and every error takes minutes: by default the tests take the calls that change something, for a kill at any
# other leaves what the kill at the next of these does, and the likeliest error of each.
THOROUGH = os.environ.get("KPISHEETS_FAULTS") == "all"
CHANGING = {"openat", "mkdir", "write", "fchown", "fchmod", "fsetxattr", "fremovexattr", "ftruncate", "fsync", "close"}
CHANGING |= {"rename", "renameat2", "link", "linkat", "unlink", "unlinkat", "flock", "dup", "dup2"}


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code, or minus the signal, and what it said on stderr."""

    status: int
    said: str


class Nursery:
    """See ``nursery.py``; a context manager."""

    def __enter__(self) -> Nursery:
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.stdout.close()
        self._server.wait(20)

    def _ask(self, **order: Any) -> dict[str, Any]:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        print(json.dumps(order), file=self._server.stdin, flush=True)
        return dict(json.loads(self._server.stdout.readline()))

    def born(self, program: str, *words: object, user: int | None = None) -> int:
        """The process number of a run that waits for ``go``."""
        return int(self._ask(do="fork", program=program, words=[str(word) for word in words], user=user)["pid"])

    def go(self) -> Ended:
        """Let it run to its end."""
        return Ended(**self._ask(do="go"))

    def run(self, program: str, *words: object, user: int | None = None) -> Ended:
        self.born(program, *words, user=user)
        return self.go()

    def traced(self, program: str, *words: object, inject: str = "", user: int | None = None) -> tuple[Ended, str]:
        """A run under strace, and strace's log. ``inject`` is what its option of that name takes."""
        pid = self.born(program, *words, user=user)
        with tempfile.NamedTemporaryFile("r", prefix="strace-", errors="replace") as log:
            more = ["-e", f"inject={inject}"] if inject else []
            tracer = subprocess.Popen(
                ["strace", "-f", "-p", str(pid), "-e", CALLS, *more, "-o", log.name], stderr=subprocess.PIPE, text=True
            )
            assert tracer.stderr is not None
            first = tracer.stderr.readline()
            ended = self.go()
            tracer.communicate(timeout=60)
            assert "attached" in first, first
            return ended, log.read()


def unavailable(nursery: Nursery) -> str:
    """Why strace can't be used here; blank if it can."""
    if sys.platform != "linux" or not shutil.which("strace"):
        return "strace is not installed (as root on Debian or Ubuntu, scripts/test installs it)"
    pid = nursery.born("sync", "/nowhere")
    done = subprocess.run(
        ["timeout", "-s", "INT", "0.5", "strace", "-p", str(pid), "-e", "trace=none"], capture_output=True, text=True
    )
    nursery.go()
    return "" if "attached" in done.stderr else f"strace may not trace here: {done.stderr.strip()}"


def counted(log: str) -> Mapping[str, int]:
    """How often each system call was made, by the thread that made it most often: strace counts by thread."""
    made: collections.Counter[tuple[str, str]] = collections.Counter()
    for line in log.splitlines():
        found = re.match(r"(\d+) +(\w+)\(", line)
        if found and found[2] not in IDLE:
            made[found[1], found[2]] += 1
    most: dict[str, int] = {}
    for (_, call), times in made.items():
        most[call] = max(times, most.get(call, 0))
    return dict(sorted(most.items()))
