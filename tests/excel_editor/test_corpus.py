"""Workbooks of many programs: opened or refused, and after edits nothing else has changed."""

# Cells have no time zone.
# ruff: noqa: DTZ001
from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import posixpath
import re
import shutil
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from kpisheets.backends.excel.ooxml import Book
from kpisheets.errors import BadData, KpisheetsError
from tests.excel_editor.features.compare import changed, content, differences, entries

KINDS: list[tuple[Any, str | None]] = [
    ("edited & <checked>", None),
    (12.75, None),
    (None, None),
    (3, "1+2"),
    (dt.datetime(2026, 3, 4, 5, 6), None),
    (True, None),
    ("a", '"a"&""'),
]


def workbooks(corpus: Path) -> list[Path]:
    found = [path for path in corpus.rglob("*") if path.suffix in (".xlsx", ".xlsm", ".xlsb")]
    if not found:
        pytest.skip("the corpus has no workbooks")
    return sorted(found)


def loads(path: Path) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            openpyxl.load_workbook(path).close()
        except Exception:
            return False
    return True


def places(book: Book) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """The tabs that can be edited, each with cells to edit: some that are there, some in its rows, some below."""
    for sheet in book.sheets:
        try:
            grid = book.grid(sheet)
        except BadData:
            continue
        headers = {info.range.top for info in book.tables.values() if info.range.sheet == sheet}
        right, bottom = max(grid.right, 1), max(grid.bottom, 1)
        wanted = [(2, 2), (5, 3), (9, 9), (bottom, right), (bottom, 1), (bottom // 2 + 1, right + 2), (bottom + 7, 3)]
        wanted += [(30, 40), (bottom + 1, right + 1)]
        fit = [
            (row, column)
            for row, column in dict.fromkeys(wanted)
            if row not in headers and row <= 1_048_576 and column <= 16_384 and not grid.locked(row, column)
        ]
        if fit:
            yield sheet, fit


def edited(path: Path, number: int) -> tuple[dict[str, set[str]], bool]:
    """Edits up to two tabs with values, formulas and blanks, and gives every third book a name.

    Returns the cells edited in each part, and whether there is a new name.
    """
    book = Book.open(path)
    edit, done = book.edit(), {}
    for at, (sheet, cells) in enumerate(itertools.islice(places(book), 2)):
        for turn, (row, column) in enumerate(cells):
            value, formula = KINDS[(number + at + turn) % len(KINDS)]
            edit.set(sheet, row, column, value, formula)
        done[book.sheet_part(sheet)] = {f"{get_column_letter(column)}{row}" for row, column in cells}
    if not done:
        raise BadData("no cell to edit")
    named = number % 3 == 0
    if named:
        edit.define_name("kpi_added", f"'{book.sheets[0].replace(chr(39), chr(39) * 2)}'!$A$1")
    edit.write()
    return done, named


def main_part(path: Path) -> str:
    """The workbook's own part, as the content types name it."""
    types = content(path, "[Content_Types].xml")
    found = re.search(rb'PartName="/([^"]*)"[^>]*[.]main[+]xml"|[.]main[+]xml"[^>]*PartName="/([^"]*)"', types)
    return (found[1] or found[2]).decode() if found else "xl/workbook.xml"


def freed(before: bytes, cells: set[str]) -> set[str]:
    """The cells that shared a formula with one of ``cells``: a master that goes leaves it to them, spelled out."""
    shared = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+\d+)"[^>]*>\s*<(?:\w+:)?f\b[^>]*?\bsi="(\d+)"')
    found = {cell.decode(): formula for cell, formula in shared.findall(before)}
    lost = {found[cell] for cell in cells if cell in found}
    return {cell for cell, formula in found.items() if formula in lost}


def without_literals(data: bytes) -> bytes:
    """The same XML without literal sections and comments, which an edit of their tab may spell otherwise."""
    data = re.sub(rb"<!\[CDATA\[(.*?)\]\]>", lambda found: escape(found[1].decode()).encode(), data, flags=re.DOTALL)
    return re.sub(rb"<!--.*?-->", b"", data, flags=re.DOTALL)


def test_edits_and_nothing_else(shared_corpus: Path, tmp_path: Path) -> None:
    done, refused, offenders = 0, 0, []
    for number, source in enumerate(workbooks(shared_corpus)):
        path = Path(shutil.copy(source, tmp_path / f"book{source.suffix}"))
        try:
            parts, named = edited(path, number)
        except KpisheetsError:
            refused += 1
            assert path.read_bytes() == source.read_bytes(), source
            continue
        done += 1
        before, after = entries(source, unpacked=False), entries(path, unpacked=False)
        moved = {name.replace("\\", "/") for name in changed(before, after)}
        main = main_part(source)
        folder, name = posixpath.split(main)
        allowed = {
            posixpath.join(folder, one) for one in (name, f"_rels/{name}.rels", "calcChain.xml", "sharedStrings.xml")
        }
        offenders += [(source, part) for part in moved - allowed - {"[Content_Types].xml", *parts}]
        for part, cells in parts.items():
            old = content(source, part)
            found = differences(without_literals(old), content(path, part), cells | freed(old, cells))
            offenders += [(source, part, one) for one in found]
        if named:
            assert b"kpi_added" in content(path, main), source
        if number % 8 == 0 and loads(source):  # the slow judge sees an eighth
            assert loads(path), source
    assert offenders == []
    assert done > 10 * refused


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.data())
def test_spoilt_bytes_are_refused_or_read(
    original: Path, tmp_path: Path, look: SimpleNamespace, data: st.DataObject
) -> None:
    path = Path(shutil.copy(original, tmp_path / "spoilt.xlsx"))
    with zipfile.ZipFile(path) as archive:
        part = data.draw(
            st.sampled_from(sorted(name for name in archive.namelist() if name.endswith((".xml", ".rels"))))
        )
        size = len(archive.read(part))
    at, length = data.draw(st.integers(0, size)), data.draw(st.integers(0, 12))
    junk = data.draw(st.binary(max_size=6) | st.sampled_from([b"<", b'"', b"-1", b"1e9", b"</row>", b"<c/>", b"&x;"]))
    look.rewritten(path, {part: lambda raw: raw[:at] + junk + raw[at + length :]})
    with contextlib.suppress(KpisheetsError):
        everything(path)


def everything(path: Path) -> None:
    book = Book.open(path)
    edit = book.edit()
    for sheet in book.sheets:
        book.grid(sheet)
        edit.set(sheet, 7, 9, 1)
    assert book.names is not None
    assert book.custom_properties is not None
    edit.style_like(0, "0.000")
    if "numbers" in book.tables:
        edit.resize_table("numbers", 33)
    edit.write()
