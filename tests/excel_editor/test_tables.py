"""Tables, names, styles and shared formulas after an edit, as openpyxl reads them."""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
import xlsxwriter

from kpisheets.backends.excel.ooxml import Book, CellError, Range
from kpisheets.errors import BadData
from tests.libreoffice import convert

COLUMNS = ("Name", "Day", "Target", "Actual", "Gap", "Done")


def test_what_is_there(sample: Path) -> None:
    book = Book.open(sample)
    info = book.tables["numbers"]
    assert info.columns == COLUMNS
    assert info.range == Range("My tab", 1, 1, 31, 6)
    assert (info.header_rows, info.totals_rows) == (1, 0)


def test_names_and_properties(plain: Path) -> None:
    book = Book.open(plain)
    assert book.range_of("MY_RANGE") == Range("My tab", 2, 1, 9, 3)
    assert book.range_of("my_constant") is None
    assert book.names["my_constant"] == "0.2"
    assert book.custom_properties == {"kpisheets": "1"}
    assert [book.sheet_state(sheet) for sheet in book.sheets] == ["visible", "visible", "hidden"]
    edit = book.edit()
    edit.define_name("my_range", "'My tab'!$B$2")
    edit.define_name("new.name_1", "=Other!$A$1:$B$2")
    with pytest.raises(BadData, match="cannot be"):
        edit.define_name("A1", "Other!$A$1")
    with pytest.raises(BadData, match="table's name"):
        edit.define_name("Numbers", "Other!$A$1")
    edit.write()
    names = openpyxl.load_workbook(plain).defined_names
    assert {name: names[name].attr_text for name in names} == {
        "my_range": "'My tab'!$B$2", "my_constant": "0.2", "new.name_1": "Other!$A$1:$B$2",
    }  # fmt: skip


def test_names_in_a_workbook_without_any(tmp_path: Path) -> None:
    path = tmp_path / "bare.xlsx"
    openpyxl.Workbook().save(path)
    edit = Book.open(path).edit()
    edit.define_name("fresh", "Sheet!$A$1")
    edit.set("Sheet", 3, 2, "first")
    edit.write()
    book = openpyxl.load_workbook(path)
    assert book.defined_names["fresh"].attr_text == "Sheet!$A$1"
    assert book["Sheet"]["B3"].value == "first"
    assert book.calculation.fullCalcOnLoad


def test_a_table_grows_and_shrinks(sample: Path) -> None:
    edit = Book.open(sample).edit()
    for row in range(32, 36):
        edit.set("My tab", row, 1, f"row {row}")
    edit.resize_table("numbers", 35)
    edit.write()
    sheet = openpyxl.load_workbook(sample)["My tab"]
    assert sheet.tables["numbers"].ref == "A1:F35"
    if sheet.tables["numbers"].autoFilter:
        assert sheet.tables["numbers"].autoFilter.ref == "A1:F35"
    assert sheet["A35"].value == "row 35"
    edit = Book.open(sample).edit()
    edit.resize_table("numbers", 10)
    edit.write()
    assert Book.open(sample).tables["numbers"].range.bottom == 10


def test_a_table_does_not_swallow(sample: Path) -> None:
    book = Book.open(sample)
    edit = book.edit()
    edit.set("My tab", 34, 3, "a note of theirs")
    edit.add_table("below", Range("My tab", 50, 5, 52, 7), ("a", "b", "c"))
    for column, text in enumerate("abc", 5):
        edit.set("My tab", 50, column, text)
    edit.write()
    book = Book.open(sample)
    edit = book.edit()
    edit.resize_table("numbers", 33)
    with pytest.raises(BadData, match="C34"):
        edit.resize_table("numbers", 34)
    edit = book.edit()
    with pytest.raises(BadData, match="one row"):
        edit.resize_table("numbers", 1)
    with pytest.raises(BadData, match="overlap"):
        edit.add_table("third", Range("My tab", 20, 6, 22, 7), ("a", "b"))
    with pytest.raises(BadData, match="no table"):
        edit.resize_table("nothing", 5)


def test_a_totals_row_stays(plain: Path, look: SimpleNamespace) -> None:
    look.rewritten(
        plain, {"xl/tables/table1.xml": lambda data: data.replace(b"totalsRowShown", b'totalsRowCount="1" x')}
    )
    with pytest.raises(BadData, match="totals row"):
        Book.open(plain).edit().resize_table("numbers", 40)


