"""What is drawn on a tab: charts, pictures, form controls, embedded objects, ink."""

from __future__ import annotations

import base64
import struct
import zlib

from lxml import etree

from .parts import MS, NAMESPACES, Parts, fragments
from .tab import Tab, corner

_C, _A, _R = NAMESPACES["c"], NAMESPACES["a"], NAMESPACES["r"]
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_NUMBERS = [["Step", "Amount"], ["Start", 100.0], ["Won", 40.0], ["Lost", -25.0], ["End", 115.0]]


def png(width: int = 4, height: int = 4) -> bytes:
    """A small picture."""
    dots = [bytes(c for x in range(width) for c in (x * 60, y * 60, 120)) for y in range(height)]
    lines = b"".join(b"\0" + line for line in dots)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def picture(parts: Parts, name: str = "xl/media/image{}.png") -> str:
    parts.default_type("png", "image/png")
    return parts.add(parts.free(name), png())


def chart_part(parts: Parts, names: str, values: str, kind: str = "bar") -> str:
    """A chart with a look of its own (the style and colour parts that Excel adds); the part's name."""
    points = "".join(f'<c:pt idx="{n}"><c:v>{row[1]}</c:v></c:pt>' for n, row in enumerate(_NUMBERS[1:]))
    words = "".join(f'<c:pt idx="{n}"><c:v>{row[0]}</c:v></c:pt>' for n, row in enumerate(_NUMBERS[1:]))
    shape = '<c:barDir val="col"/><c:grouping val="clustered"/>' if kind == "bar" else '<c:grouping val="standard"/>'
    part = parts.add(
        parts.free("xl/charts/chart{}.xml"),
        f'<c:chartSpace xmlns:c="{_C}" xmlns:a="{_A}" xmlns:r="{_R}"><c:date1904 val="0"/><c:roundedCorners val="0"/>'
        "<c:chart><c:title><c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p><a:r><a:rPr "
        'lang="en-US"/><a:t>Amounts</a:t></a:r>'
        '</a:p></c:rich></c:tx><c:overlay val="0"/></c:title><c:autoTitleDeleted val="0"/><c:plotArea><c:layout/>'
        f'<c:{kind}Chart>{shape}<c:varyColors val="0"/><c:ser><c:idx val="0"/><c:order val="0"/>'
        f'<c:spPr><a:solidFill><a:schemeClr val="accent2"/></a:solidFill></c:spPr>'
        f"<c:cat><c:strRef><c:f>{names}</c:f><c:strCache>"
        f'<c:ptCount val="4"/>{words}</c:strCache></c:strRef></c:cat><c:val><c:numRef><c:f>{values}</c:f><c:numCache>'
        f'<c:formatCode>General</c:formatCode><c:ptCount val="4"/>{points}</c:numCache></c:numRef></c:val></c:ser>'
        f'<c:axId val="501"/><c:axId val="502"/></c:{kind}Chart>'
        '<c:catAx><c:axId val="501"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/>'
        '<c:axPos val="b"/><c:crossAx val="502"/></c:catAx><c:valAx><c:axId val="502"/><c:scaling>'
        '<c:orientation val="minMax"/></c:scaling><c:delete val="0"/><c:axPos val="l"/><c:crossAx val="501"/></c:valAx>'
        '</c:plotArea><c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart></c:chartSpace>',
        _CHART_TYPE,
    )
    cs = f'xmlns:cs="{MS}/drawing/2012/chartStyle" xmlns:a="{_A}"'
    colours = parts.add(
        parts.free("xl/charts/colors{}.xml"),
        f'<cs:colorStyle {cs} meth="cycle" id="10"><a:schemeClr val="accent1"/><a:schemeClr val="accent3"/>'
        "<cs:variation/></cs:colorStyle>",
        "application/vnd.ms-office.chartcolorstyle+xml",
    )
    parts.link(part, f"{MS}/2011/relationships/chartColorStyle", colours)
    return part


def frame(identity: int, name: str, uri: str, inside: str) -> str:
    return (
        f'<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="{identity}" name="{name}"/>'
        '<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm>'
        f'<a:graphic><a:graphicData uri="{uri}">{inside}</a:graphicData></a:graphic></xdr:graphicFrame>'
    )


