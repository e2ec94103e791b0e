"""SQLite databases, read with the standard library."""

# ruff: noqa: S608 — identifiers are quoted or matched against the catalogue; expressions have been read by expression.py

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kpisheets.connectors.base import (
    Capabilities,
    Column,
    Kind,
    Opening,
    Refused,
    Table,
    Window,
    first_line,
    local_path,
    quoted,
)
from kpisheets.errors import Unreachable
from kpisheets.secrets import Revealed

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_FORBIDDEN = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "randomblob", "random"})
_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})


def local_day(timezone: str) -> Callable[[object], str | None]:
    """A function from a stored ISO date or timestamp to the ISO text of its local day; ``None`` for anything else."""
    zone = ZoneInfo(timezone)

    @lru_cache(maxsize=65536)
    def day(value: object) -> str | None:
        if not isinstance(value, str) or not _ISO.match(text := value.strip()):
            return None
        try:
            moment = datetime.fromisoformat(text.upper())
        except ValueError:
            return None
        try:
            return (moment if moment.tzinfo is None else moment.astimezone(zone)).date().isoformat()
        except OverflowError:
            return None

    return day


class Database:
    """A SQLite file, opened read-only; an authorizer refuses everything but reading."""

    engine = "SQLite"
    dialect = "sqlite"
    reads = "duckdb"
    capabilities = Capabilities(grouping_sets=False)

    def __init__(self, url: Revealed, path: Path, timezone: str) -> None:
        self.url = url
        # A source may be opened in one thread and closed in another; it is never used by two at a time.
        self.sql = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5, check_same_thread=False)
        self.sql.text_factory = lambda raw: raw.decode("utf-8", "replace")
        self.sql.create_function("kpisheets_day", 1, local_day(timezone), deterministic=True)
        self.sql.execute("PRAGMA query_only = ON")

    def tables(self) -> Sequence[str]:
        rows = self.run(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
            "ORDER BY name",
            (),
        )
        return [str(name) for (name,) in rows]

    def table(self, name: str, window: Window) -> Table:  # noqa: ARG002 — SQLite's types belong to values
        rows = self.run(f"SELECT name FROM pragma_table_xinfo({_text(name)})", ())
        return Table(name, quoted(name), tuple(Column(str(column), Kind.TEXT) for (column,) in rows))

    def query(self, name: str, text: str, tables: Sequence[str], window: Window) -> Table:  # noqa: ARG002
        try:
            found = self.sql.execute(f"SELECT * FROM ({text}\n) LIMIT 0").description
        except sqlite3.Error as error:
            raise Refused(self.url.masked(first_line(error)), "correct the sql") from None
        return Table(name, f"({text}\n) kpisheets_sql", tuple(Column(str(column[0]), Kind.TEXT) for column in found))

    def seal(self) -> None:
        def allow(action: int, _table: str | None, name: str | None, *_: object) -> int:
            if action in _READING or (action == sqlite3.SQLITE_FUNCTION and name not in _FORBIDDEN):
                return sqlite3.SQLITE_OK
            return sqlite3.SQLITE_DENY

        self.sql.set_authorizer(allow)

    def bind(self, table: Table, expressions: Sequence[str], numbers: Sequence[str]) -> None:
        self.run(f"EXPLAIN SELECT {', '.join(expressions)} FROM {table.reference}", ())
        if not numbers:
            return
        # SQLite adds up text silently, as the digits that it begins with.
        tests = ", ".join(
            f"COUNT(CASE WHEN typeof({n}) = 'blob' OR (typeof({n}) = 'text' AND (trim({n}) = '' OR "
            f"trim({n}) GLOB '*[^0-9.eE+-]*')) THEN 1 END), "
            f"MIN(CASE WHEN typeof({n}) = 'text' AND trim({n}) GLOB '*[^0-9.eE+-]*' THEN {n} END)"
            for n in numbers
        )
        (found,) = self.run(f"SELECT {tests} FROM {table.reference}", ())
        for number, bad, example in zip(numbers, found[::2], found[1::2], strict=True):
            if bad:
                such = f", such as “{str(example)[:40]}”" if example is not None else ""
                raise Refused(f"{number} is not a number in {bad} records{such}", "correct the data or the expression")

    def run(self, text: str, parameters: Sequence[str]) -> list[tuple[Any, ...]]:
        try:
            return self.sql.execute(text, tuple(parameters)).fetchall()
        except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
            said = self.url.masked(first_line(error))
            if "locked" in said:
                raise Refused("the database is locked by a program that writes to it", "sync again later") from None
            raise Refused(said, "correct the expression or the data") from None

    def cancel(self) -> None:
        with contextlib.suppress(Exception):
            self.sql.interrupt()

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.sql.close()


def open_database(opening: Opening) -> Database:
    """Open ``sqlite:///path``. Unreachable when there is no such file or it isn't a SQLite database."""
    path = local_path(opening.url.value, opening.root)
    shown = opening.url.masked(path)
    if not path.is_file():
        said = "is a folder" if path.is_dir() else "does not exist"
        raise Unreachable(f"the SQLite database {shown} {said}", mend="correct the url or create the database")
    try:
        database = Database(opening.url, path, opening.timezone)
    except sqlite3.Error as error:
        raise Unreachable(f"the SQLite database {shown} can't be opened: {error}", mend="check the file") from None
    try:
        database.tables()
    except Refused as error:
        database.close()
        raise Unreachable(f"the SQLite database {shown} can't be read: {error.what}", mend="check the file") from None
    return database


def _text(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
