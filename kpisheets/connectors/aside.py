"""Keeping stdout clean: it may be a JSON document, and somebody else's code may print."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

_lock = threading.Lock()
_inside = 0
_redirected = redirect_stdout(sys.stderr)


@contextmanager
def stdout_aside() -> Iterator[None]:
    """What is printed meanwhile, by any thread, goes to stderr. May be entered by several threads at a time."""
    global _inside, _redirected
    with _lock:
        _inside += 1
        if _inside == 1:
            _redirected = redirect_stdout(sys.stderr)
            _redirected.__enter__()
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _redirected.__exit__(None, None, None)
