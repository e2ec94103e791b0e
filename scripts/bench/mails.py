"""Sends one report to many recipients through a real Exim, encrypted and with a login: a whole scheduled run with its
ledger, and the messages alone, with a connection for many of them and with one for each.

Usage: python scripts/bench/mails.py [--recipients 500]

Connections and messages are counted at the server. Needs the extra ``test``, openssl and exim4-daemon-light.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
TOML = """\
[project]
name = "Acme"
templates = ["sales"]

[reports.weekly]
to = [{to}]
schedule = "0 6 * * MON"

[mail]
url = "smtp://kpi%40example.org:s3cret%3A%2F%40@localhost:{port}"
from = "kpi@example.org"
ca = "cert.pem"

[schedule]
sync = []
"""


@contextmanager
def server(folder: Path) -> Iterator[object]:
    from tests.delivery.exim import running

    command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost")
    names = ("-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem")
    subprocess.run([*command, *names], cwd=folder, check=True, capture_output=True)
    with running(folder / "cert.pem", folder / "key.pem", most=1000, keeps=True) as exim:
        yield exim


def measured(title: str, exim: object, work: Callable[[], object]) -> None:
    """Do it, and print what it took."""
    queued, connections = exim.queued, exim.connections  # type: ignore[attr-defined]
    began = time.perf_counter()
    work()
    spent = time.perf_counter() - began
    queued, connections = exim.queued - queued, exim.connections - connections  # type: ignore[attr-defined]
    print(f"{title:34} {spent:6.1f} s  {queued} messages, {connections} connections", flush=True)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--recipients", type=int, default=500)
    number = options.parse_args().recipients

    from kpisheets.delivery.smtp import Smtp
    from kpisheets.project import Project
    from kpisheets.web.trust import trusted
    from tests.delivery.exim import PASSWORD, USER

    people = [f"person{n}@example.org" for n in range(number)]
    with tempfile.TemporaryDirectory() as name, server(Path(name)) as exim:
        root = Path(name)
        to = ", ".join(f'"{one}"' for one in people)
        (root / "kpisheets.toml").write_text(TOML.format(to=to, port=exim.port))  # type: ignore[attr-defined]
        project = Project.load(root, clock=lambda: NOW)
        project.provision()
        measured("a scheduled run, with its ledger", exim, project.run_due)
        messages = [message for message, _ in project.compose("weekly").messages]
        for title, most in (("the messages, 100 a connection", 100), ("the messages, one a connection", 1)):
            port = exim.port  # type: ignore[attr-defined]
            channel = Smtp(
                "localhost", port, user=USER, password=PASSWORD, context=trusted("cert.pem", root), per_connection=most
            )

            def send(channel: Smtp = channel) -> None:
                for message in messages:
                    channel.send(message)
                channel.close()

            measured(title, exim, send)
    return 0


if __name__ == "__main__":
    sys.exit(main())
