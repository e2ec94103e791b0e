"""A tap's lines as messages, and a record as the texts of its columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

DEEPEST = 4
"""So many objects within objects become columns (``address__city``); what lies deeper stays JSON."""


@dataclass(frozen=True, slots=True)
class Schema:
    stream: str
    keys: tuple[str, ...]
    columns: tuple[str, ...] = ()
    bookmarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """``values`` are the record's columns; ``version`` that of its stream, if it has versions."""

    stream: str
    values: Mapping[str, str | None]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Where the tap would go on; ``text`` is its JSON, as it is handed back."""

    text: str


@dataclass(frozen=True, slots=True)
class Activate:
    """Records of other versions of the stream are gone."""

    stream: str
    version: int


@dataclass(frozen=True, slots=True)
class Other:
    """A line that is no message of ours: ``kind`` is its type, blank where it is no message at all."""

    kind: str = ""


Message = Schema | Record | State | Activate | Other


def message(line: bytes) -> Message:
    """What a line says. A line that is no message is ``Other``: taps print all sorts of things."""
    try:
        said = json.loads(line, parse_float=Decimal)
        kind = said["type"]
        match kind:
            case "RECORD":
                return Record(str(said["stream"]), dict(_flat(said["record"])), _version(said))
            case "SCHEMA":
                keys, bookmarks = _names(said.get("key_properties")), _names(said.get("bookmark_properties"))
                return Schema(str(said["stream"]), keys, tuple(_plain_columns(said["schema"])), bookmarks)
            case "STATE":
                return State(json.dumps(said["value"], default=str))
            case "ACTIVATE_VERSION":
                return Activate(str(said["stream"]), int(said["version"]))
        return Other(str(kind))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Other()


def _version(said: Mapping[str, Any]) -> int | None:
    found = said.get("version")
    return None if found is None else int(found)


def _names(said: Any) -> tuple[str, ...]:
    return (str(said),) if isinstance(said, str) else tuple(str(name) for name in said or ())


def _plain_columns(schema: Mapping[str, Any]) -> Iterator[str]:
    """The columns that a schema names; an object's become known when it comes."""
    for name, said in schema.get("properties", {}).items():
        if "object" not in (said.get("type") or ()):
            yield str(name)


def _flat(record: Mapping[str, Any], before: str = "", depth: int = 1) -> Iterator[tuple[str, str | None]]:
    for name, value in record.items():
        column = f"{before}{name}"
        if isinstance(value, Mapping) and value and depth < DEEPEST:
            yield from _flat(value, f"{column}__", depth + 1)
        else:
            yield column, _text(value)


def _text(value: Any) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case int():
            return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


@dataclass(slots=True)
class Tally:
    """What came by: for notes and for a person who waits."""

    records: int = 0
    junk: int = 0
    kinds: set[str] = field(default_factory=set)
