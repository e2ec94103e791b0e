"""What cells hold beyond numbers and texts, and the ways to write the same cells."""

from __future__ import annotations

import re

from lxml import etree

from .parts import BOOK, DOC, MAIN, MS, NAMESPACES, fragments, tag
from .tab import Tab

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_META = (
    'minSupportedVersion="120000" copy="1" pasteAll="1" pasteValues="1" merge="1" splitFirst="1" rowColShift="1" '
    'clearFormats="1" clearComments="1" assign="1" coerce="1"'
)


def _metadata(tab: Tab, inside: str) -> None:
    part = tab.parts.add(
        "xl/metadata.xml",
        f'<metadata xmlns="{MAIN}" xmlns:xda="{MS}/spreadsheetml/2017/dynamicarray" '
        f'xmlns:xlrd="{MS}/spreadsheetml/2017/richdata">{inside}</metadata>',
        f"{_SHEET}.sheetMetadata+xml",
    )
    tab.parts.link(BOOK, "sheetMetadata", part)


def dynamic_arrays(tab: Tab) -> None:
    """A formula that spills into the cells below it."""
    _metadata(
        tab,
        f'<metadataTypes count="1"><metadataType name="XLDAPR" {_META} cellMeta="1"/></metadataTypes>'
        '<futureMetadata name="XLDAPR" count="1"><bk><extLst><ext uri="{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}">'
        '<xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk></futureMetadata>'
        '<cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata>',
    )
    tab.block([[3.0], [1.0], [2.0]])
    area = tab.area(0, 1, 2, 1)
    formula = f"_xlfn._xlws.SORT({tab.area(0, 0, 2, 0)})"
    tab.cell(0, 1, f'<f t="array" ref="{area}">{formula}</f><v>1</v>', cm="1")
    for row in (1, 2):
        tab.cell(row, 1, f"<v>{row + 1}</v>")
    tab.cell(0, 3, f"<f>SUM(_xlfn.ANCHORARRAY({tab.a1(0, 1)}))</f><v>6</v>")


def rich_values(tab: Tab) -> None:
    """A cell whose error says more than older programs can show."""
    _metadata(
        tab,
        f'<metadataTypes count="1"><metadataType name="XLRICHVALUE" {_META}/></metadataTypes>'
        '<futureMetadata name="XLRICHVALUE" count="1"><bk><extLst><ext uri="{3e2802c4-a4d2-4d8b-9148-e3be6c30e623}">'
        '<xlrd:rvb i="0"/></ext></extLst></bk></futureMetadata><valueMetadata count="1"><bk><rc t="1" v="0"/></bk>'
        "</valueMetadata>",
    )
    rich = f"{MS}/spreadsheetml/2017/richdata"
    kinds = {
        "rdrichvalue": ("rdRichValue", f'<rvData xmlns="{rich}" count="1"><rv s="0"><v>1</v><v>8</v></rv></rvData>'),
        "rdrichvaluestructure": (
            "rdRichValueStructure",
            f'<rvStructures xmlns="{rich}" count="1"><s t="_error"><k n="colOffset" t="i"/><k n="errorType" t="i"/></s>'
            "</rvStructures>",
        ),
        "rdRichValueTypes": (
            "rdRichValueTypes",
            f'<rvTypesInfo xmlns="{MS}/spreadsheetml/2017/richdata2"><global><keyFlags><key name="_Self"><flag '
            'name="ExcludeFromFile" value="1"/></key></keyFlags></global></rvTypesInfo>',
        ),
    }
    for name, (kind, text) in kinds.items():
        part = tab.parts.add(f"xl/richData/{name}.xml", text, f"application/vnd.ms-excel.{name.lower()}+xml")
        tab.parts.link(BOOK, f"{MS}/2017/06/relationships/{kind}", part)
    tab.cell(0, 0, "<v>#VALUE!</v>", t="e", vm="1")


def hyperlinks(tab: Tab) -> None:
    """A link to a page, a link to a cell, a link by formula."""
    tab.block([["page", "cell"]])
    link = tab.link("hyperlink", "https://example.org/?a=1&b=2", external=True)
    tab.insert(
        f'<hyperlinks><hyperlink ref="{tab.a1()}" r:id="{link}" tooltip="the page"/>'
        f'<hyperlink ref="{tab.a1(0, 1)}" location="{tab.absolute(0, 0, 0, 0)}" display="cell"/></hyperlinks>'
    )
    formula = '<f>HYPERLINK("https://example.org","more")</f><v>more</v>'
    tab.cell(0, 2, formula, t="str")


