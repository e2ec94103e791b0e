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
import tracemalloc
from pathlib import Path

import openpyxl
import pytest

from kpisheets.backends.excel.ooxml import Book
from kpisheets.backends.excel.ooxml.container.codec import Deflater
from kpisheets.backends.excel.ooxml.saving import locks, save
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
    found_locks = list(shared_corpus.rglob("~$*.xlsx"))
    if not found_locks:
        pytest.skip("the corpus has no lock file")
    for lock in found_locks:
        found = locks.owner_of_lock(lock.with_name(lock.name[2:]))
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


def test_backups_have_a_bound(plain: Path, tmp_path: Path) -> None:
    folder, size = tmp_path / "backups", plain.stat().st_size
    contents = []
    for number in range(6):
        contents.append(plain.read_bytes())
        edited(plain, number).write(backups=folder, keep=9, max_bytes=4 * size)  # type: ignore[attr-defined]
    kept = sorted(folder.iterdir())
    assert [copy.read_bytes() for copy in kept] == contents[-3:], "each is a little larger than the first file"
    assert sum(copy.stat().st_size for copy in kept) <= 4 * size
    (folder / "Book one.notes.xlsx").write_bytes(b"hers")
    contents.append(plain.read_bytes())
    edited(plain, "last").write(backups=folder, keep=9, max_bytes=1)  # type: ignore[attr-defined]
    assert sorted(copy.read_bytes() for copy in folder.iterdir()) == sorted([contents[-1], b"hers"])


def test_a_clock_set_back_costs_no_backup(plain: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in (1, 2, 3):
        (folder / f"Book one.209910{day:02}T000000.000000Z.xlsx").write_bytes(b"%d" % day)
    before = plain.read_bytes()
    edited(plain).write(backups=folder, keep=2)  # type: ignore[attr-defined]
    assert {copy.read_bytes() for copy in folder.iterdir()} == {before, b"3"}


def test_runs_that_die_leave_one_backup_of_a_version(plain: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "Book one.20260101T000000.000000Z.xlsx").write_bytes(b"older")
    (folder / "Book one.20260102T000000.000000Z.xlsx").write_bytes(plain.read_bytes())
    before = plain.read_bytes()
    edited(plain).write(backups=folder, keep=2)  # type: ignore[attr-defined]
    assert [copy.read_bytes() for copy in sorted(folder.iterdir())] == [b"older", before]


def test_a_large_workbook_is_not_held_a_second_time(tmp_path: Path) -> None:
    path = tmp_path / "large.xlsx"
    content = os.urandom(40_000_000)
    path.write_bytes(content)
    tracemalloc.start()
    try:
        save.replace_file(
            path, content, lambda target: target.write(b"new") and None, lambda _: None,
            backups=tmp_path / "kept", keep=3, wait=0,
        )  # fmt: skip
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
    assert path.read_bytes() == b"new"
    assert next((tmp_path / "kept").iterdir()).read_bytes() == content


def test_permissions_and_links_stay(plain: Path) -> None:
    plain.chmod(0o640)
    link = plain.with_name("link.xlsx")
    link.symlink_to(plain)
    edited(link).write()  # type: ignore[attr-defined]
    assert link.is_symlink()
    assert stat.S_IMODE(plain.stat().st_mode) == 0o640
    assert Book.open(plain).grid("My tab").value(5, 8) == "new"


def test_a_failed_reading_back(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit = edited(plain)
    pack = Deflater.pack
    monkeypatch.setattr(Deflater, "pack", lambda self, data: pack(self, data.replace(b"new", b"old")))
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
    assert all(path.name.endswith(".kpisheets-tmp") for path in left)
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
