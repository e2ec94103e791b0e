"""Faults, one a line: the rule that must name it, and the bytes that are exchanged in one part of the base workbook."""

# ruff: noqa: E501
from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from tests.excel_lint.base import Parts, packed

S1, S2 = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
R1, R2 = "xl/worksheets/_rels/sheet1.xml.rels", "xl/worksheets/_rels/sheet2.xml.rels"
WB, WR, CT = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
ST, SS, CC = "xl/styles.xml", "xl/sharedStrings.xml", "xl/calcChain.xml"
T1, T2, DR, CH, NO = (
    "xl/tables/table1.xml", "xl/tables/table2.xml", "xl/drawings/drawing1.xml", "xl/charts/chart1.xml", "xl/comments1.xml",
)  # fmt: skip


def named(fault: Fault | Crooked) -> str:
    """A test's name. The whole of a fault would be megabytes, and every report of its test carries the name."""
    return f"{fault.rule}-{fault.new[:24]}"


@dataclass(frozen=True)
class Fault:
    """``old`` becomes ``new`` in ``part``, the first time that it stands there; ``also``: rules that this breaks too."""

    rule: str
    part: str
    old: str
    new: str
    also: tuple[str, ...] = ()

    def plant(self, parts: Parts) -> bytes:
        old = self.old.encode()
        assert old in parts[self.part], (self.part, self.old)
        return packed({**parts, self.part: parts[self.part].replace(old, self.new.encode(), 1)})


@dataclass(frozen=True)
class Crooked:
    """A fault that is more than an exchange of bytes in one part."""

    rule: str
    part: str
    new: str
    make: Callable[[Parts], bytes]
    also: tuple[str, ...] = ()

    def plant(self, parts: Parts) -> bytes:
        return self.make(parts)


A4 = '<row r="4" spans="1:9" x14ac:dyDescent="0.25"><c r="A4" s="1" t="s"><v>6</v></c><c r="B4" s="1"><v>-3E-07</v></c>'
B4, C4 = '<c r="B4" s="1"><v>-3E-07</v></c>', '<c r="C4" t="b"><v>1</v></c>'
ROW7 = '<row r="7" spans="1:9"'
LIST = '"north,south"'
LINK = '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
MERGES = '<mergeCell ref="A7:B8"/><mergeCell ref="D7:E7"/>'
LONG = "x" * 256


