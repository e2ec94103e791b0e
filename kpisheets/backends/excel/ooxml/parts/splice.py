"""A stream of bytes with some of them replaced, none of it held whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from kpisheets.errors import Defect

New: TypeAlias = bytes | Callable[[], Iterator[bytes]]


class Splice(NamedTuple):
    """``old`` at this place of the stream becomes ``new``."""

    start: int
    old: bytes
    new: New


def spliced(pieces: Iterable[bytes], splices: Sequence[Splice]) -> Iterator[bytes]:
    """The stream with the splices, which are in order and don't overlap.

    Raises:
        Defect: what stands at a place is not what was seen there.
    """
    todo = iter(splices)
    next_one = next(todo, None)
    base, carry = 0, b""
    for piece in pieces:
        buffer, at = carry + piece if carry else piece, 0
        end = base + len(buffer)
        made: list[bytes] = []
        while next_one is not None and next_one.start + len(next_one.old) <= end and next_one.start < end:
            place = next_one.start - base
            made.append(buffer[at:place])
            at = place + len(next_one.old)
            if buffer[place:at] != next_one.old:
                raise _elsewhere(next_one)
            if isinstance(next_one.new, bytes):
                made.append(next_one.new)
            else:
                yield b"".join(made)
                made = []
                yield from next_one.new()
            next_one = next(todo, None)
        # What a splice may still need waits for the next piece.
        kept = len(buffer) if next_one is None else min(max(next_one.start - base, at), len(buffer))
        made.append(buffer[at:kept])
        yield b"".join(made)
        carry = buffer[kept:]
        base += kept
    if next_one is not None:
        raise _elsewhere(next_one)
    if carry:
        yield carry


def _elsewhere(splice: Splice) -> Defect:
    return Defect(
        f"what is at byte {splice.start} of a sheet is not what was read there",
        mend="nothing was written; report this, with the workbook if you can",
    )