def test_a_new_table(sample: Path) -> None:
    edit = Book.open(sample).edit()
    edit.add_table("fresh", Range("Empty", 3, 2, 5, 3), ["Name", "two\nlines"])
    with pytest.raises(BadData, match="taken"):
        edit.add_table("NUMBERS", Range("Empty", 13, 2, 15, 2), ["Name"])
    edit.set("Empty", 3, 2, "Name")
    edit.set("Empty", 3, 3, "two\nlines")
    edit.write()
    assert Book.open(sample).tables["fresh"].columns == ("Name", "two\nlines")
    book = openpyxl.load_workbook(sample)
    assert book["Empty"].tables["fresh"].ref == "B3:C5"
    assert [book["Empty"].tables["fresh"].id, book["My tab"].tables["numbers"].id] == [2, 1]
    with zipfile.ZipFile(sample) as archive:
        assert archive.read("[Content_Types].xml").count(b"spreadsheetml.table+xml") == 2


def test_a_style_like_another(sample: Path) -> None:
    book = Book.open(sample)
    before = openpyxl.load_workbook(sample)["My tab"]["C5"]
    edit = book.edit()
    style = edit.style_like(book.grid("My tab").cell(5, 3).style, '0.0 "kg"')
    assert edit.style_like(book.grid("My tab").cell(5, 3).style, '0.0 "kg"') == style
    edit.set("My tab", 5, 3, 7, style=style)
    edit.write()
    after = openpyxl.load_workbook(sample)["My tab"]["C5"]
    assert after.number_format == '0.0 "kg"'
    assert repr(after.font) == repr(before.font)
    assert repr(after.fill) == repr(before.fill)
    again = Book.open(sample).edit()
    assert again.style_like(book.grid("My tab").cell(5, 3).style, '0.0 "kg"') == style
    assert again.is_empty


SHARED = (
    b'<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">B1*$C$1</f><v>1</v></c><c r="B1" s="0"/></row>'
    b'<row r="2"><c r="A2"><f t="shared" si="0"/><v>2</v></c></row><row r="3"><c r="A3"><f t="shared" si="0"/>'
    b"<v>3</v></c></row>"
)


@pytest.mark.parametrize("prefix", [b"", b"x:"])
def test_shared_formulas_survive_their_first_cell(tmp_path: Path, look: SimpleNamespace, prefix: bytes) -> None:
    path = tmp_path / "shared.xlsx"
    openpyxl.Workbook().save(path)

    def sheet(_: bytes) -> bytes:
        data = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        data += SHARED + b"</sheetData></worksheet>"
        if prefix:
            data = data.replace(b"xmlns=", b"xmlns:x=")
            for name in (b"worksheet", b"sheetData", b"row", b"c ", b"c>", b"f ", b"f>", b"v>"):
                data = data.replace(b"<" + name, b"<x:" + name).replace(b"</" + name, b"</x:" + name)
        return data

    look.rewritten(path, {"xl/worksheets/sheet1.xml": sheet})
    book = Book.open(path)
    assert book.grid("Sheet").formulas(1, 1, 3) == ["B1*$C$1", "B2*$C$1", "B3*$C$1"]
    edit = book.edit()
    edit.set("Sheet", 1, 1, "typed over")
    edit.set("Sheet", 3, 4, True)
    edit.write()
    seen = openpyxl.load_workbook(path)["Sheet"]
    assert [seen[f"A{row}"].value for row in (1, 2, 3)] == ["typed over", "=B2*$C$1", "=B3*$C$1"]
    assert seen["D3"].value is True
    assert openpyxl.load_workbook(path, data_only=True)["Sheet"]["A3"].value == 3


def test_comments_and_literal_sections(tmp_path: Path, look: SimpleNamespace) -> None:
    path = tmp_path / "odd.xlsx"
    openpyxl.Workbook().save(path)
    cells = (
        b'<sheetData><!-- <row r="9"> --><row r=\'2\' spans="1:2"><c s="0" r="B2" t=\'inlineStr\'><is><r><t>a </t></r>'
        b'<r><t><![CDATA[<b>]]></t></r><rPh sb="0" eb="1"><t>no</t></rPh></is></c></row></sheetData>'
    )
    look.rewritten(
        path, {"xl/worksheets/sheet1.xml": lambda data: re.sub(rb"<sheetData ?/>|<sheetData></sheetData>", cells, data)}
    )
    book = Book.open(path)
    assert book.grid("Sheet").value(2, 2) == "a <b>"
    edit = book.edit()
    edit.set("Sheet", 2, 5, 1)
    edit.set("Sheet", 1, 1, 1)
    edit.write()
    seen = openpyxl.load_workbook(path)["Sheet"]
    assert [seen["B2"].value, seen["E2"].value, seen["A1"].value] == ["a <b>", 1, 1]


