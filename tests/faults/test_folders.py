"""Folders that are full, read-only or poor, for real: a small disk, another user, a mounted file."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from kpisheets import files
from tests.faults.runs import Ended, Nursery
from tests.faults.test_kill import names

NOBODY = 65534
# Permissions don't bind root, so root lets somebody else do it.
SOMEBODY = NOBODY if hasattr(os, "getuid") and os.getuid() == 0 else None
root_only = pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0, reason="only root can mount, and work as another user"
)


def refused(ended: Ended, *words: str) -> None:
    assert ended.status == 73, ended
    assert len(ended.said.splitlines()) == 1, ended.said
    assert [word for word in (*words, "; ") if word not in ended.said] == [], ended.said


def mounted(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")


@pytest.fixture
def disk(book: Path) -> Iterator[Path]:
    """A disk of 64 kB."""
    folder = book.with_name("disk")
    folder.mkdir()
    mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder))
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path, room: int) -> None:
    state = os.statvfs(disk)
    (disk / "filler").write_bytes(b"x" * (state.f_bavail * state.f_frsize - room))


@root_only
@pytest.mark.parametrize("room", [0, 4096, 8192])
def test_a_full_disk(nursery: Nursery, book: Path, disk: Path, room: int) -> None:
    there = Path(shutil.copy(book, disk))
    fill(disk, room)
    refused(nursery.run("edit", there, "new"), "disk is full", "intact")
    assert there.read_bytes() == book.read_bytes()
    assert names(disk) == [book.name, "filler"]
    (disk / "filler").unlink()
    assert nursery.run("edit", there, "new").status == 0


@root_only
def test_no_room_for_the_backup(nursery: Nursery, book: Path, disk: Path) -> None:
    before = book.read_bytes()
    fill(disk, 4096)
    refused(nursery.run("edit", book, "new", disk / "kept"), "no backup", str(disk / "kept"), "disk is full", "space")
    assert book.read_bytes() == before
    assert names(book.parent) == [book.name, "filler"]


def test_a_read_only_folder(nursery: Nursery, book: Path) -> None:
    before = book.read_bytes()
    book.chmod(0o666)
    book.parent.chmod(0o555)
    refused(nursery.run("edit", book, "new", user=SOMEBODY), "read-only", "permissions")
    assert book.read_bytes() == before
    assert names(book.parent) == [book.name]
    book.parent.chmod(0o777)
    ended = nursery.run("edit", book, "new", user=SOMEBODY)
    assert ended.status == 0, ended
    assert openpyxl.load_workbook(book)["My tab"]["H5"].value == "new"


def test_a_read_only_file(nursery: Nursery, book: Path) -> None:
    before = book.read_bytes()
    book.parent.chmod(0o777)
    book.chmod(0o444)
    refused(nursery.run("edit", book, "new", user=SOMEBODY), "read-only", "permissions")
    assert book.read_bytes() == before
    assert names(book.parent) == [book.name]


@root_only
def test_a_folder_where_only_owners_replace(nursery: Nursery, book: Path) -> None:
    """Like /tmp: everybody may make files, and nobody may replace another's."""
    before = book.read_bytes()
    book.parent.chmod(0o1777)
    book.chmod(0o666)
    kept = book.with_name("kept")
    kept.mkdir()
    kept.chmod(0o777)
    refused(nursery.run("edit", book, "new", kept, user=NOBODY), "in one step", "intact", "protection")
    assert book.read_bytes() == before
    assert names(book.parent) == [book.name], "a refused write costs no former version"


def test_no_backup_can_be_made(nursery: Nursery, book: Path) -> None:
    before = book.read_bytes()
    book.parent.chmod(0o777)
    book.chmod(0o666)
    kept = book.with_name("kept")
    kept.mkdir(mode=0o555)
    refused(nursery.run("edit", book, "new", kept, user=SOMEBODY), "no backup", str(kept), "permission denied")
    assert book.read_bytes() == before
    assert names(book.parent) == [book.name]


@root_only
def test_a_file_that_is_a_mount_of_its_own(nursery: Nursery, book: Path) -> None:
    """As containers are given single files."""
    shown = book.with_name("shown.xlsx")
    shown.touch()
    mounted("--bind", str(book), str(shown))
    try:
        before = book.read_bytes()
        refused(nursery.run("edit", shown, "new", book.with_name("kept")), "in one step", "mount its folder")
        assert book.read_bytes() == shown.read_bytes() == before
        assert names(book.parent) == [book.name, shown.name]
    finally:
        subprocess.run(["umount", str(shown)], check=True)


POOR = "fchmod,fchown,flistxattr,listxattr,fsetxattr,link,linkat,utimensat"


def test_a_share_that_can_do_little(strace: Nursery, book: Path) -> None:
    ended, _ = strace.traced("edit", book, "new", book.with_name("kept"), inject=f"{POOR}:error=EOPNOTSUPP")
    assert ended.status == 0, ended
    assert openpyxl.load_workbook(book)["My tab"]["H5"].value == "new"
    assert len(names(book.parent)) == 2


