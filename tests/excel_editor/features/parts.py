"""A package taken apart to put features in: parts, relationships, content types, elements in their order."""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path

from lxml import etree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MS = "http://schemas.microsoft.com/office"
NAMESPACES = {
    None: MAIN,
    "r": DOC,
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "a14": f"{MS}/drawing/2010/main",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "x14": f"{MS}/spreadsheetml/2009/9/main",
    "x15": f"{MS}/spreadsheetml/2010/11/main",
    "x14ac": f"{MS}/spreadsheetml/2009/9/ac",
    "xdr": "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing",
    "xm": f"{MS}/excel/2006/main",
    "xr": f"{MS}/spreadsheetml/2014/revision",
}
DECLARED = " ".join(f'xmlns{":" + prefix if prefix else ""}="{uri}"' for prefix, uri in NAMESPACES.items())
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
_SHEET = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios"
    " autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations"
    " hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches"
    " ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF picture oleObjects controls webPublishItems"
    " tableParts extLst"
)
_WORKBOOK = (
    "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences"
    " definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing"
    " fileRecoveryPr webPublishObjects extLst"
)
_LISTS = {"dataValidations", "hyperlinks", "definedNames", "externalReferences", "pivotCaches", "mergeCells"}
_TYPES, BOOK = "[Content_Types].xml", "xl/workbook.xml"


def tag(name: str, uri: str = MAIN) -> str:
    return f"{{{uri}}}{name}"


def fragments(xml: str) -> list[etree._Element]:
    """The elements of a piece of markup that uses the usual prefixes."""
    return list(etree.fromstring(f"<all {DECLARED}>{xml}</all>"))


def written(root: etree._Element) -> bytes:
    return HEAD.encode() + etree.tostring(root, encoding="UTF-8")


class Parts:
    """The entries of a workbook's zip; ``save`` writes them again."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self.entries = {info.filename: archive.read(info) for info in archive.infolist()}
        self._trees: dict[str, etree._Element] = {}

    def save(self, path: Path) -> Path:
        for name in list(self._trees):
            self.bytes(name)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.entries.items():
                archive.writestr(name, data)
        return path

    def tree(self, name: str) -> etree._Element:
        """A part as a tree that may be changed."""
        if name not in self._trees:
            self._trees[name] = etree.fromstring(self.entries[name])
        return self._trees[name]

    def bytes(self, name: str) -> bytes:
        """A part's bytes with all changes so far."""
        if name in self._trees:
            self.entries[name] = written(self._trees.pop(name))
        return self.entries[name]

    def free(self, pattern: str) -> str:
        """The first name of a pattern such as ``xl/charts/chart{}.xml`` that is not taken."""
        return next(name for n in range(1, 999) if (name := pattern.format(n)) not in self.entries)

    def replace(self, name: str, root: etree._Element) -> bytes:
        """Another tree in place of a part's; its bytes."""
        self._trees[name] = root
        return self.bytes(name)

    def add(self, name: str, data: str | bytes, content_type: str | None = None) -> str:
        """A new part; without ``content_type`` its extension must have a default type. Text gets the XML head."""
        assert name not in self.entries, name
        self.entries[name] = data if isinstance(data, bytes) else (HEAD + data).encode()
        if content_type is not None:
            self.tree(_TYPES).append(
                etree.Element(tag("Override", _types()), PartName=f"/{name}", ContentType=content_type)
            )
        return name

    def default_type(self, extension: str, content_type: str) -> None:
        types = self.tree(_TYPES)
        if not any(node.get("Extension") == extension for node in types):
            types.insert(0, etree.Element(tag("Default", _types()), Extension=extension, ContentType=content_type))

    def retype(self, name: str, content_type: str) -> None:
        next(node for node in self.tree(_TYPES) if node.get("PartName") == f"/{name}").set("ContentType", content_type)

    def link(self, source: str, kind: str, target: str, *, external: bool = False) -> str:
        """A relationship of ``source`` ("" is the package); ``kind`` is a full type or the last word of a usual one."""
        folder, name = posixpath.split(source)
        rels = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        if rels not in self.entries and rels not in self._trees:
            self.entries[rels] = f'{HEAD}<Relationships xmlns="{_rels()}"/>'.encode()
        root = self.tree(rels)
        taken = {node.get("Id") for node in root}
        number = next(n for n in range(1, 999) if f"rId{n}" not in taken)
        node = etree.SubElement(root, tag("Relationship", _rels()), Id=f"rId{number}")
        node.set("Type", kind if "://" in kind else f"{DOC}/{kind}")
        node.set("Target", target if external or "://" in target else posixpath.relpath(target, folder or "."))
        if external:
            node.set("TargetMode", "External")
        return f"rId{number}"

    def target(self, source: str, identity: str) -> str:
        """The part that a relationship leads to."""
        folder, name = posixpath.split(source)
        node = next(node for node in self.tree(f"{folder}/_rels/{name}.rels") if node.get("Id") == identity)
        found = node.get("Target")
        return found.lstrip("/") if found.startswith("/") else posixpath.normpath(posixpath.join(folder, found))

    def insert(self, part: str, xml: str, at: str | None = None) -> None:
        """Elements into a worksheet or the workbook, where the schema has them (``at`` names the place of wrappers)."""
        root, order = self.tree(part), (_WORKBOOK if part == BOOK else _SHEET).split()
        for node in fragments(xml):
            name = at or etree.QName(node).localname
            old = root.find(tag(name))
            if old is not None and name in _LISTS:
                old.extend(list(node))
                if old.get("count"):
                    old.set("count", str(len(old)))
                continue
            later = set(order[order.index(name) + 1 :])
            place = next((n for n, child in enumerate(root) if _name(child) in later), len(root))
            root.insert(place, node)

    def extend(self, part: str, uri: str, xml: str) -> None:
        """An extension in a part's extLst."""
        root = self.tree(part)
        extensions = root.find(tag("extLst", etree.QName(root).namespace))
        if extensions is None:
            extensions = etree.SubElement(root, tag("extLst", etree.QName(root).namespace))
        ext = etree.SubElement(extensions, tag("ext", etree.QName(root).namespace), uri=uri)
        ext.extend(fragments(xml))

    def sheet(self, name: str) -> str:
        """The part of a tab."""
        node = next(node for node in self.tree(BOOK).find(tag("sheets")) if node.get("name") == name)
        return self.target(BOOK, node.get(tag("id", DOC)))

    def add_sheet(self, name: str, kind: str, part: str, data: str, content_type: str, **named: str) -> str:
        """A new tab, last; its part's name."""
        self.add(part, data, content_type)
        sheets = self.tree(BOOK).find(tag("sheets"))
        number = max(int(node.get("sheetId")) for node in sheets) + 1
        node = etree.SubElement(sheets, tag("sheet"), name=name, sheetId=str(number), **named)
        node.set(tag("id", DOC), self.link(BOOK, kind, part))
        return part


def _name(node: etree._Element) -> str:
    """The local name; of a wrapper, that of what it wraps."""
    name = etree.QName(node).localname
    return _name(node[0][0]) if name == "AlternateContent" else name


def _types() -> str:
    return "http://schemas.openxmlformats.org/package/2006/content-types"


def _rels() -> str:
    return "http://schemas.openxmlformats.org/package/2006/relationships"
