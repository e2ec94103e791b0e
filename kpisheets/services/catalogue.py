"""The services whose descriptions come with the program, and which of them a URL means."""

from __future__ import annotations

import re
from functools import cache

from kpisheets import shipped
from kpisheets.services import reading
from kpisheets.services.values import Service
from kpisheets.toml.document import Document
from kpisheets.toml.table import Table

PLAIN = "rest"
"""The service of which nothing is known beforehand."""

_URL = re.compile(r"(?i)([a-z][a-z0-9_]*)\+(https?://.*)", re.DOTALL)


def split(url: str) -> tuple[str, str] | None:
    """The service's name and its address: ``rest+https://api.example.org``. None for a URL of another kind."""
    found = _URL.fullmatch(url)
    if found is None or found[1].casefold() not in names():
        return None
    return found[1].casefold(), found[2]


@cache
def names() -> tuple[str, ...]:
    """The services that are known, the plain one first."""
    return (PLAIN, *shipped.names(shipped.root() / "services"))


@cache
def described(name: str) -> Service:
    """What is known of a service. BadConfig where a shipped description is broken."""
    if name == PLAIN:
        return Service()
    file = shipped.root() / "services" / f"{name}.toml"
    document = Document.of(file.name, file.read_text(encoding="utf-8"))
    found = reading.shipped(Table(document, (), document.data))
    document.raise_problems()
    return found
