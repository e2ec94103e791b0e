"""``$metadata``, the XML in which a service tells its entity sets, their properties and keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from kpisheets.connectors.base import Refused

_SAP = "{http://www.sap.com/Protocols/SAPData}"
_MOST = 200
"""Types that inherit from one another in a longer row are a circle."""


@dataclass(frozen=True, slots=True)
class Property:
    """``kind`` is its type as OData names it; ``is_day``: a version 2 DateTime that holds a day."""

    name: str
    kind: str
    is_day: bool = False

    @property
    def is_plain(self) -> bool:
        return self.kind.startswith("Edm.") and self.kind not in ("Edm.Binary", "Edm.Stream", "Edm.Untyped")


@dataclass(frozen=True, slots=True)
class EntitySet:
    """A table. ``countable``: it tells how many records there are."""

    name: str
    properties: Mapping[str, Property] = field(default_factory=lambda: MappingProxyType({}))
    key: tuple[str, ...] = ()
    countable: bool = True


@dataclass(frozen=True, slots=True)
class Metadata:
    """``version`` is 2 (1 and 3 are asked alike) or 4."""

    version: int
    sets: Mapping[str, EntitySet]


def parsed(text: bytes) -> Metadata:
    """Read ``$metadata``. Refused where it is none."""
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise Refused("$metadata declares entities, which no OData service does", "check the url")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 — entities are refused above
    except ElementTree.ParseError as error:
        raise Refused(f"$metadata can't be read: {error}", "check that the url is an OData service's") from None
    if _name(root) != "Edmx":
        raise Refused("what stands at $metadata is no OData service's", "check that the url is an OData service's")
    types = dict(_types(root))
    sets = {one.name: one for one in _sets(root, types)}
    return Metadata(4 if root.get("Version", "1.0").startswith("4") else 2, MappingProxyType(sets))


def _sets(root: Element, types: Mapping[str, Element]) -> Iterator[EntitySet]:
    for element in _inside(root, "EntitySet"):
        line = list(_inherited(types, element.get("EntityType", "")))
        properties = [one for held in line for one in _inside(held, "Property")]
        yield EntitySet(
            element.get("Name", ""),
            MappingProxyType({one.name: one for one in map(_property, properties)}),
            tuple(ref.get("Name", "") for held in line for key in _inside(held, "Key") for ref in key),
            element.get(f"{_SAP}countable") != "false",
        )


def _property(element: Element) -> Property:
    is_day = element.get(f"{_SAP}display-format") == "Date" and element.get("Type") == "Edm.DateTime"
    return Property(element.get("Name", ""), element.get("Type", ""), is_day)


def _inherited(types: Mapping[str, Element], name: str) -> Iterator[Element]:
    """The element of a type, and those of which it inherits."""
    for _ in range(_MOST):
        element = types.get(name)
        if element is None:
            return
        yield element
        name = element.get("BaseType", "")


def _types(root: Element) -> Iterator[tuple[str, Element]]:
    """Full name → the element of an entity type, by its namespace and by the alias of that."""
    for schema in _inside(root, "Schema"):
        for element in _inside(schema, "EntityType"):
            for space in filter(None, (schema.get("Namespace"), schema.get("Alias"))):
                yield f"{space}.{element.get('Name')}", element


def _inside(element: Element, name: str) -> Iterator[Element]:
    """The elements of that name, whatever the namespace: it differs from version to version."""
    return (one for one in element.iter() if _name(one) == name)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
