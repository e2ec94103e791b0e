"""kill -9 at every system call of a write: the workbook is the old or the new one, and the next run goes on."""

from __future__ import annotations

import hashlib
import re
import signal
from pathlib import Path
from typing import Any

import openpyxl

from kpisheets.backends.excel.ooxml import Book
from tests.excel_editor.conftest import view
from tests.faults.runs import CHANGING, THOROUGH, Nursery, counted


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


class Judge:
    """Whether a workbook is wholly old or wholly new, as another program sees it."""

    def __init__(self, old: Path) -> None:
        self.before = old.read_bytes()
        self.expected: dict[Any, Any] = {**view(old, values=True)}
        self.seen: set[bytes] = set()

    def is_new(self, path: Path) -> bool:
        data = path.read_bytes()
        if data == self.before:
            return False
        digest = hashlib.sha256(data).digest()
        if digest not in self.seen:  # hundreds of kills leave few different files
            found = view(path, values=True)
            assert found.pop(("My tab", 5, 8))[0] == "new"
            assert found == self.expected
            self.seen.add(digest)
        return True


def test_killed_at_every_system_call(strace: Nursery, book: Path) -> None:
    judge = Judge(book)
    folder = book.parent / "backups"
    done, log = strace.traced("edit", book, "new", folder)
    assert done.status == 0, done.said
    assert judge.is_new(book)
    calls = {call: times for call, times in counted(log).items() if THOROUGH or call in CHANGING}
    assert {"openat", "write", "fsync", "rename", "close", "unlink"} <= calls.keys()
    kills = old = new = leftovers = missed = 0
    for call, times in calls.items():
        for number in range(1, times + 1):
            book.write_bytes(judge.before)
            for copy in folder.glob("*"):
                copy.unlink()
            ended, log = strace.traced("edit", book, "new", folder, inject=f"{call}:signal=SIGKILL:when={number}")
            where = f"{call} {number}"
            if ended.status == 0 and counted(log).get(call, 0) < number:  # its threads shared the work otherwise
                missed += 1
                continue
            assert ended.status == -signal.SIGKILL, (where, ended)
            kills += 1
            is_new = judge.is_new(book)
            new, old = new + is_new, old + (not is_new)
            copies = list(folder.glob("Book one.*"))
            assert all(copy.read_bytes() == judge.before for copy in copies), where
            assert copies or not is_new, f"{where}: nothing is lost"
            leftovers += any(name.endswith(".kpisheets-tmp") for name in names(book.parent))
            edit = Book.open(book).edit()
            edit.set("My tab", 5, 8, "newer")
            edit.write(backups=folder)
            assert openpyxl.load_workbook(book)["My tab"]["H5"].value == "newer", where
            assert not [name for name in names(book.parent) if name.endswith(".kpisheets-tmp")], f"{where}: swept"
            contents = [copy.read_bytes() for copy in folder.iterdir()]
            assert judge.before in contents, where
            assert len(contents) == len(set(contents)) == 1 + is_new, f"{where}: each version once"
    assert kills + missed == sum(calls.values())
    assert missed < kills / 10
    assert kills > 40
    assert min(old, new, leftovers) > 3, (old, new, leftovers)
    assert old + new == kills


def test_the_order_in_which_it_reaches_the_disk(strace: Nursery, book: Path) -> None:
    """No kill shows what a power cut would: the content is on the disk before the name is, and the name is too."""
    _, log = strace.traced("edit", book, "new", book.parent / "backups")
    steps, opened = [], {}
    for line in log.splitlines():
        if found := re.search(r'openat\(AT_FDCWD, "([^"]+)", [^)]*\) += (\d+)', line):
            opened[found[2]] = "new" if found[1].endswith("-tmp") else Path(found[1]).name
        elif found := re.search(r"(write|fsync)\((\d+)", line):
            steps.append((found[1], opened.get(found[2], "")))
        elif found := re.search(r'rename\("[^"]+", "([^"]+)"', line):
            steps.append(("rename", Path(found[1]).name.replace(book.stem + ".2", "copy ")[:5]))
    steps = [step for place, step in enumerate(steps) if step not in steps[place - 1 : place]]
    put = [("write", "new"), ("fsync", "new")]
    folder = book.parent.name
    assert steps == [*put, *put, ("rename", "copy "), ("fsync", "backups"), ("rename", "Book "), ("fsync", folder)]


def test_a_text_file_killed_at_every_system_call(strace: Nursery, book: Path) -> None:
    report = book.with_name("report.html")
    report.write_text("old")
    _, log = strace.traced("text", report, "new")
    for call, times in counted(log).items():
        for number in range(1, times + 1):
            report.write_text("old")
            strace.traced("text", report, "new", inject=f"{call}:signal=SIGKILL:when={number}")
            assert report.read_text() in ("old", "new")
            assert strace.run("text", report, "newer").status == 0
            assert report.read_text() == "newer"
            assert names(book.parent) == [book.name, report.name]
