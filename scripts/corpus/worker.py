"""A program of its own that answers each JSON line with one. It may crash or hang, and is then replaced."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from typing import Any


class Worker:
    """``ask`` never raises for what the program did: a crash and a hang are answers, ``{"crash": why}``.

    A program that starts others in a session of their own names their process ids in the first line it prints:
    ``{"ready": [pid, …]}``; they end with it.
    """

    def __init__(self, name: str, command: Sequence[str], *, start_seconds: float = 60) -> None:
        self.name, self._command, self._start_seconds = name, command, start_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._children: list[int] = []
        self._rest = b""

    def ask(self, request: dict[str, Any], seconds: float = 30) -> dict[str, Any]:
        """The program's answer, or ``{"crash": …}`` where it gave none in time."""
        if self._process is None:
            crash = self._start()
            if crash is not None:
                return {"crash": crash}
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            return {"crash": self._ended()}
        return self._answer(seconds)

    def _start(self) -> str | None:
        self._rest = b""
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        first = self._answer(self._start_seconds)
        self._children = first.get("ready", [])
        return f"it did not start: {first['crash']}" if "crash" in first else None

    def _answer(self, seconds: float) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        deadline = time.monotonic() + seconds
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._process.stdout], [], [], max(deadline - time.monotonic(), 0))
            if not ready:
                self.end()
                return {"crash": f"no answer in {seconds:g} s"}
            piece = os.read(self._process.stdout.fileno(), 1 << 20)
            if not piece:
                return {"crash": self._ended()}
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def _ended(self) -> str:
        process = self._process
        self.end()
        code = process.returncode if process else None
        return f"it ended with {signal.Signals(-code).name if code is not None and code < 0 else code}"

    def end(self) -> None:
        """Ends the program, and those that it started."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=0.5 if self._process.poll() is None else 0)
        for group in (self._process.pid, *self._children):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._process, self._children = None, []