FAULTS: list[Fault | Crooked] = [
    # Cells
    Fault("cell-number", S1, "<v>1.5</v>", "<v>1,5</v>"),
    Fault("cell-number", S1, "<v>1.5</v>", "<v>NaN</v>"),
    Fault("cell-number", S1, "<v>1.5</v>", "<v>INF</v>"),
    Fault("cell-number", S1, "<v>1.5</v>", "<v>1e999</v>"),
    Fault("cell-number", S1, "<v>1.5</v>", "<v>None</v>"),
    Fault("cell-boolean", S1, C4, C4.replace("1</v>", "TRUE</v>")),
    Fault("cell-error", S1, "<v>#DIV/0!</v>", "<v>#OOPS!</v>"),
    Fault("cell-type", S1, '<c r="C2" t="b">', '<c r="C2" t="bool">'),
    Fault("cell-duplicate", S1, B4, B4 + B4),
    Fault("cell-order", S1, B4 + C4, C4 + B4),
    Fault("cell-wrong-row", S1, '<c r="B4"', '<c r="B5"'),
    Fault("cell-out-of-range", S1, '<c r="I2"', '<c r="XFE2"'),
    Fault("cell-out-of-range", S1, '<c r="I2"', '<c r="I1048577"'),
    Fault("cell-out-of-range", S1, '<c r="I2"', '<c r="22"'),
    Fault("cell-element", S1, "<f>B2*2</f><v>3</v>", "<v>3</v><f>B2*2</f>"),
    Fault("cell-element", S1, "<v>1.5</v>", "<v>1.5</v><v>2</v>"),
    Fault("row-order", S1, ROW7, '<row r="4" spans="1:9"', ("cell-wrong-row",)),
    Fault("row-order", S1, '<row r="9"', '<row r="6"'),
    Fault("row-out-of-range", S1, '<row r="9"', '<row r="1048577"'),
    Fault("row-out-of-range", S1, '<row r="9"', '<row r="0"'),
    Fault("style-out-of-range", S1, '<c r="B2" s="1">', '<c r="B2" s="3">'),
    Fault("style-out-of-range", S1, 's="1" customFormat="1"', 's="99" customFormat="1"'),
    Fault("style-out-of-range", S1, 'style="1"', 'style="7"'),
    Fault("string-out-of-range", S1, "<v>13</v>", "<v>17</v>"),
    Fault("string-out-of-range", S1, "<v>13</v>", "<v>-1</v>"),
    Fault("text-too-long", SS, "<t>plain text</t>", f"<t>{'y' * 32768}</t>"),
    Fault("text-too-long", S1, ' t="str"><f>"a;b"&amp;"="</f><v>a;b=', f' t="str"><f>"a;b"&amp;"="</f><v>{"y" * 32768}'),
    Fault("text-escape", SS, "<t>plain text</t>", "<t>half _xD83D_</t>"),
    Fault("part-not-xml", SS, "<t>plain text</t>", "<t>bell \x07</t>"),
    Fault("part-not-xml", SS, "<t>plain text</t>", "<t>\ufffe</t>"),
    Fault("part-not-xml", S1, "<f>B2*2</f>", "<f>B2<2</f>"),
    Fault("part-not-xml", S1, "</mergeCells>", "</mergeCell>"),
    Fault("part-not-xml", WB, '"yes"?>\n', '"yes"?>\n<!DOCTYPE workbook>'),
    Fault("row-dimension", S1, 'ht="30"', 'ht="500"'),
    # Formulas in cells
    Fault("formula-syntax", S1, "<f>B2*2</f>", "<f>IF(B2;1;2)</f>"),
    Fault("formula-syntax", S1, "<f>B2*2</f>", "<f>SUM(B2</f>"),
    Fault("formula-syntax", S1, "<f>B2*2</f>", '<f>B2&amp;"x</f>'),
    Fault("formula-syntax", S1, "<f>B2*2</f>", "<f>B2*</f>"),
    Fault("formula-syntax", S1, "<f>B2*2</f>", "<f>first[Amount</f>"),
    Fault("formula-equals-sign", S1, "<f>B2*2</f>", "<f>=B2*2</f>"),
    Fault("formula-empty", S1, "<f>B2*2</f>", "<f></f>"),
    Fault("formula-too-long", S1, "<f>B2*2</f>", f"<f>B2{'+1' * 4100}</f>"),
    Fault("formula-too-long", S1, "<f>B2*2</f>", f'<f>"{LONG}"</f>'),
    Fault("formula-external", S1, "<f>B2*2</f>", "<f>[1]Sheet1!A1</f>"),
    Fault("formula-unknown-sheet", S1, "<f>B2*2</f>", "<f>Gone!A1</f>"),
    Fault("formula-shared-orphan", S1, '<f t="shared" si="0"/>', '<f t="shared" si="1"/>'),
    Fault("formula-shared-orphan", S1, '<f t="shared" ref="E2:E3" si="0">B2+1</f>', ""),
    Fault("formula-array-overlap", S1, "<f>1/0</f>", '<f t="array" ref="F3:G3">1/0</f>'),
    Fault("calc-chain-no-formula", S1, "<f>B2*2</f>", ""),
    Fault("calc-chain-no-formula", CC, '<c r="D3"/>', '<c r="H3"/>'),
    Fault("calc-chain-unknown-sheet", CC, 'i="1"', 'i="3"'),
    # The sheet around its cells
    Fault("columns-order", S1, '<col min="3" max="3"', '<col min="2" max="3"'),
    Fault("columns-order", S1, '<col min="1" max="2"', '<col min="5" max="6"'),
    Fault("columns-range", S1, '<col min="3" max="3"', '<col min="4" max="3"'),
    Fault("columns-range", S1, '<col min="3" max="3"', '<col min="3" max="16385"'),
    Fault("column-dimension", S1, 'width="9.7109375"', 'width="300"'),
    Fault("merge-overlap", S1, '"D7:E7"', '"B8:E8"'),
    Fault("merge-single", S1, '"D7:E7"', '"D7"'),
    Fault("range-illegal", S1, '"D7:E7"', '"D7:E"'),
    Fault("sheet-element-empty", S1, MERGES, ""),
    Fault("sheet-element-order", S1, "</sheetData>", "</sheetData><sheetFormatPr/>", ("sheet-element-duplicate",)),
    Fault("sheet-element-order", S1, '<drawing r:id="rId2"/><legacyDrawing r:id="rId3"/>',
          '<legacyDrawing r:id="rId3"/><drawing r:id="rId2"/>'),
    Fault("sheet-element-duplicate", S1, '<drawing r:id="rId2"/>', '<drawing r:id="rId2"/><drawing r:id="rId2"/>'),
    Fault("view-out-of-range", S1, 'workbookViewId="0"', 'workbookViewId="1"'),
    Fault("view-zoom", S1, 'workbookViewId="0"', 'workbookViewId="0" zoomScale="5"'),
    Fault("header-footer-too-long", S1, "&amp;CPage", f"&amp;C{LONG}"),
    Fault("hyperlink-too-many", S1, "<hyperlinks>", "<hyperlinks>" + '<hyperlink ref="A1" location="A1"/>' * 65_531),
    Fault("hyperlink-too-long", S1, 'tooltip="there"', f'tooltip="{LONG}"'),
    Fault("hyperlink-too-long", R1, "example.org/page", f"example.org/{'p' * 2100}"),
    Fault("filter-illegal", S2, '<autoFilter ref="A9:B11"/>',
          '<autoFilter ref="A9:B11"><filterColumn colId="2"/></autoFilter>'),
    Fault("comment-without-drawing", S1, '<legacyDrawing r:id="rId3"/>', ""),
    Fault("comment-illegal", NO, 'ref="A3" authorId="0"', 'ref="A3" authorId="1"'),
    Fault("comment-illegal", NO, 'ref="A3"', 'ref="A2"'),
    Fault("ignorable-prefix", S1, 'mc:Ignorable="x14ac"', 'mc:Ignorable="x14ac xr"'),
    # Conditional formats, validations, sparklines
    Fault("conditional-format-formula", S1, '<formula>$B2="x"</formula>', '<formula>$B2="x</formula>'),
    Fault("conditional-format-illegal", S1, '<formula>$B2="x"</formula>', ""),
    Fault("conditional-format-illegal", S1, ' priority="2"', ""),
    Fault("conditional-format-illegal", S1, '<cfvo type="percent" val="67"/>', ""),
    Fault("range-illegal", S1, '<conditionalFormatting sqref="B2:B4">', '<conditionalFormatting sqref="B2:B4,C9">'),
    Fault("dxf-out-of-range", S1, 'dxfId="0"', 'dxfId="1"'),
    Fault("validation-list-too-long", S1, LIST, f'"{LONG}"'),
    Fault("validation-formula", S1, LIST, '"north,south'),
    Fault("validation-formula", S1, f"<formula1>{LIST}</formula1>", ""),
    Fault("equals-sign", S1, "<formula1>-5</formula1>", "<formula1>=-5</formula1>"),
    Fault("validation-text-too-long", S1, 'promptTitle="Where"', f'promptTitle="{"w" * 33}"'),
    Fault("validation-text-too-long", S1, 'prompt="a number"', f'prompt="{LONG}"'),
    Fault("range-illegal", S1, 'sqref="A2:A4"', 'sqref=""'),
    Fault("sparkline-formula", S1, "<xm:f>Data!B2:D2</xm:f>", "<xm:f>Data!B2:</xm:f>"),
    # Tables
    Fault("table-count", T1, 'count="4"', 'count="3"'),
    Fault("table-width", T1, 'count="4"><tableColumn id="1" name="Region"/>', 'count="3">'),
    Fault("table-width", T1, 'ref="A1:D4" totals', 'ref="A1:E4" totals'),
    Fault("table-range", T1, 'ref="A1:D4" totals', 'ref="A1:D1" totals', ("table-filter",)),
    Fault("table-range", T1, 'ref="A1:D4" totals', 'ref="oops" totals'),
    Fault("table-duplicate-id", T2, 'id="2" name="second"', 'id="1" name="second"'),
    Fault("table-duplicate-name", T2, 'displayName="second"', 'displayName="FIRST"'),
    Fault("table-duplicate-name", T2, 'displayName="second"', 'displayName="amounts"'),
    Fault("table-name-illegal", T2, 'displayName="second"', 'displayName="my table"'),
    Fault("table-name-illegal", T2, 'displayName="second"', 'displayName="AB12"'),
    Fault("table-column-duplicate", T1, 'name="Done"', 'name="AMOUNT"', ("table-header-differs",)),
    Fault("table-column-illegal", T1, 'id="3" name="Done"', 'id="2" name="Done"'),
    Fault("table-column-illegal", T1, 'name="Done"', 'name=""', ("table-header-differs",)),
    Fault("table-header-differs", T1, 'name="Done"', 'name="Undone"'),
    Fault("table-header-differs", SS, "<t>Done</t>", "<t>Made</t>"),
    Fault("table-header-not-text", S1, '<c r="C1" t="s"><v>2</v></c>', '<c r="C1"><v>2026</v></c>'),
    Fault("table-header-not-text", S1, '<c r="C1" t="s"><v>2</v></c>', ""),
    Fault("table-header-not-text", S1, '<c r="C1" t="s"><v>2</v></c>', '<c r="C1" t="str"><f>"Done"</f><v>Done</v></c>'),
    Fault("table-filter", T1, '<autoFilter ref="A1:D4"/>', '<autoFilter ref="A1:D9"/>'),
    Fault("table-filter", T1, '<autoFilter ref="A1:D4"/>', '<autoFilter ref="A2:D4"/>'),
    Fault("filter-illegal", T1, '<autoFilter ref="A1:D4"/>',
          '<autoFilter ref="A1:D4"><filterColumn colId="4"/></autoFilter>'),
    Fault("table-merge", S1, '"D7:E7"', '"C3:C4"'),
    Fault("table-formula", T1, '<tableColumn id="4" name="Twice"/>',
          '<tableColumn id="4" name="Twice"><calculatedColumnFormula>B2*</calculatedColumnFormula></tableColumn>'),
    Fault("dxf-out-of-range", T1, '<tableColumn id="4" name="Twice"/>', '<tableColumn id="4" name="Twice" dataDxfId="4"/>'),
    Fault("table-element-order", T1, '<autoFilter ref="A1:D4"/><tableColumns',
          '<sortState ref="A1:D4"/><autoFilter ref="A1:D4"/><tableColumns'),
    # Workbook
    Fault("sheet-name-duplicate", WB, "name=\"It's other\"", 'name="DATA"', ("name-unknown-sheet",)),
    Fault("sheet-name-illegal", WB, 'name="Data"', 'name="Data?"', ("name-unknown-sheet",)),
    Fault("sheet-name-illegal", WB, 'name="Data"', f'name="{"d" * 32}"', ("name-unknown-sheet",)),
    Fault("sheet-id-duplicate", WB, 'sheetId="2"', 'sheetId="1"'),
    Fault("sheet-relation-duplicate", WB, 'sheetId="2" r:id="rId2"', 'sheetId="2" r:id="rId1"', ("table-duplicate-id",)),
    Fault("sheet-missing", WB, 'sheetId="1" r:id="rId1"/><sheet', 'sheetId="1" r:id="rId1" state="hidden"/><sheet state="hidden"'),
    Fault("active-tab-out-of-range", WB, "<workbookView ", '<workbookView activeTab="2" '),
    Fault("workbook-element-order", WB, "<bookViews>", "<calcPr/><bookViews>", ("workbook-element-duplicate",)),
    Fault("workbook-element-duplicate", WB, "<bookViews>", "<workbookPr/><bookViews>"),
    Fault("name-duplicate", WB, "</definedNames>", '<definedName name="AMOUNTS">Data!$A$1</definedName></definedNames>'),
    Fault("name-illegal", WB, 'name="amounts"', 'name="two words"'),
    Fault("name-illegal", WB, 'name="amounts"', 'name="A1"'),
    Fault("name-illegal", WB, 'name="amounts"', 'name="R1C1"'),
    Fault("name-scope-out-of-range", WB, 'localSheetId="1"', 'localSheetId="2"'),
    Fault("name-formula", WB, "Data!$B$2:$B$4", "Data!$B$2:$$B$4:"),
    Fault("name-formula", WB, "Data!$B$2:$B$4", ""),
    Fault("name-formula", WB, "Data!$B$2:$B$4", "12pm!$B$2"),
    Fault("name-without-sheet", WB, "Data!$B$2:$B$4", "$B$2:$B$4"),
    Fault("name-unknown-sheet", WB, "Data!$B$2:$B$4", "Gone!$B$2:$B$4"),
    # Styles
    Fault("style-part-out-of-range", ST, 'fontId="1"', 'fontId="4"'),
    Fault("style-part-out-of-range", ST, 'numFmtId="164" fontId="1" fillId="0"', 'numFmtId="164" fontId="1" fillId="2"'),
    Fault("style-part-out-of-range", ST, 'borderId="0" xfId="1"', 'borderId="1" xfId="1"'),
    Fault("style-parent-out-of-range", ST, 'borderId="0" xfId="1"', 'borderId="0" xfId="2"'),
    Fault("style-parent-out-of-range", ST, 'name="Hyperlink" xfId="1"', 'name="Hyperlink" xfId="5"'),
    Fault("style-format-unknown", ST, 'xf numFmtId="164"', 'xf numFmtId="170"'),
    Fault("style-format-code", ST, "0.0 &quot;kg&quot;", "0.0 &quot;kg"),
    Fault("style-format-code", ST, "0.0 &quot;kg&quot;", "[Red0.0"),
    Fault("style-colour", ST, 'rgb="FFFFC7CE"', 'rgb="#FFC7CE"'),
    Fault("styles-element-order", ST, "</borders>", "</borders><colors/>"),
    Fault("styles-element-duplicate", ST, "</borders>", "</borders><borders/>"),
    # Drawings and charts
    Fault("drawing-duplicate-id", DR, 'id="3"', 'id="2"'),
    Fault("drawing-anchor", DR, "<xdr:clientData/>", ""),
    Fault("drawing-anchor", DR, "<xdr:col>11</xdr:col>", "<xdr:col>16384</xdr:col>"),
    Fault("chart-axis", CH, '<c:axId val="50010002"/></c:barChart>', '<c:axId val="7"/></c:barChart>'),
    Fault("chart-formula", CH, "Data!$B$2:$B$4", "Data!$B$2:$B$4)"),
    # The package
    Fault("relation-duplicate-id", R1, 'Id="rId5"', 'Id="rId1"'),
    Fault("relation-missing-part", R1, "../drawings/drawing1.xml", "../drawings/drawing9.xml"),
    Fault("relation-unknown", S1, '<drawing r:id="rId2"/>', '<drawing r:id="rId22"/>'),
    Fault("relation-unknown", S1, '<hyperlink ref="I2" r:id="rId1"', '<hyperlink ref="I2" r:id="rId11"'),
    Fault("relation-wrong-kind", S1, '<drawing r:id="rId2"/>', '<drawing r:id="rId3"/>'),
    Fault("content-type-wrong", CT, "spreadsheetml.table+xml", "spreadsheetml.worksheet+xml"),
    Fault("content-type-duplicate", CT, "</Types>", '<Default Extension="xml" ContentType="application/xml"/></Types>'),
    Fault("content-type-orphan", CT, "</Types>", '<Override PartName="/gone.xml" ContentType="application/xml"/></Types>'),
    Fault("part-two-owners", R2, "</Relationships>",
          LINK.replace("rId1", "rId9") + 'drawing" Target="../drawings/drawing1.xml"/></Relationships>'),
]  # fmt: skip


