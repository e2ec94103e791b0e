"""Messages of the Sheets service as values: brought into the form in which the service gives them back, and rebuilt."""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Mapping
from typing import Any

from . import discovery
from .masks import ALL, Mask

Message = dict[str, Any]
Change = Callable[[Any], Any]

# Fields that the service gives back though they are 0, false or empty; all others it leaves out then.
EXPLICIT = {
    "CellData": {"formattedValue"},
    "ConditionValue": {"userEnteredValue"},
    "DimensionRange": {"startIndex", "endIndex"},
    "ExtendedValue": {"boolValue", "formulaValue", "numberValue", "stringValue"},
    "FilterSpec": {"columnIndex"},
    "GridRange": {"startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"},
    "SheetProperties": {"sheetId", "index"},
    "TextFormat": {"bold", "italic", "strikethrough", "underline"},
}
THEME: dict[str, Message] = {
    "TEXT": {},
    "BACKGROUND": {"red": 1, "green": 1, "blue": 1},
    "ACCENT1": {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275},
    "ACCENT2": {"red": 0.91764706, "green": 0.2627451, "blue": 0.20784314},
    "ACCENT3": {"red": 0.9843137, "green": 0.7372549, "blue": 0.015686275},
    "ACCENT4": {"red": 0.20392157, "green": 0.65882355, "blue": 0.3254902},
    "ACCENT5": {"red": 1, "green": 0.42745098, "blue": 0.003921569},
    "ACCENT6": {"red": 0.27450982, "green": 0.7411765, "blue": 0.7764706},
    "LINK": {"red": 0.06666667, "green": 0.33333334, "blue": 0.8},
}


def number(value: float) -> float | int:
    """A number as JSON has it: whole ones without a fraction."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e17 else value


def colour(value: Message) -> Message:
    """A `Color` in the 256 steps and the single precision in which the service keeps it."""
    result = {}
    for name, part in value.items():
        if part:
            step = part if name == "alpha" else int(part * 255) / 255
            result[name] = number(float(f"{struct.unpack('f', struct.pack('f', step))[0]:.8g}"))
    return {name: part for name, part in result.items() if part}


def normalised(schema: str, value: Any) -> Any:
    """A message as the service gives it back: no defaults, no empty lists, each colour also as its style."""
    if schema == "Color":
        return colour(value)
    fields = _fields(schema)
    if not fields:
        return value
    explicit = EXPLICIT.get(schema, set())
    result: Message = {}
    for name, item in value.items():
        kind, inner = fields[name]
        if kind == "list":
            if item:
                result[name] = [normalised(inner, part) for part in item] if inner else item
        elif kind == "map":
            if item:
                result[name] = {key: normalised(inner, part) for key, part in item.items()} if inner else item
        elif inner:
            result[name] = normalised(inner, item)
        elif item or name in explicit:
            result[name] = number(item) if type(item) is float else item
    for name in _colours(schema):
        _complete_colour(result, name)
    return result


def _complete_colour(message: Message, name: str) -> None:
    style = message.get(f"{name}Style")
    if style is None:
        if name in message:
            message[f"{name}Style"] = {"rgbColor": message[name]}
    elif "rgbColor" in style:
        message[name] = style["rgbColor"]
    elif "themeColor" in style:
        message[name] = THEME[style["themeColor"]]
    else:
        message.pop(name, None)
        del message[f"{name}Style"]


@functools.cache
def _fields(schema: str) -> dict[str, tuple[str, str | None]]:
    """Of each field whether it is a list, a map or single, and its message type, if it has one."""
    found: dict[str, tuple[str, str | None]] = {}
    for name, node in discovery.sheets().schemas[schema].get("properties", {}).items():
        if node.get("type") == "array":
            found[name] = ("list", node["items"].get("$ref"))
        elif "additionalProperties" in node:
            found[name] = ("map", node["additionalProperties"].get("$ref"))
        else:
            found[name] = ("single", node.get("$ref"))
    return found


@functools.cache
def _colours(schema: str) -> tuple[str, ...]:
    """The fields of a message type that say a colour twice: as `Color` and, in `…Style`, as `ColorStyle`."""
    fields = _fields(schema)
    return tuple(
        name for name, (_, inner) in fields.items() if inner == "Color" and fields.get(f"{name}Style") is not None
    )


def with_colours(schema: str, mask: Mask) -> Mask:
    """A mask of writing that covers both fields of a colour where it covers one."""
    if not mask or "*" in mask:
        return mask
    fields = _fields(schema)
    result = {}
    for name, inner in mask.items():
        below = fields[name][1]
        result[name] = with_colours(below, inner) if below and inner else inner
    for name in _colours(schema):
        if name in mask or f"{name}Style" in mask:
            result[name] = result[f"{name}Style"] = ALL
    return result


@functools.cache
def _reaches(schema: str, targets: frozenset[str]) -> frozenset[str]:
    """The fields of a message type below which there can be a message of one of the types."""

    def reachable(start: str) -> bool:
        seen, queue = {start}, [start]
        while queue:
            current = queue.pop()
            if current in targets:
                return True
            for _, inner in _fields(current).values():
                if inner and inner not in seen:
                    seen.add(inner)
                    queue.append(inner)
        return False

    return frozenset(name for name, (_, inner) in _fields(schema).items() if inner and reachable(inner))


def rebuilt(schema: str, value: Any, changes: Mapping[str, Change]) -> Any:
    """The message with every message of the types of `changes` replaced by what the change says.

    A change that says `None` takes the message away, from a list or as a field. The very same object comes back when
    nothing changed.
    """
    if schema in changes:
        return changes[schema](value)
    wanted = _reaches(schema, frozenset(changes))
    result = None
    for name in wanted:
        if name not in value:
            continue
        kind, inner = _fields(schema)[name]
        assert inner is not None
        old = value[name]
        if kind == "list":
            parts = [rebuilt(inner, part, changes) for part in old]
            same = all(new is part for new, part in zip(parts, old, strict=True))
            new: Any = old if same else [part for part in parts if part is not None]
        elif kind == "map":
            pairs = {key: rebuilt(inner, part, changes) for key, part in old.items()}
            new = {key: part for key, part in pairs.items() if part is not None}
        else:
            new = rebuilt(inner, old, changes)
        if new is not old:
            result = result or dict(value)
            if new is None:
                del result[name]
            else:
                result[name] = new
    return value if result is None else result
