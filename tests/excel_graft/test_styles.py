"""Styles merged: no entry of the target moves, every entry of the donor is found under its new id."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from kpisheets.backends.excel.graft.styles import merge

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_NAMES = ("fonts", "fills", "borders", "cellXfs", "dxfs", "numFmts")
FONTS = [
    f'<{{p}}font><{{p}}sz val="{size}"/><{{p}}name val="{name}"/></{{p}}font>'
    for size in (9, 11)
    for name in ("Arial", "A &amp; B", "Calibri")
]
FONTS.append('<{p}font><{p}b/><{p}color theme="1"/><{p}name val="Calibri"/></{p}font>')
FILLS = [f'<{{p}}fill><{{p}}patternFill patternType="{kind}"/></{{p}}fill>' for kind in ("none", "gray125", "solid")]
BORDERS = ["<{p}border/>", '<{p}border><{p}left style="thin"/></{p}border>']
CODES = ["0.0", "#,##0.00", '"a &lt; b"0', "yyyy-mm-dd", "General"]
DXFS = [
    "<{p}dxf><{p}font><{p}b/></{p}font></{p}dxf>",
    '<{p}dxf><{p}numFmt numFmtId="164" formatCode="0.0"/></{p}dxf>',
    '<{p}dxf><{p}numFmt numFmtId="170" formatCode="0.0"/></{p}dxf>',
]
ALIGNED = ["", '<{p}alignment horizontal="right"/>', '<{p}alignment horizontal="left" indent="1"/>']


@st.composite
def sheets(draw: st.DrawFn, *, whole: bool) -> str:
    """A styles part; ``whole`` has all that programs take for granted, as XlsxWriter writes it."""
    p = "" if whole else draw(st.sampled_from(["", "x:"]))
    fonts = draw(st.lists(st.sampled_from(FONTS), min_size=int(whole), max_size=5))
    fills = draw(st.lists(st.sampled_from(FILLS), max_size=4))
    fills = FILLS[:2] + fills if whole or fills else []
    borders = draw(st.lists(st.sampled_from(BORDERS), min_size=int(whole), max_size=3))
    codes = draw(st.lists(st.sampled_from(CODES), max_size=4, unique=True))
    first = draw(st.sampled_from([164, 164, 170]))
    numbers = [0, 1, 9, 14, *range(first, first + len(codes))]

    def index(items: list[str]) -> st.SearchStrategy[int]:
        return st.integers(0, max(len(items) - 1, 0))

    formats = [
        f'<{{p}}xf numFmtId="{draw(st.sampled_from(numbers))}" fontId="{draw(index(fonts))}" '
        f'fillId="{draw(index(fills))}" borderId="{draw(index(borders))}" xfId="0">'
        f"{draw(st.sampled_from(ALIGNED))}</{{p}}xf>"
        for _ in range(draw(st.integers(int(whole), 6)))
    ]
    dxfs = draw(st.lists(st.sampled_from(DXFS), max_size=3))
    coded = [f'<{{p}}numFmt numFmtId="{first + at}" formatCode="{_quoted(code)}"/>' for at, code in enumerate(codes)]
    sections = {
        **{"numFmts": coded, "fonts": fonts, "fills": fills, "borders": borders},
        **{"cellStyleXfs": ["<{p}xf/>"] if whole else [], "cellXfs": formats, "dxfs": dxfs},
    }
    text = ""
    for name, items in sections.items():
        if items or (name == "dxfs" and draw(st.booleans())):
            text += f'<{{p}}{name} count="{len(items)}">{"".join(items)}</{{p}}{name}>'
    namespace = f'xmlns:{p[:-1]}="{_MAIN}"' if p else f'xmlns="{_MAIN}"'
    return f"<{{p}}styleSheet {namespace}>{text}</{{p}}styleSheet>".replace("{p}", p)


def _quoted(code: str) -> str:
    return code.replace('"', "&quot;")


class Look:
    """A styles part as the standard library's parser sees it."""

    def __init__(self, text: str | bytes) -> None:
        root = ElementTree.fromstring(text)
        self.order = [node.tag for node in root]
        self.items = {name: list(root.find(f"{{{_MAIN}}}{name}") or ()) for name in _NAMES}
        self.counts = {name: (root.find(f"{{{_MAIN}}}{name}")) for name in _NAMES}
        self.codes = {item.get("numFmtId"): item.get("formatCode") for item in self.items["numFmts"]}

    def format(self, place: int) -> tuple[Any, ...]:
        """All that a cell format says, with no id in it."""
        item = self.items["cellXfs"][place]
        number = item.get("numFmtId", "0")
        parts = [
            said(self.items[name][int(item.get(attribute, "0"))]) if self.items[name] else None
            for attribute, name in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders"))
        ]
        return self.codes.get(number, number), *parts, [said(child) for child in item]

    def difference(self, place: int) -> Any:
        return said(self.items["dxfs"][place], without=("numFmtId",))


def said(node: ElementTree.Element, without: tuple[str, ...] = ()) -> Any:
    named = sorted((name, value) for name, value in node.items() if name not in without)
    return node.tag, named, (node.text or "").strip(), [said(child, without) for child in node]


@given(sheets(whole=False), sheets(whole=True))
def test_nothing_moves_and_everything_is_found(target: str, donor: str) -> None:
    merged = merge(target.encode(), donor.encode(), "Book.xlsx")
    old, more, new = Look(target), Look(donor), Look(merged.data)
    for name in _NAMES:
        kept = [said(item) for item in old.items[name]]
        assert [said(item) for item in new.items[name]][: len(kept)] == kept
        section = new.counts[name]
        assert section is None or section.get("count") == str(len(section))
    for place in range(len(old.items["cellXfs"])):
        if all(old.items[name] for name in ("fonts", "fills", "borders")):
            assert new.format(place) == old.format(place)
    for place in range(len(more.items["cellXfs"])):
        if place or not old.items["cellXfs"]:
            assert new.format(merged.cells[place]) == more.format(place)
    for place in range(len(more.items["dxfs"])):
        assert new.difference(merged.differences[place]) == more.difference(place)
    codes = [item.get("numFmtId") for item in new.items["numFmts"]]
    assert len(set(codes)) == len(codes)
    wanted = [
        f"{{{_MAIN}}}{name}" for name in ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "dxfs")
    ]
    assert new.order == [tag for tag in wanted if tag in new.order]


@given(sheets(whole=True))
def test_the_same_again_adds_nothing(donor: str) -> None:
    first = merge(donor.encode(), donor.encode(), "Book.xlsx")
    again = merge(first.data, donor.encode(), "Book.xlsx")
    assert again.data == first.data
    assert again.cells == first.cells
