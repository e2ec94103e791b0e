"""sharedStrings.xml: how many texts, whether each fits a cell, and single texts by index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.parsers import expat

from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.backends.excel.ooxml.parts.strings import text_of

from .archive import Archive
from .finding import Report

MAX_TEXT = 32_767
_END = re.compile(rb"</(?:[\w.-]+:)?si\s*>|<(?:[\w.-]+:)?si(?:\s[^<>]*)?/>")
_HALF = re.compile(
    r"_x[Dd][89ABab][0-9A-Fa-f]{2}_(?!_x[Dd][C-Fc-f])|(?<!_x[Dd][89ABab][0-9A-Fa-f]{2}_)_x[Dd][C-Fc-f][0-9A-Fa-f]{2}_"
)


class WellFormed:
    """Fed a part's bytes, says whether they are XML without a document type."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._doctype
        self.fault = ""

    def _doctype(self, *_: object) -> None:
        raise ValueError("it has a document type definition")

    def feed(self, data: bytes, last: bool = False) -> None:
        """Some bytes more."""
        if not self.fault:
            try:
                self._parser.Parse(data, last)
            except (expat.ExpatError, ValueError, LookupError) as error:
                self.fault = str(error)


def items(archive: Archive, part: str) -> Iterator[bytes]:
    """The texts of the part one by one, each ``<si>…</si>`` with what stands before it."""
    check = WellFormed()
    rest = b""
    for chunk in archive.chunks(part):
        check.feed(chunk)
        rest += chunk
        at = 0
        for match in _END.finditer(rest):
            yield rest[at : match.end()]
            at = match.end()
        rest = rest[at:]
        if len(rest) > 64 << 20:
            archive.report.add("part-too-large", part, "", "a text in it is larger than 64 MB")
            return
    check.feed(b"", last=True)
    if check.fault and not archive.is_broken(part):
        archive.report.add("part-not-xml", part, "", check.fault)


def check(archive: Archive, part: str) -> int:
    """How many texts there are; each is checked."""
    count = 0
    for item in items(archive, part):
        if len(item) > MAX_TEXT or b"_x" in item:
            check_text(item, _text(item), part, f"si {count}", archive.report)
        count += 1
    return count


def count(archive: Archive, part: str) -> int:
    """How many texts there are, quickly, in a part that is known to be sound."""
    found, tail = 0, b""
    for chunk in archive.chunks(part):
        data = tail + chunk
        found += data.count(b"</si>") + data.count(b"<si/>")
        tail = data[-4:]
    return found or check(archive, part)


def texts(archive: Archive, part: str, wanted: Iterable[int]) -> dict[int, str]:
    """The texts of these indices, as far as they are there."""
    needed = set(wanted)
    found: dict[int, str] = {}
    for at, item in enumerate(items(archive, part)):
        if at in needed:
            found[at] = _text(item)
            if len(found) == len(needed):
                break
    return found


def check_xml(archive: Archive, part: str) -> None:
    """Whether a part that nothing else looks at is XML."""
    check = WellFormed()
    for chunk in archive.chunks(part):
        check.feed(chunk)
    check.feed(b"", last=True)
    if check.fault and not archive.is_broken(part):
        archive.report.add("part-not-xml", part, "", check.fault)


def _text(item: bytes) -> str:
    return text_of(markup.without_other(b" " * 5 + item))


def check_text(raw: bytes, text: str, part: str, where: str, report: Report) -> None:
    """One text of a cell: its length as Excel counts it, and its escapes."""
    if len(text) > MAX_TEXT // 2 and len(text.encode("utf-16-le", "surrogatepass")) // 2 > MAX_TEXT:
        report.add("text-too-long", part, where, f"it has {len(text)} characters")
    if b"_x" in raw and _HALF.search(raw.decode("utf-8", "replace")):
        report.add("text-escape", part, where, "an escape is half of a character")


def inline(raw: bytes) -> str:
    """The text of a cell's own ``is`` element or value."""
    return text_of(raw) if raw.lstrip().startswith(b"<") else markup.from_xstring(markup.unescape(raw))