def rich_texts(tab: Tab) -> None:
    """Shared texts with bold words, with readings above them, with blanks that count."""
    parts, name = tab.parts, "xl/sharedStrings.xml"
    if name not in parts.entries:
        parts.add(name, f'<sst xmlns="{MAIN}"/>', f"{_SHEET}.sharedStrings+xml")
        parts.link(BOOK, "sharedStrings", name)
    texts = parts.tree(name)
    at = len(texts)
    texts.extend(
        fragments(
            '<si><r><rPr><b/><sz val="11"/><rFont val="Calibri"/></rPr><t xml:space="preserve">bold </t></r><r><t>plain'
            '</t></r></si><si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1" '
            'type="Hiragana"/></si><si><t xml:space="preserve">  kept  </t></si>'
            "<si><t>_x0041_ is no A, line_x000D_\nbreak</t></si>"
        )
    )
    if texts.get("count"):
        texts.set("count", str(int(texts.get("count")) + 4))
        texts.set("uniqueCount", str(at + 4))
    for row in range(4):
        tab.cell(row, 0, f"<v>{at + row}</v>", t="s")
    tab.insert('<phoneticPr fontId="0" type="noConversion"/>')


def inline_texts(tab: Tab) -> None:
    """Texts that stand in their cells, plain and rich, and a text that a formula gave."""
    tab.block([["plain"]])
    tab.cell(
        0, 1, '<is><r><rPr><i/></rPr><t xml:space="preserve">italic </t></r><r><t>words</t></r></is>', t="inlineStr"
    )
    tab.cell(0, 2, '<f>"a"&amp;"b"</f><v>ab</v>', t="str")
    tab.cell(0, 3, "<f>NA()</f><v>#N/A</v>", t="e")


def shared_formulas(tab: Tab) -> None:
    """Formulas that one cell keeps for others, one that fills an area, merged cells."""
    tab.block([[1.0], [2.0], [3.0]])
    tab.cell(0, 1, f'<f t="shared" ref="{tab.area(0, 1, 2, 1)}" si="0">{tab.a1(0, 0)}*2</f><v>2</v>')
    for row in (1, 2):
        tab.cell(row, 1, f'<f t="shared" si="0"/><v>{2 * row + 2}</v>')
    area = tab.area(0, 2, 2, 2)
    tab.cell(0, 2, f'<f t="array" ref="{area}">{tab.area(0, 0, 2, 0)}*3</f><v>3</v>')
    for row in (1, 2):
        tab.cell(row, 2, f"<v>{3 * row + 3}</v>")
    tab.insert(f'<mergeCells count="1"><mergeCell ref="{tab.area(5, 0, 6, 2)}"/></mergeCells>')


def bare_rows(tab: Tab) -> None:
    """Rows without spans, cells with attributes in another order, blanks and line breaks in the markup."""
    tab.block([[1.0], [2.0]])
    data = tab.parts.bytes(tab.part)
    data = re.sub(rb' spans="[\d:]*"', b"", data)
    data = re.sub(rb'<c r="([A-Z]+\d+)" s="(\d+)"', rb"<c s='\2'\n   r='\1'", data)
    tab.parts.entries[tab.part] = data.replace(b"</row><row", b"</row>\n  <row").replace(b"<v>", b"<v >")


def revision_marks(tab: Tab) -> None:
    """The attributes that Excel adds for itself: ids of revisions, the height of text in a row."""
    tab.block([[1.0]])
    data = tab.parts.bytes(tab.part)
    marks = (
        f' xmlns:mc="{NAMESPACES["mc"]}" mc:Ignorable="x14ac xr" xmlns:x14ac="{NAMESPACES["x14ac"]}" '
        f'xmlns:xr="{NAMESPACES["xr"]}" xr:uid="{{1B0F4C1E-0000-4000-8000-000000000001}}"'
    )
    own = f'xmlns="{MAIN}"'
    assert b"mc:Ignorable" not in data
    tab.parts.entries[tab.part] = re.sub(
        rb'<row r="(\d+)"',
        rb'<row r="\1" x14ac:dyDescent="0.25"',
        data.replace(own.encode(), (own + marks).encode(), 1),
    )


def prefixed(tab: Tab) -> None:
    """Every element of the workbook and of all its sheets has a prefix, as the Open XML SDK writes them."""
    tab.block([[1.0]])
    parts = tab.parts
    sheets = [parts.sheet(node.get("name")) for node in parts.tree(BOOK).find(tag("sheets"))]
    for name in [*sheets, BOOK]:
        root = parts.tree(name)
        fresh = etree.Element(root.tag, nsmap={"x": MAIN, "r": DOC, **{k: v for k, v in root.nsmap.items() if k}})
        fresh.attrib.update(root.attrib)
        fresh.extend(list(root))
        etree.cleanup_namespaces(
            fresh, top_nsmap={"x": MAIN, "r": DOC}, keep_ns_prefixes=["x", "r", "mc", "x14ac", "xr"]
        )
        data = parts.replace(name, fresh)
        assert b"<x:" in data
        assert b"<row" not in data
