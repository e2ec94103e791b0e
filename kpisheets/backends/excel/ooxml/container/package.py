"""The zip file, opened with suspicion."""

from __future__ import annotations

import io
import itertools
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from kpisheets.errors import BadData

from .codec import crc32, inflated

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PIECE = 1 << 20
_MAX_ENTRIES = 20_000
_MAX_TOTAL = 4 << 30
_MAX_WHOLE = 256 << 20
# Sheets of one repeated number reach 1:150; deflate's own limit, which bombs live on, is 1:1032.
_RATIO = 300
_RATIO_FROM = 32 << 20
_RESAVE = "open it in Excel and save it as .xlsx"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the zip; ``begin:end`` are its compressed bytes."""

    name: str
    raw_name: bytes
    method: int
    flags: int
    when: int
    crc: int
    size: int
    begin: int
    end: int
    attributes: int


class OnDisk:
    """A file's bytes by slices, so that a large one need not be held twice."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self._size = file.seek(0, io.SEEK_END)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, span: slice) -> bytes:
        begin, end, _ = span.indices(self._size)
        self.file.seek(begin)
        return self.file.read(max(end - begin, 0))


class Package:
    """A spreadsheet's zip, held as the bytes that were read once.

    Raises:
        BadData: it is no zip, encrypted, of another format, damaged, or made to harm.
    """

    def __init__(self, data: bytes | OnDisk, where: str) -> None:
        self.data = data
        self.where = where
        self.entries: dict[str, Entry] = {}
        _refuse_other_formats(data, where)
        try:
            with zipfile.ZipFile(data.file if isinstance(data, OnDisk) else io.BytesIO(data)) as archive:
                infos = archive.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error) as error:
            raise BadData(
                "it is damaged or was cut off: the zip's directory is missing",
                where=where,
                mend="restore it from a backup or download it again",
            ) from error
        self._by_key: dict[str, str] = {}
        if len(infos) > _MAX_ENTRIES or sum(info.file_size for info in infos) > _MAX_TOTAL:
            raise self._bomb()
        for info in infos:
            self._add(info)
        spans = sorted((entry.begin, entry.end) for entry in self.entries.values())
        if any(one[1] > other[0] for one, other in itertools.pairwise(spans)):
            raise BadData(
                "its zip entries overlap, which is how zip bombs are made", where=where, mend="don't trust the file"
            )

    def _add(self, info: zipfile.ZipInfo) -> None:
        where, name = self.where, info.orig_filename
        key = _key(name)
        if key in self._by_key:
            raise BadData(f"the part {name} is in it twice", where=where, mend=_RESAVE)
        if ".." in key.split("/") or "\0" in key:
            raise BadData(f"its part {name!r} points outside the file", where=where, mend="don't trust the file")
        if info.flag_bits & 0x1:
            raise BadData("its zip entries are encrypted", where=where, mend="save it without a zip password")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BadData(f"{name} is compressed in a way that spreadsheets don't use", where=where, mend=_RESAVE)
        if info.file_size > _RATIO_FROM and info.file_size > _RATIO * max(info.compress_size, 1):
            raise self._bomb()
        header = self.data[info.header_offset : info.header_offset + 30]
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            raise self._damaged(name)
        raw_name = name.encode("utf-8" if info.flag_bits & 0x800 else "cp437")
        name_length, extra_length = struct.unpack_from("<2H", header, 26)
        begin = info.header_offset + 30 + name_length + extra_length
        if begin + info.compress_size > len(self.data):
            raise self._damaged(name)
        when = struct.unpack_from("<I", header, 10)[0]
        self._by_key[key] = name
        self.entries[name] = Entry(
            name,
            raw_name,
            info.compress_type,
            info.flag_bits & 0x0806,
            when,
            info.CRC,
            info.file_size,
            begin,
            begin + info.compress_size,
            info.external_attr,
        )

    def _bomb(self) -> BadData:
        return BadData(
            "it unpacks to far more than a workbook needs (a zip bomb?)",
            where=self.where,
            mend="don't trust the file, or split the workbook",
        )

    def _damaged(self, name: str) -> BadData:
        return BadData(
            f"it is damaged: {name} cannot be unpacked",
            where=self.where,
            mend="restore it from a backup or download it again",
        )

    def find(self, name: str) -> str | None:
        """The entry's own spelling of a part's name (part names ignore case), or None."""
        return self._by_key.get(_key(name))

    def packed(self, name: str) -> Iterator[bytes]:
        """The compressed bytes of an entry, in pieces."""
        entry = self.entries[name]
        for at in range(entry.begin, entry.end, _PIECE):
            yield self.data[at : min(at + _PIECE, entry.end)]

    def packed_as_in(self, other: Package, name: str) -> bool:
        """Whether an entry's compressed bytes are the same in both."""
        one, another = self.entries[name], other.entries[name]
        return one.end - one.begin == another.end - another.begin and all(
            piece == twin for piece, twin in zip(self.packed(name), other.packed(name), strict=True)
        )

    def stream(self, name: str) -> Iterator[bytes]:
        """The unpacked bytes of an entry, in pieces; its size and checksum are verified at the end.

        Raises:
            BadData: they don't agree with the zip's directory.
        """
        entry = self.entries[name]
        size = crc = 0
        pieces = (
            inflated(self.data, entry.begin, entry.end) if entry.method == zipfile.ZIP_DEFLATED else self.packed(name)
        )
        try:
            for piece in pieces:
                size += len(piece)
                if size > entry.size:
                    break
                crc = crc32(piece, crc)
                yield piece
        except ValueError as error:
            raise self._damaged(name) from error
        if size != entry.size or crc != entry.crc:
            raise self._damaged(name)

    def read(self, name: str) -> bytes:
        """The unpacked bytes of an entry. BadData as for ``stream``, or where they are more than a part should be."""
        if self.entries[name].size > _MAX_WHOLE:
            raise self._bomb()
        return b"".join(self.stream(name))


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _refuse_other_formats(data: bytes | OnDisk, where: str) -> None:
    head = data[:65536]
    if head.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data[:]:
            raise BadData(
                "it is password-protected (encrypted)",
                where=where,
                mend="remove the password in Excel: File, Info, Protect Workbook",
            )
        raise BadData("it is an old Excel file (.xls)", where=where, mend=_RESAVE)
    if not head:
        raise BadData("it is empty (0 bytes)", where=where, mend="restore it from a backup")
    if b"PK" not in head[:4] and b"PK\x03\x04" not in head:
        raise BadData("it is not an Excel workbook (.xlsx)", where=where, mend=_RESAVE)
