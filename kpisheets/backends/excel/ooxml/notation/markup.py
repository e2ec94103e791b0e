"""Small XML parts as a tree that knows its byte offsets, so that a change replaces those bytes and no others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from kpisheets.errors import BadData

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

_OPEN_TAG = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
_ATTRIBUTE = re.compile(rb"""\s([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')""")
_DECLARED = re.compile(rb"""\A(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["'][^>]*?\?>""")
_ENTITY = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#(\d+)|(\w+));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_HEX_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_HEX_LOOKALIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(slots=True)
class Node:
    """One element: ``data[start:end]``, its opening tag ``data[start:open_end]``, its content up to ``close``.

    ``attributes`` are keyed by name, or ``{namespace}name`` when prefixed.
    """

    namespace: str
    name: str
    attributes: dict[str, str]
    start: int
    open_end: int
    close: int = 0
    end: int = 0
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def child(self, name: str) -> Node | None:
        """The first child of that local name."""
        return next((node for node in self.children if node.name == name), None)

    def all(self, name: str) -> list[Node]:
        """The children of that local name."""
        return [node for node in self.children if node.name == name]

    def walk(self) -> Iterator[Node]:
        """This element and all below, in document order."""
        yield self
        for node in self.children:
            yield from node.walk()


def encoding_of(data: bytes) -> str:
    """The encoding that an XML part begins by saying; ``utf-8`` also for what is part of it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    declared = _DECLARED.match(data)
    encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    return "utf-8" if encoding in ("utf8", "us-ascii", "ascii") else encoding


def to_utf8(data: bytes, where: str) -> bytes:
    """The same XML in UTF-8: untouched when it is UTF-8 already, which nearly every part is."""
    encoding = encoding_of(data)
    if encoding == "utf-8":
        return data
    try:
        text = data.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise BadData(f"its text is not {encoding}", where=where, mend="save it once with Excel") from error
    text = re.sub(r"""(<\?xml[^>]*?encoding\s*=\s*["'])[\w.-]+""", r"\1UTF-8", text, count=1)
    return text.lstrip("\ufeff").encode()


def parse(data: bytes, where: str) -> Node:
    """The tree of a part.

    Raises:
        BadData: it is not well-formed, or has a DTD.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.namespace_prefixes = False
    parser.buffer_text = True
    stack: list[Node] = []
    roots: list[Node] = []

    def opened(tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        start = parser.CurrentByteIndex
        match = _OPEN_TAG.match(data, start)
        if match is None or len(stack) > 100:
            raise BadData("its XML cannot be read", where=where, mend="save it once with Excel")
        named = {
            (f"{{{key.rpartition(' ')[0]}}}" if " " in key else "") + key.rpartition(" ")[2]: value
            for key, value in attributes.items()
        }
        node = Node(namespace, name, named, start, match.end())
        (stack[-1].children if stack else roots).append(node)
        stack.append(node)

    def closed(_tag: str) -> None:
        node = stack.pop()
        if data[node.open_end - 2 : node.open_end] == b"/>":
            node.close = node.end = node.open_end
        else:
            node.close = parser.CurrentByteIndex
            node.end = data.index(b">", node.close) + 1

    def characters(text: str) -> None:
        stack[-1].text += text

    def doctype(*_: object) -> None:
        raise has_doctype(where)

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # an encoding that does not exist is a LookupError
        raise BadData(f"its XML is broken ({error})", where=where, mend="open it in Excel and save it again") from error
    return roots[0]


def has_doctype(where: str) -> BadData:
    """The refusal of a part with a DTD: what it declares may grow without bounds, or name other files."""
    return BadData(
        "it has a document type definition, which no spreadsheet program writes",
        where=where,
        mend="don't trust the file; save it once with Excel if you know where it comes from",
    )


def splice(data: bytes, changes: Iterable[tuple[int, int, bytes]]) -> bytes:
    """``data`` with each ``[start:end]`` replaced; the changes must not overlap."""
    pieces: list[bytes] = []
    at = 0
    for start, end, new in sorted(changes, key=lambda change: change[:2]):
        if start < at:
            raise AssertionError("overlapping changes")
        pieces += (data[at:start], new)
        at = end
    pieces.append(data[at:])
    return b"".join(pieces)


def tag_with(tag: bytes, values: dict[str, str | None]) -> bytes:
    """An opening tag with these attributes set (None: removed), the others byte for byte as they were."""
    for name, value in values.items():
        raw = name.encode()
        new = b"" if value is None else b" " + raw + b'="' + attribute(value) + b'"'
        found = next((match for match in _ATTRIBUTE.finditer(tag) if match[1] == raw), None)
        if found:
            tag = tag[: found.start()] + new + tag[found.end() :]
        elif new:
            end = len(tag) - (2 if tag.endswith(b"/>") else 1)
            tag = tag[:end].rstrip() + new + tag[end:]
    return tag


def name_of(tag: bytes) -> bytes:
    """The name of an element as its tag spells it, prefix and all."""
    return re.split(rb"[\s/>]", tag[1:], maxsplit=1)[0]


def prefix_of(data: bytes, node: Node) -> bytes:
    """The namespace prefix of an element as written, with its colon: ``b"x:"`` or ``b""``."""
    prefix, colon, _ = name_of(data[node.start : node.open_end]).rpartition(b":")
    return prefix + colon


def inserted_at_end(data: bytes, node: Node, new: bytes) -> tuple[int, int, bytes]:
    """The change that makes ``new`` the last child of ``node``, opening a self-closed element."""
    if node.close < node.end:
        return node.close, node.close, new
    tag = data[node.start : node.open_end]
    return node.start, node.end, tag[:-2].rstrip() + b">" + new + b"</" + name_of(tag) + b">"


def whole(raw: str | bytes | None) -> int:
    """A count or an id; 0 where it is missing or no number."""
    return int(raw) if raw and raw.isascii() and raw.isdigit() else 0


def attribute(text: str) -> bytes:
    """Text as an attribute's value in double quotes."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return escaped.replace("\t", "&#9;").replace("\n", "&#10;").replace("\r", "&#13;").encode()


def content(text: str) -> bytes:
    """Text as an element's content."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()


def unescape(raw: bytes) -> str:
    """The text behind XML's character references."""
    text = raw.decode("utf-8", "replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _ENTITY.sub(_entity, text) if "&" in text else text


def _entity(match: re.Match[str]) -> str:
    if match[3]:
        return _NAMED.get(match[3], match[0])
    code = int(match[1], 16) if match[1] else int(match[2])
    return chr(code) if code < 0x110000 else "\ufffd"


def from_xstring(text: str) -> str:
    """Spreadsheet text as people see it: ``_x000D_`` is a carriage return."""
    if "_x" not in text:
        return text
    text = _HEX_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if any("\ud800" <= char <= "\udfff" for char in text):  # a pair of escapes may spell one character
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def to_xstring(text: str) -> str:
    """The inverse: carriage returns and anything that looks like an escape are escaped."""
    if "_x" in text:
        text = _HEX_LOOKALIKE.sub("_x005F_", text)
    return text.replace("\r", "_x000D_")


_OTHER = re.compile(rb"<!\[CDATA\[(.*?)\]\]>|<!--.*?-->|<\?(?!xml\s).*?\?>", re.DOTALL)


def without_other(data: bytes) -> bytes:
    """The same XML without comments and processing instructions, literal sections spelled as escaped text."""
    if b"<!" not in data and data.find(b"<?", 5) < 0:
        return data
    return _OTHER.sub(_plain, data)


def _plain(match: re.Match[bytes]) -> bytes:
    text = match[1]
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;") if text else b""