def instead(identity: int, text: str) -> str:
    """The rectangle that older programs show in place of what they don't know."""
    return (
        f'<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="{identity}" name=""/><xdr:cNvSpPr/></xdr:nvSpPr>'
        '<xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="600000"/></a:xfrm><a:prstGeom prst="rect">'
        "<a:avLst/></a:prstGeom></xdr:spPr><xdr:txBody><a:bodyPr/><a:lstStyle/><a:p><a:r>"
        f'<a:rPr lang="en-US"/><a:t>{text}</a:t></a:r></a:p></xdr:txBody></xdr:sp>'
    )


def chart(tab: Tab) -> None:
    """A bar chart and a line chart beside their numbers."""
    tab.block(_NUMBERS)
    for place, kind in enumerate(("bar", "line")):
        part = chart_part(tab.parts, tab.absolute(1, 0, 4, 0), tab.absolute(1, 1, 4, 1), kind)
        link = tab.parts.link(tab.drawing(), "chart", part)
        inside = f'<c:chart r:id="{link}"/>'
        tab.anchored(frame(tab.shape_id(), f"Chart {place}", _C, inside), 0, 3 + 5 * place)


def new_charts(tab: Tab) -> None:
    """A waterfall and a funnel: the charts of 2016 and later, with a rectangle for older programs."""
    tab.block(_NUMBERS)
    cx = f"{MS}/drawing/2014/chartex"
    for place, (layout, prefix, needs) in enumerate(
        [("waterfall", "cx1", f"{MS}/drawing/2015/9/8/chartex"), ("funnel", "cx2", f"{MS}/drawing/2015/10/21/chartex")]
    ):
        words = "".join(f'<cx:pt idx="{n}">{row[0]}</cx:pt>' for n, row in enumerate(_NUMBERS[1:]))
        points = "".join(f'<cx:pt idx="{n}">{row[1]}</cx:pt>' for n, row in enumerate(_NUMBERS[1:]))
        part = tab.parts.add(
            tab.parts.free("xl/charts/chartEx{}.xml"),
            f'<cx:chartSpace xmlns:a="{_A}" xmlns:r="{_R}" xmlns:cx="{cx}"><cx:chartData><cx:data id="0">'
            f'<cx:strDim type="cat"><cx:f>{tab.absolute(1, 0, 4, 0)}</cx:f><cx:lvl '
            f'ptCount="4">{words}</cx:lvl></cx:strDim>'
            f'<cx:numDim type="val"><cx:f>{tab.absolute(1, 1, 4, 1)}</cx:f>'
            f'<cx:lvl ptCount="4" formatCode="General">{points}</cx:lvl></cx:numDim></cx:data></cx:chartData>'
            f'<cx:chart><cx:title pos="t" align="ctr" overlay="0"/><cx:plotArea><cx:plotAreaRegion><cx:series '
            f'layoutId="{layout}" uniqueId="{{5B0F4C1E-0000-4000-8000-00000000000{place}}}"><cx:dataId val="0"/>'
            "</cx:series></cx:plotAreaRegion>"
            '<cx:axis id="0"><cx:catScaling gapWidth="0.5"/><cx:tickLabels/></cx:axis></cx:plotArea></cx:chart>'
            "</cx:chartSpace>",
            "application/vnd.ms-office.chartex+xml",
        )
        link = tab.parts.link(tab.drawing(), f"{MS}/2014/relationships/chartEx", part)
        number = tab.shape_id()
        inside = f'<cx:chart xmlns:cx="{cx}" r:id="{link}"/>'
        tab.anchored(
            f'<mc:AlternateContent><mc:Choice xmlns:{prefix}="{needs}" Requires="{prefix}">'
            f"{frame(number, f'New chart {place}', cx, inside)}</mc:Choice>"
            f"<mc:Fallback>{instead(number, 'This chart is not available here.')}</mc:Fallback></mc:AlternateContent>",
            8,
            3 + 5 * place,
        )


