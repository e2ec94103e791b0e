"""A web service on loopback: whatever a test says it answers, and what it was asked."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    text: bytes
    lists: dict[str, list[str]] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.text.decode()))


@dataclass
class Told:
    """An answer: ``content`` is JSON unless it is bytes; ``promised`` is a Content-Length that is not true."""

    content: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None


Route = Callable[[Asked], Told | Any]


class Server:
    """``routes`` by path; a path that has none is a 404. ``asked`` are the requests so far."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.routes: dict[str, Route] = {}
        self.asked: list[Asked] = []

    def fresh(self) -> Server:
        self.routes.clear()
        self.asked.clear()
        return self

    def route(self, path: str) -> Callable[[Route], Route]:
        def named(route: Route) -> Route:
            self.routes[path] = route
            return route

        return named


@contextmanager
def running(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A service, encrypted where there is a context."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            url = urlsplit(self.path)
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            lists = parse_qs(url.query, keep_blank_values=True)
            query = {name: values[-1] for name, values in lists.items()}
            asked = Asked(self.command, url.path, query, dict(self.headers), text, lists)
            server.asked.append(asked)
            route = server.routes.get(url.path)
            told = route(asked) if route else Told({"message": "no such thing"}, 404)
            told = told if isinstance(told, Told) else Told(told)
            body = told.content if isinstance(told.content, bytes) else json.dumps(told.content, default=str).encode()
            self.send_response(told.status)
            headers = {"Content-Type": "application/json", **told.headers}
            headers["Content-Length"] = str(told.promised or len(body))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            if told.promised:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_PATCH = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Quiet."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that has gone is what some tests are about."""

    with Quiet(("127.0.0.1", 0), Handler) as http:
        server = Server(http.server_port)
        if context is not None:
            http.socket = context.wrap_socket(http.socket, server_side=True)
            server.url = f"https://localhost:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
