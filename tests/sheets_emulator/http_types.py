"""A request that came in and the answer that goes out, without sockets."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_EFFORT = 5  # between speed and size, as servers choose


@dataclass(frozen=True)
class Request:
    """A request: `path` is decoded, `query` has every value of a name, header names are in lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, method: str, target: str, headers: dict[str, str], body: bytes) -> Request:
        url = urlsplit(target)
        return cls(method, unquote(url.path), parse_qs(url.query, keep_blank_values=True), headers, body)

    def json(self, *, without_nulls: bool = True) -> Any:
        """The body's JSON; fields of messages that are null are as if they were not there."""
        hook = _without_nulls if without_nulls else None
        return json.loads(self.body or b"{}", object_hook=hook)


def _without_nulls(message: dict[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in message.items() if item is not None} if None in message.values() else message


@dataclass
class Response:
    """An answer. `ending` says what becomes of it on the way: `sent`, `closed` (the connection breaks before it),
    `silent` (nothing comes for `seconds`) or `truncated` (half of it, then the end)."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    ending: str = "sent"
    seconds: float = 0.0

    @classmethod
    def of_json(cls, status: int, message: Any) -> Response:
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, body, {"Content-Type": "application/json; charset=UTF-8"})

    def packed(self, request: Request) -> Response:
        """The answer as it travels: with gzip to those who take that."""
        if not self.body or "gzip" not in request.headers.get("accept-encoding", ""):
            return self
        headers = {**self.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return replace(self, body=gzip.compress(self.body, _EFFORT, mtime=0), headers=headers)
