"""Spellings that are allowed are understood; bytes that are not are a finding and no crash."""

from __future__ import annotations

import io
import re
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from kpisheets.backends.excel.lint import findings_in, lint
from kpisheets.errors import BadData
from tests.excel_lint.base import Parts, edited, everything, packed, read
from tests.excel_lint.faults import FAULTS, S1, S2, SS, ST, T1, WB, Fault

CELLS = [fault for fault in FAULTS if isinstance(fault, Fault) and fault.part == S1 and fault.rule.startswith("cell-")]


def prefixed(data: bytes) -> bytes:
    """A sheet part as the Open XML SDK writes it: every element of the main namespace with a prefix."""
    text = re.sub(r"<(/?)(?![?!/])(?!\w+:)(\w)", r"<\1x:\2", data.decode())
    return text.replace("xmlns=", "xmlns:x=").encode()


def sixteen(data: bytes) -> bytes:
    return data.decode().replace("UTF-8", "UTF-16").encode("utf-16")


def spaced(data: bytes) -> bytes:
    """Cells with their attributes the other way round, in single quotes."""
    return re.sub(rb'<c r="([A-Z0-9]+)" s="(\d+)"', rb"<c  s='\2'\n r='\1'", data)


@pytest.mark.parametrize("spelt", [prefixed, sixteen, spaced], ids=lambda made: made.__name__)
def test_other_spellings_are_clean(parts: Parts, spelt: object) -> None:
    for part in (S1, S2, SS, ST, T1, WB):
        assert lint(packed(edited(parts, part, spelt))) == [], part  # type: ignore[arg-type]


@pytest.mark.parametrize("fault", CELLS, ids=lambda fault: f"{fault.rule}-{fault.new[:20]}")
@pytest.mark.parametrize("spelt", [prefixed, sixteen, spaced], ids=lambda made: made.__name__)
def test_other_spellings_hide_nothing(parts: Parts, fault: Fault, spelt: object) -> None:
    planted = _read(fault.plant(parts))
    found = lint(packed(edited(planted, S1, spelt)))  # type: ignore[arg-type]
    assert fault.rule in {finding.rule for finding in found}


def _read(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_comments_and_literal_sections_are_read(parts: Parts) -> None:
    def change(data: bytes) -> bytes:
        data = data.replace(b"<sheetData>", b'<!-- <row r="9"> --><sheetData><!-- <row r="8"><c r="A8"/></row> -->')
        return data.replace(b"<v>1.5</v>", b"<v><![CDATA[1.5]]></v>")

    assert lint(packed(edited(parts, S1, change))) == []


@pytest.mark.parametrize("junk", [b"", b"PK", b"PK\x05\x06" + b"\0" * 18, b"<html>", b"\0" * 4096])
def test_what_is_no_workbook(junk: bytes) -> None:
    assert [finding.rule for finding in lint(junk)] in (["zip-broken"], ["content-type-missing", "zip-broken"])


def test_an_encrypted_file_is_not_looked_into() -> None:
    with pytest.raises(BadData, match="encrypted"):
        lint(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)


JUNK = [
    b"<",
    b'"',
    b"-1",
    b"1e9",
    b"</row>",
    b"<c/>",
    b"&x;",
    b"<!--",
    b"<![CDATA[",
    b"]]>",
    b"\xff\xfe",
    b"99999999999",
    b"",
]


@settings(max_examples=80)
@given(st.data())
def test_spoilt_bytes_never_crash_it(data: st.DataObject) -> None:
    parts = _base()
    part = data.draw(st.sampled_from(sorted(name for name in parts if not name.endswith("vml"))))
    raw = parts[part]
    for _ in range(data.draw(st.integers(1, 3))):
        at, length = data.draw(st.integers(0, len(raw))), data.draw(st.integers(0, 12))
        junk = data.draw(st.binary(max_size=6) | st.sampled_from(JUNK))
        raw = raw[:at] + junk + raw[at + length :]
    spoilt = packed({**parts, part: raw})
    assert all(finding.what for finding in lint(spoilt))
    assert all(finding.is_error for finding in findings_in(spoilt, [part], packed(parts)))


@settings(max_examples=40)
@given(st.integers(0, 100_000), st.binary(max_size=8))
def test_a_spoilt_zip_never_crashes_it(at: int, junk: bytes) -> None:
    raw = packed(_base())
    at %= len(raw)
    lint(raw[:at] + junk + raw[at + len(junk) :])
    lint(raw[:at])


_KEPT: list[Parts] = []


def _base() -> Parts:
    if not _KEPT:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            _KEPT.append(read(everything(Path(folder) / "base.xlsx")))
    return _KEPT[0]


def test_a_large_sheet_takes_little_time_and_the_fault_in_it_is_found(tmp_path: Path) -> None:
    path = tmp_path / "large.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(6_000):
            sheet.write_row(row, 0, [f"text {row}", row, row / 7, True, row * 1e10, "on target"])
            sheet.write_formula(row, 6, f"B{row + 1}*2+C{row + 1}", None, row * 2)
            sheet.write_row(row, 7, [row] * 6)
    started = time.process_time()
    assert lint(path) == []
    assert time.process_time() - started < 3  # 0.2 s where nothing else runs
    planted = edited(read(path), S1, lambda data: data.replace(b'<c r="C5900"><v>', b'<c r="C5900"><v>x'))
    [finding] = lint(packed(planted))
    assert (finding.rule, finding.where) == ("cell-number", "C5900")


@pytest.mark.parametrize("rows", [1, 200])
def test_a_bad_number_behind_many_good_ones_takes_no_time(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "numbers.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for row in range(rows):
            sheet.write_row(row, 0, [1_234_567_890] * 30)
    planted = edited(
        read(path),
        S1,
        lambda data: data.replace(b"1234567890</v></c></row></sheetData>", b"12x</v></c></row></sheetData>"),
    )
    started = time.process_time()
    [finding] = lint(packed(planted))
    assert (finding.rule, finding.where) == ("cell-number", f"AD{rows}")
    assert time.process_time() - started < 3