def test_a_share_whose_answer_got_lost(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NFS: the server renames, its answer is lost, the repeated request finds no file. No system at hand does that."""
    rename = Path.replace

    def lossy(source: Path, target: Path) -> None:
        rename(source, target)
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "replace", lossy)
    with files.replaced(book) as file:
        file.write(b"new")
    assert book.read_bytes() == b"new"


@pytest.mark.parametrize("looks", [2, 10_000])
def test_a_virus_scanner(book: Path, monkeypatch: pytest.MonkeyPatch, looks: int) -> None:
    """Windows alone refuses to replace a file that somebody reads: its error is all of it that we can have here."""
    rename, seen = Path.replace, []

    def busy(source: Path, target: Path) -> None:
        seen.append(source)
        if len(seen) <= looks:
            error = PermissionError(13, "The process cannot access the file")
            error.winerror = 32  # type: ignore[attr-defined]
            raise error
        rename(source, target)

    monkeypatch.setattr(Path, "replace", busy)
    before = book.read_bytes()
    if looks == 2:
        with files.replaced(book) as file:
            file.write(b"new")
        assert book.read_bytes() == b"new"
    else:
        with pytest.raises(files.NotReplaced), files.replaced(book) as file:
            file.write(b"new")
        assert book.read_bytes() == before
    assert names(book.parent) == [book.name]


@root_only
def test_owner_permissions_and_attributes_stay(nursery: Nursery, book: Path) -> None:
    book.chmod(0o640)
    os.chown(book, NOBODY, NOBODY)
    try:
        os.setxattr(book, "user.origin", b"mail")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    kept = book.with_name("kept")
    assert nursery.run("edit", book, "new", kept).status == 0
    for path in (book, next(kept.iterdir())):
        state = path.stat()
        assert (state.st_uid, state.st_gid, stat.S_IMODE(state.st_mode)) == (NOBODY, NOBODY, 0o640)
        assert os.getxattr(path, "user.origin") == b"mail"


def access_list(*entries: tuple[int, int, int]) -> bytes:
    """What setfacl stores: a version, then tag, permissions and identity of each entry."""
    packed = b"".join(tag.to_bytes(2, "little") + rights.to_bytes(2, "little") + who.to_bytes(4, "little")
                      for tag, rights, who in entries)  # fmt: skip
    return (2).to_bytes(4, "little") + packed


ALL = 0xFFFFFFFF
OWNER, USER, GROUP, MASK, OTHER = 1, 2, 4, 16, 32


@root_only
def test_access_lists_stay_and_the_folders_own_lets_nobody_in(nursery: Nursery, book: Path) -> None:
    listed = access_list((OWNER, 6, ALL), (USER, 4, NOBODY), (GROUP, 0, ALL), (MASK, 4, ALL), (OTHER, 0, ALL))
    book.chmod(0o600)
    try:
        os.setxattr(book, "system.posix_acl_access", listed)
    except OSError:
        pytest.skip("this file system has no access lists")
    assert nursery.run("edit", book, "new").status == 0
    assert os.getxattr(book, "system.posix_acl_access") == listed
    os.removexattr(book, "system.posix_acl_access")
    book.chmod(0o640)
    os.setxattr(book.parent, "system.posix_acl_default", listed)
    assert nursery.run("edit", book, "newer").status == 0
    assert "system.posix_acl_access" not in os.listxattr(book)
    assert stat.S_IMODE(book.stat().st_mode) == 0o640


def test_text_goes_to_a_pipe_or_device_too(nursery: Nursery, book: Path) -> None:
    link = book.with_name("link")
    link.symlink_to("/dev/null")
    assert nursery.run("text", link, "report").status == 0
    assert link.is_symlink()
    assert Path("/dev/null").is_char_device()
    pipe = book.with_name("pipe")
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True)
    assert nursery.run("text", pipe, "report").status == 0
    assert reader.communicate(timeout=20)[0] == "report"


def test_leftovers_of_the_dead_are_swept_and_of_the_living_kept(book: Path) -> None:
    with files.draft(book) as mine:
        prefix, _, rest = mine.path.name.partition(f".{os.getpid()}.")
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        of_the_dead = book.with_name(f"{prefix}.{dead.pid}.{rest}")
        elsewhere = book.with_name(f".x.{'1' * 12}.{dead.pid}.{rest[-24:]}")
        old = book.with_name(f".y.{'1' * 12}.1.{rest[-24:]}")
        hers = book.with_name(".kpisheets-tmp notes")
        for path in (of_the_dead, elsewhere, old, hers):
            path.write_bytes(b"half")
        os.utime(old, (1, 1))
        os.utime(hers, (1, 1))
        with files.draft(book) as other:
            assert mine.path.exists()
            kept = {mine.path.name, other.path.name, elsewhere.name, hers.name, book.name}
            assert set(names(book.parent)) == kept
