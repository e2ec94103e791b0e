"""Texts: the shared-strings part and inline strings, rich text joined, phonetic hints left out."""

from __future__ import annotations

import re

from .markup import from_xstring, unescape

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

    Raises:
        LookupError, ValueError: there is no such text.
    """

    def __init__(self, part: bytes) -> None:
        if 0 < part.count(b"<si>") == part.count(b"<si") == part.count(b"</si>"):  # as nearly every program writes it
            self._items = [item[item.find(b"<si>") + 4 :] for item in part.split(b"</si>")[:-1]]
        else:
            self._items = _ITEM.findall(part)

    def __missing__(self, index: bytes) -> str:
        number = int(index)
        if number < 0:
            raise IndexError(index)
        text = self[index] = text_of(self._items[number])
        return text
