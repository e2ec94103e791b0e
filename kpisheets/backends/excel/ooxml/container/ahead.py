"""Two things at once: what comes next is made ready in a thread while what is at hand is worked on.

Unpacking, packing and checksums run outside the interpreter's lock, so that a second core does them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import TypeVar

T = TypeVar("T")
_DEPTH = 4


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, a few of them taken before they are asked for.

    What ``items`` raises is raised in its place. The first few are taken as they are asked for, so that what is short
    needs no thread. The thread ends with the last item, or when the iteration is given up.
    """
    yield from islice(items, _DEPTH)
    made: SimpleQueue[tuple[T] | BaseException | None] = SimpleQueue()
    room = Semaphore(_DEPTH)
    given_up = False

    def work() -> None:
        try:
            while room.acquire() and not given_up:
                made.put((next(items),))
        except StopIteration:
            made.put(None)
        except BaseException as error:  # of any kind: it is for the one who asks
            made.put(error)

    thread = Thread(target=work, name="ahead", daemon=True)
    thread.start()
    try:
        while (found := made.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            room.release()
            yield found[0]
    finally:
        given_up = True
        room.release()
        thread.join()


def together(first: Callable[[], None], second: Callable[[], None]) -> None:
    """Does both at once, and returns when both are done. Raises what ``first`` raises, else what ``second`` does."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            first()
        except BaseException as error:
            failed.append(error)

    thread = Thread(target=work, name="together", daemon=True)
    thread.start()
    try:
        second()
    finally:
        thread.join()
        if failed:
            raise failed[0]
