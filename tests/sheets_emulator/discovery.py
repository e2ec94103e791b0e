"""The discovery documents that google-api-python-client ships: methods, and the shape of every message.

They are the judge of both sides: a request that doesn't fit is refused in the service's words, an answer of the
emulator that doesn't fit is a bug of the emulator.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import googleapiclient.discovery_cache

DOCUMENTS = Path(googleapiclient.discovery_cache.__file__).parent / "documents"
PACKAGE = {"sheets": "google.apps.sheets.v4", "drive": "google.apps.drive.v3"}
INT32 = 2**31
SHARED = "CellFormat"

Trail = tuple[Any, ...]  # (trail of the parent, name or index); () is the message itself
Check = Callable[[Any, Trail, list[dict[str, str]]], None]


@dataclass(frozen=True)
class Method:
    """A method of the service: `parameters` are those of the query."""

    id: str
    http_method: str
    path: str
    parameters: dict[str, dict[str, Any]]
    request: str | None
    response: str | None
    scopes: frozenset[str]


class Document:
    """One service's document. `name` is `sheets` or `drive`."""

    def __init__(self, name: str, version: str) -> None:
        self.name = name
        self.raw: dict[str, Any] = json.loads((DOCUMENTS / f"{name}.{version}.json").read_text("utf-8"))
        self.schemas: dict[str, Any] = self.raw["schemas"]
        self.methods = {method.id: method for method in self._methods(self.raw)}
        self._checks: dict[str, Check] = {}
        self._seen: set[int] = set()

    def _methods(self, node: dict[str, Any]) -> list[Method]:
        common = self.raw["parameters"]
        found = [
            Method(
                id=item["id"],
                http_method=item["httpMethod"],
                path=item["path"],
                parameters=common
                | {key: kind for key, kind in item.get("parameters", {}).items() if kind["location"] == "query"},
                request=item.get("request", {}).get("$ref"),
                response=item.get("response", {}).get("$ref"),
                scopes=frozenset(item.get("scopes", ())),
            )
            for item in node.get("methods", {}).values()
        ]
        for inner in node.get("resources", {}).values():
            found += self._methods(inner)
        return found

    def violations(self, schema: str, value: Any, root: str = "") -> list[dict[str, str]]:
        """What of `value` doesn't fit the message type `schema`, in the service's words."""
        found: list[dict[str, str]] = []
        self._seen.clear()
        self.check(schema)(value, ((), root) if root else (), found)
        return found

    def check(self, schema: str) -> Check:
        if schema not in self._checks:
            fields: dict[str, Check] = {}
            self._checks[schema] = _message(fields, self.type_name(schema))
            for name, node in self.schemas[schema].get("properties", {}).items():
                fields[name] = self._field(node, f"{self.type_name(schema)}.{name[0].upper()}{name[1:]}")
        return self._checks[schema]

    def _once(self, value: Any, trail: Trail, found: list[dict[str, str]]) -> None:
        """One of the messages that thousands of cells share: looked at when it comes for the first time."""
        if id(value) not in self._seen:
            before = len(found)
            self.check(SHARED)(value, trail, found)
            if len(found) == before:
                self._seen.add(id(value))

    def type_name(self, schema: str) -> str:
        return f"type.googleapis.com/{PACKAGE[self.name]}.{schema}"

    def _field(self, node: dict[str, Any], enum_name: str) -> Check:
        if "$ref" in node:
            schema = node["$ref"]
            if schema == SHARED:
                return self._once
            return lambda value, trail, found: self.check(schema)(value, trail, found)
        kind = node.get("type", "any")
        if kind == "array":
            if node["items"].get("type") == "array":  # rows of values
                return _array(_list_value)
            return _array(self._field(node["items"], enum_name))
        if kind == "object":
            inner = node.get("additionalProperties")
            return _map(self._field(inner, enum_name)) if inner else _map(_anything)
        if "enum" in node:
            return _enum(frozenset(node["enum"]), enum_name)
        return _SCALARS[kind]


