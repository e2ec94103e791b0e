"""Texts: the shared-strings part and inline strings, rich text joined, phonetic hints left out."""

from __future__ import annotations

import re
from bisect import bisect_right

from ..notation.markup import from_xstring, unescape

_ITEM = re.compile(rb"<(?:[\w.-]+:)?si(?=[\s/>])[^>]*?(?:/>|>(.*?)</(?:[\w.-]+:)?si\s*>)", re.DOTALL)
_PHONETIC = re.compile(rb"<((?:[\w.-]+:)?rPh)(?=[\s/>])[^>]*?(?:/>|>.*?</\1\s*>)", re.DOTALL)
_TEXT = re.compile(rb"<(?:[\w.-]+:)?t(?=[\s/>])[^>]*?(?:/>|>([^<]*)</(?:[\w.-]+:)?t\s*>)", re.DOTALL)
_ONE_TEXT = re.compile(rb"\A<t(?:\s[^>]*)?>([^<]*)</t>\Z")


def text_of(markup: bytes) -> str:
    """The text of an ``si`` or ``is`` element's content."""
    one = _ONE_TEXT.match(markup)
    if one:
        raw = one[1]
    else:
        if b"rPh" in markup:
            markup = _PHONETIC.sub(b"", markup)
        raw = b"".join(_TEXT.findall(markup))
    return from_xstring(unescape(raw))


class SharedStrings(dict[bytes, str]):
    """The texts of a shared-strings part by their index as cells spell it; each is decoded when it is asked for.

    An edit asks for some of them, a reading for all: until many were asked for, the part is looked into block by block.

    Raises:
        LookupError, ValueError: there is no such text.
    """

    def __init__(self, part: bytes) -> None:
        self._part = part
        self._items: list[bytes] | None = None
        self._firsts: list[int] = []  # the index of each block's first text
        self._begins: list[int] = []
        self._block: tuple[int, list[bytes]] = (-1, [])
        # As nearly every program writes it.
        if 0 < part.count(b"<si>") == part.count(b"<si") == part.count(b"</si>"):
            self._divide()
        else:
            self._items = _ITEM.findall(part)

    def _divide(self) -> None:
        first = begin = 0
        while begin < len(self._part):
            end = self._part.find(_END, begin + _BLOCK)
            end = len(self._part) if end < 0 else end + len(_END)
            self._firsts.append(first)
            self._begins.append(begin)
            first += self._part.count(_END, begin, end)
            begin = end
        self._begins.append(len(self._part))

    def __missing__(self, index: bytes) -> str:
        number = int(index)
        if number < 0:
            raise IndexError(index)
        if self._items is None and len(self) >= _MANY:
            self._items, self._part = _split(self._part), b""
        text = self[index] = text_of(self._items[number] if self._items is not None else self._looked_up(number))
        return text

    def _looked_up(self, number: int) -> bytes:
        at = bisect_right(self._firsts, number) - 1
        if self._block[0] != at:
            self._block = (at, _split(self._part[self._begins[at] : self._begins[at + 1]]))
        return self._block[1][number - self._firsts[at]]


_END = b"</si>"
_BLOCK = 1 << 11
_MANY = 4096


def _split(part: bytes) -> list[bytes]:
    return [item[item.find(b"<si>") + 4 :] for item in part.split(_END)[:-1]]
