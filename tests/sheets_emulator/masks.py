"""Field masks: `a,b(c,d/e),f.g` and `*`, to read a part of a message and to write a part of one.

A mask is a tree: a name leads to the mask below it, and to `ALL` where everything below is meant.
"""

from __future__ import annotations

import re
from typing import Any

from .discovery import Document
from .errors import ApiError, bad_request, invalid

Mask = dict[str, Any]
ALL: Mask = {}

_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|[*.,/()])")


def parse(text: str) -> Mask:
    """The tree of a mask's text. Raises `ValueError` when the text is none."""
    tokens: list[str] = []
    at = 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(text)
        tokens.append(match[1])
        at = match.end()
    mask, rest = _several(tokens, 0)
    if rest != len(tokens):
        raise ValueError(text)
    return mask


def _several(tokens: list[str], at: int) -> tuple[Mask, int]:
    mask: Mask = {}
    while True:
        at = _path(tokens, at, mask)
        if at < len(tokens) and tokens[at] == ",":
            at += 1
            continue
        return mask, at


def _path(tokens: list[str], at: int, mask: Mask) -> int:
    """One path into `mask`."""
    if at >= len(tokens) or tokens[at] in ".,/()":
        raise ValueError(tokens)
    name = tokens[at]
    at += 1
    inner: Mask
    if at < len(tokens) and tokens[at] in "./":
        inner = {}
        at = _path(tokens, at + 1, inner)
    elif at < len(tokens) and tokens[at] == "(":
        inner, at = _several(tokens, at + 1)
        if at >= len(tokens) or tokens[at] != ")":
            raise ValueError(tokens)
        at += 1
    else:
        inner = ALL
    if name in mask:
        inner = _joined(mask[name], inner)
    mask[name] = inner
    return at


def _joined(first: Mask, second: Mask) -> Mask:
    if not first or not second:
        return ALL
    return {
        name: _joined(first[name], second[name]) if name in first and name in second else (first | second)[name]
        for name in first | second
    }


def unknown_path(document: Document, schema: str, mask: Mask) -> str | None:
    """The first path of `mask` that the message type `schema` does not have."""
    properties = document.schemas[schema].get("properties", {})
    for name, inner in mask.items():
        if name == "*":
            continue
        if name not in properties:
            return name
        node = properties[name].get("items", properties[name])
        node = node.get("additionalProperties", node)
        if inner and "$ref" in node:
            below = unknown_path(document, node["$ref"], inner)
            if below is not None:
                return f"{name}.{below}"
        elif inner and node.get("type") not in ("object", "any"):
            return f"{name}.{next(iter(inner))}"
    return None


def reading(document: Document, schema: str, text: str) -> Mask:
    """The mask of the `fields` parameter of an answer of type `schema`."""
    try:
        mask = parse(text)
    except ValueError:
        raise _cannot_read(text) from None
    unknown = unknown_path(document, schema, mask)
    if unknown is not None:
        raise _cannot_read(unknown)
    return ALL if "*" in mask else mask


def _cannot_read(path: str) -> ApiError:
    description = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    violations = [{"field": path, "description": description}]
    return bad_request(violations, "Request contains an invalid argument.")


def writing(document: Document, schema: str, text: str | None) -> Mask:
    """The mask of a request's own `fields`; `ALL` for `*`. Its root is the message of type `schema`."""
    if not text:
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    try:
        mask = parse(text)
    except ValueError:
        raise invalid(f"Invalid field mask: {text}") from None
    unknown = unknown_path(document, schema, mask)
    if unknown is not None:
        raise invalid(f"Invalid field: {unknown}")
    return ALL if "*" in mask else mask


def selected(value: Any, mask: Mask) -> Any:
    """The part of an answer that a mask asks for. Messages that are there stay, if empty."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [selected(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: selected(value[name], inner) for name, inner in mask.items() if name in value}


def written(old: dict[str, Any] | None, new: dict[str, Any] | None, mask: Mask) -> dict[str, Any]:
    """`old` with the fields of `mask` as `new` has them; what `new` doesn't have is cleared. Neither is changed."""
    if not mask or "*" in mask:
        return dict(new or {})
    result = dict(old or {})
    source = new or {}
    for name, inner in mask.items():
        if name not in source:
            if inner and isinstance(result.get(name), dict):
                rest = written(result[name], None, inner)
                _put(result, name, rest or None)
            else:
                result.pop(name, None)
        elif inner and isinstance(source[name], dict):
            below = result.get(name)
            _put(result, name, written(below if isinstance(below, dict) else None, source[name], inner))
        else:
            result[name] = source[name]
    return result


def _put(result: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        result.pop(name, None)
    else:
        result[name] = value


def touches(mask: Mask, name: str) -> bool:
    """Whether a mask of writing covers a field of the root, at least in part."""
    return not mask or "*" in mask or name in mask


def below(mask: Mask, name: str) -> Mask:
    """The mask of a field of the root."""
    inner: Mask = mask.get(name, ALL) if mask and "*" not in mask else ALL
    return ALL if "*" in inner else inner
