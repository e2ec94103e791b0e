"""One run at a time on this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from kpisheets.errors import CannotWrite


@contextlib.contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Whether this run is the only one for as long as the block lasts. The system frees the lock of a killed run."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, timeout=0)
        lock.acquire()
    except Timeout:
        yield False
        return
    except OSError as error:
        said = f"the lock cannot be taken ({(error.strerror or str(error)).lower()})"
        raise CannotWrite(said, where=str(path), mend="check the folder and its permissions") from error
    try:
        yield True
    finally:
        lock.release()
