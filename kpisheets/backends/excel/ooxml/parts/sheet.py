"""A sheet's part, read from front to back: what stands before the cells, runs of whole rows, what stands behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain

from kpisheets.errors import BadData

from ..container.ahead import ahead
from ..notation import markup
from .shell import Shell

_RESAVE = "open it in Excel and save it again"
_ROOT = re.compile(rb"<(?:([\w.-]+):)?worksheet(?=[\s/>])")
_MAX_HEAD = 64 << 20
_MAX_ROW_BYTES = 64 << 20
_MAX_TAIL = 256 << 20

Stream = Callable[[], Iterator[bytes]]


class SheetPart:
    """The bytes of a worksheet, never held unpacked: each reading unpacks them anew.

    ``stream`` gives them piece by piece, from the first at each call. ``tag`` opens the cells' section, whose inside
    stands from ``begin`` to ``end`` (known with the shell), and ``closing`` ends it.

    Raises:
        BadData: the part cannot be read safely.
    """

    def __init__(self, stream: Stream, where: str) -> None:
        self.where = where
        self._stream = stream
        self._shell: Shell | None = None
        first = next(stream(), b"")
        if markup.encoding_of(first) != "utf-8":
            whole = markup.to_utf8(b"".join(stream()), where)
            self._stream = lambda: iter([whole])
        self.prefix = self.closing = b""
        head, _ = self._open()
        self.tag = head[head.rindex(b"<") :]
        self.begin = self.end = len(head)
        self.is_closed = self.tag.endswith(b"/>")

    def pieces(self) -> Iterator[bytes]:
        """All bytes of the part."""
        return self._stream()

    def _open(self) -> tuple[bytes, Iterator[bytes]]:
        """What stands before the cells, with the tag of their section, and the pieces behind it."""
        pieces, head = self._stream(), b""
        for piece in pieces:
            head += piece
            if end := self._begin(head):
                return head[:end], chain((head[end:],), pieces)
            if len(head) > _MAX_HEAD:
                break
        if _ROOT.search(head) is None:
            raise BadData("it is not a worksheet", where=self.where, mend=_RESAVE)
        markup.parse(head, self.where)  # says what is broken
        raise BadData("it has no cells' section", where=self.where, mend=_RESAVE)

    def _begin(self, head: bytes) -> int:
        root = _ROOT.search(head)
        if root is None:
            return 0
        if b"<!DOCTYPE" in head[: root.start()]:
            raise markup.has_doctype(self.where)
        self.prefix = root[1] + b":" if root[1] else b""
        found = re.compile(rb"<%bsheetData(?=[\s/>])[^>]*>" % re.escape(self.prefix)).search(head, root.end())
        return found.end() if found else 0

    @property
    def shell(self) -> Shell:
        """All but the cells."""
        if self._shell is None:
            for _ in self.runs():
                pass
        if self._shell is None:
            raise AssertionError("runs() ends with the shell")
        return self._shell

    def runs(self) -> Iterator[bytes]:
        """The inside of the cells' section, in pieces that begin and end between rows."""
        head, pieces = self._open()
        if self.is_closed:
            self._keep_shell(head, b"", pieces)
            return
        pieces = ahead(pieces)
        row, closing, carry = b"<%brow" % self.prefix, b"</%bsheetData" % self.prefix, b""
        usual = row + b" r="
        self.end = len(head)
        for piece in pieces:
            buffer = carry + piece
            # The section ends behind its last row: what stands before need not be searched.
            last = buffer.rfind(usual)
            end = buffer.find(closing, max(len(carry) - len(closing), last, 0))
            if end >= 0:
                self.end += end
                if end:
                    yield buffer[:end]
                self._keep_shell(head, buffer[end:], pieces)
                return
            cut = max(buffer.rfind(row), 0)
            if cut:
                self.end += cut
                yield buffer[:cut]
            carry = buffer[cut:]
            if len(carry) > _MAX_ROW_BYTES:
                raise BadData("a row of it is larger than any sheet's can be", where=self.where, mend=_RESAVE)
        raise self._no_end()

    def _keep_shell(self, head: bytes, begun: bytes, pieces: Iterator[bytes]) -> None:
        """The rest is read even where it is known: the checksum comes at the end."""
        tail = [begun]
        for piece in pieces:
            tail.append(piece)
            if len(tail) > _MAX_TAIL >> 16 and sum(map(len, tail)) > _MAX_TAIL:
                raise BadData(
                    "what follows its cells is larger than any sheet's can be", where=self.where, mend=_RESAVE
                )
        if self._shell is None:
            behind = b"".join(tail)
            end = behind.find(b">") + 1 if begun else 0
            self.closing = behind[:end]
            self._shell = Shell(head[: -len(self.tag)], behind[end:], self.prefix, self.where)

    def normalise(self) -> None:
        """Holds the part whole from now on, with its cells' section free of comments and literal sections, which no
        spreadsheet program writes there."""
        head, pieces = self._open()
        data = b"".join(pieces)
        end = data.rfind(b"</%bsheetData" % self.prefix)
        if end < 0:
            raise self._no_end()
        cells = markup.without_other(data[:end])
        if b"<!" in cells or b"<?" in cells:
            raise BadData("its XML is broken", where=self.where, mend=_RESAVE)
        whole = head + cells + data[end:]
        self._stream = lambda: iter([whole])
        self._shell = None

    def _no_end(self) -> BadData:
        return BadData("its cells' section has no end", where=self.where, mend=_RESAVE)
