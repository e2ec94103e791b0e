"""Who else has a workbook: a spreadsheet program that a person sits at, or another run."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from kpisheets.errors import CannotWrite

_POLL = 0.25
_MOMENT = 5.0


def owner_of_lock(path: Path) -> tuple[Path, str] | None:
    """The lock file that a spreadsheet program left beside ``path`` and who it says has the workbook open."""
    excel = path.with_name("~$" + path.name)
    office = path.with_name(f".~lock.{path.name}#")
    for lock, who in ((excel, _excel_user), (office, _libreoffice_user)):
        try:
            with lock.open("rb") as file:
                raw = file.read(4096)
        except FileNotFoundError:
            continue
        except OSError:  # Excel on Windows shares its lock file with nobody
            return lock, ""
        return lock, " ".join(who(raw).split())
    return None


def _excel_user(raw: bytes) -> str:
    # A length and the name in the local code page, padded to 55 bytes; then a length and the name in UTF-16.
    if len(raw) >= 57:
        length = int.from_bytes(raw[55:57], "little")
        wide = raw[57 : 57 + 2 * length]
        if 0 < length <= 54 and len(wide) == 2 * length:
            return wide.decode("utf-16-le", "replace").strip("\0 ")
    return raw[1 : 1 + raw[0]].decode("cp1252", "replace").strip("\0 ") if raw else ""


def _libreoffice_user(raw: bytes) -> str:
    fields = [field.strip() for field in raw.decode("utf-8", "replace").split(",")]
    name, user, host = ([*fields, "", "", ""])[:3]
    who = name or user
    return f"{who} on {host}" if who and host else who or host


def await_closed(path: Path, deadline: float) -> None:
    """Returns when no spreadsheet program has the workbook open; CannotWrite if one still has at ``deadline``."""
    while found := owner_of_lock(path):
        if time.monotonic() >= deadline:
            beside, who = found
            raise CannotWrite(
                f"it is open{f', by {who}' if who else ' in a spreadsheet program'}",
                where=path.name,
                mend=f"close it and run again (or delete {beside.name} if nobody has it open)",
            )
        time.sleep(min(_POLL, max(deadline - time.monotonic(), 0.01)))


@contextlib.contextmanager
def exclusive(path: Path, wait: float) -> Iterator[None]:
    """Holds the workbook against other kpisheets processes of this user and machine.

    The lock stands in the temporary folder, so that no stray file appears beside people's workbooks. The system lets go
    of it when its holder dies.

    Raises:
        CannotWrite: another run holds it, or somebody has the workbook open, for longer than ``wait`` seconds.
    """
    from filelock import FileLock, Timeout

    deadline = time.monotonic() + wait
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"kpisheets-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        name = hashlib.sha256(os.path.normcase(path).encode("utf-8", "surrogateescape")).hexdigest()[:32]
        lock = FileLock(folder / f"{name}.lock")
        lock.acquire(timeout=max(wait, 0), poll_interval=_POLL)
    except Timeout:
        raise CannotWrite(
            "another kpisheets run is writing it", where=path.name, mend="run again in a moment"
        ) from None
    except (OSError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or "no file can be locked there"
        raise CannotWrite(
            f"no lock can be taken in {folder} ({reason}), so nothing was written",
            where=path.name,
            mend="check that folder, or let TMPDIR name another temporary folder",
        ) from error
    try:
        await_closed(path, deadline)
        yield
    finally:
        # The lock goes with its descriptor: a failure to say so must not make a finished write look like a failed one.
        with contextlib.suppress(OSError):
            lock.release()


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Holds the folder for the moment of replacing a file in it, where the system can.

    That keeps apart runs of several users, and of containers that share the folder: ``exclusive`` doesn't see them.
    Who waits in vain goes on, for a script may hold the folder while it runs us.
    """
    descriptor = _locked(folder)
    try:
        yield
    finally:
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _locked(folder: Path) -> int | None:
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    deadline = time.monotonic() + _MOMENT
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(0.005)
                continue
        except OSError:
            pass  # network folders can't be locked
        return descriptor
