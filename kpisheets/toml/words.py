"""How messages about a TOML file put things."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from kpisheets.toml.lines import KeyPath


def quoted(name: object) -> str:
    return f"“{name}”"


def suggestion(name: str, known: Collection[str]) -> str:
    """What to write instead of an unknown name."""
    close = closest(name, known)
    return f"did you mean {quoted(close)}?" if close else f"known: {', '.join(sorted(known)) or 'none'}"


def closest(name: str, known: Collection[str]) -> str | None:
    by_folded = {other.casefold(): other for other in sorted(known)}
    close = get_close_matches(name.casefold(), by_folded, n=1)
    return by_folded[close[0]] if close else None


def title(path: KeyPath) -> str:
    """How a section is written in the file."""
    return ".".join(str(part) for part in path)


def kind(value: object) -> str:
    """What a TOML value is, in words for a person."""
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return f"a number ({value})"
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "a section"
        case _:
            return "a date or time"
