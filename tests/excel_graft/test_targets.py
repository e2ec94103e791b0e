"""Workbooks that are written in unusual ways, and those that must stay as they are."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.cell.cell import MergedCell
from openpyxl.workbook.defined_name import DefinedName

from kpisheets.backends.excel.graft import Graft
from kpisheets.backends.excel.lint import findings_in
from kpisheets.backends.excel.ooxml import Book
from kpisheets.cli import main
from kpisheets.errors import BadData, CannotWrite
from tests.excel_graft.conftest import TABS, Team, looks, make_donor, opened, rewritten, with_openpyxl, with_xlsxwriter

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def by_hand(path: Path, *, styles: str | None = None, workbook: str = "xl", app: str = "") -> None:
    """A workbook with prefixes everywhere, absolute links, no document properties; ``styles`` None: no styles part."""
    folder = f"{workbook}/" if workbook else ""
    link = f'<p:Relationship Id="{{}}" Type="{_RELATIONS}/{{}}" Target="{{}}"/>'
    parts = {
        "[Content_Types].xml": (
            f'<t:Types xmlns:t="{_PACKAGE}/content-types"><t:Default Extension="xml" ContentType="application/xml"/>'
            f'<t:Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<t:Override PartName="/{folder}book.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<t:Override PartName="/{folder}one.xml" ContentType="{_TYPE}.worksheet+xml"/>'
            + (f'<t:Override PartName="/{folder}styles.xml" ContentType="{_TYPE}.styles+xml"/>' if styles else "")
            + "</t:Types>"
        ),
        "_rels/.rels": (
            f'<p:Relationships xmlns:p="{_PACKAGE}/relationships">'
            + link.format("first", "officeDocument", f"/{folder}book.xml")
            + "</p:Relationships>"
        ),
        f"{folder}book.xml": (
            f'<x:workbook xmlns:x="{_MAIN}" xmlns:rel="{_RELATIONS}"><x:sheets>'
            '<x:sheet name="One" sheetId="65534" rel:id="rId2"/></x:sheets></x:workbook>'
        ),
        f"{folder}_rels/book.xml.rels": (
            f'<p:Relationships xmlns:p="{_PACKAGE}/relationships">'
            + link.format("rId2", "worksheet", f"/{folder}one.xml")
            + (link.format("rId1", "styles", f"/{folder}styles.xml") if styles else "")
            + "</p:Relationships>"
        ),
        f"{folder}one.xml": (
            f'<x:worksheet xmlns:x="{_MAIN}"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>hi</x:t>'
            "</x:is></x:c></x:row></x:sheetData></x:worksheet>"
        ),
    }
    if styles:
        parts[f"{folder}styles.xml"] = styles
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


STYLES = {
    "none": None,
    "blank": f'<styleSheet xmlns="{_MAIN}"/>',
    "prefixed, self-closed": f'<y:styleSheet xmlns:y="{_MAIN}"><y:fonts/><y:cellXfs count="0"/></y:styleSheet>',
    "few sections": (
        f'<styleSheet xmlns="{_MAIN}"><fonts><font><sz val="9"/><name val="Times"/></font></fonts><fills count="9">'
        '<fill><patternFill patternType="none"/></fill></fills><borders><border/></borders><cellXfs><xf fontId="0"/>'
        "</cellXfs><dxfs/><colors><mruColors/></colors></styleSheet>"
    ),
    "redefined number formats": (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="0" formatCode="yyyy"/>'
        '<numFmt numFmtId="1" formatCode="&quot;n&quot;0"/></numFmts><fonts><font><sz val="9"/><name val="Times"/>'
        '</font></fonts><cellXfs><xf numFmtId="1" fontId="0"/></cellXfs></styleSheet>'
    ),
    "Normal is not the first": (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="9"/><name val="Times"/></font></fonts>'
        '<fills count="2"><fill><patternFill/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="2"><xf/><xf/></cellStyleXfs>'
        '<cellXfs count="1"><xf xfId="1"/></cellXfs>'
        '<cellStyles count="2"><cellStyle name="Odd" xfId="0"/><cellStyle name="Normal" xfId="1" builtinId="0"/>'
        "</cellStyles></styleSheet>"
    ),
}


@pytest.mark.parametrize("styles", STYLES)
def test_written_by_hand(tmp_path: Path, donor: Path, styles: str) -> None:
    path, made = tmp_path / "hand.xlsx", tmp_path / "made.xlsx"
    by_hand(path, styles=STYLES[styles])
    Graft(Book.open(path), Book.open(donor)).save(made)
    with zipfile.ZipFile(made) as parts:
        numbers = re.findall(r'sheetId="(\d+)"', parts.read("xl/book.xml").decode())
        assert len({*numbers}) == 9
        assert all(1 <= int(number) <= 65_534 for number in numbers)
    with opened(made) as found, opened(donor) as wanted:
        assert found.sheetnames == ["One", *TABS]
        assert found["One"]["A1"].value == "hi"
        if styles not in ("none", "blank", "prefixed, self-closed"):
            assert (found["One"]["A1"].font.name, found["One"]["A1"].font.sz) == ("Times", 9)
        for name in ("Report", "KPIs"):
            for row in wanted[name].iter_rows():
                for cell in row:
                    other = found[name][cell.coordinate]
                    assert other.value == cell.value
                    if cell.has_style and not isinstance(cell, MergedCell):
                        assert looks(other) == looks(cell)


@pytest.mark.parametrize("folder", ["", "a/b"])
def test_in_another_folder(tmp_path: Path, donor: Path, folder: str) -> None:
    """The same parts, elsewhere."""
    made = {}
    for name in ("xl", folder):
        path = tmp_path / "hand.xlsx"
        by_hand(path, styles=STYLES["few sections"], workbook=name)
        Graft(Book.open(path), Book.open(donor)).save(tmp_path / "made.xlsx")
        with zipfile.ZipFile(tmp_path / "made.xlsx") as parts:
            inside = {part.removeprefix(f"{name}/"): parts.read(part) for part in parts.namelist()}
        for part in ("[Content_Types].xml", "_rels/book.xml.rels", "_rels/.rels"):
            inside[part] = inside[part].replace(f"/{name}/".replace("//", "/").encode(), b"/")
        made[name] = inside
    assert made["xl"] == made[folder]


@pytest.mark.parametrize(
    ("font", "size", "pixels"), [("Calibri", 11, 7), ("Arial", 10, 7), ("Tahoma", 8, 6), ("Verdana", 10, 8)]
)
def test_columns_are_as_wide_as_they_were(tmp_path: Path, donor: Path, font: str, size: int, pixels: int) -> None:
    """Excel counts widths in digits of the Normal font, whose pixels are known for these fonts."""
    path, made = tmp_path / "Book.xlsx", tmp_path / "made.xlsx"
    with_openpyxl(path)
    with opened(path) as book:
        book._fonts[0] = openpyxl.styles.Font(name=font, size=size)
        book.save(path)
    Graft(Book.open(path), Book.open(donor)).save(made)
    with opened(made) as found, opened(donor) as wanted:
        for letter, column in wanted["Report"].column_dimensions.items():
            width = found["Report"].column_dimensions[letter].width
            assert abs(width * pixels - column.width * 7) < 1, letter


def test_from_nothing_but_a_chart_sheet(ours: Callable[..., Team]) -> None:
    def make(path: Path) -> None:
        with_xlsxwriter(path)
        with opened(path) as book:
            assert [sheet.title for sheet in book.chartsheets] == ["Picture"]
        pattern = r'<sheet [^>]*name="(?:Numbers|Hidden)"[^>]*/>'
        rewritten(path, {"xl/workbook.xml": lambda text: re.sub(pattern, "", text)})

    there = ours(make)
    there.provision()
    there.project().sync()
    with opened(there.book) as book:
        assert book.sheetnames == ["Picture", *TABS]


def _protected(path: Path) -> None:
    with_openpyxl(path)
    with opened(path) as book:
        book.security.lockStructure = True
        book.save(path)


def _part(name: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with_openpyxl(path)
        rewritten(path, {}, {name: "<a/>"})

    return make


def _shared(path: Path) -> None:
    with_openpyxl(path)
    link = f'<Relationship Id="r99" Type="{_RELATIONS}/revisionHeaders" Target="revisions/revisionHeaders.xml"/>'
    rewritten(
        path, {"xl/_rels/workbook.xml.rels": lambda text: text.replace("</Relationships>", f"{link}</Relationships>")}
    )


def _table(path: Path) -> None:
    with_openpyxl(path)
    with opened(path) as book:
        book["Sales"].tables["shops"].displayName = "KPI_Tracking"
        book.save(path)


def _name(path: Path) -> None:
    with_openpyxl(path)
    with opened(path) as book:
        book.defined_names["KPI_Language"] = DefinedName("KPI_Language", attr_text="Sales!$A$1")
        book.save(path)


def _formats(path: Path) -> None:
    with_xlsxwriter(path)
    more = "<xf/>" * 64_000
    rewritten(path, {"xl/styles.xml": lambda text: text.replace("</cellXfs>", f"{more}</cellXfs>")})


def _spoilt_styles(path: Path) -> None:
    with_openpyxl(path)
    rewritten(path, {"xl/styles.xml": lambda text: text[:300]})


def _lost_styles(path: Path) -> None:
    with_openpyxl(path)
    rewritten(path, {"xl/styles.xml": None})


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "protected structure": (_protected, "structure is protected"),
    "signed": (_part("_xmlsignatures/origin.sigs"), "digitally signed"),
    "shared": (_shared, "shared workbook"),
    "a table of that name": (_table, "KPI_Tracking on the tab Sales"),
    "a name of that name": (_name, "KPI_Language"),
    "too many formats": (_formats, "64,000"),
    "spoilt styles": (_spoilt_styles, "XML is broken"),
    "no styles": (_lost_styles, "styles part is missing"),
}


@pytest.mark.parametrize("how", REFUSED)
def test_refused_in_one_line(ours: Callable[..., Team], how: str) -> None:
    make, words = REFUSED[how]
    there = ours(make)
    before = {path: path.read_bytes() for path in there.folder.rglob("*") if path.is_file()}
    done = CliRunner().invoke(main, ["--project", str(there.folder), "provision"])
    assert done.exit_code == 65, done.output
    assert len(done.stderr.splitlines()) == 1
    assert words.casefold() in done.stderr.casefold()
    assert "Book.xlsx" in done.stderr
    assert {path: path.read_bytes() for path in there.folder.rglob("*") if path.is_file()} == before


def test_a_link_that_leads_nowhere_is_not_brought_to_life(tmp_path: Path, donor: Path) -> None:
    """A tab whose relationship got lost must not show one of the new tabs' cells."""
    with_openpyxl(path := tmp_path / "Book.xlsx")
    links = "xl/_rels/workbook.xml.rels"
    kept = re.compile(r"<Relationship [^>]*/worksheet\"[^>]*/>")
    rewritten(path, {links: lambda text: kept.sub("", text)})
    Graft(Book.open(path), Book.open(donor)).save(copy := tmp_path / "copy.xlsx")
    with zipfile.ZipFile(path) as archive:
        dangling = set(re.findall(r':id="([^"]+)"', archive.read("xl/workbook.xml").decode()))
    with zipfile.ZipFile(copy) as archive:
        linked = set(re.findall(r' Id="([^"]+)"', archive.read(links).decode()))
    assert dangling
    assert not dangling & linked


