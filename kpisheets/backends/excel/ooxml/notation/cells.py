"""Rows and cells as a sheet's part spells them, and what an edit makes of one."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from .values import Value

_ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class CellWrite(NamedTuple):
    """What a cell is to become. ``style`` None keeps the one it has."""

    value: Value | dt.date
    formula: str | None
    style: int | None


class FormulaText(NamedTuple):
    """A cell whose formula is spelled out, its value and style as they are. ``shared`` are the attributes of one that
    other cells share from now on."""

    formula: str
    shared: bytes = b""


class CachedValue(NamedTuple):
    """A cell whose formula and style stay byte for byte, with another stored result."""

    value: Value


Write: TypeAlias = CellWrite | FormulaText | CachedValue


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns of one namespace prefix, which ends with a colon or is empty."""

    row: re.Pattern[bytes]
    """A row's opening tag: its number where that comes first, its other attributes, the slash of an empty one."""
    number: re.Pattern[bytes]
    """The number of a row that has it first, as all programs write it."""
    name: re.Pattern[bytes]
    """The reference of a cell that has it first."""
    cell: re.Pattern[bytes]
    formula: re.Pattern[bytes]
    value: re.Pattern[bytes]
    inline: re.Pattern[bytes]
    quick_cell: re.Pattern[bytes]
    """A cell as nearly every program writes it, or else any cell (last two groups)."""


@lru_cache(maxsize=16)
def patterns(prefix: bytes) -> Patterns:
    """The patterns for a prefix, compiled once."""
    p = re.escape(prefix)
    return Patterns(
        row=re.compile(rb'<%brow(?=[\s/>])(?: r="(\d+)")?([^>]*?)(/?)>' % p),
        number=re.compile(rb'<%brow r="(\d+)"' % p),
        name=re.compile(rb'<%bc r="([A-Z]{1,3})([1-9]\d*)"' % p),
        cell=re.compile(rb"<%bc(?=[\s/>])([^>]*?)(?:/>|>(.*?)</%bc\s*>)" % (p, p), re.DOTALL),
        formula=re.compile(rb"<%bf(?=[\s/>])([^>]*?)(?:/>|>([^<]*)</%bf\s*>)" % (p, p)),
        value=re.compile(rb"<%bv(?=[\s/>])[^>]*?(?:/>|>([^<]*)</%bv\s*>)" % (p, p)),
        inline=re.compile(rb"<%bis(?=[\s/>])[^>]*?(?:/>|>(.*?)</%bis\s*>)" % (p, p), re.DOTALL),
        quick_cell=re.compile(
            (
                rb'<#c r="([A-Z]{1,3})([1-9]\d{0,6})"(?: s="(\d+)")?(?: t="(\w+)")?'
                rb"(?:/>|>(?:<#f([^>]*?)(?:/>|>([^<]*)</#f>))?"
                rb"(?:(?:<#v>|<#is><#t(?: [^>]*)?>)([^<]*)(?:</#v>|</#t></#is>))?</#c>)"
                rb"|<#c(?=[\s/>])([^>]*?)(?:/>|>(.*?)</#c\s*>)"
            ).replace(b"#", p),
            re.DOTALL,
        ),
    )


def attributes(raw: bytes) -> dict[bytes, bytes]:
    """The attributes of a tag's inside, values as written."""
    return {name: one or other for name, one, other in _ATTRIBUTE.findall(raw)}
