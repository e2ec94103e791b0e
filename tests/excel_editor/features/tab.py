"""A worksheet of a package, and the place on it where a feature puts its cells, drawings and boxes."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree
from openpyxl.utils import get_column_letter

from .parts import DOC, NAMESPACES, Parts, fragments, tag


@dataclass(frozen=True)
class Tab:
    """A worksheet and the place on it where a feature may put its cells: from ``row``, ``column`` to the right."""

    parts: Parts
    name: str
    row: int
    column: int

    @property
    def part(self) -> str:
        return self.parts.sheet(self.name)

    def a1(self, down: int = 0, right: int = 0) -> str:
        return f"{get_column_letter(self.column + right)}{self.row + down}"

    def area(self, top: int, left: int, bottom: int, right: int) -> str:
        return f"{self.a1(top, left)}:{self.a1(bottom, right)}"

    def absolute(self, top: int, left: int, bottom: int, right: int) -> str:
        one, other = (
            f"${get_column_letter(self.column + x)}${self.row + y}" for y, x in ((top, left), (bottom, right))
        )
        return f"'{self.name}'!{one}:{other}"

    def insert(self, xml: str, at: str | None = None) -> None:
        self.parts.insert(self.part, xml, at)

    def extend(self, uri: str, xml: str) -> None:
        self.parts.extend(self.part, uri, xml)

    def link(self, kind: str, target: str, *, external: bool = False) -> str:
        return self.parts.link(self.part, kind, target, external=external)

    def line(self, number: int) -> etree._Element:
        """The row element of a number, made where there is none."""
        data = self.parts.tree(self.part).find(tag("sheetData"))
        numbers = [int(node.get("r")) for node in data]
        if number not in numbers:
            data.insert(sum(known < number for known in numbers), etree.Element(tag("row"), r=str(number)))
        return next(node for node in data if node.get("r") == str(number))

    def cell(self, down: int, right: int, inside: str, **named: str) -> None:
        """A cell of the feature's place, new."""
        line = self.line(self.row + down)
        cell = fragments(f"<c>{inside}</c>")[0]
        cell.set("r", self.a1(down, right))
        for name, value in named.items():
            cell.set(name, value)
        column = self.column + right
        line.attrib.pop("spans", None)
        place = next((n for n, other in enumerate(line) if _column(other) > column), len(line))
        assert not any(_column(other) == column for other in line), cell.get("r")
        line.insert(place, cell)

    def block(self, rows: list[list[str | float]], down: int = 0, right: int = 0) -> None:
        """Plain values: texts are inline strings."""
        for y, values in enumerate(rows, down):
            for x, value in enumerate(values, right):
                if isinstance(value, str):
                    self.cell(y, x, f"<is><t>{value}</t></is>", t="inlineStr")
                else:
                    self.cell(y, x, f"<v>{value}</v>")

    def drawing(self) -> str:
        """The drawing part of the tab, made where there is none."""
        node = self.parts.tree(self.part).find(tag("drawing"))
        if node is not None:
            return self.parts.target(self.part, node.get(tag("id", DOC)))
        uris = f'xmlns:xdr="{NAMESPACES["xdr"]}" xmlns:a="{NAMESPACES["a"]}"'
        part = self.parts.add(
            self.parts.free("xl/drawings/drawing{}.xml"),
            f"<xdr:wsDr {uris}/>",
            "application/vnd.openxmlformats-officedocument.drawing+xml",
        )
        self.insert(f'<drawing r:id="{self.link("drawing", part)}"/>')
        return part

    def anchored(self, xml: str, down: int, right: int, *, rows: int = 8, columns: int = 4) -> None:
        """Something drawn, in a frame that stands at a place of the tab."""
        row, column = self.row - 1 + down, self.column - 1 + right
        self.parts.tree(self.drawing()).extend(
            fragments(
                f"<xdr:twoCellAnchor>{corner('from', row, column)}{corner('to', row + rows, column + columns)}{xml}"
                "<xdr:clientData/></xdr:twoCellAnchor>"
            )
        )

    def shape_id(self) -> int:
        """An id for a thing that is drawn on the tab, unique in its drawing."""
        found = self.parts.tree(self.drawing()).iter(tag("cNvPr", NAMESPACES["xdr"]))
        return max((int(node.get("id")) for node in found), default=1) + 1

    def vml(self, shapes: str) -> str:
        """Shapes in the old notation that notes and controls need; the part's name."""
        node = self.parts.tree(self.part).find(tag("legacyDrawing"))
        if node is None:
            part = self.parts.add(self.parts.free("xl/drawings/vmlDrawing{}.vml"), vml("").encode())
            self.parts.default_type("vml", "application/vnd.openxmlformats-officedocument.vmlDrawing")
            self.insert(f'<legacyDrawing r:id="{self.link("vmlDrawing", part)}"/>')
        else:
            part = self.parts.target(self.part, node.get(tag("id", DOC)))
        data = self.parts.bytes(part)
        self.parts.entries[part] = data.replace(b"</xml>", shapes.encode() + b"\r\n</xml>")
        return part

    def shapes(self) -> int:
        """The number of the next shape of the old notation: 1025, 1026, …"""
        node = self.parts.tree(self.part).find(tag("legacyDrawing"))
        if node is None:
            return 1025
        return 1025 + self.parts.bytes(self.parts.target(self.part, node.get(tag("id", DOC)))).count(b"<v:shape ")


def corner(name: str, row: int, column: int) -> str:
    return (
        f"<xdr:{name}><xdr:col>{column}</xdr:col><xdr:colOff>9525</xdr:colOff><xdr:row>{row}</xdr:row>"
        f"<xdr:rowOff>9525</xdr:rowOff></xdr:{name}>"
    )


def vml(shapes: str) -> str:
    return (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"\r\n'
        ' xmlns:x="urn:schemas-microsoft-com:office:excel">\r\n'
        ' <o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>\r\n'
        f"{shapes}</xml>"
    )


def _column(cell: etree._Element) -> int:
    number = 0
    for letter in cell.get("r").rstrip("0123456789"):
        number = number * 26 + ord(letter) - 64
    return number
