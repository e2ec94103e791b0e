"""Replacing a workbook on disk: locks respected, the old file kept, all or nothing."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import os
import re
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from kpisheets.errors import CannotWrite

_POLL = 0.25
_ABANDONED = 3600.0
_INTACT = "the previous file is intact"


def owner_of_lock(path: Path) -> tuple[Path, str] | None:
    """The lock file that a spreadsheet program left beside ``path`` and who it says has the workbook open."""
    excel = path.with_name("~$" + path.name)
    office = path.with_name(f".~lock.{path.name}#")
    for lock, who in ((excel, _excel_user), (office, _libreoffice_user)):
        try:
            raw = lock.read_bytes()[:4096]
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


@contextlib.contextmanager
def exclusive(path: Path, wait: float) -> Iterator[None]:
    """Holds the workbook against other kpisheets processes of this user and machine.

    The lock stands in the temporary folder, so that no stray file appears beside people's workbooks.

    Raises:
        CannotWrite: another run holds it, or somebody has the workbook open, for longer than ``wait`` seconds.
    """
    from filelock import FileLock, Timeout

    deadline = time.monotonic() + wait
    user = os.getuid() if hasattr(os, "getuid") else 0
    try:
        folder = Path(tempfile.gettempdir()) / f"kpisheets-{user}"
        folder.mkdir(mode=0o700, exist_ok=True)
        name = hashlib.sha256(os.path.normcase(path).encode("utf-8", "surrogateescape")).hexdigest()[:32]
        lock = FileLock(folder / f"{name}.lock")
        lock.acquire(timeout=max(wait, 0), poll_interval=_POLL)
    except Timeout:
        raise CannotWrite(
            "another kpisheets run is writing it", where=path.name, mend="run again in a moment"
        ) from None
    except OSError as error:
        raise _cannot(error, path) from error
    try:
        while found := owner_of_lock(path):
            if time.monotonic() >= deadline:
                beside, who = found
                raise CannotWrite(
                    f"it is open{f', by {who}' if who else ' in a spreadsheet program'}",
                    where=path.name,
                    mend=f"close it and run again (or delete {beside.name} if nobody has it open)",
                )
            time.sleep(min(_POLL, max(deadline - time.monotonic(), 0.01)))
        yield
    finally:
        lock.release()


def replace_file(
    path: Path,
    expected: bytes,
    write: Callable[[IO[bytes]], None],
    verify: Callable[[Path], None],
    *,
    backups: Path | None,
    keep: int,
    wait: float,
) -> None:
    """Makes ``path`` hold what ``write`` writes, if it still holds ``expected``; at every moment it is old or new.

    ``verify`` reads the new file back before it takes the old one's place, and raises to stop it.

    Raises:
        CannotWrite: locked, changed since it was read, read-only, no room; the file is as it was.
    """
    path = path.resolve()
    with exclusive(path, wait):
        try:
            _replace(path, expected, write, verify, backups, keep)
        except OSError as error:
            raise _cannot(error, path) from error


def _replace(
    path: Path,
    expected: bytes,
    write: Callable[[IO[bytes]], None],
    verify: Callable[[Path], None],
    backups: Path | None,
    keep: int,
) -> None:
    before = _unchanged(path, expected)
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "read-only file", str(path))
    _sweep(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".kpisheets-tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            write(target)
            target.flush()
            _keep_owner(target.fileno(), before)
            os.fsync(target.fileno())
        verify(temporary)
        if backups is not None:
            _back_up(path, expected, backups, keep)
        now = path.stat()
        if (now.st_mtime_ns, now.st_size, now.st_ino) != (before.st_mtime_ns, before.st_size, before.st_ino):
            before = _unchanged(path, expected)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _unchanged(path: Path, expected: bytes) -> os.stat_result:
    """The file's state, if its content is what was read. Moved times alone (a synchronising folder) don't matter."""
    try:
        state = path.stat()
        same = state.st_size == len(expected) and path.read_bytes() == expected
    except FileNotFoundError:
        raise CannotWrite("it was moved or deleted since it was read", where=path.name, mend="run again") from None
    if not same:
        raise CannotWrite("it was changed since it was read, so nothing was written", where=path.name, mend="run again")
    return state


def _keep_owner(descriptor: int, before: os.stat_result) -> None:
    if not hasattr(os, "fchmod"):
        return
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
        # Only root may give files away; a member of the group may at least keep the group.
        try:
            os.fchown(descriptor, before.st_uid, before.st_gid)
        except OSError:
            with contextlib.suppress(OSError):
                os.fchown(descriptor, -1, before.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))


def _back_up(path: Path, content: bytes, folder: Path, keep: int) -> None:
    """Copies the file as it was; only the newest ``keep`` copies of this workbook stay."""
    if keep < 1:
        return
    folder.mkdir(parents=True, exist_ok=True)
    moment = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".kpisheets-tmp", dir=folder)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        temporary.replace(folder / f"{path.stem}.{moment}{path.suffix}")
    finally:
        temporary.unlink(missing_ok=True)
    ours = re.compile(re.escape(path.stem) + r"\.\d{8}T\d{6}\.\d{6}Z" + re.escape(path.suffix))
    copies = sorted(entry for entry in folder.iterdir() if ours.fullmatch(entry.name))
    for old in copies[:-keep]:
        old.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Removes temporary files that a killed run left long ago."""
    for entry in path.parent.iterdir():
        if entry.name.startswith(f".{path.name[:40]}.") and entry.name.endswith(".kpisheets-tmp"):
            with contextlib.suppress(OSError):
                if time.time() - entry.stat().st_mtime > _ABANDONED:
                    entry.unlink()


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    # The file is in place already; a folder that cannot be synced (some network drives) is no failure.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _cannot(error: OSError, path: Path) -> CannotWrite:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return CannotWrite(
            f"the disk is full or a size limit was reached; {_INTACT}",
            where=path.name,
            mend="free some space and run again",
        )
    if error.errno == errno.ENOENT and not path.exists():
        return CannotWrite("it was moved or deleted while it was written", where=path.name, mend="run again")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return CannotWrite(
            f"it cannot be written: the file or its folder is read-only, or it is open; {_INTACT}",
            where=path.name,
            mend="check its permissions and who has it open",
        )
    return CannotWrite(
        f"it cannot be written ({error.strerror or error}); {_INTACT}",
        where=path.name,
        mend="check the folder and run again",
    )
