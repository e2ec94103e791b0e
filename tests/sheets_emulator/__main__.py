"""`python -m tests.sheets_emulator --port N [--state FILE]`: serves until it is told to end, and says its address."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from .emulator import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.sheets_emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--state", type=Path, help="a file that keeps the state")
    given = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    serve(given.port, given.state, stop)


if __name__ == "__main__":
    main()
