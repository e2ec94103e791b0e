"""Replacing a workbook on disk: locks respected, the old file kept, all or nothing."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from kpisheets import files
from kpisheets.errors import CannotWrite

from ..container.chunks import holds
from . import backups as copies
from .locks import await_closed, exclusive, held

_INTACT = "the previous file is intact"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DENIED = (errno.EROFS, errno.EACCES, errno.EPERM)
_LOOKS = 3


def replace_file(
    path: Path,
    expected: bytes,
    write: Callable[[IO[bytes]], None],
    verify: Callable[[Path], None],
    *,
    backups: Path | None,
    keep: int,
    wait: float,
    max_bytes: int = copies.MAX_BYTES,
) -> None:
    """Makes ``path`` hold what ``write`` writes, if it still holds ``expected``; at every moment it is old or new.

    ``verify`` reads the new file back before it takes the old one's place, and raises to stop it. A copy of the old
    file goes into the folder ``backups``; ``keep`` copies, of ``max_bytes`` together, stay, and the newest always.

    Raises:
        CannotWrite: locked, changed since it was read, read-only, no room, no copy could be made, a folder that can't
            replace a file in one step; the file is as it was.
    """
    path = path.resolve()
    folder = backups if keep > 0 else None
    deadline = time.monotonic() + wait
    with exclusive(path, wait):
        try:
            copy = _replace(path, expected, write, verify, folder, deadline)
        except OSError as error:
            raise _cannot(error, path) from error
        if folder is not None:
            copies.prune(path, folder, keep, max_bytes, copy)


def _replace(
    path: Path,
    expected: bytes,
    write: Callable[[IO[bytes]], None],
    verify: Callable[[Path], None],
    backups: Path | None,
    deadline: float,
) -> Path | None:
    """The copy that was made of the old file, if one was."""
    _check_unchanged(path, expected)
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "read-only file", str(path))
    with files.draft(path, mode=0o600) as new:
        write(new.file)
        new.settle(like=path)
        verify(new.path)
        copy = _copied(path, expected, backups) if backups is not None else None
        try:
            await_closed(path, deadline)  # somebody may have opened it since
            with held(path.parent):
                _check_unchanged(path, expected)
                new.publish()
        except Exception:
            # Copies of what is still there would push out the former versions, one for each run that is refused.
            if copy is not None:
                with contextlib.suppress(OSError):
                    copy.unlink(missing_ok=True)
            raise
    return copy


def _check_unchanged(path: Path, expected: bytes) -> None:
    """CannotWrite unless the content is what was read. Moved times alone (a synchronising folder) don't matter.

    The content is compared, for a writer can put times back and keep the size; the state before and after it, for a
    writer can change a part that was compared already.
    """
    try:
        for _ in range(_LOOKS):
            before = _state(path)
            if not holds(path, expected):
                break
            if _state(path) == before:
                return
    except FileNotFoundError:
        raise CannotWrite("it was moved or deleted since it was read", where=path.name, mend="run again") from None
    raise CannotWrite("it was changed since it was read, so nothing was written", where=path.name, mend="run again")


def _state(path: Path) -> tuple[int, ...]:
    state = path.stat()
    return (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


def _copied(path: Path, content: bytes, folder: Path) -> Path | None:
    try:
        return copies.add(path, content, folder)
    except OSError as error:
        full = error.errno in _FULL
        reason = "the disk is full or a size limit was reached" if full else (error.strerror or str(error)).lower()
        raise CannotWrite(
            f"no backup can be kept in {folder} ({reason}), so nothing was written; {_INTACT}",
            where=path.name,
            mend=f"{'free some space' if full else 'check that folder'} and run again",
        ) from error


def _cannot(error: OSError, path: Path) -> CannotWrite:
    if error.errno in _FULL:
        return CannotWrite(
            f"the disk is full or a size limit was reached; {_INTACT}",
            where=path.name,
            mend="free some space and run again",
        )
    if error.errno == errno.ENOENT and not path.exists():
        return CannotWrite("it was moved or deleted while it was written", where=path.name, mend="run again")
    if isinstance(error, files.NotReplaced):
        reason = (error.strerror or str(error)).lower()
        return CannotWrite(
            f"its place cannot be taken by the new file in one step ({reason}); {_INTACT}",
            where=path.name,
            mend="close it everywhere and check its protection; if that does not help, keep it on a disk or share that "
            "can replace files, and mount its folder, not the file alone",
        )
    if error.errno in _DENIED:
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
