"""A tap as a process: its lines with a bound on each, its last words, its end, all of it within a time."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from kpisheets.errors import Unreachable

LONGEST = 64 * 1024 * 1024
"""Bytes of a line."""
_KEPT, _SHORT = 40, 2000
_LEVELS = re.compile(r"(?i)\b(critical|error|exception|fatal)\b")
_STAMP = re.compile(r"^[\d\-: ,.TZ|+]+")


class Process:
    """A running tap. ``cancel`` ends it, and whatever it has started, from any thread."""

    def __init__(self, command: Sequence[str], folder: Path, seconds: float) -> None:
        self.name = Path(command[0]).name
        self.seconds = seconds
        self.too_long = False
        self._said: deque[str] = deque(maxlen=_KEPT)
        try:
            self._process = subprocess.Popen(  # noqa: S603 — whoever writes kpisheets.toml says what runs
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            said = f"{self.name} can't be started: {(error.strerror or str(error)).lower()}"
            raise Unreachable(said, mend="install it anew, or correct command") from None
        self._timer = threading.Timer(max(0.0, seconds), self._give_up)
        self._timer.daemon = True
        self._timer.start()
        self._listener = threading.Thread(target=self._listen, args=(self._process.stderr,), daemon=True)
        self._listener.start()

    def lines(self) -> Iterator[bytes]:
        """The lines of its output, until it ends. Unreachable for one that is longer than ``LONGEST``."""
        out = self._process.stdout
        assert out is not None  # noqa: S101 — it was asked for
        while line := out.readline(LONGEST + 1):
            if len(line) > LONGEST:
                self.cancel()
                said = f"{self.name} wrote a line of more than {LONGEST // 2**20} MB"
                raise Unreachable(said, mend="select fewer columns in the tap's configuration")
            yield line

    def finish(self) -> None:
        """Wait for its end. Unreachable where it failed or its time was over, with its last words."""
        code = self._process.wait()
        self._timer.cancel()
        self._listener.join(1)
        if self.too_long:
            mend = "give the source a longer timeout in kpisheets.toml; it goes on where it stored its last state"
            raise Unreachable(f"{self.name} took longer than {self.seconds:.0f} seconds", mend=mend)
        if code:
            ended = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
            words = self.words
            raise Unreachable(f"{self.name} {ended}{f': {words}' if words else ''}", mend=f"run {self.name} by itself")

    @property
    def words(self) -> str:
        """The last thing that it said went wrong."""
        lines = [line for line in self._said if line.strip()]
        found = [line for line in lines if _LEVELS.search(line)] or lines
        return _STAMP.sub("", found[-1]).strip() if found else ""

    def cancel(self) -> None:
        self._timer.cancel()
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def close(self) -> None:
        """Whatever happened, nothing of it is left."""
        if self._process.poll() is None:
            self.cancel()
        self._timer.cancel()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None and stream is not self._process.stderr:
                stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)

    def _give_up(self) -> None:
        self.too_long = True
        self.cancel()

    def _listen(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), stream:
            while line := stream.readline(_SHORT):
                self._said.append(line.decode("utf-8", "replace").strip())


@contextlib.contextmanager
def running(command: Sequence[str], folder: Path, ends: float) -> Iterator[Process]:
    """A tap that runs until the block ends, or until ``ends`` of the monotonic clock."""
    process = Process(command, folder, ends - time.monotonic())
    try:
        yield process
    finally:
        process.close()
