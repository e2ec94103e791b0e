"""What comes with a request to make or change a file: its metadata, and perhaps content."""

from __future__ import annotations

import json
from typing import Any

from .drive_parameters import one
from .errors import DriveError, NotImplementedHere
from .http_types import Request
from .messages import Message


def uploaded(request: Request) -> tuple[Message, tuple[str, bytes] | None]:
    """The metadata of a request and, of an upload, the type and bytes of the content."""
    kind = one(request, "uploadType")
    content_type = request.headers.get("content-type", "")
    if not request.path.startswith("/upload/"):
        return _body(request.body), None
    if kind == "media":
        return {}, (content_type.partition(";")[0], request.body)
    if kind == "multipart":
        _, _, boundary = content_type.partition("boundary=")
        parts = request.body.split(b"--" + boundary.strip('"').encode())[1:-1]
        heads = [part.lstrip(b"\r\n").partition(b"\r\n\r\n") for part in parts]
        types = [
            line.partition(b":")[2].strip().decode()
            for head, _, _ in heads
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-type")
        ]
        content = heads[1][2].removesuffix(b"\r\n")
        return _body(heads[0][2]), (types[1].partition(";")[0], content)
    raise NotImplementedHere(f"uploadType {kind or 'of nothing'}")


def _body(content: bytes) -> Message:
    try:
        given: Any = json.loads(content or b"{}")
    except ValueError:
        raise DriveError(400, "Parse Error", "parseError") from None
    if not isinstance(given, dict):
        raise DriveError(400, "Parse Error", "parseError")
    return {name: item for name, item in given.items() if item is not None}
