"""Deflate and its checksum, piece by piece: by ISA-L where it is installed, else by zlib."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any

_fast: Any
try:
    from isal import isal_zlib as _fast
except ImportError:  # no wheel for this platform: the same bytes go in and come out, more slowly
    _fast = None

_PIECE = 1 << 16
_MOST = 1 << 20
# ISA-L's level 2 is some ten times as fast as zlib's 6 and some 12 % larger.
_LEVEL = 6 if _fast is None else 2

crc32: Callable[..., int] = zlib.crc32 if _fast is None else _fast.crc32
"""``crc32(data, so_far)``."""


def inflated(source: Any, begin: int, end: int) -> Iterator[bytes]:
    """What deflated ``source[begin:end]`` holds, in pieces of a megabyte at most, so that a bomb goes off slowly.

    Raises:
        ValueError: the bytes are no deflate stream, or it has no end.
    """
    inflater: Any = (zlib if _fast is None else _fast).decompressobj(-15)
    try:
        for at in range(begin, end, _PIECE):
            rest = source[at : min(at + _PIECE, end)]
            while rest and not inflater.eof:
                piece = inflater.decompress(rest, _MOST)
                rest = inflater.unconsumed_tail
                if piece:
                    yield piece
        while not inflater.eof:
            piece = inflater.decompress(b"", _MOST)
            if not piece:
                raise ValueError("the stream is cut off")
            yield piece
    except Exception as error:  # zlib.error, or ISA-L's own, which is of another family
        raise ValueError(str(error)) from error


class Deflater:
    """Packs what it is given; ``size`` and ``crc`` are of what went in."""

    def __init__(self) -> None:
        self._packer: Any = (zlib if _fast is None else _fast).compressobj(level=_LEVEL, wbits=-15)
        self.size = self.crc = 0

    def add(self, data: bytes) -> bytes:
        self.size += len(data)
        self.crc = crc32(data, self.crc)
        return self.pack(data)

    def pack(self, data: bytes) -> bytes:
        return bytes(self._packer.compress(data))

    def finish(self) -> bytes:
        return bytes(self._packer.flush())