def test_what_still_speaks_of_a_lost_part_does_not_come_upon_a_new_one(tmp_path: Path, donor: Path) -> None:
    with_openpyxl(path := tmp_path / "Book.xlsx")
    lost = '<Override PartName="/xl/charts/chart1.xml" ContentType="application/xml"/></Types>'
    types = {"[Content_Types].xml": lambda text: text.replace("</Types>", lost), "xl/tables/table1.xml": None}
    rewritten(path, types)
    graft = Graft(Book.open(path), Book.open(donor))
    graft.save(copy := tmp_path / "copy.xlsx")
    assert "xl/charts/chart1.xml" not in graft.parts
    assert not [finding for finding in findings_in(copy, before=path) if "duplicate" in finding.rule]


def test_a_name_that_lost_its_cells_gives_way(ours: Callable[..., Team]) -> None:
    """The KPI tabs were deleted once; their names are still there."""

    def make(path: Path) -> None:
        with_openpyxl(path)
        with opened(path) as book:
            book.defined_names["kpi_language"] = DefinedName("kpi_language", attr_text="#REF!$C$6")
            book.save(path)

    there = ours(make)
    there.provision()
    with opened(there.book) as book:
        assert book.defined_names["kpi_language"].attr_text == "Control!$C$6"


def test_said_on_the_command_line(ours: Callable[..., Team]) -> None:
    there = ours(with_openpyxl)
    run = CliRunner().invoke
    refused = run(main, ["--project", str(there.folder), "sync"])
    assert (refused.exit_code, "kpisheets provision" in refused.stderr) == (65, True)
    with opened(there.book) as book:
        book["Notes"].title = "Log"
        book.save(there.book)
    said = run(main, ["--project", str(there.folder), "provision"]).stdout
    assert "Added the tabs Report, Tracking, KPIs, Actions, Review, Control, Log 2 and Guide" in said
    assert "Log 2 because it had a tab Log before" in said
    again = run(main, ["--project", str(there.folder), "provision", "--json"]).stdout
    assert '"tabs": []' in again


