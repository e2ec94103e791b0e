"""Two styles parts made one: what the target lacks of the donor's entries is appended, no id of the target moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.backends.excel.ooxml.parts.styles import Styles
from kpisheets.errors import BadData

from .elements import Key, grown, key_of, spelled
from .widths import digit_width

_ORDER = (
    *("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles"),
    *("colors", "extLst"),
)
_ITEM = {"fonts": "font", "fills": "fill", "borders": "border", "cellStyleXfs": "xf", "cellXfs": "xf", "dxfs": "dxf"}
_FIRST_OWN = 164
_MOST = 64_000
"""Excel's limit of cell formats in a workbook."""
_APPLIED = ("applyNumberFormat", "applyFont", "applyFill", "applyBorder", "applyAlignment", "applyProtection")


@dataclass(frozen=True, slots=True)
class Merged:
    """``data`` is the grown part; ``cells`` and ``differences`` say which id of the donor became which, ``widths`` what
    the donor's column widths are multiplied by to look as wide as they were."""

    data: bytes
    cells: Mapping[int, int]
    differences: Mapping[int, int]
    widths: float = 1.0


def merge(target: bytes, donor: bytes, where: str) -> Merged:
    """The target's styles part with what the donor's cells need.

    The donor's style 0, which cells without a style have, becomes the target's.

    Raises:
        BadData: the part is broken, or there would be more cell formats than Excel opens.
    """
    data = _opened(markup.to_utf8(target, where), where)
    root = markup.parse(data, where)
    if root.namespace != markup.MAIN or root.name != "styleSheet":
        raise BadData("its styles part is broken", where=where, mend="open it in Excel and save it again")
    return _Merge(data, root, donor, where).done()


def _opened(data: bytes, where: str) -> bytes:
    """The part with a closing tag of its own."""
    root = markup.parse(data, where)
    return data if root.close < root.end else markup.splice(data, [markup.inserted_at_end(data, root, b"")])


class _Section:
    """The entries of one kind: those that are there, and those to append."""

    def __init__(self, root: markup.Node, name: str) -> None:
        self.name = name
        self.node = root.child(name)
        items = self.node.all(_ITEM[name]) if self.node else []
        self.known: dict[Key, int] = {}
        for place, item in enumerate(items):
            self.known.setdefault(key_of(item), place)
        self.count = len(items)
        self.new: list[markup.Node] = []

    def place(self, item: markup.Node) -> int:
        """The id of an entry that says the same, appended where there is none."""
        key = key_of(item)
        if key not in self.known:
            self.known[key] = self.append(item)
        return self.known[key]

    def append(self, item: markup.Node) -> int:
        self.new.append(item)
        self.count += 1
        return self.count - 1


