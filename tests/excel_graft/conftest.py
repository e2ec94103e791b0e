"""Workbooks of other people, a project that adds its tabs to them, and independent looks at the result."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.workbook.defined_name import DefinedName

from kpisheets.backends.excel.build import build
from kpisheets.backends.tabs import Content
from kpisheets.core.kpi import Kpi
from kpisheets.project import Project
from kpisheets.provisioning import Provisioned
from kpisheets.templates import language

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TABS = ["Report", "Tracking", "KPIs", "Actions", "Review", "Control", "Log", "Guide"]
MAY_DIFFER = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}
CONFIG = """\
[project]
name = "Acme"
templates = ["sales"]
active_from = "2026-09-01"
[workbook]
path = "{name}"
[sources.shop]
url = "data/"
[metrics.revenue]
source = "shop"
table = "orders"
date = "day"
value = "sum(amount)"
"""
ORDERS = "day,amount\n" + "".join(f"2026-{month:02}-10,{month * 1000}\n" for month in range(1, 12))


@dataclass
class Team:
    """A project whose workbook is somebody's."""

    folder: Path
    book: Path

    def project(self) -> Project:
        return Project.load(self.folder, lambda: NOW)

    def provision(self) -> Provisioned:
        return self.project().provision()


def team(folder: Path, name: str) -> Team:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (folder / "kpisheets.toml").write_text(CONFIG.format(name=name), encoding="utf-8")
    return Team(folder, folder / name)


@pytest.fixture
def ours(tmp_path: Path) -> Callable[..., Team]:
    """A project around a workbook that ``make`` writes."""

    def around(make: Callable[[Path], object], name: str = "Book.xlsx") -> Team:
        made = team(tmp_path / "project", name)
        make(made.book)
        return made

    return around


@pytest.fixture(scope="session")
def donor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The KPI tabs alone, as they are built before they go anywhere."""
    return make_donor(tmp_path_factory.mktemp("donor") / "donor.xlsx")


def make_donor(path: Path, **changed: Any) -> Path:
    wanted = {
        **{
            "project": "Acme",
            "currency": "EUR",
            "timezone": "UTC",
            "today": date(2026, 11, 24),
            "packs": ("sales",),
        },
        **{"metric_names": ("revenue",), "language": language("en")},
        "kpis": [Kpi("revenue", "Revenue", unit="currency", metric="revenue", active_from=date(2026, 1, 1))],
    }
    build(path, Content(**{**wanted, **changed}))
    return path


def with_openpyxl(path: Path) -> None:
    """Two tabs with styles, a table, a name of one tab, a validation, a conditional format, a comment."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sales"
    for row in (["Shop", "Sold", "Share"], ["North", 3, 0.25], ["South", 9, 0.75]):
        sheet.append(row)
    sheet.append(["All", "=SUM(B2:B3)", "=SUM(C2:C3)"])
    sheet["A1"].font = openpyxl.styles.Font(name="Georgia", size=14, bold=True, color="FF993300")
    sheet["B2"].fill = openpyxl.styles.PatternFill("solid", fgColor="FFFFEE99")
    sheet["C2"].number_format = "0.00%"
    sheet["C3"].number_format = "[Blue]0.0%"
    sheet["A2"].comment = openpyxl.comments.Comment("their note", "Somebody")
    sheet.add_table(openpyxl.worksheet.table.Table(displayName="shops", ref="A1:C3"))
    rule = openpyxl.formatting.rule.CellIsRule("greaterThan", ["5"], font=openpyxl.styles.Font(color="FF00AA00"))
    sheet.conditional_formatting.add("B2:B3", rule)
    sheet.print_title_rows = "1:1"
    other = book.create_sheet("Notes")
    other["A1"] = "=Sales!B4*2"
    other.defined_names["here"] = DefinedName("here", attr_text="Notes!$A$1")
    book.defined_names["sold"] = DefinedName("sold", attr_text="Sales!$B$2:$B$3")
    book.active = 1
    book.save(path)


def with_xlsxwriter(path: Path, **options: Any) -> None:
    """Shared texts, a chart on a tab and one on a tab of its own, sparklines, a data bar, dates."""
    book = xlsxwriter.Workbook(str(path), options)
    day = book.add_format({"num_format": "yyyy-mm-dd", "font_name": "Verdana"})
    sheet = book.add_worksheet("Numbers")
    for row in range(10):
        sheet.write_string(row, 0, f"line {row}")
        sheet.write_number(row, 1, row * row)
        sheet.write_datetime(row, 2, datetime(2026, 1, 1 + row), day)  # noqa: DTZ001 (a cell)
    sheet.conditional_format("B1:B10", {"type": "data_bar", "data_bar_2010": True})
    sheet.add_sparkline("E1", {"range": "Numbers!B1:B10"})
    sheet.add_table("G1:H4", {"name": "little", "columns": [{"header": "a"}, {"header": "b"}]})
    for place in ("D3", None):
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Numbers!$B$1:$B$10"})
        if place:
            sheet.insert_chart(place, chart)
        else:
            book.add_chartsheet("Picture").set_chart(chart)
    book.add_worksheet("Hidden").hide()
    book.close()


def raw_entries(path: Path) -> dict[str, bytes]:
    """Every entry's compressed bytes."""
    found = {}
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        assert archive.testzip() is None
        for info in archive.infolist():
            file.seek(info.header_offset)
            header = file.read(30)
            file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
            found[info.filename] = file.read(info.compress_size)
    return found


@contextmanager
def opened(path: Path, **options: Any) -> Iterator[openpyxl.Workbook]:
    book = openpyxl.load_workbook(path, **options)
    try:
        yield book
    finally:
        book.close()


def looks(cell: Any) -> dict[str, Any]:
    """How a cell looks, by its font's name and whatever the theme is."""
    font = {name: getattr(cell.font, name) for name in ("name", "sz", "b", "i", "u", "color")}
    found = {"font": font, "fill": cell.fill, "border": cell.border, "number_format": cell.number_format}
    return {name: repr(value) for name, value in {**found, "alignment": cell.alignment}.items()}


def rewritten(path: Path, changes: dict[str, Callable[[str], str] | None], extra: dict[str, str] | None = None) -> None:
    """The zip with some entries changed (None: dropped) and some added."""
    with zipfile.ZipFile(path) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            change = changes.get(name, lambda same: same)
            if change is not None:
                archive.writestr(name, change(data.decode()) if name in changes else data)
        for name, text in (extra or {}).items():
            archive.writestr(name, text)
