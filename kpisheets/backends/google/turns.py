"""One's turn to ask Google, among all runs on this machine that share a quota.

The ledger stands in a small file in the user's cache folder, one for each Cloud project. A lock that dies with its
process protects it. Where the folder cannot be used, the runs of this process alone take turns.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from kpisheets.backends.google.pacing import Ledger, Quota
from kpisheets.errors import TryLater

_LOCK_SECONDS = 10.0
_LONGEST_QUEUE = 3600.0
_SHORT = 1.0


class Turns:
    """The queue of one ``user`` of one ``project``; ``folder`` holds the file. ``tell`` hears of a longer wait."""

    def __init__(
        self,
        folder: Path,
        project: str,
        user: str,
        quota: Quota,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._shelf = _Shelf(folder / f"google-requests-{_hash(project)}.json")
        self._user, self._quota = _hash(user), quota
        self._clock, self._sleep, self._tell = clock, sleep, tell

    def wait(self, kind: str) -> float:
        """Return when a request of that kind may be sent; the seconds that it took. TryLater if that is hours away."""
        with self._shelf.ledger() as ledger:
            now = self._clock()
            moment = ledger.promise(self._user, kind, self._quota, now)
            if moment - now > _LONGEST_QUEUE:
                ledger.give_back(self._user, kind, moment)
                raise TryLater(
                    f"the queue for Google's quota of {self._quota.user} requests a minute is longer than an hour",
                    where="Google",
                    mend="spread the runs over the day, or ask Google for a larger quota and set [google] user_quota",
                )
        waits = max(0.0, moment - now)
        if waits > _SHORT:
            self._tell(f"Waiting {waits:.0f} s for Google's quota")
        if waits:
            try:
                self._sleep(waits)
            except BaseException:
                with self._shelf.ledger() as ledger:
                    ledger.give_back(self._user, kind, moment)
                raise
        return waits


class _Shelf:
    """Where a ledger stands: a file, or from the moment at which that fails, this process's memory."""

    _here: dict[Path, Ledger] = {}  # noqa: RUF012 - one for the whole process is meant
    _guard = threading.Lock()

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The ledger, nobody else's for the while; what was made of it is kept."""
        with self._guard:
            lock = None if self._path in self._here else self._lock()
            if lock is None:
                yield self._here.setdefault(self._path, Ledger())
                return
            try:
                ledger = self._read()
                yield ledger
                if not self._write(ledger):
                    self._here[self._path] = ledger
            finally:
                lock.release()

    def _lock(self) -> FileLock | None:
        lock = FileLock(self._path.with_suffix(".lock"))
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.acquire(timeout=_LOCK_SECONDS)
        except (OSError, Timeout, NotImplementedError):
            return None
        return lock

    def _read(self) -> Ledger:
        """The file's; one that is missing or makes no sense is empty: at worst Google says once that it is too much."""
        try:
            return _ledger(json.loads(self._path.read_bytes()))
        except (OSError, ValueError, TypeError, AttributeError, KeyError):
            return Ledger()

    def _write(self, ledger: Ledger) -> bool:
        # In one step, and not down to the disk: after a crash of the machine nobody asks.
        draft = self._path.with_suffix(".new")
        document = {"written": ledger.written, "moments": ledger.moments}
        try:
            draft.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")
            draft.replace(self._path)
        except OSError:
            return False
        return True


def _ledger(document: Any) -> Ledger:
    moments = {
        str(user): {str(kind): sorted(float(moment) for moment in held) for kind, held in kinds.items()}
        for user, kinds in document["moments"].items()
    }
    return Ledger(float(document["written"]), moments)


def _hash(text: str) -> str:
    """Names that tell nobody whose they are."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
