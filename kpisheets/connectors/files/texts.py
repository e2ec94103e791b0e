"""Text files as programs write them: which encoding, which separator, a copy in UTF-8 where it is another."""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

_CHUNK = 1 << 20
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
ENCODINGS = {"utf-8": "UTF-8", "cp1252": "Windows-1252"}
"""How people call them; the others are kinds of UTF-16."""


def reading(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked where it is packed."""
    return cast(IO[bytes], gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb"))


def encoding_of(path: Path) -> str:
    """utf-8, utf-16 (with or without its mark) or, for anything else, cp1252: what programs on Windows write."""
    with reading(path) as source:
        start = source.read(_CHUNK)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if b"\0" in start[:200]:
            return "utf-16-le" if start[1:200:2].count(0) > start[0:200:2].count(0) else "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(start)
            for chunk in _chunks(source):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def copied(path: Path, encoding: str, folder: Path) -> Path:
    """A copy in ``folder`` that is UTF-8. UnicodeError where the file is no text."""
    copy = folder / path.name.removesuffix(".gz")
    errors = "replace" if encoding == "cp1252" else "strict"
    with reading(path) as source, copy.open("w", encoding="utf-8", newline="") as target:
        decoder = codecs.getincrementaldecoder(encoding)(errors)
        for chunk in _chunks(source):
            target.write(decoder.decode(chunk))
    return copy


def separator_of(path: Path) -> str:
    """The separator that stands most often in the header, outside quotes. A cut-off last row can't mislead it."""
    with reading(path) as source:
        header = source.readline(_CHUNK).decode("utf-8-sig", "replace")
    outside = "".join(header.split('"')[::2])
    return max(",;\t|", key=outside.count)


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        yield chunk
