"""styles.xml: what refers to what, and how many there are of what cells refer to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kpisheets.backends.excel.ooxml.notation import markup

from .finding import Report
from .sections import check_order

_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles",
          "colors", "extLst")  # fmt: skip
_BUILT_IN = 164
_MOST = 65_490
_PARTS = (("fontId", "fonts", "font"), ("fillId", "fills", "fill"), ("borderId", "borders", "border"))
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){3,4}")


@dataclass(frozen=True, slots=True)
class StyleCounts:
    """How many cell styles and differential styles there are; ids run from 0. None: unknown, so anything goes."""

    cells: int | None = None
    differential: int | None = None

    def has_cell(self, text: str) -> bool:
        """Whether a cell may have this style."""
        return self.cells is None or (text.isascii() and text.isdigit() and int(text) < self.cells)

    def has_differential(self, text: str) -> bool:
        """Whether a format may have this style."""
        return self.differential is None or (text.isascii() and text.isdigit() and int(text) < self.differential)


def _items(root: markup.Node, section: str, name: str) -> list[markup.Node]:
    node = root.child(section)
    return node.all(name) if node else []


def counts(root: markup.Node | None) -> StyleCounts:
    """What the sheets need to know of the styles; a workbook without styles has one."""
    if root is None:
        return StyleCounts()
    return StyleCounts(max(len(_items(root, "cellXfs", "xf")), 1), len(_items(root, "dxfs", "dxf")))


def check(root: markup.Node, part: str, report: Report) -> None:
    """The styles part by itself."""
    check_order(root, _ORDER, frozenset(), part, "styles", report)
    known = {name: len(_items(root, section, item)) for name, section, item in _PARTS}
    formats = {node.attributes.get("numFmtId", "") for node in _items(root, "numFmts", "numFmt")}
    parents = len(_items(root, "cellStyleXfs", "xf"))
    for section in ("cellStyleXfs", "cellXfs"):
        found = _items(root, section, "xf")
        if len(found) > _MOST:
            report.add("style-too-many", part, section, f"there are {len(found)} styles")
        for at, xf in enumerate(found):
            where = f"{section}[{at}]"
            for name, count in known.items():
                text = xf.attributes.get(name)
                if text is not None and not _below(text, count):
                    report.add("style-part-out-of-range", part, where, f"its {name} is {text} of {count}")
            text = xf.attributes.get("numFmtId", "0")
            if text not in formats and not _below(text, _BUILT_IN):
                report.add("style-format-unknown", part, where, f"there is no number format {text}")
            text = xf.attributes.get("xfId", "0")
            if section == "cellXfs" and parents and not _below(text, parents):
                report.add("style-parent-out-of-range", part, where, f"its parent is {text} of {parents}")
    for style in _items(root, "cellStyles", "cellStyle"):
        text = style.attributes.get("xfId", "0")
        if not _below(text, parents):
            where = style.attributes.get("name", "cellStyle")
            report.add("style-parent-out-of-range", part, where, f"its style is {text} of {parents}")
    for node in root.walk():
        if node.name == "numFmt":
            fault = fault_of_format(node.attributes.get("formatCode", ""))
            if fault:
                report.add("style-format-code", part, node.attributes.get("numFmtId", ""), fault)
        elif "rgb" in node.attributes and not _HEX.fullmatch(node.attributes["rgb"]):
            report.add("style-colour", part, node.name, f"{node.attributes['rgb']} is no colour")
    for style in _items(root, "tableStyles", "tableStyle"):
        for element in style.all("tableStyleElement"):
            text = element.attributes.get("dxfId")
            if text is not None and not counts(root).has_differential(text):
                report.add("dxf-out-of-range", part, style.attributes.get("name", ""), f"there is no dxf {text}")


def _below(text: str, count: int) -> bool:
    return text.isascii() and text.isdigit() and int(text) < count


def fault_of_format(code: str) -> str:
    """What is wrong with a number format; ``""`` where nothing is."""
    if len(code) > 255:
        return f"a number format has {len(code)} characters"
    bare = re.sub(r'\\.|[_*].|"[^"]*"', "", code, flags=re.DOTALL)
    if '"' in bare:
        return f"its quotes are not closed: {code}"
    bare = re.sub(r"\[[^\[\]]*\]", "", bare)
    if "[" in bare:
        return f"its brackets are not closed: {code}"
    return f"it has more than four sections: {code}" if bare.count(";") > 3 else ""
