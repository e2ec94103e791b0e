"""The grafted tabs are what was built, and everything else is what it was."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from openpyxl.cell.cell import MergedCell
from openxml_audit import OpenXmlValidator, ValidationSeverity

from kpisheets.backends.excel.graft import Graft
from kpisheets.backends.excel.ooxml import Book
from kpisheets.backends.tabs import OPTIONAL
from kpisheets.core.workbook import GROWING
from tests.excel_graft.conftest import (
    MAY_DIFFER,
    TABS,
    Team,
    looks,
    opened,
    raw_entries,
    with_openpyxl,
    with_xlsxwriter,
)
from tests.libreoffice import disagreements

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
MAKERS = {"openpyxl": with_openpyxl, "xlsxwriter": with_xlsxwriter}
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


@pytest.fixture(params=MAKERS)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "Theirs.xlsx"
    MAKERS[request.param](path)
    return path


@pytest.fixture
def grafted(target: Path, donor: Path, tmp_path: Path) -> Path:
    """The tabs as built, before any formula is written."""
    Graft(Book.open(target), Book.open(donor)).save(tmp_path / "Grafted.xlsx")
    return tmp_path / "Grafted.xlsx"


def test_every_cell_says_and_looks_what_was_built(grafted: Path, donor: Path) -> None:
    with opened(grafted) as found, opened(donor) as wanted:
        assert found.sheetnames[-8:] == wanted.sheetnames == TABS
        count = 0
        for name in TABS:
            for row in wanted[name].iter_rows():
                for cell in row:
                    other = found[name][cell.coordinate]
                    assert other.value == cell.value, (name, cell.coordinate)
                    if cell.has_style and not isinstance(cell, MergedCell):
                        assert looks(other) == looks(cell), (name, cell.coordinate)
                        count += 1
            for letter, column in wanted[name].column_dimensions.items():
                other = found[name].column_dimensions[letter]
                assert (other.width, other.hidden) == (column.width, column.hidden)
                assert looks(other) == looks(column)
            for place, row in wanted[name].row_dimensions.items():
                assert found[name].row_dimensions[place].height == row.height
        assert count > 1000


def _rules(sheet: Any) -> list[tuple[str, str, str, Any]]:
    return [
        (str(area.sqref), rule.type, str(rule.formula), repr(rule.dxf))
        for area, rules in sheet.conditional_formatting._cf_rules.items()
        for rule in rules
    ]


def test_rules_come_along(grafted: Path, donor: Path) -> None:
    with opened(grafted) as found, opened(donor) as wanted:
        assert len(_rules(wanted["Tracking"])) > 8
        for name in TABS:
            one, other = found[name], wanted[name]
            assert _rules(one) == _rules(other)
            assert repr(one.data_validations.dataValidation) == repr(other.data_validations.dataValidation)
            assert one.merged_cells.ranges == other.merged_cells.ranges
            assert one.freeze_panes == other.freeze_panes
            assert (one.print_title_rows, one.print_title_cols) == (other.print_title_rows, other.print_title_cols)
            assert one.print_area == other.print_area
            assert {table.name: table.ref for table in one.tables.values()} == {
                table.name: table.ref for table in other.tables.values()
            }
            assert not one.sheet_view.tabSelected
        for name, defined in wanted.defined_names.items():
            assert found.defined_names[name].attr_text == defined.attr_text


def test_what_was_theirs_is_theirs(grafted: Path, target: Path) -> None:
    before, after = raw_entries(target), raw_entries(grafted)
    assert {name for name in before if after.get(name) != before[name]} <= MAY_DIFFER
    with opened(grafted) as found, opened(target) as wanted:
        assert found.sheetnames == [*wanted.sheetnames, *TABS]
        assert found.active.title == wanted.active.title
        assert all(found[name].sheet_state == wanted[name].sheet_state for name in wanted.sheetnames)
        for sheet in wanted.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    other = found[sheet.title][cell.coordinate]
                    assert (other.value, looks(other)) == (cell.value, looks(cell))
            assert _rules(found[sheet.title]) == _rules(sheet)
            assert found[sheet.title].print_title_rows == sheet.print_title_rows
            assert found[sheet.title].defined_names.keys() == sheet.defined_names.keys()
        assert {*wanted.defined_names} <= {*found.defined_names}


def test_ids_and_counts(grafted: Path) -> None:
    """What Excel repairs and validators miss: ids twice or out of range, wrong counts, parts without a type."""
    with zipfile.ZipFile(grafted) as parts:
        names = parts.namelist()
        tree = {name: ElementTree.fromstring(parts.read(name)) for name in names if name.endswith((".xml", ".rels"))}
    assert len({name.lower() for name in names}) == len(names)
    workbook, styles = tree["xl/workbook.xml"], tree["xl/styles.xml"]
    assert len({sheet.get("sheetId") for sheet in workbook.iter(f"{MAIN}sheet")}) == len(
        workbook.find(f"{MAIN}sheets") or ()
    )
    tables = [root for root in tree.values() if root.tag == f"{MAIN}table"]
    for key in ("id", "name"):
        assert len({table.get(key) for table in tables}) == len(tables) == len(GROWING) - len(OPTIONAL) + 1
    for name in ("fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "dxfs", "numFmts"):
        section = styles.find(MAIN + name)
        assert section is not None
        assert section.get("count") == str(len(section))
    codes = [item.get("numFmtId") for item in styles.find(f"{MAIN}numFmts") or ()]
    assert len(set(codes)) == len(codes)
    sizes = {name: len(styles.find(MAIN + name) or ()) for name in ("fonts", "fills", "borders", "cellXfs", "dxfs")}
    for form in styles.find(f"{MAIN}cellXfs") or ():
        for attribute, name in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            assert int(form.get(attribute) or 0) < sizes[name]
    sheets = [root for name, root in tree.items() if root.tag == f"{MAIN}worksheet"]
    for sheet in sheets:
        for node in sheet.iter():
            assert int(node.get("dxfId") or 0) < sizes["dxfs"]
            if node.tag in (f"{MAIN}c", f"{MAIN}row"):
                assert int(node.get("s") or 0) < sizes["cellXfs"]
    types = tree["[Content_Types].xml"]
    typed = {node.get("PartName") for node in types} | {
        f"/{name}" for name in names for node in types if name.endswith(f".{node.get('Extension')}")
    }
    assert {f"/{name}" for name in names} - {"/[Content_Types].xml"} <= typed
    names_of = [(n.get("name", "").lower(), n.get("localSheetId")) for n in workbook.iter(f"{MAIN}definedName")]
    assert len(set(names_of)) == len(names_of)


def test_a_validator_finds_nothing_new(grafted: Path, target: Path) -> None:
    before, after = (OpenXmlValidator().validate(str(path)) for path in (target, grafted))
    known = {error.description for error in before.errors}
    faults = [error for error in after.errors if error.severity is ValidationSeverity.ERROR]
    assert [error for error in faults if error.description not in known] == []


def test_charts_say_what_excel_2007_left_unsaid(grafted: Path, donor: Path) -> None:
    """Otherwise a workbook of a later version draws no axes, leaves hidden figures out and rounds the corners."""
    with zipfile.ZipFile(grafted) as parts, zipfile.ZipFile(donor) as built:
        charts = [ElementTree.fromstring(parts.read(name)) for name in parts.namelist() if "/charts/chart" in name]
        assert ElementTree.fromstring(built.read("xl/charts/chart1.xml")).find(f".//{CHART}valAx/{CHART}delete") is None
    ours = next(chart for chart in charts if "Report!" in ElementTree.tostring(chart, encoding="unicode"))
    assert {node.get("val") for node in ours.iter(f"{CHART}plotVisOnly")} == {"0"}
    axes = [*ours.iter(f"{CHART}catAx"), *ours.iter(f"{CHART}valAx")]
    assert [axis.find(f"{CHART}delete").get("val") for axis in axes] == ["0", "0"]  # type: ignore[union-attr]
    assert [node.get("val") for node in ours.iterfind(f".//{CHART}legendEntry/{CHART}delete")] == ["1"]
    assert {node.get("val") for node in ours.iter(f"{CHART}roundedCorners")} == {"0"}


def _of_1904(path: Path) -> None:
    with_xlsxwriter(path, date_1904=True)


@pytest.mark.parametrize("maker", [with_openpyxl, _of_1904], ids=["openpyxl, 1900", "xlsxwriter, 1904"])
def test_the_whole_way(ours: Callable[..., Team], soffice: str, tmp_path: Path, maker: Callable[[Path], None]) -> None:
    """Grafted, filled, synced again without a change of people's parts, and recalculated by LibreOffice."""
    there = ours(maker)
    before, stamp = raw_entries(there.book), there.book.read_bytes()
    done = there.provision()
    assert (done.created, list(done.tabs.values())) == (False, TABS)
    assert [copy.read_bytes() for copy in (there.folder / ".kpisheets" / "backups").iterdir()] == [stamp]
    assert sorted(path.name for path in there.folder.iterdir()) == [".kpisheets", "Book.xlsx", "data", "kpisheets.toml"]
    first = there.book.read_bytes()
    assert there.provision().tabs == {}
    assert there.book.read_bytes() == first
    assert there.project().sync().plan.written == 3
    assert there.project().sync().plan.is_bookkeeping
    after = raw_entries(there.book)
    assert {name for name in before if after.get(name) != before[name]} <= MAY_DIFFER | {"xl/calcChain.xml"}
    with opened(there.book, data_only=True) as book:
        rows = {(row[0].value, row[1].value): row[3].value for row in book["Tracking"].iter_rows(min_row=4)}
        assert rows["Revenue", "2026-10"] == 10_000
        headers = [cell.value for cell in book["KPIs"][3]]
        assert str(book["KPIs"].cell(4, headers.index("Active from") + 1).value)[:10] == "2026-09-01"
        assert str(book["Control"]["C10"].value)[:10] == "2026-11-24"
    judged = disagreements(soffice, there.book, tmp_path / "judged")
    assert [said for said in judged if said.split("!")[0] in TABS] == []
    assert there.project().check() == (0, ())


