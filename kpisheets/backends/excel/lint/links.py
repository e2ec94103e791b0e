"""Content types and relationships: the package around the parts."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from typing import NamedTuple
from urllib.parse import unquote

from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.backends.excel.ooxml.parts.relations import relations_part

from .archive import Archive, key_of

_TYPES = "[Content_Types].xml"
_OFFICE = re.compile(r"\{[^}]*/officeDocument/(?:\d+/)?relationships\}")  # strict files have no year

# The kinds whose parts Excel reads as what their content type says; a word that it ends with.
_TYPE_OF_KIND = {
    "worksheet": ("worksheet+xml",),
    "chartsheet": ("chartsheet+xml",),
    "styles": ("styles+xml",),
    "sharedStrings": ("sharedstrings+xml",),
    "table": ("table+xml",),
    "drawing": ("drawing+xml",),
    "chart": ("chart+xml",),
    "comments": ("comments+xml",),
    "calcChain": ("calcchain+xml",),
    "theme": ("theme+xml",),
    "pivotTable": ("pivottable+xml",),
    "pivotCacheDefinition": ("pivotcachedefinition+xml",),
    "vmlDrawing": ("vmldrawing", "vmldrawing+xml"),
}
_ONE_OWNER = frozenset({"table", "drawing", "comments", "vmlDrawing", "worksheet"})


class Link(NamedTuple):
    """A relationship: ``target`` is a part's name, or a place outside the package."""

    id: str
    kind: str
    target: str
    external: bool


class Links:
    """The relationships of a package, by the part that they start from; ``""`` is the package itself."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._known: dict[str, dict[str, Link]] = {}

    def of(self, part: str) -> dict[str, Link]:
        """The relationships of a part by id."""
        key = key_of(part)
        if key not in self._known:
            self._known[key] = self._read(part)
        return self._known[key]

    def kind(self, part: str, kind: str) -> list[Link]:
        """Those of one kind whose part is there."""
        return [
            link
            for link in self.of(part).values()
            if link.kind == kind and not link.external and self._archive.has(link.target)
        ]

    def _read(self, part: str) -> dict[str, Link]:
        name = relations_part(part) if part else "_rels/.rels"
        root = self._archive.tree(name) if self._archive.has(name) else None
        found: dict[str, Link] = {}
        report = self._archive.report
        for node in root.all("Relationship") if root else []:
            raw = node.attributes.get("Target", "")
            external = node.attributes.get("TargetMode", "").lower() == "external"
            number = node.attributes.get("Id", "")
            target = raw if external else _target(part, raw)
            link = Link(number, node.attributes.get("Type", "").rpartition("/")[2], target, external)
            if number in found:
                report.add("relation-duplicate-id", name, number, f"the id {number} stands there twice")
            found[number] = link
            if external or raw.startswith("#"):
                continue
            if not self._archive.has(target) and target.rpartition("/")[2] != "NULL":  # Excel's own for what was lost
                report.add("relation-missing-part", name, number, f"it leads to {target}, which is not there")
        return found


def _target(part: str, raw: str) -> str:
    raw = unquote(raw).replace("\\", "/")
    folder = posixpath.dirname(part)
    return posixpath.normpath(raw if raw.startswith("/") else posixpath.join("/", folder, raw)).lstrip("/")


def relation_ids(node: markup.Node) -> list[str]:
    """The relationships that an element names."""
    return [value for name, value in node.attributes.items() if value and _OFFICE.match(name)]


def check_ids(root: markup.Node, part: str, links: Links, archive: Archive) -> None:
    """Every r:id of a part is a relationship of the part."""
    known = links.of(part)
    for node in root.walk():
        for number in relation_ids(node):
            if number not in known:
                archive.report.add("relation-unknown", part, node.name, f"there is no relationship {number}")


def check_kind(node: markup.Node, kinds: tuple[str, ...], part: str, links: Links, archive: Archive) -> Link | None:
    """The relationship that an element names, if it is of one of these kinds and its part is there."""
    for number in relation_ids(node)[:1]:
        link = links.of(part).get(number)
        if link is None:
            return None
        if link.kind not in kinds:
            archive.report.add("relation-wrong-kind", part, node.name, f"{number} is of the kind {link.kind}")
            return None
        return None if link.external or not archive.has(link.target) else link
    return None


def check_package(archive: Archive, links: Links) -> dict[str, str]:
    """Content types, and who owns which part. Gives the kind of each linked part by its key (see ``key_of``)."""
    owners: dict[str, set[str]] = defaultdict(set)
    kinds: dict[str, str] = {}
    sources = [""] + [name for name in archive.names if not name.lower().endswith(".rels")]
    for part in sources:
        for link in links.of(part).values():
            if not link.external and archive.has(link.target):
                owners[key_of(link.target)].add(part)
                kinds[key_of(link.target)] = link.kind
    for name in archive.names:
        key = key_of(name)
        if kinds.get(key) in _ONE_OWNER and len(owners[key]) > 1:
            archive.report.add("part-two-owners", name, "", f"it belongs to {', '.join(sorted(owners[key]))}")
    _check_types(archive, kinds)
    return kinds


def _check_types(archive: Archive, kinds: dict[str, str]) -> None:
    report = archive.report
    root = archive.tree(_TYPES) if archive.has(_TYPES) else None
    if root is None:
        if not archive.has(_TYPES):
            report.add("content-type-missing", _TYPES, "", "there is no list of content types")
        return
    overrides: dict[str, str] = {}
    defaults: dict[str, str] = {}
    for node in root.children:
        known, name = (
            (overrides, key_of(node.attributes.get("PartName", "")))
            if node.name == "Override"
            else (defaults, node.attributes.get("Extension", "").lower())
        )
        if name in known:
            report.add("content-type-duplicate", _TYPES, name, f"{name} stands there twice")
        known[name] = node.attributes.get("ContentType", "").lower()
        if node.name == "Override" and not archive.has(name):
            report.add("content-type-orphan", _TYPES, name, f"{name} is not there")
    for name in archive.names:
        key = key_of(name)
        if name == _TYPES or key not in kinds:
            continue
        found = overrides.get(key) or defaults.get(key.rpartition("/")[2].rpartition(".")[2])
        if not found:
            report.add("content-type-missing", name, "", "it has no content type")
        elif not found.endswith(_TYPE_OF_KIND.get(kinds[key], ("",))):
            report.add("content-type-wrong", name, "", f"a {kinds[key]} has the content type {found}")