def _without_type(parts: Parts) -> bytes:
    types = parts[CT].replace(b'<Default Extension="vml" ', b'<Default Extension="lmv" ')
    assert types != parts[CT]
    return packed({**parts, CT: types})


def _twice(parts: Parts) -> bytes:
    buffer = io.BytesIO(packed(parts))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("XL/styles.xml", parts[ST])
    return buffer.getvalue()


def _flipped(parts: Parts) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue().replace(b"<v>2.25</v>", b"<v>2.26</v>")


def _bomb(parts: Parts) -> bytes:
    return packed({**parts, S2: parts[S2].replace(b"<sheetData>", b"<sheetData>" + b" " * (40 << 20))})


def _overlapping(parts: Parts) -> bytes:
    """The second table moves to the first one's sheet, on top of it."""
    link = LINK.replace("rId1", "rId9") + 'table" Target="../tables/table2.xml"/></Relationships>'
    return packed(
        {
            **parts,
            R1: parts[R1].replace(b"</Relationships>", link.encode()),
            R2: parts[R2].replace(b"../tables/table2.xml", b"../drawings/drawing1.xml").replace(b"/table", b"/gone"),
            S1: parts[S1].replace(b'count="1"><tablePart', b'count="2"><tablePart r:id="rId9"/><tablePart'),
            S2: parts[S2].replace(b'<tableParts count="1"><tablePart r:id="rId1"/></tableParts>', b""),
            T2: parts[T2].replace(b"B2:C", b"C4:D").replace(b"D4", b"D6").replace(b"D3", b"D5"),
        }
    )


