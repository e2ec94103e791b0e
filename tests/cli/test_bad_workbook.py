"""Files that are no KPI workbook, or none that may be written: refused in one line, and left byte for byte."""

from __future__ import annotations

import contextlib
import io
import random
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import BOOK, MONTHS, Folder, Outcome, assert_helpful, is_root

COMMANDS = (["sync"], ["sync", "--dry-run", "--json"], ["report"], ["send"], ["explain", "revenue"], ["provision"])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _plain(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = 5
    book.save(path)


def _plain_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "text")


def _without_a_tab(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    del book["Tracking"]
    book.save(path)


SPOILT: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "missing": (Path.unlink, ("does not exist", "kpisheets provision")),
    "empty": (lambda path: path.write_bytes(b""), ("empty", "backup")),
    "no zip": (lambda path: path.write_bytes(b"hello" * 100), ("not an Excel workbook",)),
    "a web page": (lambda path: path.write_bytes(b"<html><table>"), ("not an Excel workbook",)),
    "truncated": (lambda path: path.write_bytes(path.read_bytes()[:-3000]), ("damaged", "backup")),
    "half": (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), ("damaged", "backup")),
    "encrypted": (
        lambda path: path.write_bytes(OLE + b"\0" * 4096 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 4096),
        ("password",),
    ),
    "xls": (
        lambda path: path.write_bytes(OLE + b"\0" * 4096 + "Workbook".encode("utf-16-le") + b"\0" * 4096),
        (".xls", "save it as .xlsx"),
    ),
    "plain workbook": (_plain, ("no KPI tabs", "provision")),
    "plain zip": (_plain_zip, ("not an Excel workbook",)),
    "without Tracking": (_without_a_tab, ("Tracking",)),
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("how", SPOILT)
def test_a_file_that_is_no_kpi_workbook(folder: Folder, intact: Callable[..., None], how: str) -> None:
    spoil, words = SPOILT[how]
    spoil(folder.book)
    intact()
    for command in COMMANDS:
        # provision makes a missing workbook, and adds its tabs to a plain one.
        if how not in ("missing", "plain workbook") or command != ["provision"]:
            folder.run(*command).refused(65, BOOK, *words)
    checked = folder.run("check")
    assert (checked.code, len(checked.err.splitlines())) == (65, 1)
    assert_helpful(checked.err.strip(), BOOK, *words)


def test_a_missing_workbook_is_made_again(folder: Folder) -> None:
    folder.book.unlink()
    assert folder.run("provision").code == 0
    assert folder.run("sync").code == 0


