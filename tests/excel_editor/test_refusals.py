"""What the editor refuses, each with one line that says what to do, and nothing written."""

from __future__ import annotations

import datetime as dt
import math
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from kpisheets.backends.excel.ooxml import Book, CellError
from kpisheets.errors import BadData

SHEET = "xl/worksheets/sheet1.xml"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def open_and_edit(path: Path) -> None:
    edit = Book.open(path).edit()
    edit.set("My tab", 2, 3, 9.5)
    edit.set("My tab", 3, 3, 9.5)
    edit.write()


def open_and_read(path: Path) -> None:
    Book.open(path).grid("My tab")


def refusal(path: Path, act: Callable[[Path], object] = Book.open) -> str:
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(BadData) as caught:
        act(path)
    assert path.is_file() is False or path.read_bytes() == before
    text = str(caught.value)
    assert "\n" not in text
    assert caught.value.mend
    assert caught.value.exit_code == 65
    return text


def test_a_missing_file(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "none.xlsx")
    assert "cannot be read" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"a,b\n1,2\n", "not an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, ".xls"),
    ],
)
def test_other_formats(tmp_path: Path, data: bytes, word: str) -> None:
    path = tmp_path / "other.xlsx"
    path.write_bytes(data)
    assert word in refusal(path)


def test_other_zips(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "not an Excel workbook" in refusal(path)


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_file_that_was_cut_off(plain: Path, share: float) -> None:
    data = plain.read_bytes()
    plain.write_bytes(data[: int(len(data) * share)])
    assert "cut off" in refusal(plain)


def test_a_damaged_part(plain: Path, look: SimpleNamespace) -> None:
    raw, data = look.raw_entries(plain)["xl/workbook.xml"], bytearray(plain.read_bytes())
    data[bytes(data).index(raw) + len(raw) // 2] ^= 0xFF
    plain.write_bytes(data)
    assert "damaged" in refusal(plain)


def test_an_entry_that_is_there_twice(plain: Path, look: SimpleNamespace) -> None:
    with zipfile.ZipFile(plain, "a") as archive:
        archive.writestr("XL/workbook.xml", "<x/>")
    assert "twice" in refusal(plain)


def test_a_zip_bomb(plain: Path) -> None:
    with zipfile.ZipFile(plain, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.bin", b"\0" * (40 << 20))
    assert "bomb" in refusal(plain)


def test_a_size_that_is_a_lie(plain: Path, look: SimpleNamespace) -> None:
    data = bytearray(plain.read_bytes())
    at = data.rindex(b"xl/workbook.xml") - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    plain.write_bytes(data)
    assert "damaged" in refusal(plain)


def unclosed(row: re.Match[bytes]) -> bytes:
    """A row whose cells have no end."""
    return row[1].replace(b"</c>", b"") + b"</row>"


DTD = b"<!DOCTYPE a [<!ENTITY b 'c'>]>"
CASES: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("xl/workbook.xml", lambda data: data.replace(MAIN, b"http://purl.oclc.org/ooxml/spreadsheetml/main"), "strict"),
    ("xl/workbook.xml", lambda data: data.replace(b"<workbook", DTD + b"<workbook", 1), "type def"),
    (SHEET, lambda data: data.replace(b"<worksheet", DTD + b"<worksheet", 1), "type def"),
    (SHEET, lambda data: data.replace(b'<c r="C2" ', b"<c "), "without a reference"),
    (SHEET, lambda data: data.replace(b'<row r="3"', b"<row"), "not numbered"),
    (SHEET, lambda data: data.replace(b'<row r="3"', b'<row r="1"'), "not numbered"),
    (SHEET, lambda data: data.replace(b'<c r="D2"', b'<c r="C2"'), "doubled"),
    (SHEET, lambda data: data.replace(b"<v>1.5</v>", b"<v>None</v>"), "number that is none"),
    (SHEET, lambda data: data.replace(b"<v>1.5</v>", b"<v>nan</v>"), "number that is none"),
    (SHEET, lambda data: data.replace(b't="s"><v>0</v>', b't="s"><v>99999</v>'), "shared text"),
    (SHEET, lambda data: data.replace(b"</sheetData>", b""), "no end"),
    (SHEET, lambda data: data.replace(b"</worksheet>", b""), "broken"),
    ("xl/styles.xml", lambda data: data[:-20], "broken"),
    # What a fuzzer found: each once ended in an exception that nobody foresaw.
    (SHEET, lambda data: data.replace(b"<v>1.5</v>", b"<v>1.5<!</v>"), "XML is broken"),
    (SHEET, lambda data: data.replace(b"</sheetData>", b"").replace(b'<row r="5"', b'<?x?><row r="5"'), "no end"),
    (SHEET, lambda data: re.sub(rb'(<row r="3".*?)</row>', unclosed, data, count=1), "has no end"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "spoil", "word"), CASES)
def test_spoilt_parts(
    plain: Path, look: SimpleNamespace, part: str, spoil: Callable[[bytes], bytes], word: str
) -> None:
    with zipfile.ZipFile(plain) as archive:
        data = archive.read(part)
    assert spoil(data) != data
    look.rewritten(plain, {part: spoil})
    if word not in ("not numbered", "has no end"):  # cells that know their row can be read
        assert word in refusal(plain, open_and_read)
    if word != "shared text":  # an edit reads the cells that it changes, and leaves the others as they are
        assert word in refusal(plain, open_and_edit)


def test_a_missing_workbook_part_and_a_binary_one(plain: Path, look: SimpleNamespace) -> None:
    look.rewritten(plain, {"xl/workbook.xml": None})
    assert "not an Excel workbook" in refusal(plain)
    look.rewritten(plain, {}, {"xl/workbook.bin": b"x"})
    assert ".xlsb" in refusal(plain)


def test_a_signed_workbook(plain: Path, look: SimpleNamespace) -> None:
    look.rewritten(plain, {}, {"_xmlsignatures/sig1.xml": b"<x/>"})
    assert "signed" in refusal(plain, open_and_edit)


@pytest.mark.parametrize(
    ("value", "formula", "word"),
    [
        (math.nan, None, "not a number"), (math.inf, None, "not a number"), (10**400, None, "not a number"),
        ("x" * 32_768, None, "32,767"), ("😀" * 16_384, None, "32,767"), ("a\x00", None, "U+0000"),
        ("a\x1f", None, "U+001F"), ("\ud800", None, "U+D800"), (CellError("oops"), None, "not an error"),
        (b"bytes", None, "bytes"), (1, "", "formula"), (1, "=", "formula"), (1, "A" * 9000, "formula"),
        (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), None, "time zone"), (dt.date(1800, 1, 1), None, "before"),
    ],
)  # fmt: skip
def test_values_that_cells_cannot_hold(plain: Path, value: object, formula: str | None, word: str) -> None:
    edit = Book.open(plain).edit()
    with pytest.raises(BadData, match=word.replace("+", r"\+")):
        edit.set("Other", 5, 5, value, formula)
    assert edit.is_empty


def test_cells_that_belong_to_others(plain: Path) -> None:
    book = Book.open(plain)
    edit = book.edit()
    for row, column, word in [(11, 10, "array formula"), (3, 11, "merged"), (2, 11, "merged")]:
        assert word in book.grid("My tab").locked(row, column)
        edit.set("My tab", row, column, 1)
        with pytest.raises(BadData, match=word):
            edit.plan()
        with pytest.raises(BadData, match=word):
            edit.write()
        edit = book.edit()
    edit.set("My tab", 2, 10, "the merged cells' own text")
    with pytest.raises(BadData, match="no tab"):
        edit.set("Nowhere", 1, 1, 1)
    with pytest.raises(BadData, match="no cell style 4000"):
        edit.set("Other", 1, 1, 1, style=4000)
    with pytest.raises(BadData, match="no such cell"):
        edit.set("Other", 0, 1, 1)


def spoilt_header(edit: object) -> None:
    edit.set("My tab", 1, 2, "Another day")  # type: ignore[attr-defined]


def test_a_header_that_would_differ_from_its_table(plain: Path) -> None:
    before = plain.read_bytes()
    edit = Book.open(plain).edit()
    spoilt_header(edit)
    with pytest.raises(BadData, match="differ from its header"):
        edit.write()
    edit = Book.open(plain).edit()
    edit.rename_table_columns("numbers", ["Name", "Another day", "Target", "Actual", "Gap", "Done"])
    with pytest.raises(BadData, match="differ from its header"):
        edit.write()
    assert plain.read_bytes() == before
    spoilt_header(edit)
    edit.write()
    assert Book.open(plain).tables["numbers"].columns[1] == "Another day"
