"""A workbook with a bit of everything that a rule is about, and small edits of its parts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import xlsxwriter

Parts = dict[str, bytes]

_CHAIN = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<c r="D2" i="1"/><c r="D3"/></calcChain>'
)
_CHAIN_LINK = (
    b'<Relationship Id="rId90" Target="calcChain.xml"'
    b' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"/></Relationships>'
)
_CHAIN_TYPE = (
    b'<Override PartName="/xl/calcChain.xml"'
    b' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"/></Types>'
)


def everything(path: Path) -> Path:
    """Made by XlsxWriter: tables, charts, formats, validations, notes, links, names, sparklines; one shared formula."""
    with xlsxwriter.Workbook(str(path)) as book:
        bold, red = book.add_format({"bold": True, "num_format": '0.0 "kg"'}), book.add_format({"bg_color": "#FFC7CE"})
        data, other = book.add_worksheet("Data"), book.add_worksheet("It's other")
        rows = [["north", 1.5, True], ["south", 2.25, False], ["east", -3e-7, True]]
        columns = [{"header": word} for word in ("Region", "Amount", "Done", "Twice")]
        data.add_table("A1:D4", {"name": "first", "columns": columns, "data": rows})
        for row in range(1, 4):
            data.write_formula(row, 3, f"B{row + 1}*2", bold, 3)
        other.add_table(
            "B2:C4", {"name": "second", "columns": [{"header": "Key"}, {"header": "Value"}], "total_row": 1}
        )
        other.write("B3", "k")
        other.write_number("C3", 4, bold)
        data.write_array_formula("F2:F3", "{TRANSPOSE(B2:C2)}", None, 1)
        data.write_formula("G2", '="a;b"&"="', None, "a;b=")
        data.write_formula("G3", "1/0", None, "#DIV/0!")
        data.write_formula("G4", "TRUE()", None, True)
        data.write("H2", "plain text")
        data.write_rich_string("H3", "rich ", bold, "text")
        data.merge_range("A7:B8", "merged")
        data.merge_range("D7:E7", "again")
        data.set_column("A:B", 14, bold)
        data.set_column("C:C", 9)
        data.set_row(8, 30, bold)
        data.conditional_format("B2:B4", {"type": "cell", "criteria": ">", "value": 2, "format": red})
        data.conditional_format("C2:C4", {"type": "formula", "criteria": '=$B2="x"', "format": red})
        data.conditional_format("D2:D4", {"type": "3_color_scale"})
        data.conditional_format("E2:E4", {"type": "data_bar", "data_bar_2010": True})
        data.conditional_format("F2:F4", {"type": "icon_set", "icon_style": "3_arrows"})
        data.data_validation("A2:A4", {"validate": "list", "source": ["north", "south"], "input_title": "Where"})
        data.data_validation(
            "B2:B4", {"validate": "decimal", "criteria": ">", "value": -5, "input_message": "a number"}
        )
        data.write_url("I2", "https://example.org/page", tip="there")
        data.write_url("I3", "internal:'It''s other'!A1")
        data.write_comment("A2", "a note", {"author": "A. Reader"})
        data.write_comment("A3", "another", {"author": "A. Reader"})
        data.add_sparkline("J2", {"range": "Data!B2:D2"})
        data.freeze_panes(1, 0)
        data.set_header("&CPage")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Data!$B$2:$B$4", "categories": "=Data!$A$2:$A$4"})
        data.insert_chart("L2", chart)
        second = book.add_chart({"type": "pie"})
        second.add_series({"values": "=Data!$B$2:$B$4"})
        data.insert_chart("L20", second)
        other.write("A9", "filtered")
        other.autofilter("A9:B11")
        book.define_name("amounts", "=Data!$B$2:$B$4")
    parts = read(path)
    shared = (
        b'<c r="E2"><f t="shared" ref="E2:E3" si="0">B2+1</f><v>2</v></c>',
        b'<c r="E3"><f t="shared" si="0"/><v>3</v></c>',
    )
    sheet = parts["xl/worksheets/sheet1.xml"]
    for row, cell in zip((2, 3), shared, strict=True):
        at = sheet.index(b'<c r="F%d"' % row)
        sheet = sheet[:at] + cell + sheet[at:]
    parts["xl/worksheets/sheet1.xml"] = sheet
    parts["xl/calcChain.xml"] = _CHAIN
    for name, end, new in (
        ("xl/_rels/workbook.xml.rels", b"</Relationships>", _CHAIN_LINK),
        ("[Content_Types].xml", b"</Types>", _CHAIN_TYPE),
    ):
        parts[name] = parts[name].replace(end, new)
    path.write_bytes(packed(parts))
    return path


def read(path: Path) -> Parts:
    """The parts of a workbook by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A workbook of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def edited(parts: Parts, part: str, change: Callable[[bytes], bytes]) -> Parts:
    """The parts with one of them changed."""
    return {**parts, part: change(parts[part])}
