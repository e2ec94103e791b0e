"""A process with everything imported that gives birth to runs: a thousand runs, each its own process, in a minute.

Standard input brings a JSON line for each step, standard output answers with one:
``{"do": "fork", "program": NAME, "words": [...], "user": UID or null}`` → ``{"pid": PID}``: the run waits;
``{"do": "go"}`` → ``{"status": EXIT CODE, or minus the signal, "said": STDERR}``: it ran and is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

import duckdb  # noqa: F401 - imported before the fork
import filelock  # noqa: F401
import sqlglot  # noqa: F401
import tzdata  # noqa: F401

from kpisheets import project  # noqa: F401
from kpisheets.backends.excel import workbook  # noqa: F401
from kpisheets.backends.excel.ooxml import Book
from kpisheets.cli import main
from kpisheets.delivery import outbox  # noqa: F401
from kpisheets.errors import KpisheetsError
from kpisheets.files import write_text
from tests.excel_editor.conftest import with_xlsxwriter

_GO = signal.SIGUSR1


def edit(path: str, value: str, backups: str = "", wait: str = "0") -> None:
    change = Book.open(Path(path)).edit()
    change.set("My tab", 5, 8, value)
    change.write(backups=Path(backups) if backups else None, wait=float(wait))


def count(path: str, cell: str, times: str, other_lock: str = "") -> None:
    """Adds one to a cell, again and again, and again where a run was refused; prints how often it was refused."""
    if other_lock:
        tempfile.tempdir = other_lock
    done = refused = 0
    while done < int(times):
        book = Book.open(Path(path))
        change = book.edit()
        change.set("Other", int(cell), 1, (book.grid("Other").value(int(cell), 1) or 0) + 1)
        try:
            change.write()
            done += 1
        except KpisheetsError as error:
            if error.exit_code not in (73, 75):
                raise
            refused += 1


def text(path: str, content: str) -> None:
    write_text(Path(path), content)


def sync(root: str) -> None:
    main(["--project", root, "sync", "--quiet"])


PROGRAMS: dict[str, Callable[..., None]] = {"edit": edit, "count": count, "text": text, "sync": sync}


def live(order: dict[str, object], said: int, ready: int) -> None:
    """The run: waits at the gate, works, and ends as the command line does."""
    code = 70
    try:
        user = order.get("user")
        if user is not None:
            os.setgroups([])
            os.setgid(int(str(user)))
            os.setuid(int(str(user)))
        os.dup2(said, 2)
        sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
        os.write(ready, b"!")
        signal.sigwait({_GO})  # not a call that strace counts, whether it comes before it or in it
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {_GO})
        PROGRAMS[str(order["program"])](*order["words"])  # type: ignore[misc]
        code = 0
    except KpisheetsError as error:
        with contextlib.suppress(OSError):
            print(error, file=sys.stderr)
        code = error.exit_code
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def serve() -> None:
    with tempfile.TemporaryDirectory() as folder:  # what is imported late is imported now
        edit(str(with_xlsxwriter(Path(folder) / "Book.xlsx")), "new", str(Path(folder) / "backups"))
    pid = -1
    signal.pthread_sigmask(signal.SIG_BLOCK, {_GO})
    with tempfile.TemporaryFile() as said:
        for line in sys.stdin:
            order = json.loads(line)
            if order["do"] == "fork":
                said.truncate(0)
                said.seek(0)
                told, ready = os.pipe()
                pid = os.fork()
                if pid == 0:
                    live(order, said.fileno(), ready)
                os.close(ready)
                os.read(told, 1)
                os.close(told)
                answer: dict[str, object] = {"pid": pid}
            else:
                os.kill(pid, _GO)
                status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                said.seek(0)
                answer = {"status": status, "said": said.read().decode("utf-8", "replace")}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
