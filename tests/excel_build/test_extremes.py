"""No KPIs, many KPIs, names that attack; the same input twice; other programs and a validator open it."""

from __future__ import annotations

import time
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl.utils import range_boundaries

from kpisheets.core.kpi import Kpi
from kpisheets.core.workbook import CATALOGUE, GROWING, PROJECT, REPORT, handle
from tests.libreoffice import convert

from .conftest import SAMPLE, Builder, make
from .test_contract import opened, spot

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "<b>&amp;</b>",
    "x" * 300,
    "@SUM(A1)",
    '"quoted", and more',
    "bell \x07",
    "_x0041_",
    "🙂 Überfluß",
)


def column(path: Path, field: str) -> list[object]:
    sheet, (left, top, _, bottom) = spot(opened(path), handle(CATALOGUE, field))
    return [sheet.cell(row, left).value for row in range(top + 1, bottom + 1)]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = make(tmp_path / "one.xlsx"), make(tmp_path / "two.xlsx")
    assert first.read_bytes() == second.read_bytes()


def test_no_kpis_leave_one_blank_row_in_each_table(built: Builder) -> None:
    book = opened(built(kpis=(), metric_names=(), packs=()))
    for table in (CATALOGUE, REPORT):
        sheet, (left, top, _, bottom) = spot(book, handle(table, "id"))
        assert bottom - top == 1
        assert sheet.cell(bottom, left).value is None


def test_two_hundred_kpis(built: Builder) -> None:
    kpis = [replace(SAMPLE[0], id=f"kpi_{n}", name=f"KPI {n}", unit=f"unit {n}") for n in range(200)]
    started = time.perf_counter()
    path = built(kpis=kpis)
    assert time.perf_counter() - started < 10
    assert column(path, "id") == [kpi.id for kpi in kpis]
    _, (_, top, _, bottom) = spot(opened(path), handle(REPORT, "kpi"))
    assert bottom - top == 200


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(built: Builder, name: str) -> None:
    kpi = Kpi("a", name, objective=name, department=name, owner=name, unit=name, target=Decimal(1), definition=name)
    path = built(project=name, kpis=[kpi], metric_names=[name], packs=[name])
    with zipfile.ZipFile(path) as parts:
        for part in parts.namelist():
            if part.endswith((".xml", ".rels")):
                ElementTree.fromstring(parts.read(part))
    shown = name.replace("\x07", "_x0007_")  # openpyxl leaves that escape as it is written
    if name == "_x0041_":
        shown = column(path, "name")[0]  # … and reads this one as a letter, which no writer can prevent
    assert column(path, "name") == [shown]
    assert column(path, "department") == [shown]
    sheet, (left, top, _, _) = spot(opened(path), PROJECT)
    assert sheet.cell(top, left).value == shown
    assert sheet.cell(top, left).data_type == "s"


def test_a_validator_finds_nothing(sample: Path, built: Builder) -> None:
    audit = pytest.importorskip("openxml_audit")
    many = built(kpis=[replace(SAMPLE[0], id=f"k{n}", name=name) for n, name in enumerate(HOSTILE[:5])])
    for path in (sample, many):
        result = audit.OpenXmlValidator().validate(str(path))
        assert result.is_valid, result.errors


def test_nothing_that_excel_would_repair(sample: Path) -> None:
    """What validators miss: ids out of range or twice, merged cells over a table, names that don't fit."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(sample) as parts:
        assert len(parts.namelist()) == len(set(parts.namelist()))
        styles = ElementTree.fromstring(parts.read("xl/styles.xml"))
        tables = [ElementTree.fromstring(parts.read(n)) for n in parts.namelist() if n.startswith("xl/tables/")]
        sheets = [
            ElementTree.fromstring(parts.read(n)) for n in parts.namelist() if n.startswith("xl/worksheets/sheet")
        ]
    formats, changes = (len(styles.find(f"{main}{tag}") or ()) for tag in ("cellXfs", "dxfs"))
    for sheet in sheets:
        assert all(int(item.get("s") or 0) < formats for item in sheet.iter() if item.tag in (f"{main}c", f"{main}row"))
        assert all(int(item.get("style") or 0) < formats for item in sheet.iter(f"{main}col"))
        assert all(int(rule.get("dxfId") or 0) < changes for rule in sheet.iter(f"{main}cfRule"))
        for tag in ("prompt", "error"):
            assert all(len(rule.get(tag) or "") <= 225 for rule in sheet.iter(f"{main}dataValidation"))
        places = [cell.get("r") for cell in sheet.iter(f"{main}c")]
        assert len(places) == len(set(places))
    for key in ("id", "name", "displayName"):
        assert len({table.get(key) for table in tables}) == len(tables) == len(GROWING)
    report = opened(sample).worksheets[0]
    top = range_boundaries(report.tables[REPORT].ref)[1]
    areas = sorted((area.min_row, area.max_row) for area in report.merged_cells.ranges)
    assert all(first == last < top for first, last in areas)
    assert len(set(areas)) == len(areas)


def test_libreoffice_prints_it(sample: Path, tmp_path: Path, soffice: str) -> None:
    assert convert(soffice, sample, "pdf", tmp_path).read_bytes().startswith(b"%PDF")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        make(tmp_path / "nowhere" / "x.xlsx")
