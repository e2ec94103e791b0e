"""A server on this machine that answers by a script, with the faults that networks and services have.

It knows HTTP and the token endpoint's protocol (RFC 6749, RFC 7523), and nothing of spreadsheets.
"""

from __future__ import annotations

import base64
import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN_PATH, CONSENT_PATH = "/token", "/o/oauth2/auth"


@dataclass(frozen=True)
class Reply:
    """``fault``: ``reset`` breaks the connection after the request was read, ``hang`` never answers."""

    code: int = 200
    document: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    raw: bytes | None = None


@dataclass
class Seen:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    answered: int = 0


def sheets_error(code: int, message: str, status: str = "", **info: Any) -> Reply:
    """The envelope of the Sheets service; ``reason`` and metadata go into an ErrorInfo."""
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if info:
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        metadata = {key: value for key, value in info.items() if key != "reason"}
        error["details"] = [{"@type": kind, "reason": info["reason"], "domain": "googleapis.com", "metadata": metadata}]
    return Reply(code, {"error": error})


def drive_error(code: int, message: str, reason: str, domain: str = "global") -> Reply:
    """The envelope of the Drive service."""
    errors = [{"domain": domain, "reason": reason, "message": message}]
    return Reply(code, {"error": {"code": code, "message": message, "errors": errors}})


class Scripted:
    """``script`` holds the replies to come; where it is empty, the request is told back."""

    def __init__(self) -> None:
        self.script: list[Reply] = []
        self.token_script: list[Reply] = []
        self.seen: list[Seen] = []
        self.tokens: list[dict[str, str]] = []
        self.consents: list[dict[str, str]] = []
        self.consent: dict[str, str] = {"code": "good code"}
        self.held = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def claims(self) -> dict[str, Any]:
        """Of the last assertion that a service account signed."""
        part = self.tokens[-1]["assertion"].split(".")[1]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return claims

    @contextmanager
    def running(self) -> Iterator[Scripted]:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield self
        finally:
            self.held.set()
            self.server.shutdown()
            self.server.server_close()


def _handler(home: Scripted) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            if parts.path == TOKEN_PATH:
                home.tokens.append({key: value[0] for key, value in parse_qs(body.decode()).items()})
                reply = home.token_script.pop(0) if home.token_script else self.token(home.tokens[-1])
                self.send(reply)
            elif parts.path == CONSENT_PATH:
                self.agree({key: value[0] for key, value in parse_qs(parts.query).items()})
            else:
                told = {"path": parts.path, "bytes": len(body)}
                reply = home.script.pop(0) if home.script else Reply(document=told)
                headers = {key.casefold(): value for key, value in self.headers.items()}
                seen = Seen(self.command, parts.path, parse_qs(parts.query), headers, body)
                home.seen.append(seen)  # before the answer: whoever has that may look here
                seen.answered = self.send(reply)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = respond  # noqa: N815 - the names of the standard library

        def token(self, asked: dict[str, str]) -> Reply:
            document: dict[str, Any] = {"access_token": f"token {len(home.tokens)}", "expires_in": 3600}
            if asked["grant_type"] == "authorization_code":
                document |= {"refresh_token": "refresh me", "scope": home.consents[-1]["scope"]}
            return Reply(document=document | {"token_type": "Bearer"})

        def agree(self, asked: dict[str, str]) -> None:
            from urllib.parse import urlencode

            home.consents.append(asked)
            back = urlencode({"state": asked["state"], **home.consent})
            self.send(Reply(302, headers={"Location": f"{asked['redirect_uri']}?{back}"}))

        def send(self, reply: Reply) -> int:
            if reply.fault == "hang":
                home.held.wait(20)
                self.close_connection = True
                return 0
            if reply.fault == "reset":
                # No farewell: the peer sees the connection reset.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return 0
            raw = reply.raw if reply.raw is not None else json.dumps(reply.document).encode()
            headers = {"Content-Type": "application/json", **reply.headers}
            if "gzip" in self.headers.get("Accept-Encoding", "") and "gzip" in self.headers.get("User-Agent", ""):
                raw, headers = gzip.compress(raw), {**headers, "Content-Encoding": "gzip"}
            self.send_response(reply.code)
            for key, value in {**headers, "Content-Length": str(len(raw))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(raw)
            return len(raw)

        def log_message(self, *words: Any) -> None:
            pass

    return Handler


def wait_for(condition: Any, seconds: float = 5.0) -> None:
    """What the server's thread does may come a moment later."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    assert condition()
