"""The donor's tabs and tables, rewritten for their new workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kpisheets.backends.excel.ooxml.notation import markup

from .styles import Merged

Change = tuple[int, int, bytes]
_WIDEST = 255


def rewritten(data: bytes, styles: Merged, texts: Sequence[bytes], where: str) -> bytes:
    """A tab's part with the target's style ids, its texts in the cells, and not selected.

    ``texts`` are the contents of the donor's shared strings; the target's own are left alone.
    """
    root = markup.parse(data, where)
    changes: list[Change] = []
    for node in root.walk():
        if node.name == "c" and node.namespace == markup.MAIN:
            changes += _cell(data, node, styles, texts)
        elif node.name == "row" and "s" in node.attributes:
            changes.append(_styled(data, node, "s", styles))
        elif node.name == "col":
            changes.append(_column(data, node, styles))
        elif node.name == "sheetView" and "tabSelected" in node.attributes:
            changes.append(_tagged(data, node, {"tabSelected": None}))
        else:
            changes += _differing(data, node, styles)
    return markup.splice(data, changes)


def table(data: bytes, number: int, styles: Merged, where: str) -> bytes:
    """A table's part with another id and the target's style ids."""
    root = markup.parse(data, where)
    changes = [_tagged(data, root, {"id": str(number), **_differences(root, styles)})]
    for node in root.walk():
        if node is not root:
            changes += _differing(data, node, styles)
    return markup.splice(data, changes)


def _cell(data: bytes, node: markup.Node, styles: Merged, texts: Sequence[bytes]) -> Iterator[Change]:
    values: dict[str, str | None] = {}
    if "s" in node.attributes:
        values["s"] = str(styles.cells[markup.whole(node.attributes["s"])])
    value = node.child("v")
    shared = node.attributes.get("t") == "s" and value is not None
    if shared:
        values["t"] = "inlineStr"
    if values:
        yield _tagged(data, node, values)
    if shared and value is not None:
        prefix = markup.prefix_of(data, node)
        yield value.start, value.end, b"<%bis>%b</%bis>" % (prefix, texts[markup.whole(value.text.strip())], prefix)


def _column(data: bytes, node: markup.Node, styles: Merged) -> Change:
    values: dict[str, str | None] = {}
    if "style" in node.attributes:
        values["style"] = str(styles.cells[markup.whole(node.attributes["style"])])
    if "width" in node.attributes and styles.widths != 1:
        values["width"] = f"{min(float(node.attributes['width']) * styles.widths, _WIDEST):.7g}"
    return _tagged(data, node, values)


def _styled(data: bytes, node: markup.Node, name: str, styles: Merged) -> Change:
    return _tagged(data, node, {name: str(styles.cells[markup.whole(node.attributes[name])])})


def _differing(data: bytes, node: markup.Node, styles: Merged) -> Iterator[Change]:
    values = _differences(node, styles)
    if values:
        yield _tagged(data, node, values)


def _differences(node: markup.Node, styles: Merged) -> dict[str, str | None]:
    """The attributes that name a conditional format's entry: ``dxfId``, ``dataDxfId``, ``headerRowDxfId`` …"""
    return {
        name: str(styles.differences[markup.whole(number)])
        for name, number in node.attributes.items()
        if name.lower().endswith("dxfid")
    }


def _tagged(data: bytes, node: markup.Node, values: dict[str, str | None]) -> Change:
    return node.start, node.open_end, markup.tag_with(data[node.start : node.open_end], values)
