"""The target's workbook part with tabs and defined names more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.errors import BadData

from .elements import spelled

_BEFORE_NAMES = ("sheets", "functionGroups", "externalReferences")
_MOST_SHEETS = 65_534
_LOST = re.compile(r"#REF!", re.IGNORECASE)


def with_sheets(data: bytes, links: Mapping[str, str], where: str) -> bytes:
    """The part with new tabs at the end: name → id of the relationship."""
    root = markup.parse(data, where)
    sheets = root.child("sheets")
    if sheets is None:
        raise BadData("it has no list of tabs", where=where, mend="open it in Excel and save it again")
    taken = {markup.whole(node.attributes.get("sheetId")) for node in sheets.children}
    prefix = markup.prefix_of(data, sheets)
    word = re.search(rb"\sxmlns:([\w.-]+)\s*=\s*[\"']%b[\"']" % re.escape(markup.RELATIONSHIPS.encode()),
                     data[root.start : root.open_end])  # fmt: skip
    link = word[1] if word else b"r"
    declared = b"" if word else b' xmlns:r="%b"' % markup.RELATIONSHIPS.encode()
    new = b""
    for name, relation in links.items():
        number = _free(taken)
        taken.add(number)
        new += b'<%bsheet name="%b" sheetId="%d"%b %b:id="%b"/>' % (
            prefix, markup.attribute(name), number, declared, link, relation.encode(),
        )  # fmt: skip
    return markup.splice(data, [markup.inserted_at_end(data, sheets, new)])


def _free(taken: set[int]) -> int:
    if max(taken) < _MOST_SHEETS:
        return max(taken) + 1
    return next(number for number in range(1, _MOST_SHEETS) if number not in taken)


def names_of(data: bytes, where: str) -> list[markup.Node]:
    """The defined names, those of single tabs too."""
    names = markup.parse(data, where).child("definedNames")
    return names.all("definedName") if names else []


def is_lost(text: str) -> bool:
    """Whether a name refers to cells that were deleted."""
    return _LOST.search(text) is not None


def with_names(data: bytes, new: Sequence[markup.Node], places: Mapping[int, int], where: str) -> bytes:
    """The part with the donor's defined names.

    ``places`` says which place in the order of tabs the donor's tabs have got. A name of the same spelling that lost
    its cells gives way.
    """
    root = markup.parse(data, where)
    prefix = markup.prefix_of(data, root)
    moved = []
    for node in new:
        local = node.attributes.get("localSheetId")
        place = {} if local is None else {"localSheetId": str(places[markup.whole(local)])}
        moved.append(replace(node, attributes={**node.attributes, **place}))
    if not moved:
        return data
    added = b"".join(spelled(node, prefix) for node in moved)
    section = root.child("definedNames")
    if section is None:
        place_after = max(node.end for node in root.children if node.name in _BEFORE_NAMES)
        text = b"<%bdefinedNames>%b</%bdefinedNames>" % (prefix, added, prefix)
        return markup.splice(data, [(place_after, place_after, text)])
    wide = {node.attributes.get("name", "").lower() for node in moved if "localSheetId" not in node.attributes}
    gone = [
        (node.start, node.end, b"")
        for node in section.all("definedName")
        if "localSheetId" not in node.attributes and node.attributes.get("name", "").lower() in wide
    ]
    return markup.splice(data, [*gone, markup.inserted_at_end(data, section, added)])
