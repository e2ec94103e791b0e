"""The parts that come along with a tab: drawings, charts, tables …, under names that are free in the target."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kpisheets.backends.excel.ooxml import Book, markup
from kpisheets.backends.excel.ooxml.relations import relations_part

RELATIONS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"


class Copy(NamedTuple):
    """A part of the donor: its name there, what links call it (``worksheet``, ``chart`` …), its name in the target."""

    old: str
    kind: str
    new: str


class Names:
    """Gives out names that no part of the target has."""

    def __init__(self, target: Book) -> None:
        self._target = target
        self._folder = posixpath.dirname(target.part_name)
        self._given: set[str] = set()

    def free(self, donor_folder: str, name: str) -> str:
        """A name like ``name``, below the folder of the target's workbook, with the first number that makes it free."""
        wished = posixpath.join(self._folder, posixpath.relpath(name, donor_folder or "."))
        stem, ending = posixpath.splitext(wished)
        stem = re.sub(r"\d+\Z", "", stem)
        found, number = wished, 1
        while self._taken(found):
            found, number = f"{stem}{number}{ending}", number + 1
        self._given.add(found.lower())
        return found

    def _taken(self, name: str) -> bool:
        find = self._target.package.find
        return name.lower() in self._given or any(find(part) is not None for part in (name, relations_part(name)))


def copies(donor: Book, sheets: Iterable[str], names: Names) -> dict[str, Copy]:
    """The parts of these tabs and all that they link to, by their name in the donor; tabs first, in order."""
    folder = posixpath.dirname(donor.part_name)
    found: dict[str, Copy] = {}
    waiting = [(donor.sheet_part(sheet), "worksheet") for sheet in sheets]
    while waiting:
        part, kind = waiting.pop(0)
        if part in found:
            continue
        found[part] = Copy(part, kind, names.free(folder, part))
        waiting += [(donor.entry(link.target), link.kind) for link in donor.relations_of(part)]
    return found


def relinked(donor: Book, copy: Copy, known: Mapping[str, Copy]) -> dict[str, bytes]:
    """The relationships part of a copied part: the same ids, the new names. Nothing where it has no links."""
    name = donor.package.find(relations_part(copy.old))
    if name is None:
        return {}
    data = donor.read(name)
    changes = []
    for link in donor.relations_of(copy.old):
        new = known[donor.entry(link.target)].new
        target = posixpath.relpath("/" + new, "/" + posixpath.dirname(copy.new))
        tag = markup.tag_with(data[link.node.start : link.node.open_end], {"Target": target})
        changes.append((link.node.start, link.node.open_end, tag))
    return {relations_part(copy.new): markup.splice(data, changes)}


def with_types(data: bytes, types: Mapping[str, str], where: str) -> bytes:
    """The target's list of content types with ``types`` (part → type) more."""
    data = markup.to_utf8(data, where)
    root = markup.parse(data, where)
    usual = _defaults(root)
    prefix = markup.prefix_of(data, root)
    new = b"".join(
        b'<%bOverride PartName="/%b" ContentType="%b"/>' % (prefix, markup.attribute(part), markup.attribute(kind))
        for part, kind in types.items()
        if usual.get(_ending(part)) != kind
    )
    return markup.splice(data, [markup.inserted_at_end(data, root, new)]) if new else data


def type_of(types: markup.Node, part: str) -> str:
    """The content type of a part, as the list of its package says it."""
    for node in types.all("Override"):
        if node.attributes.get("PartName", "").lower() == f"/{part}".lower():
            return node.attributes.get("ContentType", "")
    return _defaults(types)[_ending(part)]


def _defaults(types: markup.Node) -> dict[str, str]:
    return {
        node.attributes.get("Extension", "").lower(): node.attributes.get("ContentType", "")
        for node in types.all("Default")
    }


def _ending(part: str) -> str:
    return posixpath.splitext(part)[1].lstrip(".").lower()
