"""What every connector answers to, and which connector answers to which URL."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from kpisheets.secrets import Revealed


class Kind(StrEnum):
    """What a column can be to a plan: how its values become local days, or whether they add up."""

    DATE = "date"
    LOCAL = "timestamp"
    INSTANT = "timestamp with time zone"
    TEXT = "text"
    NUMBER = "number"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``hint`` says why a column that could be numbers or dates is text, for messages."""

    name: str
    kind: Kind
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: ``reference`` is its quoted name in a query."""

    name: str
    reference: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        """The column of that name; where no case matches exactly, whichever matches without regard to case."""
        for column in self.columns:
            if column.name == name:
                return column
        return next((column for column in self.columns if column.name.casefold() == name.casefold()), None)


class Refused(Exception):
    """A source refuses one table or expression: ``what`` is one line, ``mend`` what to do."""

    def __init__(self, what: str, mend: str = "") -> None:
        self.what = " ".join(what.split())
        self.mend = mend
        super().__init__(self.what)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a connector needs to open a source: its URL (revealed), the project's folder and its time zone."""

    url: Revealed
    root: Path
    timezone: str


class Connection(Protocol):
    """An open, read-only source.

    First ``table`` for each table that is wanted, then ``seal``, then ``bind`` and ``run``: a connector may shut every
    door (files, network) when it is sealed. Each may raise ``Refused``, whose message holds no secrets.
    """

    engine: str
    """Name of the engine, as ``explain`` shows it: DuckDB, SQLite, postgresql."""
    dialect: str
    """sqlglot's name of the dialect that ``run`` understands."""
    reads: str
    """sqlglot's name of the dialect in which users write expressions for this source."""
    grouping_sets: bool

    def tables(self) -> Sequence[str]:
        """The names of all tables and views."""

    def table(self, name: str, used: frozenset[str]) -> Table:
        """The table of that name. ``used`` are the (case-folded) columns that matter; others may stay untyped."""

    def seal(self) -> None:
        """No further table will be asked for."""

    def bind(self, table: Table, expressions: Sequence[str], numbers: Sequence[str]) -> None:
        """Check expressions against a table; ``numbers`` are arguments of sums and averages, which must be numbers."""

    def run(self, text: str, parameters: Sequence[str]) -> list[tuple[Any, ...]]:
        """Run one query; ``parameters`` are ISO texts bound to its question marks."""

    def close(self) -> None:
        """Close it. Never raises."""


Opener = Callable[[Opening], Connection]

_openers: dict[str, str | Opener] = {
    "duckdb": "kpisheets.connectors.duckdb:open_database",
    "sqlite": "kpisheets.connectors.sqlite:open_database",
    "": "kpisheets.connectors.files:open_files",
    "file": "kpisheets.connectors.files:open_files",
}
_FALLBACK = "kpisheets.connectors.sql:open_database"


def register(scheme: str, opener: Opener) -> None:
    """Let ``opener`` open the URLs that begin with ``scheme://``."""
    _openers[scheme.casefold()] = opener


def connect(opening: Opening) -> Connection:
    """Open a source read-only, by the scheme of its URL. Unreachable, or NotAllowed, when it can't be opened."""
    url = opening.url.value
    scheme = urlsplit(url).scheme.casefold() if "://" in url else ""
    found = _openers.get(scheme, _FALLBACK)
    if isinstance(found, str):
        module, _, name = found.partition(":")
        found = cast(Opener, getattr(importlib.import_module(module), name))
    return found(opening)


def local_path(url: str, root: Path) -> Path:
    """The path in ``scheme:///path`` (relative to ``root``) or ``scheme:////path`` (absolute), without its query."""
    path = url.partition("://")[2].partition("?")[0]
    return root / (path[1:] if path.startswith("/") else path)


def quoted(name: str) -> str:
    """``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def words(text: str) -> frozenset[str]:
    """The words of a text, for long lists of names."""
    return frozenset(text.split())


def first_line(error: object) -> str:
    """The first line of a library's message, without its candidates and carets."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
