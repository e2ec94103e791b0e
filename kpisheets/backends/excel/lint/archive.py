"""The zip as a linter sees it: whatever is wrong with it is a finding, and the rest is still read."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from kpisheets.backends.excel.ooxml.container.ahead import ahead
from kpisheets.backends.excel.ooxml.container.codec import crc32, inflated
from kpisheets.backends.excel.ooxml.container.package import OnDisk
from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.errors import BadData

from .finding import Report

_CHUNK = 1 << 18
_TREE = 48 << 20
_STREAM = 2 << 30
_RATIO = 300
_RATIO_FROM = 32 << 20
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)


def key_of(name: str) -> str:
    """Part names ignore case, and the leading slash."""
    return name.replace("\\", "/").lstrip("/").lower()


class Archive:
    """The entries of a workbook's zip by part name."""

    def __init__(self, source: Path | bytes, report: Report) -> None:
        self.report = report
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._broken: set[str] = set()
        self._trees: dict[str, markup.Node | None] = {}
        self._source = source
        self._file = self._open()
        try:
            self._zip = zipfile.ZipFile(self._file)
            infos = self._zip.infolist()
        except Exception as error:  # zipfile has many ways to fail on a broken directory
            report.add("zip-broken", "", "", f"it is no zip that can be read ({error})")
            return
        for info in infos:
            if info.filename.endswith("/"):
                continue
            key = key_of(info.filename)
            if key in self._entries:
                report.add("zip-duplicate-entry", info.filename, "", "the zip has two entries of that name")
            self._entries[key] = info

    def close(self) -> None:
        """The file can be replaced from now on."""
        self._file.close()

    @property
    def names(self) -> list[str]:
        """The parts, as the zip spells them."""
        return [info.filename.replace("\\", "/").lstrip("/") for info in self._entries.values()]

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return key_of(name) in self._entries

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part's bytes in UTF-8, a quarter of a megabyte at a time; ends early where they cannot be unpacked."""
        info = self._entries[key_of(name)]
        if info.file_size > _STREAM or (
            info.file_size > _RATIO_FROM and info.file_size > _RATIO * max(info.compress_size, 1)
        ):
            self._fail("part-too-large", name, f"it unpacks to {info.file_size} bytes")
            return
        try:
            pieces = self._unpacked(info)
            first = next(pieces, b"")
            if _is_utf8(first):
                yield first
                yield from pieces
                return
            yield markup.to_utf8(first + b"".join(pieces)[:_TREE], name)
        except BadData as error:
            self._fail("part-not-xml", name, error.what)
        except _BROKEN as error:
            self._fail("part-unreadable", name, f"it cannot be unpacked ({error})")

    def _unpacked(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """An entry's bytes; deflated ones by the editor's codec, which is faster than zipfile's."""
        with self._zip.open(info) as file:  # checks the entry's header
            if info.compress_type != zipfile.ZIP_DEFLATED:
                while piece := file.read(_CHUNK):
                    yield piece
                return
        yield from ahead(self._inflated(info))

    def _inflated(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """A deflated entry's bytes, by a file of its own: the thread that reads ahead shares no position."""
        with self._open() as file:
            data, size, crc = OnDisk(file), 0, 0
            lengths = data[info.header_offset + 26 : info.header_offset + 30]
            begin = info.header_offset + 30 + sum(struct.unpack("<2H", lengths))
            for piece in inflated(data, begin, begin + info.compress_size):
                size, crc = size + len(piece), crc32(piece, crc)
                if size > info.file_size:
                    break
                yield piece
        if (size, crc) != (info.file_size, info.CRC):
            raise zipfile.BadZipFile("its size or checksum is wrong")

    def _open(self) -> IO[bytes]:
        return io.BytesIO(self._source) if isinstance(self._source, bytes) else self._source.open("rb")

    def _fail(self, rule: str, name: str, what: str) -> None:
        if not self.is_broken(name):
            self.report.add(rule, name, "", what)
        self._broken.add(key_of(name))

    def is_broken(self, name: str) -> bool:
        """Whether reading the part has failed, which was told of then."""
        return key_of(name) in self._broken

    def tree(self, name: str) -> markup.Node | None:
        """A small part as a tree; None (and a finding) where that cannot be."""
        key = key_of(name)
        if key not in self._trees:
            self._trees[key] = self._parsed(name)
        return self._trees[key]

    def forget(self, name: str) -> None:
        """The tree is not asked for again."""
        self._trees.pop(key_of(name), None)

    def _parsed(self, name: str) -> markup.Node | None:
        if self._entries[key_of(name)].file_size > _TREE:
            self._fail("part-too-large", name, "it is too large for a part of its kind")
            return None
        data = b"".join(self.chunks(name))
        return None if self.is_broken(name) else tree_of(data, name, self.report)


def _is_utf8(first: bytes) -> bool:
    try:
        return markup.to_utf8(first, "") is first
    except BadData:
        return False


def tree_of(data: bytes, name: str, report: Report) -> markup.Node | None:
    """The tree of some XML; None, and a finding, where it is broken. Its root's prefixes are checked too."""
    try:
        root = markup.parse(data, name)
    except (BadData, IndexError) as error:
        report.add("part-not-xml", name, "", getattr(error, "what", None) or str(error))
        return None
    check_ignorable(data[root.start : root.open_end], name, report)
    return root


def check_ignorable(tag: bytes, name: str, report: Report) -> None:
    """The prefixes that a root element lets others ignore are declared."""
    at = tag.find(b"Ignorable")
    if at < 0:
        return
    quote = tag[at:].split(b"=", 1)[-1].lstrip()[:1]
    listed = tag[at:].split(quote, 2)[1] if quote in (b'"', b"'") else b""
    for prefix in listed.split():
        if b"xmlns:" + prefix not in tag:
            report.add("ignorable-prefix", name, prefix.decode("utf-8", "replace"), "the prefix is not declared")
