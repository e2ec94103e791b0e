"""Charts spelled out: what they leave unsaid means one thing in a workbook of Excel 2007 and another in a later one.

XlsxWriter writes charts, and says that its files are of Excel 2007. There an axis, say, without a word on being deleted
is drawn; in a file of a later version, which the target may be, it is gone, corners are round and hidden figures left
out. So each such word is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kpisheets.backends.excel.ooxml.notation import markup

_NAMESPACE = "http://schemas.openxmlformats.org/drawingml/2006/chart"


class _Kind(NamedTuple):
    """What an element of a chart must say, and the order of its children."""

    says: Mapping[str, str]
    order: tuple[str, ...]


_AXIS = (
    *("axId", "scaling", "delete", "axPos", "majorGridlines", "minorGridlines", "title", "numFmt", "majorTickMark"),
    *("minorTickMark", "tickLblPos", "spPr", "txPr", "crossAx", "crosses", "crossesAt", "auto", "crossBetween"),
    *("majorUnit", "minorUnit", "dispUnits", "lblAlgn", "lblOffset", "tickLblSkip", "tickMarkSkip", "noMultiLvlLbl"),
    "extLst",
)
_SERIES = (
    *("idx", "order", "tx", "spPr", "invertIfNegative", "pictureOptions", "marker", "dPt", "dLbls", "trendline"),
    *("errBars", "cat", "val", "smooth", "shape", "extLst"),
)
_GROUP = (
    *("barDir", "grouping", "varyColors", "ser", "dLbls", "gapWidth", "overlap", "serLines", "dropLines"),
    *("hiLowLines", "upDownBars", "marker", "smooth", "axId", "extLst"),
)
_KINDS = {
    "chartSpace": _Kind(
        {"roundedCorners": "0"},
        (
            *("date1904", "lang", "roundedCorners", "AlternateContent", "style", "clrMapOvr", "pivotSource"),
            *("protection", "chart", "spPr", "txPr", "externalData", "printSettings", "userShapes", "extLst"),
        ),
    ),
    "chart": _Kind(
        {"autoTitleDeleted": "0", "plotVisOnly": "0", "dispBlanksAs": "gap"},
        (
            *("title", "autoTitleDeleted", "pivotFmts", "view3D", "floor", "sideWall", "backWall", "plotArea"),
            *("legend", "plotVisOnly", "dispBlanksAs", "showDLblsOverMax", "extLst"),
        ),
    ),
    "legend": _Kind({"overlay": "0"}, ("legendPos", "legendEntry", "layout", "overlay", "spPr", "txPr", "extLst")),
    "title": _Kind({"overlay": "0"}, ("tx", "layout", "overlay", "spPr", "txPr", "extLst")),
    "catAx": _Kind({"delete": "0", "noMultiLvlLbl": "0"}, _AXIS),
    "valAx": _Kind({"delete": "0"}, _AXIS),
    "dateAx": _Kind({"delete": "0"}, _AXIS),
    "barChart": _Kind({"varyColors": "0"}, _GROUP),
    "lineChart": _Kind({"varyColors": "0"}, _GROUP),
    "barChart/ser": _Kind({"invertIfNegative": "0"}, _SERIES),
    "lineChart/ser": _Kind({"smooth": "0"}, _SERIES),
}


def explicit(data: bytes, where: str) -> bytes:
    """A chart's part that shows the same in workbooks of any version of Excel. Bars and lines are spelled out."""
    root = markup.parse(data, where)
    prefix = markup.prefix_of(data, root)
    changes: list[tuple[int, int, bytes]] = []

    def visit(node: markup.Node, parent: str) -> None:
        kind = _KINDS.get(node.name) or _KINDS.get(f"{parent}/{node.name}")
        if kind is not None and node.namespace == _NAMESPACE and node.close < node.end:
            for name, value in kind.says.items():
                if node.child(name) is None:
                    place = _place(node, name, kind.order)
                    changes.append((place, place, b'<%b%b val="%b"/>' % (prefix, name.encode(), value.encode())))
        for child in node.children:
            visit(child, node.name)

    visit(root, "")
    return markup.splice(data, changes)


def _place(node: markup.Node, name: str, order: tuple[str, ...]) -> int:
    """Behind the last child that stands before ``name``."""
    before = order[: order.index(name)]
    return max([node.open_end, *(child.end for child in node.children if child.name in before)])