def test_a_row_in_a_comment_is_none(plain: Path, look: SimpleNamespace) -> None:
    def hide(data: bytes) -> bytes:
        return re.sub(rb'(<row r="5".*?</row>)', rb"<!-- \1 -->", data)

    look.rewritten(plain, {"xl/worksheets/sheet1.xml": hide})
    grid = Book.open(plain).grid("My tab")
    assert [grid.value(row, 4) for row in (4, 5, 6)] == [6, None, 10]


def test_libreoffice_opens_what_was_written(plain: Path, soffice: str, tmp_path: Path) -> None:
    edit = Book.open(plain).edit()
    for row in range(32, 36):
        edit.set("My tab", row, 1, f"row {row}")
        edit.set("My tab", row, 3, row)
        edit.set("My tab", row, 4, row * 2)
        edit.set("My tab", row, 5, row, "numbers[[#This Row],[Actual]]-numbers[[#This Row],[Target]]")
    edit.set("My tab", 5, 5, CellError("#N/A"), "NA()")
    edit.set("My tab", 6, 8, "two\nlines, _x0041_")
    edit.resize_table("numbers", 35)
    edit.write()
    with convert(soffice, plain, "csv", tmp_path).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[34][0] == "row 35"
    assert rows[34][4].startswith("35")
    assert rows[4][4] == "#N/A"
    assert rows[5][7] == "two\nlines, _x0041_"


def test_a_print_area_is_stretched_and_nothing_else_of_the_tab_changes(tmp_path: Path) -> None:
    path = tmp_path / "printed.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        for name in ("First", "It's mine"):
            sheet = workbook.add_worksheet(name)
            sheet.write_column("A1", [1, 2, 3])
            sheet.print_area("A1:B3")
    book = Book.open(path)
    area = book.print_area("It's mine")
    assert area is not None
    assert (area.sheet, area.bottom) == ("It's mine", 3)
    edit = book.edit()
    edit.stretch_print_area("It's mine", 9)
    edit.set("It's mine", 9, 1, 4)
    edit.write()
    reopened = openpyxl.load_workbook(path)
    assert reopened["It's mine"].print_area == "'It''s mine'!$A$1:$B$9"
    assert reopened["First"].print_area == "'First'!$A$1:$B$3"


BLOCK = (
    b'<row r="1"><c r="A1"><f t="shared" ref="A1:B2" si="4">D1+$D$9</f><v>1</v></c><c r="B1"><f t="shared" si="4"/></c>'
    b'</row><row r="2"><c r="A2"><f t="shared" si="4"/></c><c r="B2"><f t="shared" si="4"/></c></row>'
)


@pytest.mark.parametrize("typed", [[(1, 1)], [(1, 1), (1, 2)], [(1, 1), (2, 2)], [(2, 1)]])
def test_shared_formulas_of_a_block_are_spelled_out(
    tmp_path: Path, look: SimpleNamespace, typed: list[tuple[int, int]]
) -> None:
    path = tmp_path / "block.xlsx"
    openpyxl.Workbook().save(path)
    empty = re.compile(rb"<sheetData ?/>|<sheetData></sheetData>")
    filled = b"<sheetData>" + BLOCK + b"</sheetData>"
    look.rewritten(path, {"xl/worksheets/sheet1.xml": lambda data: empty.sub(lambda _: filled, data)})
    edit = Book.open(path).edit()
    for row, column in typed:
        edit.set("Sheet", row, column, "typed over")
    edit.write()
    cells = openpyxl.load_workbook(path)["Sheet"]
    formulas = {(1, 1): "=D1+$D$9", (1, 2): "=E1+$D$9", (2, 1): "=D2+$D$9", (2, 2): "=E2+$D$9"}
    for place, formula in formulas.items():
        assert cells.cell(*place).value == ("typed over" if place in typed else formula), place


def test_a_new_table_brings_no_dead_link_to_life(tmp_path: Path) -> None:
    """A sheet that speaks of a link which it has lost (a drawing's, say) must not get a table under that id."""
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("One").write_row("A1", ["a", "b"])
    with zipfile.ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    entries[sheet] = entries[sheet].replace(b"</worksheet>", b'<drawing r:id="rId1"/></worksheet>')
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    edit = Book.open(path).edit()
    edit.add_table("fresh", Range("One", 1, 1, 3, 2), ("a", "b"))
    edit.write()
    with zipfile.ZipFile(path) as file:
        assert b'Id="rId2"' in file.read("xl/worksheets/_rels/sheet1.xml.rels")
        assert re.search(rb'<tablePart [^>]*r:id="rId2"', file.read(sheet))