def test_a_name_that_is_taken(ours: Callable[..., Team]) -> None:
    """Their tabs keep their names; ours get a number, and every reference follows."""

    def make(path: Path) -> None:
        book = openpyxl.Workbook()
        book.active.title = "REPORT"
        book.active.append(["KPI", "Period", "Target", "Actual"])
        tracking = book.create_sheet("Tracking")
        tracking.append(["KPI", "Period", "Target", "Actual", "Status"])
        tracking.append(["Theirs", "2026-01", 1, 2, "ok"])
        book.create_sheet("Tracking 2")
        book.create_sheet("kpis")["A1"] = "mine"
        book.save(path)

    there = ours(make)
    done = there.provision()
    assert done.tabs == {
        **{"Report": "Report 2", "Tracking": "Tracking 3", "KPIs": "KPIs 2"},
        **{"Actions": "Actions", "Review": "Review", "Control": "Control", "Log": "Log", "Guide": "Guide"},
    }
    there.project().sync()
    assert there.provision().tabs == {}
    with opened(there.book) as book:
        assert book.sheetnames[:4] == ["REPORT", "Tracking", "Tracking 2", "kpis"]
        assert [cell.value for cell in book["Tracking"][2]] == ["Theirs", "2026-01", 1, 2, "ok"]
        assert "Revenue" in [cell.value for cell in book["Tracking 3"]["A"]]
        texts = [str(cell.value) for row in book["Guide"].iter_rows() for cell in row]
        assert any("Tracking 3" in text for text in texts)
    with zipfile.ZipFile(there.book) as parts:
        for name in parts.namelist():
            if name.startswith(("xl/charts", "xl/worksheets/sheet")):
                text = parts.read(name).decode()
                assert "Tracking!" not in text
                assert "Report!" not in text
    # A program that keeps cells alone: our tabs are told from theirs by their headers.
    with opened(there.book) as book:
        for sheet in book.worksheets:
            for table in [*sheet.tables]:
                del sheet.tables[table]
        book.defined_names.clear()
        book.save(there.book)
    assert there.project().sync().plan.problems == ()


def test_a_macro_workbook_stays_one(ours: Callable[..., Team], shared_corpus: Path) -> None:
    source = next((path for path in sorted(shared_corpus.rglob("vba.xlsm"))), None)
    if source is None:
        pytest.skip("the corpus has no vba.xlsm")
    there = ours(lambda path: path.write_bytes(source.read_bytes()), "Book.xlsm")
    there.provision()
    with zipfile.ZipFile(there.book) as parts:
        assert "macroEnabled" in parts.read("[Content_Types].xml").decode()
        with zipfile.ZipFile(source) as before:
            assert parts.read("xl/vbaProject.bin") == before.read("xl/vbaProject.bin")
