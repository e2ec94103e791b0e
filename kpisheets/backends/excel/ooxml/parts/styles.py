"""The styles part: which styles show dates, and styles appended for a number format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kpisheets.errors import BadData

from ..notation import markup

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


class Form(NamedTuple):
    """A cell style as it is spelled: the attributes of its tag, the tag, what stands inside."""

    attributes: Mapping[str, str]
    tag: bytes
    inside: bytes


class Styles:
    """The cell styles of a workbook, and those that are appended to them.

    Raises:
        BadData: the part is broken.
    """

    def __init__(self, data: bytes, where: str) -> None:
        self.where = where
        self._old = markup.to_utf8(data, where)
        self._root = markup.parse(self._old, where)
        formats, cells = self._root.child("numFmts"), self._root.child("cellXfs")
        self._codes = {
            markup.whole(node.attributes.get("numFmtId")): node.attributes.get("formatCode", "")
            for node in (formats.all("numFmt") if formats else [])
        }
        self._forms = [
            Form(xf.attributes, self._old[xf.start : xf.open_end], self._old[xf.open_end : xf.end])
            for xf in (cells.all("xf") if cells else [])
        ]
        self._numbers = len(self._codes)
        self._first_new = len(self._forms)
        self._new_codes: list[int] = []

    @property
    def data(self) -> bytes:
        """The part, grown by what was appended."""
        prefix = markup.prefix_of(self._old, self._root)
        codes = b"".join(
            b'<%bnumFmt numFmtId="%d" formatCode="%b"/>' % (prefix, number, markup.attribute(self._codes[number]))
            for number in self._new_codes
        )
        forms = b"".join(form.tag + form.inside for form in self._forms[self._first_new :])
        changes = [*self._grown("cellXfs", forms, len(self._forms))]
        if codes and self._root.child("numFmts") is None:
            at = self._root.open_end
            changes.append(
                (at, at, b'<%bnumFmts count="%d">%b</%bnumFmts>' % (prefix, len(self._codes), codes, prefix))
            )
        else:
            changes += self._grown("numFmts", codes, self._numbers + len(self._new_codes))
        return markup.splice(self._old, changes)

    def _grown(self, section: str, new: bytes, count: int) -> Iterator[tuple[int, int, bytes]]:
        node = self._root.child(section)
        if node is None or not new:
            return
        tag = markup.tag_with(self._old[node.start : node.open_end], {"count": str(count)})
        start, end, inserted = markup.inserted_at_end(self._old, node, new)
        if start == node.start:  # it was empty and closed in itself
            yield start, end, tag[:-2].rstrip() + b">" + new + b"</" + markup.name_of(tag) + b">"
            return
        yield node.start, node.open_end, tag
        yield start, end, inserted

    @property
    def count(self) -> int:
        """How many cell styles there are; ids run from 0."""
        return max(len(self._forms), 1)

    def code(self, style: int) -> str:
        """The number format of a style."""
        number = markup.whole(self._forms[style].attributes.get("numFmtId")) if style < len(self._forms) else 0
        return self._codes.get(number) or _BUILT_IN.get(number, "General")

    def dates(self) -> list[bool]:
        """For each style, whether it shows dates."""
        known: dict[int, bool] = {}
        numbers = [markup.whole(form.attributes.get("numFmtId")) for form in self._forms]
        for number in set(numbers):
            code = self._codes.get(number)
            known[number] = is_date_format(code if code is not None else _BUILT_IN.get(number, "General")) or (
                code is None and number in _EAST_ASIAN_DATES
            )
        return [known[number] for number in numbers]

    def like(self, style: int, number_format: str) -> int:
        """The id of a style equal to ``style`` but for its number format; appended when there is none.

        Raises:
            BadData: there is no such style to start from.
        """
        if style >= len(self._forms):
            raise BadData(f"there is no cell style {style}", where=self.where, mend="start from a style of the file")
        if self.code(style) == number_format:
            return style
        form = self._forms[style]
        wanted: dict[str, str | None] = {
            "numFmtId": str(self._format_id(number_format)),
            "applyNumberFormat": "1",
        }
        asked = {**form.attributes, **wanted}
        for index, other in enumerate(self._forms):
            if other.attributes == asked and other.inside == form.inside:
                return index
        attributes = {name: value for name, value in asked.items() if value is not None}
        self._forms.append(Form(attributes, markup.tag_with(form.tag, wanted), form.inside))
        return len(self._forms) - 1

    def _format_id(self, code: str) -> int:
        for number, known in (_BUILT_IN | self._codes).items():
            if known == code and self._codes.get(number, code) == code:
                return number
        number = max([_FIRST_OWN - 1, *self._codes]) + 1
        self._codes[number] = code
        self._new_codes.append(number)
        return number
