"""The emulator in a process of its own, its journal, and gspread's client for it."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gspread
from google.oauth2.credentials import Credentials
from table import Figure

ROOT = Path(__file__).resolve().parents[3]
HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")
PERSON = "ada@example.org"


class Service:
    """Google's services, as the emulator has them. ``with`` starts and ends it."""

    def __enter__(self) -> Service:
        command = [sys.executable, "-m", "tests.sheets_emulator", "--port", "0"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.url = (self._process.stdout.readline() if self._process.stdout else "").strip()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)

    def control(self, name: str, **arguments: Any) -> Any:
        """One of the emulator's controls."""
        body = json.dumps(arguments).encode()
        request = urllib.request.Request(f"{self.url}/_control/{name}", body, method="POST")  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=600) as answer:  # noqa: S310
            return json.loads(answer.read())["result"]

    def client(self) -> gspread.Client:
        """gspread, signed in, its requests turned to the emulator."""
        root = self.url

        class Loopback(gspread.HTTPClient):
            def request(self, method: str, endpoint: str, *words: Any, **options: Any) -> Any:
                host = next((host for host in HOSTS if endpoint.startswith(host)), "")
                return super().request(method, root + endpoint.removeprefix(host), *words, **options)

        token = self.control("token", email=PERSON)
        return gspread.Client(Credentials(token), http_client=Loopback)

    def measured(self, work: Callable[[], object]) -> Figure:
        """What a piece of work asks of the services."""
        self.control("reset_log")
        begun, before = time.perf_counter(), _processor()
        work()
        wall, processor = time.perf_counter() - begun, _processor() - before
        said = self.control("summary")
        return Figure(said["requests"], said["bytes_in"], said["bytes_out"], processor, wall)


def _processor() -> float:
    """Seconds of processor time of this process and of those that it has waited for: not of the emulator."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
