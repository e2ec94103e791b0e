"""Relationships between parts, and the list of content types."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import unquote

from ..notation import markup

_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEADER = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class Relation(NamedTuple):
    """A link from a part: ``kind`` is the last word of its type, ``target`` a part's name without leading slash."""

    id: str
    kind: str
    target: str
    node: markup.Node


def relations_part(part: str) -> str:
    """``xl/workbook.xml`` has its links in ``xl/_rels/workbook.xml.rels``."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", name + ".rels")


def read_relations(data: bytes, part: str, where: str) -> list[Relation]:
    """The links of ``part`` to other parts of the package."""
    folder = posixpath.dirname(part)
    found = []
    for node in markup.parse(data, where).all("Relationship"):
        if node.attributes.get("TargetMode", "").lower() == "external":
            continue
        raw = unquote(node.attributes.get("Target", "")).replace("\\", "/")
        target = posixpath.normpath(raw if raw.startswith("/") else posixpath.join("/", folder, raw)).lstrip("/")
        kind = node.attributes.get("Type", "").rpartition("/")[2]
        found.append(Relation(node.attributes.get("Id", ""), kind, target, node))
    return found


_MENTIONED = re.compile(rb":id\s*=\s*[\"']([^\"']*)[\"']")


def mentioned(data: bytes) -> frozenset[str]:
    """The ids of links that a part speaks of. Some may have no link: a new one must not bring those to life."""
    return frozenset(found.decode(errors="replace") for found in _MENTIONED.findall(data))


def with_relation(
    data: bytes | None, kind: str, target: str, where: str, avoid: Collection[str] = ()
) -> tuple[bytes, str]:
    """The relationships part (None: a new one) with a link more, and that link's id, which is none to ``avoid``."""
    if data is None:
        data = _HEADER + b'<Relationships xmlns="%b"></Relationships>' % _NAMESPACE.encode()
    root = markup.parse(data, where)
    taken = {*avoid, *(node.attributes.get("Id", "") for node in root.all("Relationship"))}
    new_id = next(name for number in range(1, len(taken) + 2) if (name := f"rId{number}") not in taken)
    new = b'<%bRelationship Id="%b" Type="%b/%b" Target="%b"/>' % (
        markup.prefix_of(data, root), new_id.encode(), markup.RELATIONSHIPS.encode(), kind.encode(),
        markup.attribute(target),
    )  # fmt: skip
    return markup.splice(data, [markup.inserted_at_end(data, root, new)]), new_id


def without(data: bytes, nodes: list[markup.Node]) -> bytes:
    """The part without these elements."""
    return markup.splice(data, [(node.start, node.end, b"") for node in nodes])


def with_content_type(data: bytes, part: str, content_type: str, where: str) -> bytes:
    """The list of content types with a part more."""
    root = markup.parse(data, where)
    new = b'<%bOverride PartName="/%b" ContentType="%b"/>' % (
        markup.prefix_of(data, root), markup.attribute(part), content_type.encode(),
    )  # fmt: skip
    return markup.splice(data, [markup.inserted_at_end(data, root, new)])


def without_content_type(data: bytes, part: str, where: str) -> bytes:
    """The list of content types without a part."""
    root = markup.parse(data, where)
    same = f"/{part}".lower()
    return without(data, [node for node in root.all("Override") if node.attributes.get("PartName", "").lower() == same])
