"""Several at one workbook: two runs, a person who saves, a program that writes in place."""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import openpyxl
import pytest

from kpisheets.backends.excel.ooxml import Book
from kpisheets.backends.excel.ooxml.saving.save import replace_file
from kpisheets.errors import CannotWrite
from tests.faults.runs import Ended, Nursery
from tests.faults.test_kill import names
from tests.people.conftest import office  # noqa: F401 - a fixture
from tests.people.office import Office

ROUNDS = 25
RENAME = "82"


def together(*starts: Callable[[], Ended]) -> list[Ended]:
    ended: list[Ended] = []
    threads = [threading.Thread(target=lambda start=start: ended.append(start())) for start in starts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return ended


@pytest.mark.parametrize("locks", ["shared", "apart"])
def test_many_rounds_of_two_runs(nursery: Nursery, book: Path, tmp_path: Path, locks: str) -> None:
    """``apart``: two users, or two containers, whose runs see no common lock in the temporary folder."""
    with Nursery() as other:
        own = ["", ""] if locks == "shared" else [str(tmp_path / "a"), str(tmp_path / "b")]
        for folder in filter(None, own):
            Path(folder).mkdir()
        nursery.born("count", book, "20", ROUNDS, own[0])
        other.born("count", book, "20", ROUNDS, own[1])
        ended = together(nursery.go, other.go)
    assert [run.status for run in ended] == [0, 0], ended
    assert openpyxl.load_workbook(book)["Other"]["A20"].value == 2 * ROUNDS, "no change of either is lost"
    assert names(book.parent) == [book.name]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="it knows the number of a system call on x86-64 only")
def test_a_run_that_is_held_up_before_its_last_step(strace: Nursery, book: Path, tmp_path: Path) -> None:
    """The other run, of another user, comes between its look at the file and its rename: neither's change is lost."""
    own = [tmp_path / "a", tmp_path / "b"]
    for folder in own:
        folder.mkdir()
    with Nursery() as other:
        assert other.run("count", book, "21", 1, own[1]).status == 0  # it has imported everything
        slow: list[Ended] = []
        words = ("count", book, "20", 1, own[0])
        thread = threading.Thread(
            target=lambda: slow.append(strace.traced(*words, inject="rename:delay_enter=2000000:when=1")[0])
        )
        thread.start()
        while not (found := list(book.parent.glob(".*.kpisheets-tmp"))):
            time.sleep(0.001)
        call = Path("/proc", found[0].name.split(".")[-3], "syscall")
        while call.read_text().split()[0] != RENAME:
            time.sleep(0.001)
        assert found[0].exists()
        assert other.run("count", book, "20", 1, own[1]).status == 0
        thread.join(60)
    assert slow[0].status == 0
    assert openpyxl.load_workbook(book)["Other"]["A20"].value == 2


def test_the_lock_of_a_killed_run_does_not_block(nursery: Nursery, book: Path) -> None:
    lock = book.with_name("~$" + book.name)
    lock.write_bytes(b"\x03Ana")
    pid = nursery.born("edit", book, "new", "", "60")
    threading.Timer(1, lambda: os.kill(pid, 9)).start()
    assert nursery.go().status == -9  # it held the lock, and waited for Ana
    lock.unlink()
    assert nursery.run("edit", book, "new").status == 0


def saved_by_openpyxl(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book["Other"]["A1"] = "hers"
    book.save(path)


def saved_beside_and_renamed(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book["Other"]["A1"] = "hers"
    beside = path.with_name("beside.xlsx")
    book.save(beside)
    beside.replace(path)


def written_in_place_with_size_and_times_kept(path: Path) -> None:
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\1")  # the last byte of an archive's empty comment's length
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)


def deleted(path: Path) -> None:
    path.unlink()


WRITERS = [saved_by_openpyxl, saved_beside_and_renamed, written_in_place_with_size_and_times_kept, deleted]


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.__name__)
@pytest.mark.parametrize("moment", ["before", "while writing", "while reading back"])
def test_somebody_writes_meanwhile(book: Path, writer: Callable[[Path], None], moment: str) -> None:
    read = book.read_bytes()
    kept = book.with_name("kept")

    def write(target: IO[bytes]) -> None:
        target.write(read)
        if moment == "while writing":
            writer(book)

    def verify(_: Path) -> None:
        if moment == "while reading back":
            writer(book)

    if moment == "before":
        writer(book)
    with pytest.raises(CannotWrite, match="run again"):
        replace_file(book, read, write, verify, backups=kept, keep=3, wait=0)
    assert names(book.parent) == ([] if writer is deleted else [book.name]), "no leftover, no copy"
    if writer is not deleted:
        assert book.read_bytes() != read, "hers is still there"


def test_somebody_opens_it_while_it_is_written(book: Path) -> None:
    read, lock = book.read_bytes(), book.with_name("~$" + book.name)

    def replaced(wait: float) -> None:
        replace_file(
            book, read, lambda target: target.write(b"new") and None, lambda _: lock.write_bytes(b"\x03Ana") and None,
            backups=None, keep=0, wait=wait,
        )  # fmt: skip

    with pytest.raises(CannotWrite, match="open, by Ana"):
        replaced(0)
    assert book.read_bytes() == read
    lock.unlink()
    threading.Timer(0.6, lock.unlink).start()
    started = time.monotonic()
    replaced(20)
    assert 0.4 < time.monotonic() - started < 10
    assert book.read_bytes() == b"new"


def test_libreoffice_has_it_open(nursery: Nursery, book: Path, office: Office) -> None:  # noqa: F811
    before = book.read_bytes()
    office("open", str(book))
    try:
        lock = f".~lock.{book.name}#"
        assert lock in names(book.parent)
        ended = nursery.run("edit", book, "new")
        assert (ended.status, len(ended.said.splitlines())) == (73, 1)
        assert "open" in ended.said
        assert f"delete {lock}" in ended.said
        assert book.read_bytes() == before
        nursery.born("edit", book, "new", "", "30")
        closing = threading.Timer(0.7, office, ("close",))
        closing.start()
        assert nursery.go().status == 0, "it waited for the person to close"
        closing.join()
    finally:
        if (book.parent / lock).exists():
            office("close")
    assert Book.open(book).grid("My tab").value(5, 8) == "new"


def test_a_person_saves_in_libreoffice_between_read_and_write(book: Path, office: Office) -> None:  # noqa: F811
    edit = Book.open(book).edit()
    edit.set("My tab", 5, 8, "new")
    with office.editing(book):
        office("type", "Other", 5, 1, "hers")
    after = book.read_bytes()
    with pytest.raises(CannotWrite, match="changed since it was read"):
        edit.write()
    assert book.read_bytes() == after
    assert openpyxl.load_workbook(book)["Other"]["A5"].value == "hers"
