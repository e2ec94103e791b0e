"""A worksheet's XML in the spellings that other programs, and the standard, allow: the same cells, other bytes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from lxml import etree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TAG = f"{{{MAIN}}}"


def _prefixed(data: bytes) -> bytes:
    """Every element of the main namespace with a prefix, as the Open XML SDK writes them."""
    root = etree.fromstring(data)
    spaces = {("x" if space == MAIN else prefix): space for prefix, space in root.nsmap.items()}
    made = etree.Element(root.tag, dict(root.attrib), nsmap=spaces)
    made.extend(list(root))
    etree.cleanup_namespaces(made, keep_ns_prefixes=[prefix for prefix in spaces if prefix])
    return _bytes(made)


def _indented(data: bytes) -> bytes:
    """Each element on a line of its own, as a person's XML editor does; texts stay as they are."""
    root = etree.fromstring(data)
    cells = root.find(f"{_TAG}sheetData")
    assert cells is not None
    cells.text = "\n  "
    for row in cells:
        row.text, row.tail = "\n    ", "\n  "
        for cell in row:
            cell.tail = "\n    "
    return _bytes(root)


def _backwards(data: bytes) -> bytes:
    """The attributes of rows and cells in the other order, in single quotes, with room around the equals sign."""

    def turned(match: re.Match[bytes]) -> bytes:
        found = re.findall(rb'([\w:.]+)="([^"]*)"', match[2])
        attributes = b"".join(b" %b = '%b'" % (name, value) for name, value in reversed(found))
        return b"<" + match[1] + attributes + b" " + match[3] + b">"

    return re.sub(rb"<(row|c)((?: [\w:.]+=\"[^\"]*\")+) ?(/?)>", turned, data)


def _bare(data: bytes) -> bytes:
    """No hints: rows without spans, no dimension, as Google exports."""
    data = re.sub(rb' spans="[^"]*"', b"", data)
    return re.sub(rb"<dimension [^>]*/>", b"", data)


def _spaced(data: bytes) -> bytes:
    """``xml:space`` on values, and empty elements written out."""
    data = data.replace(b"<v>", b'<v xml:space="preserve">')
    return re.sub(rb'<c ((?:[^>"]|"[^"]*")*)/>', rb"<c \1></c>", data)


def _literal(data: bytes) -> bytes:
    """Comments and processing instructions among the rows."""
    data = data.replace(b"<sheetData>", b"<sheetData><!-- <row r=\"9\"> --><?hint about='rows'?>")
    return data.replace(b"</row>", b"</row><!-- a row -->")


def _wide(data: bytes) -> bytes:
    """Another encoding."""
    text = data.decode().split("?>", 1)[1]
    return ("<?xml version='1.0' encoding='UTF-16'?>" + text).encode("utf-16")


def _mixed(data: bytes) -> bytes:
    """Every third row spelled as by another program."""
    rows = data.split(b"</row>")
    return b"</row>".join(_backwards(row) if number % 3 == 1 else row for number, row in enumerate(rows))


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


DIALECTS: dict[str, Callable[[bytes], bytes]] = {
    **{"prefixed": _prefixed, "indented": _indented, "backwards": _backwards, "bare": _bare},
    **{"spaced": _spaced, "literal": _literal, "wide": _wide, "mixed": _mixed},
}


def respelled(path: Path, dialect: str) -> Path:
    """The workbook with every worksheet in a dialect."""
    with zipfile.ZipFile(path) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name):
                new = DIALECTS[dialect](data)
                assert new != data or b"<row" not in data
                data = new
            archive.writestr(name, data)
    return path