def images(tab: Tab) -> None:
    """A picture, and a drawing in vectors with a picture for programs that cannot show it."""
    plain, fallback = picture(tab.parts), picture(tab.parts)
    tab.parts.default_type("svg", "image/svg+xml")
    svg = tab.parts.add(
        tab.parts.free("xl/media/image{}.svg"),
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/></svg>',
    )
    link = tab.parts.link(tab.drawing(), "image", svg)
    vectors = (
        '<a:extLst><a:ext uri="{96DAC541-7B7A-43D3-8B79-37D633B846F1}">'
        f'<asvg:svgBlip xmlns:asvg="{MS}/drawing/2016/SVG/main" r:embed="{link}"/></a:ext></a:extLst>'
    )
    for place, (part, more) in enumerate(((plain, ""), (fallback, vectors))):
        link = tab.parts.link(tab.drawing(), "image", part)
        tab.anchored(
            f'<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="{tab.shape_id()}" name="Picture {place}" descr="a mark"/>'
            '<xdr:cNvPicPr><a:picLocks noChangeAspect="1"/></xdr:cNvPicPr></xdr:nvPicPr><xdr:blipFill>'
            f'<a:blip r:embed="{link}">{more}</a:blip><a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr>'
            '<a:xfrm><a:off x="0" y="0"/><a:ext cx="300000" cy="300000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
            "</a:prstGeom></xdr:spPr></xdr:pic>",
            20,
            3 * place,
            rows=2,
            columns=2,
        )


def controls(tab: Tab) -> None:
    """A check box and a drop-down of the Form Controls, each in the three notations that Excel writes."""
    tab.block([["one"], ["two"]], 6, 8)
    inner = []
    for place, (kind, rest) in enumerate(
        [
            ("CheckBox", 'checked="Checked" '),
            ("Drop", f'dropLines="8" fmlaRange="{tab.area(6, 8, 7, 8)}" sel="1" val="0" '),
        ]
    ):
        shape, name = tab.shapes(), f"Control {place}"
        row, column = tab.row + 5 + 2 * place, tab.column + 5
        part = tab.parts.add(
            tab.parts.free("xl/ctrlProps/ctrlProp{}.xml"),
            f'<formControlPr xmlns="{NAMESPACES["x14"]}" objectType="{kind}" {rest}'
            f'fmlaLink="{tab.a1(5, 9 + place)}" lockText="1" noThreeD="1"/>',
            "application/vnd.ms-excel.controlproperties+xml",
        )
        old = {"CheckBox": "Checkbox", "Drop": "Drop"}[kind]
        tab.vml(
            f' <v:shape id="_x0000_s{shape}" type="#_x0000_t201" style="position:absolute;width:80pt;height:18pt;'
            f'z-index:{place + 1}" filled="f" stroked="f"><v:textbox/><x:ClientData ObjectType="{old}">'
            f"<x:Anchor>{column}, 0, {row}, 0, {column + 2}, 0, {row + 1}, 0</x:Anchor>"
            f"<x:FmlaLink>{tab.a1(5, 9 + place)}</x:FmlaLink></x:ClientData></v:shape>\r\n"
        )
        number = tab.shape_id()
        tab.parts.tree(tab.drawing()).extend(_control_shape(row, column, number, shape, name))
        link = tab.link("ctrlProp", part)
        spot = corner("from", row, column).replace("<xdr:from>", "<from>").replace("</xdr:from>", "</from>")
        end = corner("to", row + 1, column + 2).replace("<xdr:to>", "<to>").replace("</xdr:to>", "</to>")
        inner.append(
            f'<mc:AlternateContent><mc:Choice Requires="x14"><control shapeId="{shape}" r:id="{link}" name="{name}">'
            f'<controlPr defaultSize="0" autoFill="0" autoLine="0" autoPict="0"><anchor moveWithCells="1">{spot}{end}'
            "</anchor></controlPr></control></mc:Choice></mc:AlternateContent>"
        )
    tab.insert(
        f'<mc:AlternateContent><mc:Choice xmlns:x14="{NAMESPACES["x14"]}" Requires="x14"><controls>{"".join(inner)}'
        "</controls></mc:Choice></mc:AlternateContent>",
        at="controls",
    )


def _control_shape(row: int, column: int, number: int, shape: int, name: str) -> list[etree._Element]:
    return fragments(
        f'<mc:AlternateContent><mc:Choice xmlns:a14="{NAMESPACES["a14"]}" Requires="a14"><xdr:twoCellAnchor>'
        f'{corner("from", row, column)}{corner("to", row + 1, column + 2)}<xdr:sp macro="" textlink=""><xdr:nvSpPr>'
        f'<xdr:cNvPr id="{number}" name="{name}" hidden="1"><a:extLst><a:ext '
        f'uri="{{63B3BB69-23CF-44E3-9099-C40C66FF867C}}">'
        f'<a14:compatExt spid="_x0000_s{shape}"/></a:ext></a:extLst></xdr:cNvPr><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr>'
        '<a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        "</xdr:spPr></xdr:sp><xdr:clientData/></xdr:twoCellAnchor></mc:Choice><mc:Fallback/></mc:AlternateContent>"
    )


