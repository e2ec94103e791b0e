"""Content by the megabyte: a large workbook is not held twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_SIZE = 1 << 20


def slices(content: bytes) -> Iterator[bytes]:
    """``content`` in pieces of at most a megabyte."""
    for start in range(0, len(content), _SIZE):
        yield content[start : start + _SIZE]


def holds(path: Path, content: bytes) -> bool:
    """Whether the file is ``content``, no more and no less. OSError if it can't be read."""
    with path.open("rb") as file:
        return all(file.read(len(piece)) == piece for piece in slices(content)) and not file.read(1)
