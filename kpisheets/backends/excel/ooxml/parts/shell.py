"""A sheet's part without its cells: small enough for a tree, changed by splicing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kpisheets.errors import BadData, Defect

from ..notation import markup
from ..notation.refs import Area, parse_area
from .relations import mentioned
from .splice import Splice

_REPORT = "report this, with the workbook if you can"
Change = tuple[int, int, bytes]
"""Bytes of the shell from, to, and what they become."""


class Shell:
    """All of a worksheet but what stands inside ``sheetData``.

    ``before`` ends where the tag of ``sheetData`` begins, ``after`` begins behind its end.

    Raises:
        BadData: it is broken, or strict Open XML.
    """

    def __init__(self, before: bytes, after: bytes, prefix: bytes, where: str) -> None:
        self.where, self.prefix = where, prefix
        marker = b"<%bsheetData/>" % prefix
        self._data = before + marker + after
        self._left, self._right = len(before), len(before) + len(marker)
        self.root = markup.parse(self._data, where)
        if self.root.namespace == markup.STRICT_MAIN:
            raise BadData("it is a strict Open XML file", where=where, mend="save it as Excel Workbook (.xlsx)")

    @property
    def linked(self) -> frozenset[str]:
        """The ids of links that it speaks of, those without a link too."""
        return mentioned(self._data)

    def merged(self) -> list[Area]:
        """The merged areas."""
        merges = self.root.child("mergeCells")
        areas = [parse_area(node.attributes.get("ref", "")) for node in merges.all("mergeCell")] if merges else []
        return [area for area in areas if area]

    def filtered(self) -> Area | None:
        """The area of the sheet's own filter."""
        node = self.root.child("autoFilter")
        return parse_area(node.attributes.get("ref", "")) if node else None

    def column_style(self, column: int) -> int:
        """The style that a column gives to new cells."""
        cols = self.root.child("cols")
        for node in cols.all("col") if cols else []:
            named = node.attributes
            if markup.whole(named.get("min")) <= column <= markup.whole(named.get("max")):
                return markup.whole(named.get("style"))
        return 0

    def splices(self, changes: Iterable[Change], end: int) -> list[Splice]:
        """The changes in the part's bytes, where the cells' section, its tags and all, ends at ``end``.

        Raises:
            Defect: they would break the part.
        """
        changes = list(changes)
        try:
            markup.parse(markup.splice(self._data, changes), self.where)
        except BadData as error:
            raise Defect(
                f"what follows an edit breaks the sheet ({error.what})", where=self.where, mend=_REPORT
            ) from None
        return [
            Splice(start if stop <= self._left else start - self._right + end, self._data[start:stop], new)
            for start, stop, new in changes
        ]

    def dimension(self, top: int, left: int, bottom: int, right: int, *, empty: bool) -> list[Change]:
        """The change that lets the dimension hold these cells too; ``empty``: the sheet had none so far."""
        node = self.root.child("dimension")
        area = parse_area(node.attributes.get("ref", "")) if node else None
        if node is None or area is None:
            return []
        if not (empty and area == (1, 1, 1, 1)):
            top, left = min(top, area.top), min(left, area.left)
            bottom, right = max(bottom, area.bottom), max(right, area.right)
        grown = Area(top, left, bottom, right)
        if grown == area:
            return []
        tag = self._data[node.start : node.open_end]
        return [(node.start, node.open_end, markup.tag_with(tag, {"ref": grown.a1}))]

    def table_links(self, ids: Sequence[str]) -> list[Change]:
        """The change that links table parts more."""
        if not ids:
            return []
        p = self.prefix
        link = b"".join(
            b'<%btablePart xmlns:r="%b" r:id="%b"/>' % (p, markup.RELATIONSHIPS.encode(), new.encode()) for new in ids
        )
        parts = self.root.child("tableParts")
        if parts is None:
            last = self.root.child("extLst")
            place = last.start if last else self.root.close
            return [(place, place, b'<%btableParts count="%d">%b</%btableParts>' % (p, len(ids), link, p))]
        tag = self._data[parts.start : parts.open_end]
        opened = (tag[:-2].rstrip() + b">") if tag.endswith(b"/>") else tag
        inside = self._data[parts.open_end : parts.close] if parts.close < parts.end else b""
        opened = markup.tag_with(opened, {"count": str(len(parts.all("tablePart")) + len(ids))})
        return [(parts.start, parts.end, opened + inside + link + b"</%btableParts>" % p)]
