"""Parameters of Drive's calls, and answers cut to the fields that they ask for."""

from __future__ import annotations

from typing import Any

from . import discovery
from .errors import DriveError
from .http_types import Request, Response
from .masks import parse, selected, unknown_path
from .messages import Message


def one(request: Request, name: str) -> str:
    return request.query.get(name, [""])[0]


def flag(request: Request, name: str) -> bool:
    return one(request, name).lower() == "true"


def asked_mask(request: Request, schema: str) -> Message:
    """The mask of `fields`; an empty one when there is none."""
    text = one(request, "fields")
    if not text:
        return {}
    try:
        mask = parse(text)
        unknown = unknown_path(discovery.drive(), schema, mask)
    except ValueError:
        unknown = text
    if unknown is not None:
        raise DriveError(400, f"Invalid field selection {unknown}", "invalidParameter", location="fields")
    return mask


def answered(answer: Any, request: Request, schema: str, default: str) -> Response:
    """An answer of a type, with the fields that `fields` names, or those that Drive gives by default."""
    mask = asked_mask(request, schema) or parse(default)
    return Response.of_json(200, selected(answer, {} if "*" in mask else mask))
