"""The parts that come along with a tab: drawings, charts, tables …, under names that are free in the target."""

from __future__ import annotations

import contextlib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kpisheets.backends.excel.ooxml import Book
from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.backends.excel.ooxml.parts.relations import relations_part
from kpisheets.errors import BadData

TYPES = "[Content_Types].xml"
RELATIONS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"


class Copy(NamedTuple):
    """A part of the donor: its name there, what links call it (``worksheet``, ``chart`` …), its name in the target."""

    old: str
    kind: str
    new: str


class Names:
    """Gives out names that no part of the target has, nor had: where a part got lost, what still speaks of it must not
    come upon another."""

    def __init__(self, target: Book) -> None:
        self._target = target
        self._folder = posixpath.dirname(target.part_name)
        self._given = {name.lower() for name in _spoken_of(target)}

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


def _spoken_of(target: Book) -> Iterator[str]:
    """The parts in the list of content types and those that links lead to, there or not."""
    types = target.package.find(TYPES)
    listed = (
        markup.parse(markup.to_utf8(target.read(types), target.where), target.where).all("Override") if types else []
    )
    yield from (node.attributes.get("PartName", "").lstrip("/") for node in listed)
    for entry in target.package.entries:
        folder, name = posixpath.split(entry)
        if posixpath.basename(folder) == "_rels" and name.endswith(".rels"):
            with contextlib.suppress(BadData):  # what cannot be read leads nowhere
                part = posixpath.join(posixpath.dirname(folder), name.removesuffix(".rels"))
                yield from (link.target for link in target.relations_of(part))


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