def ole_object(tab: Tab) -> None:
    """A file that was embedded as an object, with its picture."""
    binary = tab.parts.add(
        tab.parts.free("xl/embeddings/oleObject{}.bin"),
        ole(b"embedded by the test"),
        "application/vnd.openxmlformats-officedocument.oleObject",
    )
    shown, shape = picture(tab.parts), tab.shapes()
    row, column = tab.row + 9, tab.column
    part = tab.vml(
        f' <v:shape id="_x0000_s{shape}" type="#_x0000_t75" style="position:absolute;width:60pt;height:40pt">'
        f'<v:imagedata o:relid="rId1" o:title=""/><x:ClientData ObjectType="Pict"><x:Anchor>{column}, 0, {row}, 0, '
        f"{column + 2}, 0, {row + 2}, 0</x:Anchor><x:CF>Pict</x:CF><x:AutoPict/></x:ClientData></v:shape>\r\n"
    )
    tab.parts.link(part, "image", shown)
    link, image = tab.link("oleObject", binary), tab.link("image", shown)
    spot = corner("from", row, column).replace("<xdr:from>", "<from>").replace("</xdr:from>", "</from>")
    end = corner("to", row + 2, column + 2).replace("<xdr:to>", "<to>").replace("</xdr:to>", "</to>")
    tab.insert(
        f'<oleObjects><mc:AlternateContent><mc:Choice xmlns:x14="{NAMESPACES["x14"]}" Requires="x14">'
        f'<oleObject progId="Package" shapeId="{shape}" r:id="{link}"><objectPr defaultSize="0" r:id="{image}">'
        f'<anchor moveWithCells="1">{spot}{end}</anchor></objectPr></oleObject></mc:Choice><mc:Fallback>'
        f'<oleObject progId="Package" shapeId="{shape}" '
        f'r:id="{link}"/></mc:Fallback></mc:AlternateContent></oleObjects>'
    )


def ink(tab: Tab) -> None:
    """A stroke of a pen, in the notation of tablets, with a picture for other programs."""
    stroke = tab.parts.add(
        tab.parts.free("xl/ink/ink{}.xml"),
        '<inkml:ink xmlns:inkml="http://www.w3.org/2003/InkML"><inkml:trace>0 0, 3 4, 9 2, 12 '
        "8</inkml:trace></inkml:ink>",
        "application/inkml+xml",
    )
    shown = picture(tab.parts)
    pen = tab.parts.link(tab.drawing(), "customXml", stroke)
    image = tab.parts.link(tab.drawing(), "image", shown)
    number = tab.shape_id()
    tab.anchored(
        f'<mc:AlternateContent><mc:Choice xmlns:xdr14="{MS}/excel/2010/spreadsheetDrawing" Requires="xdr14">'
        f'<xdr:contentPart r:id="{pen}"><xdr14:nvContentPartPr><xdr14:cNvPr id="{number}" name="Ink"/>'
        '<xdr14:cNvContentPartPr/></xdr14:nvContentPartPr><xdr14:nvPr macro=""/><xdr14:xfrm><a:off x="0" y="0"/>'
        '<a:ext cx="90000" cy="60000"/></xdr14:xfrm></xdr:contentPart></mc:Choice><mc:Fallback><xdr:pic><xdr:nvPicPr>'
        f'<xdr:cNvPr id="{number}" name="Ink"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed="{image}"/>'
        '<a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr><a:xfrm><a:off x="0" y="0"/>'
        '<a:ext cx="90000" cy="60000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic>'
        "</mc:Fallback></mc:AlternateContent>",
        24,
        0,
        rows=2,
        columns=2,
    )


def ole(text: bytes) -> bytes:
    """Bytes that look like a compound file: its mark, a header of the usual length, something inside."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<4H", 0x3E, 3, 0xFFFE, 9)
        + (base64.b64encode(text * 40)).ljust(2048, b"\0")
    )
