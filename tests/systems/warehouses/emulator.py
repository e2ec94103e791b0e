"""An emulated BigQuery on loopback, for Google's own client: the emulator, and a place where its tokens come from."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

PROJECT = "shop"
_HOME = "import duckdb_extensions as d; [d.import_extension(name) for name in ('spatial', 'avro')]"


class _Tokens(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.dumps({"access_token": "token", "expires_in": 3600, "token_type": "Bearer"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence."""


@contextmanager
def account(folder: Path) -> Iterator[Path]:
    """The key file of a service account whose tokens come from here."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Tokens)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    said = {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "k",
        "private_key": key.decode(),
        "client_email": "reader@example.org",
        "client_id": "1",
        "token_uri": f"http://127.0.0.1:{server.server_port}/token",
    }
    path = folder / "account.json"
    path.write_text(json.dumps(said), encoding="utf-8")
    try:
        yield path
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def bigquery(systems: Path, folder: Path) -> Iterator[str]:
    """The address of the emulator that `scripts/systems` installed."""
    program = systems / "bigquery" / "bin" / "bqemulator"
    if not program.exists():
        pytest.skip("the emulator of BigQuery is not installed: scripts/systems warehouses")
    environment = os.environ | {"HOME": str(folder)}  # where its extensions are put
    subprocess.run([program.with_name("python"), "-c", _HOME], check=True, env=environment, capture_output=True)
    ports = []
    for _ in range(2):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
    command = [program, "start", "--project", PROJECT, "--rest-port", str(ports[0]), "--grpc-port", str(ports[1])]
    with (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            ends = time.monotonic() + 90
            while True:
                try:
                    socket.create_connection(("127.0.0.1", ports[0]), 1).close()
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > ends:
                        said = (folder / "emulator.log").read_text(errors="replace")[-2000:]
                        raise RuntimeError(f"the emulator did not start: {said}") from None
                    time.sleep(0.2)
            yield f"http://127.0.0.1:{ports[0]}"
        finally:
            process.terminate()
            process.wait(30)
