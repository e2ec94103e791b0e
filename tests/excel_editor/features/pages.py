"""How a tab looks, prints and is guarded: panes, outlines, filters, protection, pages."""

from __future__ import annotations

from .drawn import picture
from .parts import BOOK, fragments, tag
from .tab import Tab, vml

_MARGINS = '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'


def _without(tab: Tab, *names: str) -> None:
    root = tab.parts.tree(tab.part)
    for name in names:
        for node in root.findall(tag(name)):
            root.remove(node)


def printing(tab: Tab) -> None:
    """The printer's own settings, pictures in header and footer, page breaks."""
    tab.block([[1.0]])
    _without(tab, "pageMargins", "pageSetup", "headerFooter", "printOptions")
    settings = tab.parts.add(
        tab.parts.free("xl/printerSettings/printerSettings{}.bin"),
        "Printer of the office".encode("utf-16-le").ljust(220, b"\0"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings",
    )
    boxes = tab.parts.add(
        tab.parts.free("xl/drawings/vmlDrawing{}.vml"),
        vml(
            ' <v:shape id="CH" o:spid="_x0000_s2049" type="#_x0000_t75" '
            'style="position:absolute;width:20pt;height:20pt">'
            '<v:imagedata o:relid="rId1" o:title="mark"/></v:shape>\r\n'
        ).encode(),
    )
    tab.parts.default_type("vml", "application/vnd.openxmlformats-officedocument.vmlDrawing")
    tab.parts.link(boxes, "image", picture(tab.parts))
    tab.insert(
        f'<printOptions horizontalCentered="1"/>{_MARGINS}<pageSetup paperSize="9" orientation="landscape" '
        f'fitToHeight="0" r:id="{tab.link("printerSettings", settings)}"/><headerFooter differentFirst="1"><oddHeader>'
        "&amp;C&amp;G&amp;R&amp;D</oddHeader><oddFooter>Page &amp;P of &amp;N</oddFooter></headerFooter>"
        '<rowBreaks count="1" manualBreakCount="1"><brk id="6" max="16383" man="1"/></rowBreaks>'
        '<colBreaks count="1" manualBreakCount="1"><brk id="3" max="1048575" man="1"/></colBreaks>'
        f'<legacyDrawingHF r:id="{tab.link("vmlDrawing", boxes)}"/>'
    )


def protection(tab: Tab) -> None:
    """A guarded tab with an area that some may edit, in a workbook whose structure is guarded."""
    tab.block([[1.0]])
    _without(tab, "sheetProtection", "protectedRanges")
    tab.insert(
        '<sheetProtection algorithmName="SHA-512" hashValue="c2FtcGxl" saltValue="c2FsdHNhbHQ=" spinCount="100000" '
        'sheet="1" objects="1" scenarios="1" formatCells="0"/><protectedRanges><protectedRange '
        f'password="CC1A" sqref="{tab.area(0, 0, 2, 1)}" name="Team"/></protectedRanges>'
    )
    if tab.parts.tree(BOOK).find(tag("workbookProtection")) is None:
        tab.parts.insert(BOOK, '<workbookProtection lockStructure="1"/>')


def outline(tab: Tab) -> None:
    """Rows and columns in groups, some folded away, some hidden."""
    tab.block([[1.0, 2.0], [3.0, 4.0]])
    _without(tab, "cols")
    first = tab.column
    tab.insert(
        f'<cols><col min="{first}" max="{first + 1}" width="12" customWidth="1" outlineLevel="1"/>'
        f'<col min="{first + 2}" max="{first + 2}" width="12" hidden="1" outlineLevel="2" collapsed="1" '
        f'customWidth="1"/></cols>'
    )
    for down, named in ((1, {"outlineLevel": "1", "hidden": "1"}), (2, {"collapsed": "1"})):
        for name, value in named.items():
            tab.line(tab.row + down).set(name, value)
    shape = tab.parts.tree(tab.part).find(tag("sheetFormatPr"))
    if shape is None:
        tab.insert('<sheetFormatPr defaultRowHeight="15"/>')
        shape = tab.parts.tree(tab.part).find(tag("sheetFormatPr"))
    shape.set("outlineLevelRow", "1")
    shape.set("outlineLevelCol", "2")


def filtered(tab: Tab) -> None:
    """A filter on a plain range, with rows that it hides and the order in which they were sorted."""
    tab.block([["Fruit", "Weight"], ["apple", 3.0], ["pear", 2.0], ["plum", 1.0]])
    area = tab.area(0, 0, 3, 1)
    tab.insert(
        f'<autoFilter ref="{area}"><filterColumn colId="0"><filters><filter val="apple"/></filters></filterColumn>'
        f'<sortState ref="{tab.area(1, 0, 3, 1)}"><sortCondition descending="1" ref="{tab.area(1, 1, 3, 1)}"/>'
        "</sortState></autoFilter>"
    )
    for down in (2, 3):
        tab.line(tab.row + down).set("hidden", "1")
    names = [node.get("name") for node in tab.parts.tree(BOOK).find(tag("sheets"))]
    tab.parts.insert(
        BOOK,
        f'<definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="{names.index(tab.name)}" hidden="1">'
        f"{tab.absolute(0, 0, 3, 1)}</definedName></definedNames>",
    )


def panes(tab: Tab) -> None:
    """Frozen rows and columns, a zoom, gridlines off, a colour of the tab."""
    tab.block([[1.0]])
    _without(tab, "sheetViews", "sheetPr")
    tab.insert(
        '<sheetPr><tabColor theme="5" tint="0.4"/></sheetPr><sheetViews><sheetView showGridLines="0" zoomScale="85" '
        'zoomScaleNormal="85" workbookViewId="0"><pane xSplit="2" ySplit="3" topLeftCell="C4" activePane="bottomRight" '
        'state="frozen"/><selection pane="topRight"/><selection pane="bottomLeft"/><selection pane="bottomRight" '
        'activeCell="D6" sqref="D6"/></sheetView></sheetViews>'
    )


def styles(tab: Tab) -> None:
    """Number formats, cell styles and table styles of the team’s own, and a theme that is not Office’s."""
    parts = tab.parts
    part, root = "xl/styles.xml", parts.tree("xl/styles.xml")
    formats = root.find(tag("numFmts"))
    if formats is None:
        formats = fragments('<numFmts count="0"/>')[0]
        root.insert(0, formats)
    number = max((int(node.get("numFmtId")) for node in formats), default=170) + 7
    formats.extend(fragments(f'<numFmt numFmtId="{number}" formatCode="0.0&quot; kg&quot;"/>'))
    formats.set("count", str(len(formats)))
    cells = root.find(tag("cellXfs"))
    cells.extend(
        fragments(
            f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" '
            'quotePrefix="1"><alignment horizontal="right" wrapText="1"/></xf>'
        )
    )
    cells.set("count", str(len(cells)))
    tables = root.find(tag("tableStyles"))
    tables.extend(
        fragments('<tableStyle name="Team" pivot="0" count="1"><tableStyleElement type="wholeTable"/></tableStyle>')
    )
    tables.set("count", str(len(tables)))
    parts.extend(
        part,
        "{EB79DEF2-80B8-43e5-95BD-54CBDDF9020C}",
        '<x14:slicerStyles defaultSlicerStyle="SlicerStyleLight1"/>',
    )
    theme = parts.bytes("xl/theme/theme1.xml")
    assert b'name="Office' in theme
    parts.entries["xl/theme/theme1.xml"] = theme.replace(b'name="Office', b'name="Team', 1)
    tab.cell(0, 0, "<v>7</v>", s=str(len(cells) - 1))
