"""Workbooks as three programs write them, and an independent look into a file."""

# Cells have no time zone.
# ruff: noqa: DTZ001
from __future__ import annotations

import datetime as dt
import shutil
import zipfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from tests.excel_editor.dialects import DIALECTS, respelled
from tests.libreoffice import convert
from tests.repairs import watch_writes
from tests.stored import load_both


def with_xlsxwriter(path: Path) -> Path:
    """Two tabs, a table, formulas, dates, conditional formats, validation, a sparkline, a chart, a name."""
    book = xlsxwriter.Workbook(str(path))
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    bold = book.add_format({"bold": True, "num_format": "0.0%"})
    sheet = book.add_worksheet("My tab")
    rows: list[list[Any]] = []
    for row in range(1, 31):
        moment = dt.datetime(2026, 1, 1) + dt.timedelta(days=row)
        rows.append([f"kpi <{row % 3}> & co", moment, row * 1.5, row * 2, None, row % 2 == 0])
        sheet.write_string(row, 0, rows[-1][0])
        sheet.write_datetime(row, 1, moment, date)
        sheet.write_number(row, 2, row * 1.5, bold)
        sheet.write_number(row, 3, row * 2)
        sheet.write_formula(row, 4, f"=D{row + 1}-C{row + 1}", None, row * 0.5)
        sheet.write_boolean(row, 5, row % 2 == 0)
    headers = ["Name", "Day", "Target", "Actual", "Gap", "Done"]
    sheet.add_table(0, 0, 30, 5, {"name": "numbers", "columns": [{"header": header} for header in headers]})
    sheet.conditional_format("C2:C31", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format("D2:D31", {"type": "icon_set", "icon_style": "3_traffic_lights"})
    sheet.data_validation("F2:F31", {"validate": "list", "source": ["yes", "no"]})
    sheet.add_sparkline("H2", {"range": "'My tab'!C2:D2"})
    sheet.merge_range("J2:K3", "merged")
    sheet.write_array_formula("J10:J12", "{=C2:C4*2}", None, 3)
    sheet.set_column("M:N", 20, bold)
    sheet.set_row(40, 30, date)
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "='My tab'!$C$2:$C$31"})
    other = book.add_worksheet("Other")
    other.insert_chart("D4", chart)
    other.write("A1", "text")
    other.write_rich_string("A2", "plain ", bold, "bold")
    book.add_worksheet("Empty").hide()
    book.define_name("my_range", "='My tab'!$A$2:$C$9")
    book.define_name("my_constant", "=0.2")
    book.set_custom_property("kpisheets", "1")
    book.close()
    return path


def with_openpyxl(path: Path) -> Path:
    """The same kind of content from openpyxl, with a comment and a hyperlink."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "My tab"
    sheet.append(["Name", "Day", "Target", "Actual", "Gap", "Done"])
    for row in range(2, 32):
        day = dt.datetime(2026, 1, 1) + dt.timedelta(days=row)
        sheet.append([f"kpi {row % 3}", day, row * 1.5, row, f"=D{row}-C{row}", True])
    sheet["H2"].comment = openpyxl.comments.Comment("hello", "Ana")
    sheet["H3"].hyperlink = "https://example.org"
    sheet.merge_cells("J2:K3")
    table = openpyxl.worksheet.table.Table(displayName="numbers", ref="A1:F31")
    sheet.add_table(table)
    book.create_sheet("Other")["A1"] = "text"
    book.create_sheet("Empty")
    book.save(path)
    return path


@pytest.fixture(scope="session")
def libreoffice_file(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first workbook, saved again by LibreOffice."""
    folder = tmp_path_factory.mktemp("libreoffice")
    return convert(soffice, with_xlsxwriter(folder / "source.xlsx"), "xlsx", folder / "out")


@pytest.fixture(scope="session", params=["xlsxwriter", "openpyxl", "libreoffice", *DIALECTS])
def original(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook of each program and one in each dialect, to be copied."""
    if request.param == "libreoffice":
        return request.getfixturevalue("libreoffice_file")
    make = {"openpyxl": with_openpyxl}.get(request.param, with_xlsxwriter)
    path = make(tmp_path_factory.mktemp(request.param) / "source.xlsx")
    return respelled(path, request.param) if request.param in DIALECTS else path


@pytest.fixture
def sample(original: Path, tmp_path: Path) -> Path:
    """A fresh copy of each program's workbook."""
    return Path(shutil.copy(original, tmp_path / "Book one.xlsx"))


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """The workbook made by XlsxWriter."""
    return with_xlsxwriter(tmp_path / "Book one.xlsx")


@pytest.fixture(scope="session")
def look() -> SimpleNamespace:
    """Independent looks into a file: ``raw_entries``, ``view``; and ``rewritten`` to spoil one."""
    return SimpleNamespace(raw_entries=raw_entries, view=view, rewritten=rewritten)


def raw_entries(path: Path) -> dict[str, bytes]:
    """Every entry's compressed bytes."""
    found = {}
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        assert archive.testzip() is None
        for info in archive.infolist():
            file.seek(info.header_offset)
            header = file.read(30)
            skip = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
            file.seek(skip, 1)
            found[info.filename] = file.read(info.compress_size)
    return found


def view(path: Path, *, values: bool) -> dict[tuple[str, int, int], Any]:
    """Every cell with content or style, as openpyxl sees it: values (cached) or formulas."""
    return dict(_views(path.read_bytes())[0 if values else 1])


@lru_cache(maxsize=16)
def _views(data: bytes) -> tuple[dict[tuple[str, int, int], Any], dict[tuple[str, int, int], Any]]:
    """Both views at once, and of a file that is looked at again and again only once."""
    book, stored = load_both(BytesIO(data))
    values, formulas = {}, {}
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                place, value = (sheet.title, cell.row, cell.column), cell.value
                kept = stored[sheet.title].get((cell.row, cell.column))
                if hasattr(value, "text"):  # array formula
                    value = (value.ref, value.text)
                for view, content in ((values, kept), (formulas, value)):
                    if content is not None or cell.has_style:
                        view[place] = (content, cell.number_format)
    return values, formulas


def rewritten(
    path: Path, changes: dict[str, Callable[[bytes], bytes] | None], extra: dict[str, bytes] | None = None
) -> Path:
    """The zip with some entries changed (None: dropped) and some added."""
    with zipfile.ZipFile(path) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            change = changes.get(name, lambda same: same)
            if change is not None:
                archive.writestr(name, change(data))
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return path


@pytest.fixture(autouse=True)
def no_repairs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Whatever a test writes with the editor, Excel opens without repairing it."""
    yield from watch_writes(monkeypatch)