def test_somebody_has_it_open(ours: Callable[..., Team]) -> None:
    there = ours(with_openpyxl)
    before = there.book.read_bytes()
    lock = there.folder / "~$Book.xlsx"
    lock.write_bytes(b"\x03Ana" + b" " * 51 + b"\x03\0A\0n\0a\0")
    with pytest.raises(CannotWrite, match="open"):
        there.provision()
    assert there.book.read_bytes() == before


def test_it_changed_meanwhile(tmp_path: Path, donor: Path) -> None:
    path, copy = tmp_path / "Book.xlsx", tmp_path / "copy.xlsx"
    with_openpyxl(path)
    graft = Graft(Book.open(path), Book.open(donor))
    graft.save(copy)
    with_xlsxwriter(path)
    before = path.read_bytes()
    with pytest.raises(CannotWrite, match="changed since"):
        graft.replace(copy, backups=None)
    assert path.read_bytes() == before


def test_a_copy_that_lost_something_takes_no_place(tmp_path: Path, donor: Path) -> None:
    path, copy = tmp_path / "Book.xlsx", tmp_path / "copy.xlsx"
    with_openpyxl(path)
    before = path.read_bytes()
    graft = Graft(Book.open(path), Book.open(donor))
    graft.save(copy)
    rewritten(copy, {"xl/comments/comment1.xml": lambda text: text.replace("their note", "our note")})
    with pytest.raises(CannotWrite, match=r"comment1\.xml differs"):
        graft.replace(copy, backups=None)
    assert path.read_bytes() == before


def test_a_donor_of_another_calendar_is_a_mistake(tmp_path: Path, donor: Path) -> None:
    with_xlsxwriter(tmp_path / "Book.xlsx", date_1904=True)
    with pytest.raises(ValueError, match="calendar"):
        Graft(Book.open(tmp_path / "Book.xlsx"), Book.open(donor))
    with pytest.raises(BadData, match="tab Report already"):
        Graft(Book.open(donor), Book.open(make_donor(tmp_path / "other.xlsx")))


def test_killed_at_any_moment(ours: Callable[..., Team]) -> None:
    """The old file, or the whole new one."""
    there = ours(with_openpyxl)
    old = there.book.read_bytes()
    command = [sys.executable, "-m", "kpisheets", "--project", str(there.folder), "provision"]
    for delay in (0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.3):
        there.book.write_bytes(old)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.kill()
        process.wait()
        if there.book.read_bytes() != old:
            with opened(there.book) as book:
                assert book.sheetnames[-8:] == TABS
                assert str(book["Report"]["B4"].value).startswith("=")
    there.book.write_bytes(old)
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    with opened(there.book) as book:
        assert book.sheetnames[-8:] == TABS
