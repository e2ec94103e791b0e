"""Drawings and charts."""

from __future__ import annotations

from collections.abc import Iterator

from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.backends.excel.ooxml.notation.refs import MAX_COLUMN, MAX_ROW

from . import formula
from .finding import Report
from .sections import number
from .workbook import WorkbookFacts

_ANCHORS = {"twoCellAnchor": ("from", "to"), "oneCellAnchor": ("from", "ext"), "absoluteAnchor": ("pos", "ext")}
_SHAPES = frozenset({"sp", "grpSp", "graphicFrame", "cxnSp", "pic", "contentPart", "AlternateContent"})


def check_drawing(root: markup.Node, part: str, report: Report) -> None:
    """The shapes of a drawing and where they are anchored."""
    for anchor in root.children:
        if anchor.name not in _ANCHORS:
            continue
        names = {node.name for node in anchor.children}
        missing = [name for name in (*_ANCHORS[anchor.name], "clientData") if name not in names]
        if missing or not names & _SHAPES:
            report.add("drawing-anchor", part, anchor.name, f"it has no {', '.join(missing) or 'shape'}")
        for mark in (*anchor.all("from"), *anchor.all("to")):
            for name, most in (("col", MAX_COLUMN), ("row", MAX_ROW)):
                node = mark.child(name)
                value = number(node.text) if node else None
                if value is None or not 0 <= value < most:
                    report.add("drawing-anchor", part, anchor.name, f"its {name} is out of range")
    seen: set[str] = set()
    for node in _seen(root):
        if node.name == "cNvPr":
            text = node.attributes.get("id", "")
            if text in seen:
                report.add("drawing-duplicate-id", part, node.attributes.get("name", ""), f"the id {text} is taken")
            seen.add(text)


def _seen(node: markup.Node) -> Iterator[markup.Node]:
    """What a program sees that understands the first choice of every alternative."""
    yield node
    children = node.children[:1] if node.name == "AlternateContent" else node.children
    for child in children:
        yield from _seen(child)


def check_chart(root: markup.Node, part: str, book: WorkbookFacts, report: Report) -> None:
    """A chart's axes are all there, and its ranges can be parsed."""
    axes = {
        text
        for node in root.walk()
        if node.name in ("catAx", "valAx", "dateAx", "serAx")
        for text in [_value(node, "axId")]
    }
    for node in root.walk():
        if node.name.endswith("Chart") and node.name != "chart":
            for child in node.all("axId"):
                text = child.attributes.get("val", "")
                if text not in axes:
                    report.add("chart-axis", part, node.name, f"there is no axis {text}")
        elif node.name in ("catAx", "valAx", "dateAx", "serAx"):
            text = _value(node, "crossAx")
            if text and text not in axes:
                report.add("chart-axis", part, node.name, f"it crosses the axis {text}, which is not there")
        elif node.name == "f" and not node.children and node.text.strip():
            parsed = formula.parse(node.text.strip())
            if parsed.fault:
                report.add("chart-formula", part, "f", f"{parsed.fault}: {node.text}")
            elif any(index > book.files for index in parsed.files):
                report.add("formula-external", part, "f", f"there are {book.files} external workbooks: {node.text}")


def _value(node: markup.Node, name: str) -> str:
    child = node.child(name)
    return child.attributes.get("val", "") if child else ""
