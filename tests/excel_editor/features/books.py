"""What belongs to the whole workbook: macros, queries, the data model, links to other files, properties, more tabs."""

from __future__ import annotations

import base64
import io
import struct
import zipfile

from lxml import etree

from .drawn import chart_part, frame, ole, picture
from .parts import BOOK, DOC, MAIN, MS, NAMESPACES, fragments, tag
from .tab import Tab

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_CUSTOM = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"


def macros(tab: Tab) -> None:
    """Macros and a button in the ribbon; the file is an .xlsm."""
    parts = tab.parts
    parts.retype(BOOK, "application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    project = parts.add("xl/vbaProject.bin", ole(b"Sub Hello()"), "application/vnd.ms-office.vbaProject")
    parts.link(BOOK, f"{MS}/2006/relationships/vbaProject", project)
    properties = parts.tree(BOOK).find(tag("workbookPr"))
    if properties is None:
        parts.insert(BOOK, "<workbookPr/>")
        properties = parts.tree(BOOK).find(tag("workbookPr"))
    properties.set("codeName", "ThisWorkbook")
    ribbon = parts.add(
        "customUI/customUI14.xml",
        f'<customUI xmlns="{MS}/2009/07/customui"><ribbon><tabs><tab id="team" label="Team"><group id="one" '
        'label="One"><button id="go" label="Go" imageMso="HappyFace" onAction="Hello"/></group></tab></tabs></ribbon>'
        "</customUI>",
        "application/xml",
    )
    parts.link("", f"{MS}/2007/relationships/ui/extensibility", ribbon)
    tab.block([[1.0]])


def custom_xml(tab: Tab, data: str | bytes | None = None, schema: str = "http://example.org/acme/order") -> None:
    """A part of XML that a document management keeps in the file."""
    parts = tab.parts
    item = parts.add(parts.free("customXml/item{}.xml"), data or f'<order xmlns="{schema}"><number>7</number></order>')
    parts.default_type("xml", "application/xml")
    properties = parts.add(
        parts.free("customXml/itemProps{}.xml"),
        '<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml" '
        f'ds:itemID="{{6C0F4C1E-0000-4000-8000-000000000001}}"><ds:schemaRefs><ds:schemaRef ds:uri="{schema}"/>'
        "</ds:schemaRefs></ds:datastoreItem>",
        _CUSTOM,
    )
    parts.link(item, "customXmlProps", properties)
    parts.link(BOOK, "customXml", item)
    if data is None:
        tab.block([[1.0]])


def power_query(tab: Tab) -> None:
    """A query of Power Query: its connection, the table that it fills, its program as a part of custom XML."""
    parts = tab.parts
    program = io.BytesIO()
    with zipfile.ZipFile(program, "w") as archive:
        archive.writestr("Formulas/Section1.m", 'section Section1; shared Sales = #table({"Amount"}, {{1}, {2}});')
    packed = program.getvalue()
    mashup = struct.pack("<2I", 0, len(packed)) + packed + struct.pack("<3I", 0, 0, 0)
    uri = "http://schemas.microsoft.com/DataMashup"
    text = f'<DataMashup xmlns="{uri}">{base64.b64encode(mashup).decode()}</DataMashup>'
    custom_xml(tab, ('<?xml version="1.0" encoding="utf-16"?>' + text).encode("utf-16"), uri)
    connections = parts.add(
        "xl/connections.xml",
        f'<connections xmlns="{MAIN}"><connection id="1" name="Query - Sales" description="Connection to the query" '
        'type="5" refreshedVersion="6" background="1" saveData="1"><dbPr connection="Provider=Microsoft.Mashup.OleDb.1;'
        'Data Source=$Workbook$;Location=Sales;Extended Properties=&quot;&quot;" command="SELECT * FROM [Sales]"/>'
        "</connection></connections>",
        f"{_SHEET}.connections+xml",
    )
    parts.link(BOOK, "connections", connections)
    tab.block([["Amount"], [1.0], [2.0]])
    number = 1 + sum("/tables/" in name for name in parts.entries)
    query = parts.add(
        parts.free("xl/queryTables/queryTable{}.xml"),
        f'<queryTable xmlns="{MAIN}" name="ExternalData_1" connectionId="1" autoFormatId="16" applyNumberFormats="0" '
        'applyBorderFormats="0" applyFontFormats="0" applyPatternFormats="0" applyAlignmentFormats="0" '
        'applyWidthHeightFormats="0"><queryTableRefresh nextId="2"><queryTableFields count="1"><queryTableField id="1" '
        'name="Amount" tableColumnId="1"/></queryTableFields></queryTableRefresh></queryTable>',
        f"{_SHEET}.queryTable+xml",
    )
    table = parts.add(
        parts.free("xl/tables/table{}.xml"),
        f'<table xmlns="{MAIN}" id="{number + 40}" name="Sales" displayName="Sales" ref="{tab.area(0, 0, 2, 0)}" '
        f'tableType="queryTable" totalsRowShown="0"><autoFilter ref="{tab.area(0, 0, 2, 0)}"/><tableColumns count="1">'
        '<tableColumn id="1" uniqueName="1" name="Amount" queryTableFieldId="1"/></tableColumns>'
        '<tableStyleInfo name="TableStyleMedium7" showFirstColumn="0" showLastColumn="0" showRowStripes="1" '
        'showColumnStripes="0"/></table>',
        f"{_SHEET}.table+xml",
    )
    parts.link(table, "queryTable", query)
    link = tab.link("table", table)
    links = parts.tree(tab.part).find(tag("tableParts"))
    if links is None:
        tab.insert(f'<tableParts count="1"><tablePart r:id="{link}"/></tableParts>')
    else:
        links.extend(fragments(f'<tablePart r:id="{link}"/>'))
        links.set("count", str(len(links)))


def data_model(tab: Tab) -> None:
    """A data model: its opaque part, its tables in the workbook's extension, its connections."""
    parts = tab.parts
    parts.default_type("data", "application/vnd.openxmlformats-officedocument.model+data")
    model = parts.add("xl/model/item.data", b"\x00STREAM_STORAGE" + bytes(range(200)) * 20)
    parts.link(BOOK, f"{DOC}/powerPivotData", model)
    connections = parts.add(
        "xl/connections.xml",
        f'<connections xmlns="{MAIN}"><connection id="1" keepAlive="1" name="ThisWorkbookDataModel" '
        'description="Data Model" type="5" refreshedVersion="6" minRefreshableVersion="5" background="1"><dbPr '
        'connection="Data Model Connection" command="Model" commandType="1"/><olapPr sendLocale="1" '
        'rowDrillCount="1000"/>'
        f'<extLst><ext xmlns:x15="{NAMESPACES["x15"]}" uri="{{DE250136-89BD-433C-8126-D09CA5730AF9}}">'
        '<x15:connection id="" model="1"/></ext></extLst></connection></connections>',
        f"{_SHEET}.connections+xml",
    )
    parts.link(BOOK, "connections", connections)
    parts.extend(
        BOOK,
        "{FCE2AD5D-F65C-4FA6-A056-5C36A1767C68}",
        '<x15:dataModel><x15:modelTables><x15:modelTable id="numbers" name="numbers" '
        'connection="ThisWorkbookDataModel"/></x15:modelTables></x15:dataModel>',
    )
    tab.block([[1.0]])


def external_links(tab: Tab) -> None:
    """A formula that reads another workbook, whose cells are kept in this one."""
    parts = tab.parts
    part = parts.add(
        parts.free("xl/externalLinks/externalLink{}.xml"),
        f'<externalLink xmlns="{MAIN}"><externalBook xmlns:r="{DOC}" r:id="rId1"><sheetNames><sheetName val="Plan"/>'
        '</sheetNames><definedNames><definedName name="goal" refersTo="=Plan!$A$1"/></definedNames><sheetDataSet>'
        '<sheetData sheetId="0"><row r="1"><cell r="A1"><v>42</v></cell><cell r="B1" t="str"><v>kept</v></cell></row>'
        "</sheetData></sheetDataSet></externalBook></externalLink>",
        f"{_SHEET}.externalLink+xml",
    )
    parts.link(part, "externalLinkPath", "file:///C:/plans/Plan%202026.xlsx", external=True)
    link = parts.link(BOOK, "externalLink", part)
    parts.insert(BOOK, f'<externalReferences><externalReference r:id="{link}"/></externalReferences>')
    tab.cell(0, 0, "<f>[1]Plan!$A$1*2</f><v>84</v>")


def properties(tab: Tab) -> None:
    """Properties that a company gives its documents, a picture of the first page, names of a tab's own."""
    parts = tab.parts
    uri = "http://schemas.openxmlformats.org/officeDocument/2006"
    custom = (
        f'<Properties xmlns="{uri}/custom-properties" xmlns:vt="{uri}/docPropsVTypes">'
        '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="Class"><vt:lpwstr>Internal</vt:lpwstr>'
        '</property><property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="3" name="Reviewed"><vt:bool>true'
        "</vt:bool></property></Properties>"
    )
    name = "docProps/custom.xml"
    if name in parts.entries:
        own = etree.fromstring(custom.encode())
        for number, node in enumerate(own, 90):
            node.set("pid", str(number))
        parts.tree(name).extend(list(own))
    else:
        parts.add(name, custom, "application/vnd.openxmlformats-officedocument.custom-properties+xml")
        parts.link("", "custom-properties", name)
    thumbnail = picture(parts, "docProps/thumbnail{}.png")
    parts.link("", "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail", thumbnail)
    place = [node.get("name") for node in parts.tree(BOOK).find(tag("sheets"))].index(tab.name)
    parts.insert(
        BOOK,
        f'<definedNames><definedName name="goal" localSheetId="{place}">{tab.absolute(0, 0, 0, 0)}</definedName>'
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{place}">\'{tab.name}\'!$1:$3</definedName>'
        '<definedName name="rate" comment="of tax" hidden="1">0.2</definedName></definedNames>',
    )
    tab.block([[1.0]])


def custom_views(tab: Tab) -> None:
    """Two people's own views of the workbook."""
    view = "{8D0F4C1E-0000-4000-8000-000000000001}"
    tab.parts.insert(
        BOOK,
        f'<customWorkbookViews><customWorkbookView name="Ana" guid="{view}" maximized="1" xWindow="1" yWindow="1" '
        'windowWidth="1200" windowHeight="700" activeSheetId="1"/></customWorkbookViews>',
    )
    for name in [node.get("name") for node in tab.parts.tree(BOOK).find(tag("sheets"))]:
        part = tab.parts.sheet(name)
        if "/worksheets/" in part:
            tab.parts.insert(
                part,
                f'<customSheetViews><customSheetView guid="{view}" scale="80"><selection activeCell="B2" sqref="B2"/>'
                '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
                "</customSheetView></customSheetViews>",
            )
    tab.block([[1.0]])


def days_from_1904(tab: Tab) -> None:
    """Dates count from 1904, as old programs for the Mac counted."""
    properties = tab.parts.tree(BOOK).find(tag("workbookPr"))
    if properties is None:
        tab.parts.insert(BOOK, "<workbookPr/>")
        properties = tab.parts.tree(BOOK).find(tag("workbookPr"))
    properties.set("date1904", "1")
    tab.block([[1.0]])


def more_tabs(tab: Tab) -> None:
    """A chart that is a tab, and a tab that is hidden so that only a program can show it."""
    parts = tab.parts
    tab.block([["Step", "Amount"], ["Start", 100.0], ["Won", 40.0], ["Lost", -25.0], ["End", 115.0]])
    sheet = parts.add_sheet(
        "Chart of all",
        "chartsheet",
        parts.free("xl/chartsheets/sheet{}.xml"),
        f'<chartsheet xmlns="{MAIN}" xmlns:r="{DOC}"><sheetPr/><sheetViews><sheetView zoomScale="90" '
        f'workbookViewId="0"/>'
        '</sheetViews><pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
        '<drawing r:id="rId1"/></chartsheet>',
        f"{_SHEET}.chartsheet+xml",
    )
    drawing = parts.free("xl/drawings/drawing{}.xml")
    parts.add(
        drawing,
        f'<xdr:wsDr xmlns:xdr="{NAMESPACES["xdr"]}" xmlns:a="{NAMESPACES["a"]}" xmlns:r="{DOC}" '
        f'xmlns:c="{NAMESPACES["c"]}"><xdr:absoluteAnchor><xdr:pos x="0" y="0"/><xdr:ext cx="9300000" cy="6000000"/>'
        + frame(2, "All", NAMESPACES["c"], '<c:chart r:id="rId1"/>')
        + "<xdr:clientData/></xdr:absoluteAnchor></xdr:wsDr>",
        "application/vnd.openxmlformats-officedocument.drawing+xml",
    )
    parts.link(sheet, "drawing", drawing)
    parts.link(drawing, "chart", chart_part(parts, tab.absolute(1, 0, 4, 0), tab.absolute(1, 1, 4, 1)))
    parts.add_sheet(
        "Secret",
        "worksheet",
        "xl/worksheets/secret.xml",
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>7</v></c></row></sheetData></worksheet>',
        f"{_SHEET}.worksheet+xml",
        state="veryHidden",
    )


def calculation_chain(tab: Tab) -> None:
    """The order in which Excel last computed the formulas of all tabs."""
    parts, chain = tab.parts, []
    tab.cell(0, 0, "<f>1+1</f><v>2</v>")
    for node in parts.tree(BOOK).find(tag("sheets")):
        cells = parts.tree(parts.sheet(node.get("name"))).iter(tag("c"))
        chain += [
            f'<c r="{cell.get("r")}" i="{node.get("sheetId")}"/>' for cell in cells if cell.find(tag("f")) is not None
        ]
    part = parts.add(
        "xl/calcChain.xml", f'<calcChain xmlns="{MAIN}">{"".join(chain)}</calcChain>', f"{_SHEET}.calcChain+xml"
    )
    parts.link(BOOK, "calcChain", part)
