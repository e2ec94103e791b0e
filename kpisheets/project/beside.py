"""Work that goes on beside other work, in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def beside(work: Callable[[], T]) -> Future[T]:
    """Begin the work now. Whoever asks for its result waits for it, and gets whatever it raised.

    Nobody need ask: its thread does not keep the program from ending, as one of a pool would.
    """
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, name="beside", daemon=True).start()
    return done
