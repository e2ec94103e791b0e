"""One's turn to ask Google, among all runs on this machine that share a quota.

The ledgers stand in a small file in the user's cache folder, one for each Cloud project at each endpoint. A lock that
dies with its process protects it. Where the folder cannot be used, the runs of this process alone take turns.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from kpisheets.errors import TryLater
from kpisheets.google_access.pacing import Ledger, Quota

_FILE = "google-requests.json"
_LOCK_SECONDS = 10.0
_LONGEST_QUEUE = 3600.0
_SHORT = 1.0


class Pace(Protocol):
    """Who says when a request may be sent."""

    def wait(self, kind: str) -> float:
        """Return when a request of that kind may be sent; the seconds that it took. TryLater if that is hours away."""
        ...


class Unhurried:
    """For an endpoint that nobody shares: everybody's turn is now."""

    def wait(self, _kind: str) -> float:
        return 0.0


class Turns:
    """The queue of one ``user`` of one ``project`` at one ``endpoint``; ``folder`` holds the file.

    ``tell`` hears of a longer wait.
    """

    def __init__(
        self,
        folder: Path,
        project: str,
        user: str,
        quota: Quota,
        *,
        endpoint: str = "",
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._shelf = _Shelf(folder / _FILE, _hash(f"{project} {endpoint}"))
        self._user, self._quota = _hash(user), quota
        self._clock, self._sleep, self._tell = clock, sleep, tell

    def wait(self, kind: str) -> float:
        """See ``Pace``."""
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
    """Where a ledger stands: in a file, or from the moment at which that fails, in this process's memory."""

    _here: dict[tuple[Path, str], Ledger] = {}  # noqa: RUF012 - one for the whole process is meant
    _guard = threading.Lock()

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The ledger, nobody else's for the while; what was made of it is kept."""
        place = self._path, self._name
        with self._guard:
            lock = None if place in self._here else self._lock()
            if lock is None:
                yield self._here.setdefault(place, Ledger())
                return
            try:
                ledgers = self._read()
                ledger = ledgers.setdefault(self._name, Ledger())
                yield ledger
                if not self._write(ledgers):
                    self._here[place] = ledger
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

    def _read(self) -> dict[str, Ledger]:
        """The file's; one that is missing or makes no sense is empty: at worst Google says once that it is too much."""
        try:
            document = json.loads(self._path.read_bytes())
            return {str(name): _ledger(written) for name, written in document.items()}
        except (OSError, ValueError, TypeError, AttributeError, KeyError):
            return {}

    def _write(self, ledgers: dict[str, Ledger]) -> bool:
        # In one step, and not down to the disk: after a crash of the machine nobody asks.
        draft = self._path.with_suffix(".new")
        now = ledgers[self._name].written
        document = {
            name: {"written": ledger.written, "moments": ledger.moments}
            for name, ledger in ledgers.items()
            if name == self._name or not ledger.is_over(now)
        }
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