class _Merge:
    def __init__(self, data: bytes, root: markup.Node, donor: bytes, where: str) -> None:
        self.data, self.root, self.where = data, root, where
        self.donor = markup.parse(donor, where)
        self.formats = Styles(donor, where)
        self.sections = {name: _Section(root, name) for name in _ITEM}
        self.codes = _codes(root)
        self.donor_codes = _codes(self.donor)
        self.new_codes: dict[str, int] = {}

    def done(self) -> Merged:
        fonts, fills, borders = (self._placed(name) for name in ("fonts", "fills", "borders"))
        forms, cells = self.sections["cellStyleXfs"], self.sections["cellXfs"]
        if not forms.count:
            forms.append(self._format(_items(self.donor, "cellStyleXfs")[0], fonts, fills, borders, {}))
        normal = _normal(self.root, forms.count)
        ids: dict[int, int] = {}
        for place, item in enumerate(_items(self.donor, "cellXfs")):
            values = {"xfId": str(normal), "numFmtId": str(self._number(place, item)), **dict.fromkeys(_APPLIED, "1")}
            form = self._format(item, fonts, fills, borders, values)
            ids[place] = 0 if place == 0 and cells.count else cells.place(form)
        if cells.new and cells.count > _MOST:
            raise BadData(
                f"it would have {cells.count:,} cell formats, and Excel opens no more than {_MOST:,}",
                where=self.where,
                mend="copy the tabs that are needed into a new workbook",
            )
        differences = {
            place: self.sections["dxfs"].place(self._difference(item))
            for place, item in enumerate(_items(self.donor, "dxfs"))
        }
        data = markup.splice(self.data, self._changes())
        drawn = digit_width(markup.parse(data, self.where), normal)
        return Merged(data, ids, differences, digit_width(self.donor, _normal(self.donor, 1)) / drawn)

    def _placed(self, name: str) -> dict[int, int]:
        # In the donor's order: a section that lacks what programs take for granted (fills 0 and 1) gets it in place.
        items = enumerate(_items(self.donor, name))
        return {place: self.sections[name].place(_without_theme_font(item)) for place, item in items}

    def _format(
        self,
        item: markup.Node,
        fonts: Mapping[int, int],
        fills: Mapping[int, int],
        borders: Mapping[int, int],
        values: Mapping[str, str],
    ) -> markup.Node:
        ids = {
            name: str(known[markup.whole(item.attributes.get(name))])
            for name, known in (("fontId", fonts), ("fillId", fills), ("borderId", borders))
        }
        return replace(item, attributes={**item.attributes, **ids, **values})

    def _difference(self, item: markup.Node) -> markup.Node:
        """A conditional format's entry: its number format has an id too."""
        children = []
        for child in item.children:
            if child.name == "numFmt":
                number = self._coded(child.attributes.get("formatCode", ""))
                child = replace(child, attributes={**child.attributes, "numFmtId": str(number)})
            children.append(_without_theme_font(child) if child.name == "font" else child)
        return replace(item, children=children)

    def _number(self, place: int, item: markup.Node) -> int:
        """The id of a cell format's number format. Programs know some without a word, but files may redefine them."""
        number = markup.whole(item.attributes.get("numFmtId"))
        own = number in self.donor_codes or number in self.codes
        return self._coded(self.formats.code(place)) if own else number

    def _coded(self, code: str) -> int:
        """The id of a number format, appended where there is none."""
        known = next((number for number, text in self.codes.items() if text == code and number >= _FIRST_OWN), None)
        if known is not None:
            return known
        if code not in self.new_codes:
            self.new_codes[code] = max([_FIRST_OWN - 1, *self.codes, *self.new_codes.values()]) + 1
        return self.new_codes[code]

    def _changes(self) -> Iterable[tuple[int, int, bytes]]:
        prefix = markup.prefix_of(self.data, self.root)
        for name in _ORDER:
            if name == "numFmts":
                node, count = self.root.child(name), len(self.codes) + len(self.new_codes)
                new = b"".join(
                    b'<%bnumFmt numFmtId="%d" formatCode="%b"/>' % (prefix, number, markup.attribute(code))
                    for code, number in self.new_codes.items()
                )
            elif name in self.sections:
                section = self.sections[name]
                node, count = section.node, section.count
                new = b"".join(spelled(item, prefix) for item in section.new)
            else:
                continue
            if not new:
                continue
            if node is not None:
                yield from grown(self.data, node, new, count)
            else:
                section_name = prefix + name.encode()
                place = self._after(name)
                yield place, place, b'<%b count="%d">%b</%b>' % (section_name, count, new, section_name)

    def _after(self, name: str) -> int:
        before = _ORDER[: _ORDER.index(name)]
        return max([self.root.open_end, *(node.end for node in self.root.children if node.name in before)])


def _items(root: markup.Node, name: str) -> list[markup.Node]:
    node = root.child(name)
    return node.all(_ITEM[name]) if node else []


def _codes(root: markup.Node) -> dict[int, str]:
    node = root.child("numFmts")
    return {
        markup.whole(item.attributes.get("numFmtId")): item.attributes.get("formatCode", "")
        for item in (node.all("numFmt") if node else [])
    }


def _normal(root: markup.Node, count: int) -> int:
    """The id of the style that people call Normal."""
    node = root.child("cellStyles")
    for style in node.all("cellStyle") if node else []:
        if style.attributes.get("builtinId") == "0":
            place = markup.whole(style.attributes.get("xfId"))
            return place if place < count else 0
    return 0


def _without_theme_font(item: markup.Node) -> markup.Node:
    """A font by its name: by its scheme it would be another one under the target's theme."""
    return replace(item, children=[child for child in item.children if child.name != "scheme"])
