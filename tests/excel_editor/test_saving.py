"""Saving: old or new at every moment, locks respected, backups kept, nothing left lying about."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import openpyxl
import pytest

from kpisheets.backends.excel.ooxml import Book, save
from kpisheets.backends.excel.ooxml.patch import Patch
from kpisheets.errors import CannotWrite


def edited(path: Path, value: object = "new") -> object:
    edit = Book.open(path).edit()
    edit.set("My tab", 5, 8, value)  # type: ignore[arg-type]
    return edit


def refused(path: Path, edit: object, **how: object) -> str:
    before, names = path.read_bytes(), sorted(path.parent.iterdir())
    with pytest.raises(CannotWrite) as caught:
        edit.write(**how)  # type: ignore[attr-defined]
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == names
    assert caught.value.exit_code == 73
    assert "\n" not in str(caught.value)
    return str(caught.value)


def excel_lock(name: str) -> bytes:
    wide = name.encode("utf-16-le")
    head = bytes([len(name)]) + name.encode("cp1252", "replace").ljust(54)
    return head + len(name).to_bytes(2, "little") + wide.ljust(108, b" ")


def test_excel_has_it_open(plain: Path) -> None:
    plain.with_name("~$Book one.xlsx").write_bytes(excel_lock("Zoë Ångström"))
    assert "by Zoë Ångström" in refused(plain, edited(plain))


def test_libreoffice_has_it_open(plain: Path) -> None:
    lock = plain.with_name(".~lock.Book one.xlsx#")
    lock.write_text(",ana,desk.example.org,01.10.2026 08:00,file:///home/ana;")
    assert "by ana on desk.example.org" in refused(plain, edited(plain))
    edit = edited(plain)
    threading.Timer(0.5, lock.unlink).start()
    edit.write(wait=20)  # type: ignore[attr-defined]
    assert openpyxl.load_workbook(plain)["My tab"]["H5"].value == "new"


def test_a_lock_of_excel_itself(shared_corpus: Path) -> None:
    locks = list(shared_corpus.rglob("~$*.xlsx"))
    if not locks:
        pytest.skip("the corpus has no lock file")
    for lock in locks:
        found = save.owner_of_lock(lock.with_name(lock.name[2:]))
        assert found is not None
        assert found[1].startswith("Jan Havl")
        assert found[1].isprintable()


def test_another_run_writes_it(plain: Path) -> None:
    edit = edited(plain)
    with save.exclusive(plain.resolve(), 0):
        assert "another kpisheets run" in refused(plain, edit)


def test_somebody_saved_meanwhile(plain: Path) -> None:
    first, second = edited(plain, 1), edited(plain, 2)
    first.write()  # type: ignore[attr-defined]
    assert "run again" in refused(plain, second)
    third = edited(plain, 3)
    os.utime(plain, (1, 1))  # a synchronising folder moves times
    third.write()  # type: ignore[attr-defined]
    fourth = edited(plain, 4)
    plain.unlink()
    with pytest.raises(CannotWrite, match="moved or deleted"):
        fourth.write()  # type: ignore[attr-defined]
    assert list(plain.parent.iterdir()) == []


def test_backups_rotate(plain: Path, tmp_path: Path) -> None:
    folder, contents = tmp_path / "backups" / "deep", []
    for number in range(5):
        contents.append(plain.read_bytes())
        edited(plain, number).write(backups=folder, keep=3)  # type: ignore[attr-defined]
    assert [copy.read_bytes() for copy in sorted(folder.iterdir())] == contents[-3:]


def test_permissions_and_links_stay(plain: Path) -> None:
    plain.chmod(0o640)
    link = plain.with_name("link.xlsx")
    link.symlink_to(plain)
    edited(link).write()  # type: ignore[attr-defined]
    assert link.is_symlink()
    assert stat.S_IMODE(plain.stat().st_mode) == 0o640
    assert Book.open(plain).grid("My tab").value(5, 8) == "new"


def test_a_read_only_folder(plain: Path, tmp_path: Path) -> None:
    edit = edited(plain)
    tmp_path.chmod(0o555)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("this user may write everywhere")
        assert "read-only" in refused(plain, edit)
    finally:
        tmp_path.chmod(0o755)


def test_a_failed_reading_back(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit = edited(plain)
    pieces = Patch.pieces
    monkeypatch.setattr(Patch, "pieces", lambda self: (piece.replace(b"new", b"old") for piece in pieces(self)))
    assert "did not read back" in refused(plain, edit)


LIMITED = """
import resource, sys, tempfile
from pathlib import Path
from kpisheets.backends.excel.ooxml import Book
from kpisheets.errors import CannotWrite
path = Path(sys.argv[1])
edit = Book.open(path).edit()
edit.set("My tab", 5, 8, "new")
tempfile.gettempdir()
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    edit.write(backups=Path(sys.argv[3]) if len(sys.argv) > 3 else None)
except CannotWrite as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are POSIX")
@pytest.mark.parametrize("limit", [0, 100, 5000])
def test_no_room(plain: Path, limit: int) -> None:
    before = plain.read_bytes()
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, str(plain), str(limit), str(plain.parent / "kept")],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert run.returncode == 73, run.stderr
    assert "intact" in run.stdout
    assert plain.read_bytes() == before
    assert [path.name for path in plain.parent.iterdir() if path.is_file()] == [plain.name]


