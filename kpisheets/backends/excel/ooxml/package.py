"""The zip file: opened with suspicion, and written back with every untouched entry's compressed bytes as they were."""

from __future__ import annotations

import io
import itertools
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any

from kpisheets.errors import BadData

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_MAX_ENTRIES = 20_000
_MAX_TOTAL = 2 << 30
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


class Package:
    """A spreadsheet's zip, held as the bytes that were read once.

    Raises:
        BadData: it is no zip, encrypted, of another format, damaged, or made to harm.
    """

    def __init__(self, data: bytes, where: str) -> None:
        self.data = data
        self.where = where
        self.entries: dict[str, Entry] = {}
        _refuse_other_formats(data, where)
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
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

    def raw(self, name: str) -> bytes:
        """The compressed bytes of an entry."""
        entry = self.entries[name]
        return self.data[entry.begin : entry.end]

    def read(self, name: str) -> bytes:
        """The unpacked bytes of an entry; its size and checksum are verified.

        Raises:
            BadData: they don't agree with the zip's directory.
        """
        entry = self.entries[name]
        raw = self.data[entry.begin : entry.end]
        if entry.method == zipfile.ZIP_DEFLATED:
            try:
                raw = _inflate(raw, entry.size)
            except Exception as error:  # zlib.error, or isal's own of another family
                raise self._damaged(name) from error
        if len(raw) != entry.size or zlib.crc32(raw) != entry.crc:
            raise self._damaged(name)
        return raw

    def write(self, target: IO[bytes], parts: Mapping[str, bytes], dropped: frozenset[str] = frozenset()) -> None:
        """Writes the zip with ``parts`` replaced or added and ``dropped`` left out; all else is copied raw.

        Headers are rewritten without data descriptors and extra fields.
        """
        directory: list[bytes] = []
        offset = 0

        def put(entry: Entry, raw: bytes) -> None:
            nonlocal offset
            if offset + len(raw) + 0x10000 > 0xFFFF_FFFF:
                raise BadData("it would grow beyond 4 GB", where=self.where, mend="split the workbook")
            when, clock = entry.when >> 16, entry.when & 0xFFFF
            name = entry.raw_name
            target.write(
                _LOCAL.pack(
                    b"PK\x03\x04",
                    20,
                    entry.flags,
                    entry.method,
                    clock,
                    when,
                    entry.crc,
                    len(raw),
                    entry.size,
                    len(name),
                    0,
                )
            )
            target.write(name)
            target.write(raw)
            directory.append(
                _CENTRAL.pack(
                    b"PK\x01\x02",
                    20,
                    20,
                    entry.flags,
                    entry.method,
                    clock,
                    when,
                    entry.crc,
                    len(raw),
                    entry.size,
                    len(name),
                    0,
                    0,
                    0,
                    0,
                    entry.attributes,
                    offset,
                )
                + name
            )
            offset += 30 + len(name) + len(raw)

        for name, old in self.entries.items():
            if name in dropped:
                continue
            if name in parts:
                entry, raw = _packed(old, parts[name])
                put(entry, raw)
            else:
                put(old, self.raw(name))
        for name, data in parts.items():
            if name not in self.entries:
                blank = Entry(
                    name, name.encode(), zipfile.ZIP_DEFLATED, 0 if name.isascii() else 0x800, 0x210000, 0, 0, 0, 0, 0
                )
                entry, raw = _packed(blank, data)
                put(entry, raw)
        central = b"".join(directory)
        target.write(central)
        count = len(directory)
        target.write(_END.pack(b"PK\x05\x06", 0, 0, count, count, len(central), offset, 0))


def _packed(entry: Entry, data: bytes) -> tuple[Entry, bytes]:
    raw = _deflate(data)
    fresh = Entry(
        entry.name,
        entry.raw_name,
        zipfile.ZIP_DEFLATED,
        entry.flags & 0x0800,
        entry.when,
        zlib.crc32(data),
        len(data),
        0,
        0,
        entry.attributes,
    )
    return fresh, raw


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _refuse_other_formats(data: bytes, where: str) -> None:
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise BadData(
                "it is password-protected (encrypted)",
                where=where,
                mend="remove the password in Excel: File, Info, Protect Workbook",
            )
        raise BadData("it is an old Excel file (.xls)", where=where, mend=_RESAVE)
    if not data:
        raise BadData("it is empty (0 bytes)", where=where, mend="restore it from a backup")
    if b"PK" not in data[:4] and b"PK\x03\x04" not in data[:65536]:
        raise BadData("it is not an Excel workbook (.xlsx)", where=where, mend=_RESAVE)


def _inflate(raw: bytes, size: int) -> bytes:
    # One byte more than promised is enough to see that the promise is false, and a bomb gets no further.
    inflater: Any = _isal().decompressobj(-15) if _isal() else zlib.decompressobj(-15)
    return bytes(inflater.decompress(raw, size + 1))


def _deflate(data: bytes) -> bytes:
    fast = _isal()
    make: Callable[..., Any] = fast.compressobj if fast else zlib.compressobj
    packer = make(level=2 if fast else 6, wbits=-15)
    return bytes(packer.compress(data) + packer.flush())


def _isal() -> Any:
    try:
        from isal import isal_zlib
    except ImportError:
        return None
    return isal_zlib
