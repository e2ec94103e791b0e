"""Where a ledger lives: SQLite by itself, any other database through SQLAlchemy. One SQL for both."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from kpisheets.errors import BadConfig, CannotWrite, TryLater, Unreachable

Row = Mapping[str, Any]
_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
"""The drivers of a URL that names none: those of the extras, as for sources."""


class Session(Protocol):
    """A transaction at hand. Values are named (``:slot``) in the SQL."""

    def ask(self, sql: str, **values: Any) -> list[Row]:
        """The rows of a question."""
        ...

    def do(self, sql: str, **values: Any) -> int:
        """Change something; how many rows it touched."""
        ...


class Database(Protocol):
    """A database that keeps what it has said that it keeps: a transaction is on the disk when its block ends."""

    binary: str
    """Its type for bytes of any length."""

    def transaction(self) -> contextlib.AbstractContextManager[Session]: ...


def open_database(url: str, file: Path) -> Database:
    """The database of an already resolved SQLAlchemy URL; with a blank one, the SQLite file ``file``."""
    return Shared(url) if url else File(file)


class File:
    """A SQLite file; its folder is made when it is first needed. CannotWrite where it cannot be written or read."""

    binary = "BLOB"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: sqlite3.Connection | None = None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Session]:
        try:
            if self._open is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.touch(0o600)  # reports that wait are in it
                self._open = sqlite3.connect(self._path, isolation_level=None, timeout=20)
                self._open.row_factory = sqlite3.Row
            self._open.execute("BEGIN IMMEDIATE")
            try:
                yield _Sqlite(self._open)
                self._open.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._open.execute("ROLLBACK")
                raise
        except (sqlite3.Error, OSError) as error:
            raise self._judged(error) from error

    def _judged(self, error: Exception) -> CannotWrite:
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            mend = "move it away: a new one begins, and knows of nothing that was sent"
            return CannotWrite(f"the ledger is damaged ({error})", where=str(self._path), mend=mend)
        said = error.strerror if isinstance(error, OSError) else str(error)
        mend = "check the disk's space and the folder's permissions"
        return CannotWrite(f"the ledger cannot be written ({said}); nothing was sent", where=str(self._path), mend=mend)


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def ask(self, sql: str, **values: Any) -> list[Row]:
        return [dict(row) for row in self._connection.execute(sql, values)]

    def do(self, sql: str, **values: Any) -> int:
        return self._connection.execute(sql, values).rowcount


class Shared:
    """A database that several hosts share, by its SQLAlchemy URL. Unreachable where it does not answer."""

    def __init__(self, url: str) -> None:
        try:
            from sqlalchemy import create_engine
            from sqlalchemy.exc import ArgumentError, NoSuchModuleError
        except ImportError:
            raise _refused("SQLAlchemy is not installed", 'pip install "kpisheets[sql]"') from None
        try:
            scheme, colon, rest = url.partition(":")
            self._engine = create_engine(_DRIVERS.get(scheme, scheme) + colon + rest)
        except (ArgumentError, NoSuchModuleError, ValueError):
            raise _refused("the ledger's URL cannot be read", "write dialect://user:password@host/database") from None
        except ImportError as error:
            raise _refused(f"the database's driver is missing ({error.name})", "install it with pip") from None
        kinds = {"postgresql": "BYTEA", "mysql": "LONGBLOB", "mariadb": "LONGBLOB"}
        self.binary = kinds.get(self._engine.dialect.name, "BLOB")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Session]:
        from sqlalchemy.exc import DBAPIError, IntegrityError

        try:
            with self._engine.begin() as connection:
                yield _Alchemy(connection)
        except IntegrityError as error:
            raise TryLater("another host works on the same slot", where="the ledger", mend="nothing to do") from error
        except DBAPIError as error:
            said = " ".join(str(error.orig).split())[:120]
            what = f"the ledger does not answer ({said}); nothing was sent"
            raise Unreachable(what, where="kpisheets.toml, [schedule] ledger", mend="check the database") from error


class _Alchemy:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def ask(self, sql: str, **values: Any) -> list[Row]:
        from sqlalchemy import text

        return [dict(row) for row in self._connection.execute(text(sql), values).mappings()]

    def do(self, sql: str, **values: Any) -> int:
        from sqlalchemy import text

        return int(self._connection.execute(text(sql), values).rowcount)


def _refused(what: str, mend: str) -> BadConfig:
    return BadConfig(what, where="kpisheets.toml, [schedule] ledger", mend=mend)