@pytest.mark.parametrize(
    ("lock", "content", "who"),
    [
        (f"~${BOOK}", b"\x03Ana" + b" " * 51 + b"\x03\x00A\0n\0a\0", "Ana"),
        (f".~lock.{BOOK}#", b",ana,desk,23.11.2026 10:00,file:///home/ana;", "ana on desk"),
    ],
    ids=["Excel", "LibreOffice"],
)
def test_an_open_workbook_is_left_alone(
    folder: Folder, intact: Callable[..., None], lock: str, content: bytes, who: str
) -> None:
    (folder.root / lock).write_bytes(content)
    intact()
    folder.run("sync").refused(73, BOOK, who, "close it", lock)
    assert folder.run("sync", "--dry-run").code == 0  # reading is harmless
    assert folder.run("report").code == 0
    (folder.root / lock).unlink()
    assert folder.run("sync", "--json").json["unchanged"] == 9
    (folder.root / lock).write_bytes(content)
    intact()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A file system of its own, of a given size."""
    if not is_root() or shutil.which("mount") is None:
        pytest.skip("only root can mount a small file system")
    place = tmp_path / "disk"
    place.mkdir()

    def mount(options: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
        if subprocess.run(command, capture_output=True).returncode:
            pytest.skip("this machine does not let tests mount a file system")
        return place

    yield mount
    subprocess.run(["umount", "-l", str(place)], capture_output=True)


def _on(disk: Path, folder: Folder) -> Folder:
    return Folder(Path(shutil.copytree(folder.root, disk / "project")))


def _fill(filler: Path) -> None:
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\1" * 4096):
            pass


def test_a_full_disk(folder: Folder, small_disk: Callable[[str], Path]) -> None:
    there = _on(small_disk("size=200k"), folder)
    filler = there.root / "filler"
    _fill(filler)
    before = there.snapshot((".kpisheets",))
    there.run("sync").refused(73, BOOK, "full", "free some space")
    assert there.snapshot((".kpisheets",)) == before
    there.run("report", "--format", "html", "-o", str(there.root / "report.html")).refused(73, "report.html")
    there.run("send").refused(73, "outbox")
    assert there.snapshot((".kpisheets", "outbox")) == before
    assert not list(there.root.rglob("*.eml"))
    there.book.unlink()
    _fill(filler)
    there.run("provision").refused(73, BOOK)
    assert not there.book.exists()
    filler.unlink()
    assert not list(there.root.glob(".kpisheets-*"))
    assert there.run("provision").code == 0


def test_a_read_only_file_system(folder: Folder, small_disk: Callable[[str], Path]) -> None:
    disk = small_disk("size=5m")
    there = _on(disk, folder)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    before = there.snapshot()
    there.run("sync").refused(73, BOOK, "read-only", "intact")
    there.run("send").refused(73, "outbox")
    there.run("report", "-o", str(there.root / "report.txt")).refused(73, "report.txt")
    assert there.run("sync", "--dry-run").code == 0
    assert there.run("check").code == 0
    assert there.snapshot() == before


@pytest.mark.skipif(is_root(), reason="nothing is read-only for root")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_read_only(folder: Folder, intact: Callable[..., None], what: str) -> None:
    place = folder.book if what == "file" else folder.root
    mode = place.stat().st_mode
    place.chmod(0o444 if what == "file" else 0o555)
    intact()
    try:
        folder.run("sync").refused(73, BOOK, "read-only")
    finally:
        place.chmod(mode)


DOCUMENTED = {0, 1, 2, 65, 69, 73, 75, 77, 78}


def _survives(folder: Folder, damaged: bytes) -> Outcome:
    """A sync works or refuses in one line; after a refusal the file is as it was."""
    folder.book.write_bytes(damaged)
    done = folder.run("sync")
    assert done.code in DOCUMENTED, done.err
    for line in done.err.splitlines():
        assert_helpful(line)
    if done.code not in (0, 1):
        assert (done.out, len(done.err.splitlines())) == ("", 1)
        assert folder.book.read_bytes() == damaged
    assert not [path.name for path in folder.root.iterdir() if path.name.endswith("-tmp")]
    return done


def _readable(data: bytes) -> bool:
    """Whether all parts of a workbook are whole: damage in a tab that a sync has no part in stays as it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.testzip() is None
    except Exception:
        return False


def _places(data: bytes, chance: random.Random) -> Iterator[int]:
    """Bytes of every kind: in the header and in the content of each part, in the directory at the end. (Bytes at random
    are hundreds in the content of the largest part, which all do the same.)"""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        directory, entries = archive.start_dir, archive.infolist()
    for entry in entries:
        start = entry.header_offset
        content = start + 30 + int.from_bytes(data[start + 26 : start + 28], "little")
        content += int.from_bytes(data[start + 28 : start + 30], "little")
        yield chance.randrange(start, content)
        yield chance.randrange(content, content + entry.compress_size)
    for _ in range(len(entries) // 2):
        yield chance.randrange(directory, len(data))


def test_single_byte_corruptions(folder: Folder) -> None:
    good = folder.book.read_bytes()
    chance = random.Random(20261123)
    codes = []
    for place in _places(good, chance):
        damaged = bytearray(good)
        damaged[place] ^= chance.randrange(1, 256)
        done = _survives(folder, bytes(damaged))
        codes.append(done.code)
        if done.code == 0 and _readable(bytes(damaged)):
            tab = folder.tab("Tracking")
            assert [tab[f"revenue|{month}", "Actual"] for month in MONTHS] == [15.5, 20.25, 7]
    assert {0, 65} <= set(codes)  # both happen


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml"])
def test_corruptions_inside_a_part(folder: Folder, part: str) -> None:
    """The zip's checksums are right, and the markup or a value in it is not."""
    chance = random.Random(part)
    with zipfile.ZipFile(folder.book) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    scratch = folder.root / "crm" / "scratch.zip"
    for _ in range(12):
        text = bytearray(entries[part])
        place = chance.randrange(len(text))
        text[place : place + chance.choice((0, 1, 1, 40))] = bytes([chance.choice(b'<>&"\0\xff09aZ /=')])
        with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries.items():
                archive.writestr(name, bytes(text) if name == part else content)
        _survives(folder, scratch.read_bytes())
