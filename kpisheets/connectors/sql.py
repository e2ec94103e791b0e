"""Any other database, through SQLAlchemy and whichever driver is installed."""

# ruff: noqa: S608 — identifiers are quoted or matched against the catalogue; expressions have been read by expression.py

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kpisheets.connectors.base import Capabilities, Column, Kind, Opening, Refused, Table, Window, first_line, quoted
from kpisheets.errors import Unreachable
from kpisheets.secrets import Revealed

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_DIALECTS = {"postgresql": "postgres", "mssql": "tsql", "mariadb": "mysql", "awsathena": "athena"}
_GROUPING_SETS = frozenset({"postgres", "tsql", "oracle", "snowflake", "bigquery", "redshift", "trino", "databricks"})


class Database:
    """A server, read in one read-only transaction that is rolled back."""

    def __init__(self, url: Revealed, connection: Connection) -> None:
        self.url = url
        self.sql = connection
        self.engine = connection.dialect.name
        self.dialect = _DIALECTS.get(self.engine, self.engine)
        self.reads = self.dialect
        self.capabilities = Capabilities(grouping_sets=self.dialect in _GROUPING_SETS)

    def tables(self) -> Sequence[str]:
        import sqlalchemy

        inspector = sqlalchemy.inspect(self.sql)
        return sorted([*inspector.get_table_names(), *inspector.get_view_names()])

    def table(self, name: str, window: Window) -> Table:  # noqa: ARG002 — every column has a type already
        import sqlalchemy

        schema, _, bare = name.rpartition(".")
        found = sqlalchemy.inspect(self.sql).get_columns(bare, schema or None)
        reference = ".".join(quoted(part) for part in (schema, bare) if part)
        return Table(name, reference, tuple(Column(str(c["name"]), _kind_of(c["type"])) for c in found))

    def seal(self) -> None:
        """Nothing to shut: the transaction is read-only."""

    def bind(self, table: Table, expressions: Sequence[str], numbers: Sequence[str]) -> None:  # noqa: ARG002
        # A condition that is never true: the server checks names and types and reads nothing.
        self.run(f"SELECT {', '.join(expressions)} FROM {table.reference} WHERE 1 = 0", ())

    def run(self, text: str, parameters: Sequence[str]) -> list[tuple[Any, ...]]:
        import sqlalchemy

        written, bound = self._written(text, parameters)
        try:
            with self.sql.begin_nested():
                rows = self.sql.execute(sqlalchemy.text(written.replace(":", "\\:").replace("\0", ":")), bound)
                return [tuple(row) for row in rows]
        except sqlalchemy.exc.SQLAlchemyError as error:
            said = self.url.masked(first_line(getattr(error, "orig", None) or error))
            raise Refused(said, "correct the expression or the data") from None

    def cancel(self) -> None:
        pass

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.sql.rollback()
        with contextlib.suppress(Exception):
            self.sql.close()
            self.sql.engine.dispose()

    def _written(self, text: str, parameters: Sequence[str]) -> tuple[str, dict[str, str]]:
        """The statement in the server's dialect, its parameters named. \\0 stands for the colon of a parameter."""
        import sqlglot
        from sqlglot import exp

        tree = sqlglot.parse_one(text, dialect=self.dialect if self.dialect == "postgres" else "duckdb")
        marks = list(tree.find_all(exp.Placeholder, bfs=False))
        for index, mark in enumerate(marks):
            mark.replace(exp.Var(this=f"\0kpisheets_{index}"))
        return tree.sql(dialect=self.dialect), {f"kpisheets_{i}": value for i, value in enumerate(parameters)}


def open_database(opening: Opening) -> Database:
    """Open a SQLAlchemy URL read-only. Unreachable when SQLAlchemy, the driver or the server is missing."""
    scheme = opening.url.value.partition("://")[0]
    try:
        import sqlalchemy
    except ImportError:
        raise Unreachable(
            f"a source at {scheme}:// needs SQLAlchemy", mend="pip install 'kpisheets[sql]' and the database's driver"
        ) from None
    try:
        url = sqlalchemy.make_url(opening.url.value)
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    except ImportError as error:
        said = f"the driver of {scheme}:// is not installed: {error}"
        raise Unreachable(said, mend="pip install the package that it names") from None
    except sqlalchemy.exc.SQLAlchemyError as error:
        said = opening.url.masked(first_line(error))
        raise Unreachable(f"the url can't be used: {said}", mend="write a file, a folder or a database url") from None
    try:
        connection = engine.connect()
        if engine.dialect.name in ("postgresql", "mysql", "mariadb", "oracle"):
            connection.execute(sqlalchemy.text("SET TRANSACTION READ ONLY"))
    except Exception as error:  # drivers raise their own exceptions
        said = opening.url.masked(first_line(getattr(error, "orig", None) or error))
        raise Unreachable(f"the database can't be reached: {said}", mend="check the url and the server") from None
    return Database(opening.url, connection)


def _kind_of(kind: Any) -> Kind:
    from sqlalchemy import types

    match kind:
        case types.DateTime():
            return Kind.INSTANT if getattr(kind, "timezone", False) else Kind.LOCAL
        case types.Date():
            return Kind.DATE
        case types.Numeric() | types.Integer():
            return Kind.NUMBER
        case types.String():
            return Kind.TEXT
    return Kind.OTHER
