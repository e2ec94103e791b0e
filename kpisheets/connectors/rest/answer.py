"""An answer of a service, read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """``content`` is its JSON, numbers with a point as exact decimals; ``following`` the address that its Link header
    names as the next one; ``url`` where it came from. ``empty``: the service says that there is nothing (204)."""

    content: object
    url: str
    following: str = ""
    empty: bool = False


def content(text: bytes) -> object:
    """JSON. ValueError where it is none."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def found(path: str, value: object) -> Any:
    """What stands at a JMESPath; the value itself for a blank one. ValueError where it can't be evaluated."""
    import jmespath

    if not path:
        return value
    try:
        return _compiled(path).search(value)
    except jmespath.exceptions.JMESPathError as error:
        raise ValueError(f"{path}: {str(error).splitlines()[0]}") from None


def outline(value: object) -> str:
    """What an answer holds, in words, for whoever looks for something else in it."""
    if isinstance(value, dict):
        names = ", ".join(list(value)[:8])
        return f"it holds {names}{' …' if len(value) > 8 else ''}" if value else "it is empty"
    return f"it is a list of {len(value)}" if isinstance(value, list) else f"it is {type(value).__name__}"


@cache
def _compiled(path: str) -> Any:
    import jmespath

    return jmespath.compile(path)


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
