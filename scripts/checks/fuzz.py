"""Spoils workbooks in every way that a coverage-guided fuzzer thinks of; edits them, grafts tabs or looks into them.

Usage: python scripts/checks/fuzz.py SECONDS [FINDS] [edit|graft|lint]

A spoilt workbook must be refused with one of the project's errors or be edited (grafted, linted): nothing else may be
raised, it may not take longer than ten seconds of the processor, nor more than two gigabytes, and what was grafted may
have no fault for Excel to repair that the spoilt one had not. What breaks that is kept in the folder FINDS (default:
``fuzz-finds``), a workbook for each place in the code, and the exit code is 1. Needs atheris, XlsxWriter and openpyxl;
``pip install atheris`` brings the first.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import resource
import signal
import struct
import sys
import tempfile
import time
import traceback
import zipfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["kpisheets.backends.excel"]):
    from kpisheets.backends.excel.graft import Graft
    from kpisheets.backends.excel.lint import findings_in, lint
    from kpisheets.backends.excel.ooxml import Book, Range

from kpisheets.errors import KpisheetsError

ROOT = Path(__file__).resolve().parents[2]
TOKENS = [
    *(b"<", b">", b"/>", b"</row>", b"</c>", b"<c/>", b"<row>", b'<row r="1">', b'<row r="1048577">', b"<sheetData/>"),
    *(b'"', b"'", b"&", b"&#0;", b"&#x110000;", b"&lt;", b"&x;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x?>"),
    *(b'<c r="A1">', b'<c r="XFE1">', b'<c r="A0">', b' t="s"', b' t="e"', b' t="b"', b' t="d"', b' t="n"'),
    *(b' t="str"', b' t="inlineStr"', b' s="99999"', b' s="-1"', b"<v>", b"</v>", b"<v>1e999</v>", b"<v>nan</v>"),
    *(b"<f>", b"</f>", b'<f t="shared" si="0"/>', b'<f t="shared" ref="A1:A9" si="0">B1</f>', b"<is><t>", b"</t></is>"),
    *(b'<f t="array" ref="A1:C3">1</f>', b'<f t="dataTable" ref="A1"/>', b"_x0000_", b"_xD800_", b"-1", b"1e9"),
    *(b"99999999999999999999", b"\xff", b"\x00", b"\xed\xa0\x80", b"xmlns=", b"xmlns:x=", b"x:", b"<!DOCTYPE a>"),
    *(b'<mergeCell ref="A1:XFD1048576"/>', b'ref="A1:A1"', b'ref=""', b'ref="A:A"', b"#REF!", b'localSheetId="9"'),
    *(b'encoding="utf-16"', b'encoding="x"', b"\xff\xfe", b"../../", b'Target="/"', b'Target=""', b"/xl/workbook.xml"),
]


def seeds() -> list[dict[str, bytes]]:
    """Small workbooks of two programs, by part."""
    sys.path.insert(0, str(ROOT))
    from tests.excel_editor.conftest import with_openpyxl, with_xlsxwriter

    found = []
    with tempfile.TemporaryDirectory() as folder:
        for make in (with_xlsxwriter, with_openpyxl):
            with zipfile.ZipFile(make(Path(folder) / "seed.xlsx")) as archive:
                found.append({name: archive.read(name) for name in archive.namelist()})
    shared = (
        b'<row r="50"><c r="A50"><f t="shared" ref="A50:A52" si="3">B50*$C$1</f><v>1</v></c></row>'
        b'<row r="51"><c r="A51"><f t="shared" si="3"/><v>2</v></c></row>'
        b"<row r='52'><c s='0' r='A52'><f t=\"shared\" si=\"3\"/><v>2</v></c></row></sheetData>"
    )
    sheet = "xl/worksheets/sheet1.xml"
    odd = {**found[0], sheet: found[0][sheet].replace(b"</sheetData>", shared)}
    return [*found, odd]


SEEDS = seeds()


def spoilt(data: atheris.FuzzedDataProvider) -> bytes:
    """A workbook with some bytes of some parts, or of the zip itself, changed."""
    parts = dict(data.PickValueInList(SEEDS))
    names = sorted(parts)
    for _ in range(data.ConsumeIntInRange(0, 6)):
        name = names[data.ConsumeIntInRange(0, len(names) - 1)]
        raw = parts.get(name, b"")
        at = data.ConsumeIntInRange(0, len(raw))
        gone = data.ConsumeIntInRange(0, 40)
        new = data.PickValueInList(TOKENS) if data.ConsumeBool() else data.ConsumeBytes(8)
        parts[name] = raw[:at] + new + raw[at + gone :]
        if data.ConsumeIntInRange(0, 30) == 0:
            parts.pop(name)
    file = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if data.ConsumeBool() else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, raw in parts.items():
            archive.writestr(name, raw)
    whole = bytearray(file.getvalue())
    for _ in range(data.ConsumeIntInRange(0, 4) if data.ConsumeIntInRange(0, 3) == 0 else 0):
        at = data.ConsumeIntInRange(0, len(whole) - 1)
        if data.ConsumeBool():
            whole[at] = data.ConsumeIntInRange(0, 255)
        elif data.ConsumeBool():
            whole[at : at + 4] = struct.pack("<I", data.ConsumeIntInRange(0, 0xFFFFFFFF))
        else:
            del whole[at : at + data.ConsumeIntInRange(1, 200)]
    return bytes(whole)


def donor() -> bytes:
    """A small workbook with tables, names, formats and a chart, to be grafted."""
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet("Donor")
    bold = book.add_format({"bold": True, "num_format": "0.0%", "bg_color": "#DDEBF7"})
    sheet.write_row(1, 0, ["label", "worth"])
    for row in range(2, 8):
        sheet.write_string(row, 0, f"row {row}", bold)
        sheet.write_formula(row, 1, "=LEN(A1)", bold, row)
    sheet.add_table(1, 0, 7, 1, {"name": "donor_table", "columns": [{"header": "label"}, {"header": "worth"}]})
    sheet.conditional_format(2, 1, 7, 1, {"type": "cell", "criteria": ">", "value": 3, "format": bold})
    sheet.data_validation(2, 0, 7, 0, {"validate": "list", "source": ["a", "b"]})
    book.define_name("donor_name", "=Donor!$A$2:$A$8")
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Donor!$B$3:$B$8"})
    sheet.insert_chart("D2", chart)
    book.close()
    return file.getvalue()


DONOR = Path(tempfile.mkdtemp(prefix="kpisheets-fuzz-donor-")) / "donor.xlsx"
DONOR.write_bytes(donor())


def graft(path: Path) -> None:
    """All that a graft does, and what Excel would say of it."""
    joined, before = Graft(Book.open(path), Book.open(DONOR)), path.read_bytes()
    copy = path.with_name("copy.xlsx")
    joined.save(copy)
    found = findings_in(copy, dict.fromkeys(joined.parts), before=before)
    # What cannot be unpacked hides its other faults, and a copy can be read.
    if found and not any(finding.rule == "part-unreadable" for finding in lint(before)):
        raise AssertionError(f"grafted with a fault: {found[0].rule}")
    joined.replace(copy, backups=None)


def everything(path: Path) -> None:
    """All that the editor does."""
    book = Book.open(path)
    list(book.names)
    book.custom_properties  # noqa: B018
    tables = list(book.tables)
    for sheet in book.sheets:
        with contextlib.suppress(KpisheetsError):
            grid = book.grid(sheet)
            for column in range(grid.left, min(grid.right, grid.left + 20) + 1):
                bottom = min(grid.bottom, grid.top + 100)
                grid.column(column, grid.top, bottom)
                grid.formulas(column, grid.top, bottom)
    edit = book.edit()
    for sheet in book.sheets[:3]:
        edit.set(sheet, 50, 1, "typed over")
        edit.set(sheet, 7, 9, 1.5, "A1*2")
        edit.set(sheet, 70, 3, None)
    edit.style_like(0, "0.000")
    edit.define_name("fuzzed", "Sheet!$A$1")
    if tables:
        edit.resize_table(tables[0], 33)
    edit.add_table("fuzzed_table", Range(book.sheets[-1], 80, 1, 82, 2), ["a", "b"])
    for column, text in enumerate("ab", 1):
        edit.set(book.sheets[-1], 80, column, text)
    edit.plan()
    edit.write()
    with contextlib.suppress(KpisheetsError):  # what was broken elsewhere is as broken as before
        Book.open(path).grid(book.sheets[0])


SUBJECTS = {"edit": everything, "graft": graft, "lint": lint}


class Hunt:
    """Runs the cases; ``finds`` are the places in the code where one broke the rules."""

    def __init__(self, seconds: float, folder: Path, subject: str) -> None:
        self.until, self.folder, self.subject = time.monotonic() + seconds, folder, SUBJECTS[subject]
        self.finds: dict[str, int] = {}
        self.cases = self.edited = 0
        self.path = Path(tempfile.mkdtemp(prefix="kpisheets-fuzz-")) / "case.xlsx"

    def one(self, raw: bytes) -> None:
        if time.monotonic() > self.until:
            self.finish()
        self.cases += 1
        case = spoilt(atheris.FuzzedDataProvider(raw))
        self.path.write_bytes(case)
        # Seconds of the processor: on a busy machine a case may well take longer. One that waits for ever is found too.
        signal.setitimer(signal.ITIMER_PROF, 10)
        signal.alarm(300)
        try:
            self.subject(self.path)
            self.edited += 1
        except KpisheetsError as error:
            if "\n" in str(error) or not error.mend:
                self.keep(f"a message of {type(error).__name__}: {error.what[:40]}", case)
            if self.path.read_bytes() != case:
                self.keep("a refused workbook was changed", case)
        except BaseException as error:  # also a time-out, no memory, a recursion too deep
            frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "kpisheets" in frame.filename]
            place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else str(error)
            self.keep(f"{type(error).__name__} at {place}", case, error)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.alarm(0)

    def keep(self, what: str, case: bytes, error: BaseException | None = None) -> None:
        self.finds[what] = self.finds.get(what, 0) + 1
        if self.finds[what] == 1:
            self.folder.mkdir(exist_ok=True)
            name = "".join(letter if letter.isalnum() else "-" for letter in what)
            (self.folder / f"{name}.xlsx").write_bytes(case)
            print(f"find: {what}", flush=True)
            if error is not None:
                traceback.print_exception(error)

    def finish(self) -> None:
        print(f"{self.cases:,} cases, {self.edited:,} taken, the others refused; {len(self.finds)} finds")
        for what, count in sorted(self.finds.items()):
            print(f"{count:8,} {what}")
        sys.stdout.flush()
        os._exit(1 if self.finds else 0)  # the fuzzer has no other end


def timed_out(*_: object) -> None:
    raise TimeoutError("its time is over")


def main() -> None:
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else "fuzz-finds")
    hunt = Hunt(float(sys.argv[1]), folder, sys.argv[3] if len(sys.argv) > 3 else "edit")
    signal.signal(signal.SIGALRM, timed_out)
    signal.signal(signal.SIGPROF, timed_out)
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    begun = Path(tempfile.mkdtemp(prefix="kpisheets-fuzz-begun-"))
    for number in range(300):  # it would take long to grow them from nothing
        (begun / str(number)).write_bytes(random.Random(number).randbytes(160))
    options = ["-max_len=400", "-len_control=0", "-rss_limit_mb=0", "-timeout=0", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, str(begun)], hunt.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