@pytest.mark.skipif(not Path("/dev/full").exists() or os.getuid() != 0, reason="a small disk needs root")
def test_a_small_disk(plain: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        path = disk / "Book one.xlsx"
        path.write_bytes(plain.read_bytes())
        (disk / "filler").write_bytes(b"x" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize))
        assert "disk is full" in refused(path, edited(path))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


ENDLESS = textwrap.dedent("""
    import sys
    from pathlib import Path
    from kpisheets.backends.excel.ooxml import Book
    path = Path(sys.argv[1])
    number = 0
    while True:
        number += 1
        edit = Book.open(path).edit()
        for row in range(2, 40):
            edit.set("My tab", row, 9, number)
        edit.write()
        print(number, flush=True)
""")


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
def test_killed_at_any_moment(plain: Path) -> None:
    luck = random.Random(7)
    for _ in range(8):
        run = subprocess.Popen([sys.executable, "-c", ENDLESS, str(plain)], stdout=subprocess.PIPE)
        assert run.stdout is not None
        run.stdout.readline()
        time.sleep(luck.random() * 0.1)
        run.send_signal(signal.SIGKILL)
        run.wait()
        run.stdout.close()
        column = Book.open(plain).grid("My tab").column(9, 2, 39)
        assert len(set(column)) == 1, "all the cells of one write, or of the one before"
        openpyxl.load_workbook(plain)
    left = [path for path in plain.parent.iterdir() if path != plain]
    for path in left:
        assert path.name.endswith(".kpisheets-tmp")
        os.utime(path, (1, 1))
    edited(plain).write()  # type: ignore[attr-defined]
    assert list(plain.parent.iterdir()) == [plain], "what a killed run left is swept away"


def test_two_runs_at_once_lose_nothing(plain: Path) -> None:
    program = textwrap.dedent("""
        import sys, time
        from kpisheets.backends.excel.ooxml import Book
        from kpisheets.errors import CannotWrite
        done = 0
        while done < 8:
            book = Book.open(sys.argv[1])
            edit = book.edit()
            edit.set("Other", 20, 1, (book.grid("Other").value(20, 1) or 0) + 1)
            try:
                edit.write(wait=5)
                done += 1
            except CannotWrite:
                time.sleep(0.01)
    """)
    runs = [subprocess.Popen([sys.executable, "-c", program, str(plain)]) for _ in range(2)]
    assert [run.wait(60) for run in runs] == [0, 0]
    assert Book.open(plain).grid("Other").value(20, 1) == 16
