"""Files written whole or not at all: beside the old one, down to the disk, and in its place in one step."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from kpisheets.errors import CannotWrite

_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


def file_name(text: str) -> str:
    """``text`` as every system takes it for a file's name."""
    return _NOT_IN_NAMES.sub("-", text)


_MARK = ".kpisheets-tmp"
_MADE_BY = re.compile(r"\.([0-9a-f]{12})\.([0-9]{1,9})\.[0-9a-f]{12}" + re.escape(_MARK))
_HOUR = 3600.0
_DAY = 24 * _HOUR
_SHARING_VIOLATIONS = (5, 32, 33)
_PATIENCE = 2.0
_KEPT = ("user.", "system.", "security.selinux")
_ACL = "system.posix_acl_access"


class NotReplaced(OSError):
    """The system did not put the finished file in the old one's place; the old one is as it was."""


class Draft:
    """The next version of ``target``, in a temporary file beside it: write ``file``, then ``settle``, then ``publish``.

    Every method may raise OSError; until ``publish`` returns, ``target`` is as it was.
    """

    def __init__(self, target: Path, mode: int) -> None:
        self.target = target
        name = f".{target.name[:40]}.{_machine() or '0' * 12}.{os.getpid()}.{secrets.token_hex(6)}{_MARK}"
        self.path = target.with_name(name)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        self.file: IO[bytes] = os.fdopen(os.open(self.path, flags, mode), "wb")

    def settle(self, *, like: Path | None = None) -> None:
        """What was written goes to the disk, with the owner, permissions and extended attributes of ``like``."""
        self.file.flush()
        if like is not None:
            _keep_attributes(self.file.fileno(), like)
        os.fsync(self.file.fileno())
        self.file.close()

    def publish(self, *, over: bool = True) -> None:
        """Gives the file its name in one step. Without ``over``: FileExistsError if there is such a file.

        There is no second way for folders that cannot replace a file in one step: it would have to remove the old one
        first, and a crash then leaves none. NotReplaced tells it.
        """
        if over:
            self._replace()
        else:
            self._claim()
        _sync_folder(self.target.parent)

    def _replace(self) -> None:
        made = self.path.stat()
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                self.path.replace(self.target)
            except OSError as error:
                if self._arrived(made):
                    return
                # On Windows a virus scanner or an indexer may look at either file for a moment.
                if getattr(error, "winerror", None) in _SHARING_VIOLATIONS and time.monotonic() < deadline:
                    time.sleep(0.1)
                    continue
                raise NotReplaced(error.errno, error.strerror or str(error), str(self.target)) from error
            return

    def _arrived(self, made: os.stat_result) -> bool:
        # A network file system may report a failure of what its server has done: the first answer got lost.
        with contextlib.suppress(OSError):
            now = self.target.stat()
            return made.st_ino != 0 and (now.st_dev, now.st_ino) == (made.st_dev, made.st_ino)
        return False

    def _claim(self) -> None:
        try:
            self.target.hardlink_to(self.path)
        except FileExistsError:
            raise
        except OSError:
            # Some network folders know no hard links: look, then rename.
            if self.target.exists():
                raise FileExistsError(self.target) from None
            self.path.replace(self.target)

    def discard(self) -> None:
        """Removes the temporary file if there still is one; what cannot be removed now, a later run sweeps away."""
        with contextlib.suppress(OSError):
            self.file.close()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def draft(target: Path, *, mode: int = 0o666) -> Iterator[Draft]:
    """A draft of ``target``, a path without symbolic links; it leaves nothing behind, and clears dead runs' leftovers.

    ``mode`` is for the temporary file, less the umask.
    """
    _sweep(target.parent)
    new = Draft(target, mode)
    try:
        yield new
    finally:
        new.discard()


@contextlib.contextmanager
def replaced(path: Path, *, mode: int = 0o666, like: Path | None = None, over: bool = True) -> Iterator[IO[bytes]]:
    """``path`` gets what is written in the block, in one step at its end; an error in the block leaves it as it was.

    An existing file keeps its owner, permissions and extended attributes (or gets those of ``like``), and a symbolic
    link stays one. Other hard links to the old file keep the old content. Raises OSError; without ``over``,
    FileExistsError.
    """
    target = path.resolve()
    if like is None and over and target.exists():
        like = target
    with draft(target, mode=mode if like is None else 0o600) as new:
        yield new.file
        new.settle(like=like)
        new.publish(over=over)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8, whole or not at all. CannotWrite leaves the previous file as it was."""
    write(path, text.encode("utf-8"))


def write(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all. CannotWrite leaves the previous one as it was."""
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_bytes(content)  # /dev/stdout, a pipe: nothing to replace
            return
        with replaced(path) as file:
            file.write(content)
    except OSError as error:
        if not path.parent.is_dir():
            said, mend = "its folder does not exist", "make the folder, or choose another file"
        else:
            said = f"cannot be written ({(error.strerror or str(error)).lower()})"
            mend = "check the folder's space and permissions, or choose another file"
        raise CannotWrite(said, where=str(path), mend=mend) from error


def _keep_attributes(descriptor: int, like: Path) -> None:
    """As far as the system and the user's rights go: a network share that knows no owners is no reason not to write."""
    before = like.stat()
    if hasattr(os, "fchown"):
        now = os.fstat(descriptor)
        if (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
            # Only root may give files away; a member of the group may at least keep the group.
            try:
                os.fchown(descriptor, before.st_uid, before.st_gid)
            except OSError:
                with contextlib.suppress(OSError):
                    os.fchown(descriptor, -1, before.st_gid)
    if hasattr(os, "fchmod"):
        with contextlib.suppress(OSError):
            os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            _keep_extended(descriptor, like)


def _keep_extended(descriptor: int, like: Path) -> None:
    # A digest of the content (security.ima) must not be carried over; access lists and people's own attributes must.
    names = [name for name in os.listxattr(like) if name.startswith(_KEPT)]
    if _ACL not in names and _ACL in os.listxattr(descriptor):
        os.removexattr(descriptor, _ACL)  # inherited from the folder: it would let in whom the old file kept out
        os.fchmod(descriptor, stat.S_IMODE(like.stat().st_mode))
    for name in names:
        with contextlib.suppress(OSError):
            os.setxattr(descriptor, name, os.getxattr(like, name))


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


def _sweep(folder: Path) -> None:
    """Removes what killed runs left, and never the file of a running one."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") and entry.name.endswith(_MARK):
                with contextlib.suppress(OSError):
                    if _abandoned(entry):
                        Path(entry).unlink()


def _abandoned(entry: os.DirEntry[str]) -> bool:
    age = time.time() - entry.stat(follow_symlinks=False).st_mtime
    made_by = _MADE_BY.search(entry.name)
    if made_by is None or made_by[1] != _machine():
        return age > _HOUR
    # A number may have been given to another process since: after a day that is what happened.
    return not _runs(int(made_by[2])) or age > _DAY


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


@functools.cache
def _machine() -> str:
    """Where process numbers mean what they mean here: this boot of this machine, this container. Blank if unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        space = Path("/proc/self/ns/pid").stat().st_ino
    except (OSError, ValueError):
        return ""
    return hashlib.sha256(f"{boot}{space}{os.uname().nodename}".encode()).hexdigest()[:12]
