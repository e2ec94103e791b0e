"""A number format's pattern, taken apart: its sections, and each section's tokens.

The language is that of Google's guide "Date and number formats": up to four sections (positive, negative, zero, text),
each with conditions and colours in brackets, placeholders and literals.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

_TOKENS = re.compile(
    r"""
      "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | \*(?P<repeated>.)                                              # Excel's filling: ignored
    | _(?P<skipped>.)                                                # as wide as the next character: a space
    | \[(?P<elapsed>h+|m+|s+)\]
    | \[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]
    | \[(?P<condition>[<>=]+)(?P<limit>-?[\d.]+)\]
    | \[(?P<meta>[^\]]*)\]
    | (?P<general>general)
    | (?P<half>am/pm|a/p|[ap]m\b)
    | (?P<date>y+|m+|d+|h+|s+)
    | (?P<exponent>e[+-])
    | (?P<digit>[0\#?])
    | (?P<mark>[.,%/@])
    | (?P<literal>.)
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}


class Token(NamedTuple):
    """``kind`` is ``literal``, ``digit``, ``mark``, ``exponent``, ``date``, ``elapsed``, ``half`` or ``general``."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    tokens: tuple[Token, ...]
    condition: tuple[str, float] | None

    @property
    def is_text(self) -> bool:
        return Token("mark", "@") in self.tokens

    @property
    def is_date(self) -> bool:
        return any(token.kind in ("date", "elapsed", "half") for token in self.tokens)

    def holds(self, number: float) -> bool:
        """Whether the section's own condition is true of the number."""
        return self.condition is not None and _COMPARISONS[self.condition[0]](number, self.condition[1])


@dataclass(frozen=True, slots=True)
class Pattern:
    numbers: tuple[Section, ...]
    """One to three."""
    text: Section | None

    def section(self, number: float) -> tuple[Section, bool] | None:
        """The section that shows a number, and whether it shows the sign itself; ``None``: none is meant for it."""
        first, *others = self.numbers
        if any(section.condition for section in self.numbers):
            for section in self.numbers[:2]:
                if section.holds(number):
                    return section, section is not first
            rest = next((section for section in self.numbers if section.condition is None), None)
            return None if rest is None else (rest, False)
        if number < 0 and others:
            return others[0], True
        if number == 0 and len(others) > 1:
            return others[1], False
        return first, False


@cache
def parsed(pattern: str) -> Pattern:
    """The pattern's parts."""
    sections = [_section(text) for text in _split(pattern)]
    if len(sections) > 3:
        return Pattern(tuple(sections[:3]), sections[3])
    if sections[-1].is_text:
        return Pattern(tuple(sections[:-1]) or (_section("general"),), sections[-1])
    return Pattern(tuple(sections), None)


def _split(pattern: str) -> list[str]:
    pieces = re.findall(r'"[^"]*"?|\\.|\[[^\]]*\]|[;]|[^;"\\\[]+|\[', pattern)
    sections = [""]
    for piece in pieces:
        if piece == ";":
            sections.append("")
        else:
            sections[-1] += piece
    return sections


def _section(text: str) -> Section:
    tokens: list[Token] = []
    condition = None
    for match in _TOKENS.finditer(text):
        kind = match.lastgroup or ""
        if kind == "limit":
            condition = (match["condition"], float(match["limit"]))
        elif kind in ("quoted", "escaped", "currency"):
            tokens.append(Token("literal", match[kind]))
        elif kind == "skipped":
            tokens.append(Token("literal", " "))
        elif kind not in ("repeated", "meta"):
            tokens.append(Token(kind, match[kind]))
    return Section(tuple(tokens), condition)
