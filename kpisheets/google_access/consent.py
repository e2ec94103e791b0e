"""Where the browser comes back to after a person agreed: a page on this machine, or its address, pasted."""

from __future__ import annotations

import os
import queue
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from kpisheets.errors import CannotWrite, NotAllowed

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>kpisheets</title>
<body style="font: 18px system-ui; margin: 4em"><h1>{}</h1><p>Close this page and go back to the terminal."""


@dataclass(frozen=True, slots=True)
class _Answer:
    code: str
    error: str


class Callback:
    """A server on this machine for one answer; ``port`` 0 takes one that is free. CannotWrite where it is taken."""

    def __init__(self, port: int = 0) -> None:
        self._answers: queue.Queue[tuple[str, _Answer]] = queue.Queue()
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        except OSError as error:
            mend = "choose another one with --port, or leave --port out"
            raise CannotWrite(f"the port {port} is taken", where="this machine", mend=mend) from error
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/"

    def code(self, state: str, seconds: float, pasted: int | None = None) -> str:
        """The code that belongs to ``state``, from the browser or from a line of the descriptor ``pasted``.

        NotAllowed where there is none within so many seconds.
        """
        if pasted is not None:
            threading.Thread(target=self._read, args=(pasted,), daemon=True).start()
        try:
            while True:
                found, answer = self._answers.get(timeout=seconds)
                if found == state:  # another one was not begun by this sign-in
                    break
        except queue.Empty:
            said = f"nobody signed in within {seconds / 60:.0f} minutes"
            raise NotAllowed(said, where="Google", mend="run `kpisheets login` again") from None
        if not answer.code:
            said = "it was declined" if answer.error == "access_denied" else answer.error
            mend = "run `kpisheets login` again, and allow what Google asks for"
            raise NotAllowed(f"nobody is signed in ({said})", where="Google", mend=mend)
        return answer.code

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _read(self, descriptor: int) -> None:
        # Past Python's own buffer: a thread that waits in it would keep the program from ending.
        held = b""
        with suppress(OSError):
            while more := os.read(descriptor, 4096):
                *lines, held = (held + more).split(b"\n")
                for line in lines:
                    self._take(line.decode("utf-8", "replace").strip())

    def _take(self, address: str) -> _Answer | None:
        words = parse_qs(urlsplit(address).query)
        answer = _Answer(words.get("code", [""])[0], words.get("error", [""])[0])
        if not (answer.code or answer.error):
            return None
        self._answers.put((words.get("state", [""])[0], answer))
        return answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = take(self.path)
                said = (
                    "Nothing to see here" if answer is None else "Thank you" if answer.code else "You are not signed in"
                )
                page = _PAGE.format(said).encode()
                self.send_response(200 if answer else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, format: str, *args: Any) -> None:
                """The terminal belongs to the person who signs in."""

        return Handler
