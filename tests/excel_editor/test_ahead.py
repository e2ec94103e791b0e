"""Work in a thread ahead: in order, a bounded part of it, errors where they belong, no thread left."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from kpisheets.backends.excel.ooxml.container.ahead import ahead, together


def numbers(count: int, fail: bool = False) -> Iterator[int]:
    yield from range(count)
    if fail:
        raise KeyError(count)


def running() -> set[str]:
    return {thread.name for thread in threading.enumerate()} & {"ahead", "together"}


@pytest.mark.parametrize("count", [0, 1, 4, 5, 1000])
def test_the_same_items_in_the_same_order(count: int) -> None:
    assert list(ahead(numbers(count))) == list(range(count))
    assert not running()


@pytest.mark.parametrize("count", [0, 3, 50])
def test_an_error_comes_in_its_place(count: int) -> None:
    seen = []
    with pytest.raises(KeyError):
        seen.extend(item for item in ahead(numbers(count, fail=True)) if seen.append(item) is None and False)
    assert seen == list(range(count))
    assert not running()


def test_little_is_taken_before_it_is_asked_for_and_giving_up_ends_the_thread() -> None:
    taken = []
    started = threading.active_count()

    def noted() -> Iterator[int]:
        for item in range(1000):
            taken.append(item)
            yield item

    items = ahead(noted())
    for _ in range(20):
        next(items)
    assert len(taken) < 30
    items.close()
    assert threading.active_count() == started


def test_two_things_together_both_end_and_the_first_ones_error_counts() -> None:
    done: list[str] = []

    def fail(name: str) -> None:
        done.append(name)
        raise ValueError(name)

    with pytest.raises(ValueError, match="first"):
        together(lambda: fail("first"), lambda: fail("second"))
    with pytest.raises(ValueError, match="second"):
        together(lambda: done.append("first"), lambda: fail("second"))
    together(lambda: done.append("a"), lambda: done.append("b"))
    assert sorted(done) == ["a", "b", "first", "first", "second", "second"]
    assert not running()