def _pivot(parts: Parts) -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotTable+xml"
    link = LINK.replace("rId1", "rId9") + 'pivotTable" Target="../pivotTables/pivotTable1.xml"/></Relationships>'
    table = b'<pivotTableDefinition xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" name="p" cacheId="4"/>'
    override = f'<Override PartName="/xl/pivotTables/pivotTable1.xml" ContentType="{kind}"/></Types>'
    return packed(
        {
            **parts,
            R2: parts[R2].replace(b"</Relationships>", link.encode()),
            CT: parts[CT].replace(b"</Types>", override.encode()),
            "xl/pivotTables/pivotTable1.xml": table,
        }
    )


def _many_styles(parts: Parts) -> bytes:
    xf = b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    return packed({**parts, ST: parts[ST].replace(b"</cellXfs>", xf * 65_490 + b"</cellXfs>")})


FAULTS += [
    Crooked("content-type-missing", "xl/drawings/vmlDrawing1.vml", "no type", _without_type),
    Crooked("zip-duplicate-entry", ST, "twice", _twice),
    Crooked("zip-broken", "", "cut off", lambda parts: packed(parts)[:-40]),
    Crooked("part-unreadable", S1, "a flipped bit", _flipped),
    Crooked("part-too-large", S2, "a bomb", _bomb),
    Crooked("table-overlap", S1, "two on one sheet", _overlapping, ("table-header-not-text", "table-header-differs")),
    Crooked("pivot-cache-unknown", S2, "a pivot table without cache", _pivot),
    Crooked("style-too-many", ST, "65,493 styles", _many_styles),
]


def in_cells() -> list[Fault]:
    """The faults of single cells in the first sheet's rows 2 to 4, which need no other row to be seen."""
    others = {"formula-unknown-sheet", "formula-shared-orphan"}
    return [
        fault
        for fault in FAULTS
        if isinstance(fault, Fault)
        and fault.part == S1
        and fault.rule.startswith(("cell-", "formula-", "string-"))
        and fault.rule not in others
        and "13</v>" not in fault.old
    ]
