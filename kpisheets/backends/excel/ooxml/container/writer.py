"""A zip written anew, with every untouched entry's compressed bytes as they were."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import IO, TypeAlias

from kpisheets.errors import BadData

from .ahead import ahead
from .codec import Deflater
from .package import Entry, Package

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_MAX_SIZE = 0xFFFF_FFFF
_MAX_COUNT = 0xFFFF

Content: TypeAlias = bytes | Callable[[], Iterator[bytes]]
"""A part's new bytes, or what gives them piece by piece, anew at each call."""


def write_package(
    old: Package, target: IO[bytes], parts: Mapping[str, Content], dropped: frozenset[str] = frozenset()
) -> dict[str, tuple[int, int]]:
    """Writes the zip with ``parts`` replaced or added and ``dropped`` left out; all else is copied as it is packed.

    Headers are rewritten without data descriptors and extra fields. ``target`` must be seekable. Returns the size and
    the checksum of each new part.

    Raises:
        BadData: the file would grow beyond what a zip without extensions can hold.
    """
    made: dict[str, tuple[int, int]] = {}
    written: list[tuple[Entry, int, int]] = []  # entry, packed size, offset
    added = [name for name in parts if name not in old.entries]
    blanks = [
        Entry(name, name.encode(), zipfile.ZIP_DEFLATED, 0 if name.isascii() else 0x800, 0x210000, 0, 0, 0, 0, 0)
        for name in added
    ]
    offset = 0
    for entry in [*(entry for name, entry in old.entries.items() if name not in dropped), *blanks]:
        if entry.name in parts:
            entry, packed = _pack(target, entry, parts[entry.name], offset)
            made[entry.name] = (entry.size, entry.crc)
        else:
            target.write(_header(entry, entry.end - entry.begin))
            for piece in old.packed(entry.name):
                target.write(piece)
            packed = entry.end - entry.begin
        written.append((entry, packed, offset))
        offset += 30 + len(entry.raw_name) + packed
        if max(offset, entry.size) > _MAX_SIZE - 0x100000 or len(written) >= _MAX_COUNT:
            raise BadData("it would grow beyond 4 GB or 65,535 parts", where=old.where, mend="split the workbook")
    central = b"".join(_directory_entry(*one) for one in written)
    target.write(central)
    target.write(_END.pack(b"PK\x05\x06", 0, 0, len(written), len(written), len(central), offset, 0))
    return made


def _pack(target: IO[bytes], entry: Entry, content: Content, offset: int) -> tuple[Entry, int]:
    """Writes a new part and, its sizes being known at last, its header."""
    target.write(bytes(30 + len(entry.raw_name)))
    deflater, packed = Deflater(), 0
    for piece in (content,) if isinstance(content, bytes) else ahead(content()):
        packed += target.write(deflater.add(piece))
    packed += target.write(deflater.finish())
    entry = replace(
        entry, method=zipfile.ZIP_DEFLATED, flags=entry.flags & 0x0800, size=deflater.size, crc=deflater.crc
    )
    if packed > _MAX_SIZE or entry.size > _MAX_SIZE:
        return entry, packed  # the caller refuses it
    target.seek(offset)
    target.write(_header(entry, packed))
    target.seek(offset + 30 + len(entry.raw_name) + packed)
    return entry, packed


def _header(entry: Entry, packed: int) -> bytes:
    when, clock = entry.when >> 16, entry.when & 0xFFFF
    sizes = (entry.crc, packed, entry.size, len(entry.raw_name), 0)
    return _LOCAL.pack(b"PK\x03\x04", 20, entry.flags, entry.method, clock, when, *sizes) + entry.raw_name


def _directory_entry(entry: Entry, packed: int, offset: int) -> bytes:
    when, clock = entry.when >> 16, entry.when & 0xFFFF
    sizes = (entry.crc, packed, entry.size, len(entry.raw_name))
    head = _CENTRAL.pack(
        b"PK\x01\x02", 20, 20, entry.flags, entry.method, clock, when, *sizes, 0, 0, 0, 0, entry.attributes, offset
    )
    return head + entry.raw_name
