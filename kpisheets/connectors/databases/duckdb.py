"""DuckDB: the engine that reads DuckDB databases, and files through views."""

# ruff: noqa: S608 — identifiers are quoted or matched against the catalogue; expressions have been read by expression.py

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpisheets.connectors.base import (
    Capabilities,
    Column,
    Kind,
    Opening,
    Refused,
    Table,
    Window,
    first_line,
    literal,
    local_path,
    quoted,
    words,
)
from kpisheets.errors import Unreachable
from kpisheets.secrets import Revealed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NUMBERS = words("TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT FLOAT DOUBLE")


class Session:
    """A private in-memory engine that reads one source; nothing can be written and no extension is fetched."""

    engine = "DuckDB"
    dialect = "duckdb"
    reads = "duckdb"
    capabilities = Capabilities()

    def __init__(self, url: Revealed, timezone: str, doors: Sequence[Path]) -> None:
        import duckdb

        self.url = url
        self.doors = list(doors)
        self.sql: DuckDBPyConnection = duckdb.connect()
        self.sql.execute("SET autoinstall_known_extensions = false")
        self.sql.execute("SET autoload_known_extensions = false")
        # Else every query would read anew what a Parquet file says of its columns and row groups.
        self.sql.execute("SET parquet_metadata_cache = true")
        self.sql.execute(f"SET TimeZone = {literal(timezone)}")

    def seal(self) -> None:
        """Shut the file system but for ``doors`` (the source itself and what its views read), for good."""
        folders = ", ".join(literal(f"{door}/") for door in self.doors if door.is_dir())
        files = ", ".join(literal(str(door)) for door in self.doors if not door.is_dir())
        self.sql.execute(f"SET allowed_directories = [{folders}]")
        self.sql.execute(f"SET allowed_paths = [{files}]")
        self.sql.execute("SET enable_external_access = false")
        self.sql.execute("SET lock_configuration = true")

    def query(self, name: str, text: str, tables: Sequence[str], window: Window) -> Table:  # noqa: ARG002
        columns = tuple(Column(column, kind_of(kind)) for column, kind in self.described(text))
        return Table(name, f"({text}\n) kpisheets_sql", columns)

    def described(self, query: str) -> list[tuple[str, str]]:
        """(name, type) of a query's columns. Refused, in one line, when it does not bind."""
        return [(str(row[0]), str(row[1])) for row in self.run(f"DESCRIBE {query}", ())]

    def bind(self, table: Table, expressions: Sequence[str], numbers: Sequence[str]) -> None:
        texts = [column for column in table.columns if column.kind is Kind.TEXT]
        try:
            found = self.described(f"SELECT {', '.join(expressions)} FROM {table.reference}")
        except Refused as error:
            used = " ".join((*expressions, *numbers)).casefold()
            hints = [c.hint or f"column “{c.name}” is text" for c in texts if c.name.casefold() in used]
            said = error.what.partition(". You might need")[0].removeprefix("Binder Error: ")
            # That no function takes text is the engine's way to say what the hint says better.
            reasons = hints if hints and said.startswith("No function matches") else [said, *hints]
            raise Refused("; ".join(reasons), "correct the expression or the data") from None
        for (_, kind), expression in zip(found, expressions, strict=True):
            if kind.partition("(")[0] not in _NUMBERS | {"DECIMAL", '"NULL"', "NULL", "BIGNUM", "VARINT"}:
                said = "text" if kind == "VARCHAR" else kind
                raise Refused(f"{expression} gives {said}, not a number", "write an expression that gives a number")

    def run(self, text: str, parameters: Sequence[str]) -> list[tuple[Any, ...]]:
        import duckdb

        try:
            return self.sql.execute(text, list(parameters)).fetchall()
        except duckdb.Error as error:
            raise Refused(self.url.masked(first_line(error)), "correct the expression or the data") from None

    def cancel(self) -> None:
        with contextlib.suppress(Exception):
            self.sql.interrupt()

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.sql.close()


class Database(Session):
    """A DuckDB database file, attached read-only."""

    def tables(self) -> Sequence[str]:
        rows = self.run(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_catalog = 'source' ORDER BY table_schema, table_name",
            (),
        )
        return [name if schema == "main" else f"{schema}.{name}" for schema, name in rows]

    def table(self, name: str, window: Window) -> Table:  # noqa: ARG002 — every column has a type already
        reference = ".".join(quoted(part) for part in ("source", *_schema_and_name(name)))
        columns = tuple(Column(column, kind_of(kind)) for column, kind in self.described(f"SELECT * FROM {reference}"))
        return Table(name, reference, columns)


def _schema_and_name(name: str) -> tuple[str, str]:
    schema, _, table = name.rpartition(".")
    return schema or "main", table


def open_database(opening: Opening) -> Database:
    """Open ``duckdb:///path``. Unreachable when there is no such file, it isn't a database, or a writer holds it."""
    import duckdb

    path = local_path(opening.url.value, opening.root)
    shown = opening.url.masked(path)
    if not path.is_file():
        said = "is a folder" if path.is_dir() else "does not exist"
        raise Unreachable(f"the DuckDB database {shown} {said}", mend="correct the url or create the database")
    # Views inside the database may read files of the project; nothing beyond that is opened.
    session = Database(opening.url, opening.timezone, (path, opening.root.resolve()))
    try:
        session.sql.execute(f"ATTACH {literal(str(path))} AS source (READ_ONLY, TYPE duckdb)")
        session.sql.execute("USE source")
    except duckdb.Error as error:
        session.close()
        said = opening.url.masked(first_line(error))
        if "lock" in said.casefold():
            raise Unreachable(
                f"the DuckDB database {shown} is locked by a program that writes to it",
                mend="close that program, or sync after it has finished",
            ) from None
        raise Unreachable(f"the DuckDB database {shown} can't be opened: {said}", mend="check the file") from None
    return session


def kind_of(name: str) -> Kind:
    """The kind of a DuckDB type."""
    match name:
        case "DATE":
            return Kind.DATE
        case "TIMESTAMP WITH TIME ZONE" | "TIMESTAMP_NS WITH TIME ZONE":
            return Kind.INSTANT
        case "VARCHAR":
            return Kind.TEXT
        case _ if name.startswith("TIMESTAMP"):
            return Kind.LOCAL
        case _ if name.startswith("DECIMAL") or name in _NUMBERS:
            return Kind.NUMBER
        case _ if name.startswith("ENUM"):
            return Kind.TEXT
    return Kind.OTHER
