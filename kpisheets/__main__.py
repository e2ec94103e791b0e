"""The program ``kpisheets``, and ``python -m kpisheets``."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading

from kpisheets.cli import main


def run() -> None:
    """Run the command line in a process that is its own.

    It ends without taking millions of objects apart one by one: the system takes all memory back at once. What was
    registered to be done at the end is done.
    """
    try:
        main(prog_name="kpisheets")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
        if threading.active_count() == 1 and "multiprocessing" not in sys.modules and (not end.code or code):
            atexit._run_exitfuncs()
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        raise


if __name__ == "__main__":
    run()
