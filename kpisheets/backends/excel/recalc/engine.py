"""The engine's process, started, limited, and given up on."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from typing import Any

SECONDS = 20.0
_WORKER = "kpisheets.backends.excel.recalc.worker"


class Failed(Exception):
    """The engine gave no answer."""


def is_installed() -> bool:
    """Whether there is an engine."""
    return importlib.util.find_spec("formualizer") is not None


def ask(request: dict[str, Any], seconds: float = SECONDS) -> list[dict[str, Any]]:
    """The engine's reply for each formula of the request.

    Raises:
        Failed: it took too long, too much memory, or it crashed.
    """
    paths = os.pathsep.join(path for path in sys.path if path)
    try:
        done = subprocess.run(  # noqa: S603 - this very interpreter, on a module of this package
            [sys.executable, "-P", "-m", _WORKER, str(int(seconds) + 1)],
            input=json.dumps(request).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
            env={**os.environ, "PYTHONPATH": paths},
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"the engine took longer than {seconds:g} s") from None
    except OSError as error:
        raise Failed(f"the engine could not be started ({error.strerror})") from None
    if done.returncode:
        raise Failed(f"the engine stopped with {done.returncode}")
    try:
        replies: list[dict[str, Any]] = json.loads(done.stdout)
    except ValueError:
        raise Failed("the engine's reply is broken") from None
    if len(replies) != len(request["formulas"]):
        raise Failed("the engine's reply is broken")
    return replies