def place(trail: Trail) -> str:
    """`requests[0].add_sheet.properties` of a trail."""
    text = ""
    parts = []
    while trail:
        parts.append(trail[1])
        trail = trail[0]
    for part in reversed(parts):
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), part)
    return text


def _complain(found: list[dict[str, str]], trail: Trail, description: str) -> None:
    where = place(trail)
    found.append(({"field": where} if where else {}) | {"description": description})


def _wrong(found: list[dict[str, str]], trail: Trail, kind: str, value: Any) -> None:
    shown = json.dumps(value, ensure_ascii=False) if isinstance(value, str | dict | list | bool) else str(value)
    _complain(found, trail, f"Invalid value at '{place(trail)}' ({kind}), {shown}")


def _message(fields: dict[str, Check], type_name: str) -> Check:
    def check(value: Any, trail: Trail, found: list[dict[str, str]]) -> None:
        if type(value) is not dict:
            if not trail:
                return _complain(found, trail, "Invalid JSON payload received. Root element must be a message.")
            return _wrong(found, trail, type_name, value)
        for key, item in value.items():
            inner = fields.get(key)
            if inner is None:
                at = f" at '{place(trail)}'" if trail else ""
                description = f'Invalid JSON payload received. Unknown name "{key}"{at}: Cannot find field.'
                _complain(found, trail, description)
            else:
                inner(item, (trail, key), found)
        return None

    return check


def _array(inner: Check) -> Check:
    def check(value: Any, trail: Trail, found: list[dict[str, str]]) -> None:
        if type(value) is not list:
            kind = "type.googleapis.com/google.protobuf.ListValue" if inner is _list_value else "a list"
            return _wrong(found, trail, kind, value)
        for index, item in enumerate(value):
            inner(item, (trail, index), found)
        return None

    return check


def _map(inner: Check) -> Check:
    def check(value: Any, trail: Trail, found: list[dict[str, str]]) -> None:
        if type(value) is not dict:
            return _wrong(found, trail, "a map", value)
        if inner is not _anything:
            for key, item in value.items():
                inner(item, (trail, key), found)
        return None

    return check


def _enum(names: frozenset[str], type_name: str) -> Check:
    def check(value: Any, trail: Trail, found: list[dict[str, str]]) -> None:
        if type(value) is not str or value not in names:
            _wrong(found, trail, type_name, value)

    return check


def _anything(value: Any, trail: Trail, found: list[dict[str, str]]) -> None:
    """A value of any kind fits."""


def _list_value(value: Any, trail: Trail, found: list[dict[str, str]]) -> None:
    """A row of `ValueRange.values`: null, boolean, number or text in each place."""
    if type(value) is not list:
        _wrong(found, trail, "type.googleapis.com/google.protobuf.ListValue", value)


def _text(value: Any, trail: Trail, found: list[dict[str, str]]) -> None:
    if type(value) is not str:
        _wrong(found, trail, "TYPE_STRING", value)


def _boolean(value: Any, trail: Trail, found: list[dict[str, str]]) -> None:
    if type(value) is not bool:
        _wrong(found, trail, "TYPE_BOOL", value)


def _integer(value: Any, trail: Trail, found: list[dict[str, str]]) -> None:
    if type(value) is not int or not -INT32 <= value < INT32:
        _wrong(found, trail, "TYPE_INT32", value)


def _number(value: Any, trail: Trail, found: list[dict[str, str]]) -> None:
    if type(value) is not float and type(value) is not int:
        _wrong(found, trail, "TYPE_DOUBLE", value)


_SCALARS: dict[str, Check] = {
    "any": _anything,
    "string": _text,
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
}


@functools.cache
def sheets() -> Document:
    return Document("sheets", "v4")


@functools.cache
def drive() -> Document:
    return Document("drive", "v3")
