"""Stands between kpisheets and a real server: slows it down, or does something in the middle of a run."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def passing(port: int, *, at: int = 0, do: Callable[[], object] = lambda: None, delay: float = 0.0) -> Iterator[int]:
    """The port of a door to ``port``: ``do`` happens before request number ``at``; each waits ``delay`` seconds."""
    count = 0
    lock = threading.Lock()

    class Door(BaseHTTPRequestHandler):
        def through(self) -> None:
            nonlocal count
            with lock:
                count += 1
                if count == at:
                    do()
            time.sleep(delay)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            inner = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            inner.request(self.command, self.path, body or None, dict(self.headers))
            answer = inner.getresponse()
            text = answer.read()
            self.send_response(answer.status)
            for name in ("Content-Type", "Content-Range"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
            inner.close()

        do_GET = do_POST = through  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Quiet."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that has gone is what some tests are about."""

    with Quiet(("127.0.0.1", 0), Door) as door:
        thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield door.server_port
        door.shutdown()
        thread.join()
