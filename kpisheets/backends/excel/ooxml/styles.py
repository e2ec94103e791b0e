"""The styles part: which styles show dates, and styles appended for a number format."""

from __future__ import annotations

import re

from kpisheets.errors import BadData

from . import markup

_BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;[Red](#,##0.00)", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0",
    48: "##0.0E+0", 49: "@",
}  # fmt: skip
_EAST_ASIAN_DATES = frozenset([*range(27, 32), 36, *range(50, 59)])
_FIRST_OWN = 164
_NOT_CODE = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]|AM/PM|A/P|General', re.IGNORECASE | re.DOTALL)


def is_date_format(code: str) -> bool:
    """Whether a number format shows a calendar date (a time of day or a duration alone is a number)."""
    bare = _NOT_CODE.sub("", code.split(";")[0]).lower()
    return "y" in bare or "d" in bare or ("m" in bare and "h" not in bare and "s" not in bare and "mm:" not in bare)


class Styles:
    """The cell styles of a workbook; ``data`` is the part, grown by what was appended.

    Raises:
        BadData: the part is broken.
    """

    def __init__(self, data: bytes, where: str) -> None:
        self.where = where
        self._load(markup.to_utf8(data, where))

    def _load(self, data: bytes) -> None:
        self.data = data
        self._root = markup.parse(data, self.where)
        formats = self._root.child("numFmts")
        self._codes = {
            markup.whole(node.attributes.get("numFmtId")): node.attributes.get("formatCode", "")
            for node in (formats.all("numFmt") if formats else [])
        }
        self._cells = self._root.child("cellXfs")
        self._xfs = self._cells.all("xf") if self._cells else []

    @property
    def count(self) -> int:
        """How many cell styles there are; ids run from 0."""
        return max(len(self._xfs), 1)

    def code(self, style: int) -> str:
        """The number format of a style."""
        number = markup.whole(self._xfs[style].attributes.get("numFmtId")) if style < len(self._xfs) else 0
        return self._codes.get(number) or _BUILT_IN.get(number, "General")

    def dates(self) -> list[bool]:
        """For each style, whether it shows dates."""
        known: dict[int, bool] = {}
        for xf in self._xfs:
            number = markup.whole(xf.attributes.get("numFmtId"))
            if number not in known:
                code = self._codes.get(number)
                known[number] = is_date_format(code if code is not None else _BUILT_IN.get(number, "General")) or (
                    code is None and number in _EAST_ASIAN_DATES
                )
        return [known[markup.whole(xf.attributes.get("numFmtId"))] for xf in self._xfs]

    def like(self, style: int, number_format: str) -> int:
        """The id of a style equal to ``style`` but for its number format; appended when there is none.

        Raises:
            BadData: there is no such style to start from.
        """
        if self._cells is None or style >= len(self._xfs):
            raise BadData(f"there is no cell style {style}", where=self.where, mend="start from a style of the file")
        if self.code(style) == number_format:
            return style
        number = self._format_id(number_format)
        xf = self._xfs[style]
        tag = self.data[xf.start : xf.open_end]
        inside = self.data[xf.open_end : xf.end]
        wanted = {"numFmtId": str(number), "applyNumberFormat": "1"}
        asked = dict(xf.attributes) | wanted
        for index, other in enumerate(self._xfs):
            if other.attributes == asked and self.data[other.open_end : other.end] == inside:
                return index
        self._append("cellXfs", markup.tag_with(tag, dict(wanted)) + inside, len(self._xfs) + 1)
        return len(self._xfs) - 1

    def _format_id(self, code: str) -> int:
        for number, known in (_BUILT_IN | self._codes).items():
            if known == code and self._codes.get(number, code) == code:
                return number
        number = max([_FIRST_OWN - 1, *self._codes]) + 1
        prefix = markup.prefix_of(self.data, self._root)
        new = b'<%bnumFmt numFmtId="%d" formatCode="%b"/>' % (prefix, number, markup.attribute(code))
        if self._root.child("numFmts"):
            self._append("numFmts", new, len(self._codes) + 1)
        else:
            at = self._root.open_end
            section = b'<%bnumFmts count="1">%b</%bnumFmts>' % (prefix, new, prefix)
            self._load(self.data[:at] + section + self.data[at:])
        return number

    def _append(self, section: str, new: bytes, count: int) -> None:
        # The count first: the place for the new element is found again in the result.
        node = self._section(section)
        tag = markup.tag_with(self.data[node.start : node.open_end], {"count": str(count)})
        counted = markup.splice(self.data, [(node.start, node.open_end, tag)])
        self._load(counted)
        self._load(markup.splice(counted, [markup.inserted_at_end(counted, self._section(section), new)]))

    def _section(self, name: str) -> markup.Node:
        return next(node for node in self._root.children if node.name == name)
