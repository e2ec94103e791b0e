"""Databases, through SQLAlchemy and whichever driver is installed."""

# ruff: noqa: S608 — identifiers are quoted or matched against the catalogue; expressions have been read by expression.py

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from kpisheets.connectors.base import Capabilities, Column, Kind, Opening, Refused, Table, Window, first_line
from kpisheets.connectors.databases.sessions import DRIVERS, EXTRAS, bound, install_command, limits, settings
from kpisheets.connectors.dialects.spellings import known, named
from kpisheets.errors import KpisheetsError, NotAllowed, Unreachable
from kpisheets.secrets import Revealed

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_DIALECTS = {"postgresql": "postgres", "mssql": "tsql", "mariadb": "mysql", "clickhousedb": "clickhouse"}
_DENIED = ("password", "access denied", "authentication", "permission denied", "login failed")


class Database:
    """A server, read in one read-only transaction that is rolled back."""

    def __init__(self, url: Revealed, connection: Connection) -> None:
        self.url = url
        self.sql = connection
        self.engine = connection.dialect.name
        self.dialect = _DIALECTS.get(self.engine, self.engine)
        self.reads = self.dialect
        self._spelling = named(self.dialect)
        self.capabilities = Capabilities(grouping_sets=self._spelling.grouping_sets)

    def tables(self) -> Sequence[str]:
        import sqlalchemy

        try:
            inspector = sqlalchemy.inspect(self.sql)
            return sorted([*inspector.get_table_names(), *inspector.get_view_names()])
        except Exception as error:  # some drivers connect when they are first asked something, and raise their own
            raise _refusal(self.url.masked(first_line(getattr(error, "orig", None) or error))) from None

    def table(self, name: str, window: Window) -> Table:  # noqa: ARG002 — every column has a type already
        import sqlalchemy

        schema, _, bare = name.rpartition(".")
        schema = schema or str(getattr(self.sql.dialect, "dataset_id", None) or "")  # BigQuery's
        try:
            found = sqlalchemy.inspect(self.sql).get_columns(bare, schema or None)
        except sqlalchemy.exc.NoSuchTableError:
            raise Refused(f"there is no table “{name}”", "name a table or view, or schema.table") from None
        except Exception as error:  # drivers raise their own
            said = self.url.masked(first_line(getattr(error, "orig", None) or error))
            raise Refused(f"the columns of “{name}” can't be read: {said}", "check the table and its rights") from None
        reference = ".".join(self._spelling.quoted(self._stored(part)) for part in (schema, bare) if part)
        return Table(name, reference, tuple(Column(self._stored(c["name"]), self._kind_of(c["type"])) for c in found))

    def query(self, name: str, text: str, tables: Sequence[str], window: Window) -> Table:  # noqa: ARG002
        import sqlalchemy

        reference = f"({text}\n) kpisheets_sql"
        statement = f"SELECT * FROM {reference} WHERE 1 = 0".replace(":", "\\:")
        try:
            with self._apart():
                described = self.sql.execute(sqlalchemy.text(statement)).cursor.description or ()
        except sqlalchemy.exc.SQLAlchemyError as error:
            said = self.url.masked(first_line(getattr(error, "orig", None) or error))
            raise Refused(said, "correct the sql") from None
        columns = [Column(str(column[0]), self._kind_by_code(column[1])) for column in described]
        day = next((c for c in columns if c.name.casefold() == window.dated_by.casefold()), None)
        if day is not None and day.kind is Kind.OTHER:
            # A driver that doesn't tell what its codes mean tells by a value.
            ((value,),) = self.run(f"SELECT MAX({self._spelling.quoted(day.name)}) FROM {reference}", ())
            columns[columns.index(day)] = Column(day.name, _kind_by_value(value))
        return Table(name, reference, tuple(columns))

    def seal(self) -> None:
        """Nothing to shut: the transaction is read-only."""

    def bind(self, table: Table, expressions: Sequence[str], numbers: Sequence[str]) -> None:  # noqa: ARG002
        # A condition that is never true: the server checks names and types and reads nothing.
        self.run(f"SELECT {', '.join(expressions)} FROM {table.reference} WHERE 1 = 0", ())

    def run(self, text: str, parameters: Sequence[str]) -> list[tuple[Any, ...]]:
        import sqlalchemy

        statement = sqlalchemy.text(self._with_names(text, len(parameters)))
        bound = {f"kpisheets_{index}": value for index, value in enumerate(parameters)}
        try:
            with self._apart():
                return [tuple(row) for row in self.sql.execute(statement, bound)]
        except sqlalchemy.exc.DBAPIError as error:
            said = self.url.masked(first_line(error.orig or error))
            if _timed_out(error.orig):
                mend = "sync again later, or give the source a longer timeout in kpisheets.toml"
                raise Unreachable(f"the database did not answer in time: {said}", mend=mend) from None
            if error.connection_invalidated:
                raise Unreachable(f"the database went away: {said}", mend="sync again later") from None
            raise Refused(said, "correct the expression or the data") from None
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise Refused(self.url.masked(first_line(error)), "correct the expression or the data") from None
        except Exception as error:  # some drivers raise what their network raises
            raise _refusal(self.url.masked(first_line(error))) from None

    def cancel(self) -> None:
        with contextlib.suppress(Exception):
            self.sql.connection.dbapi_connection.cancel()  # type: ignore[union-attr]  # where the driver can

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.sql.rollback()
        with contextlib.suppress(Exception):
            self.sql.close()
            self.sql.engine.dispose()

    def _apart(self) -> contextlib.AbstractContextManager[object]:
        """Where a statement that fails ends the transaction, it runs in one of its own, which is given up alone."""
        return self.sql.begin_nested() if self.dialect == "postgres" else contextlib.nullcontext()

    def _kind_by_code(self, code: Any) -> Kind:
        """The kind of a result's column, by what the driver says; OTHER where that is not known."""
        if self.dialect == "postgres" and self.sql.dialect.driver == "psycopg":
            import psycopg

            found = psycopg.adapters.types.get(code)
            return _POSTGRES_KINDS.get(found.name if found else "", Kind.OTHER)
        return _MYSQL_KINDS.get(code, Kind.OTHER) if self.dialect == "mysql" else Kind.OTHER

    def _with_names(self, text: str, count: int) -> str:
        """The query with SQLAlchemy's named parameters in place of its question marks."""
        import sqlglot

        pieces, end, found = [], 0, 0
        for token in sqlglot.tokenize(text, dialect=self.dialect) if count else ():
            if token.text == "?" and text[token.start : token.end + 1] == "?":
                pieces += [text[end : token.start].replace(":", "\\:"), f":kpisheets_{found}"]
                end, found = token.end + 1, found + 1
        if found != count:
            raise Refused("an expression holds a question mark as an operator", "use the function of the same meaning")
        return "".join([*pieces, text[end:].replace(":", "\\:")])

    def _stored(self, name: str) -> str:
        """A name as the database holds it: SQLAlchemy spells in small letters what some hold in capitals."""
        dialect = self.sql.dialect
        return str(dialect.denormalize_name(name)) if dialect.requires_name_normalize else str(name)

    def _kind_of(self, kind: Any) -> Kind:
        from sqlalchemy import types

        match kind:
            case _ if type(kind).__name__.upper() in self._spelling.instants:
                return Kind.INSTANT
            case types.DateTime():
                return Kind.INSTANT if getattr(kind, "timezone", False) else Kind.LOCAL
            case types.Date():
                return Kind.DATE
            case types.Boolean():
                return Kind.OTHER
            case types.Numeric() | types.Integer():
                return Kind.NUMBER
            case types.String():
                return Kind.TEXT
        return Kind.OTHER


_POSTGRES_KINDS = {
    "date": Kind.DATE,
    "timestamp": Kind.LOCAL,
    "timestamptz": Kind.INSTANT,
    **dict.fromkeys(("text", "varchar", "bpchar", "name"), Kind.TEXT),
    **dict.fromkeys(("int2", "int4", "int8", "float4", "float8", "numeric"), Kind.NUMBER),
}
# The protocol's numbers of types: decimals and integers, then times, then texts.
_MYSQL_KINDS = {
    **dict.fromkeys((0, 1, 2, 3, 4, 5, 8, 9, 246), Kind.NUMBER),
    7: Kind.INSTANT,
    10: Kind.DATE,
    12: Kind.LOCAL,
    **dict.fromkeys((15, 252, 253, 254), Kind.TEXT),
}


def _kind_by_value(value: object) -> Kind:
    match value:
        case datetime():
            return Kind.INSTANT if value.tzinfo else Kind.LOCAL
        case date():
            return Kind.DATE
        case str():
            return Kind.TEXT
    return Kind.OTHER


def open_database(opening: Opening) -> Database:
    """Open a SQLAlchemy URL read-only. Unreachable when SQLAlchemy, the driver or the server is missing."""
    scheme = opening.url.value.partition("://")[0]
    try:
        import sqlalchemy
    except ImportError:
        raise Unreachable(f"a source at {scheme}:// needs SQLAlchemy", mend=install_command(scheme)) from None
    try:
        url = sqlalchemy.make_url(opening.url.value)
        if url.drivername in DRIVERS:
            url = url.set(drivername=DRIVERS[url.drivername])
        engine = sqlalchemy.create_engine(
            url, poolclass=sqlalchemy.pool.NullPool, connect_args=limits(url, opening.timeout)
        )
        bound(engine, opening.timeout)
    except ImportError as error:
        said = f"the driver of {scheme}:// is not installed: {error}"
        raise Unreachable(said, mend=install_command(scheme)) from None
    except sqlalchemy.exc.NoSuchModuleError as error:
        if scheme.partition("+")[0] not in EXTRAS or "+" in scheme:
            said = opening.url.masked(first_line(error))
            raise Unreachable(
                f"the url can't be used: {said}", mend="write a file, a folder or a database url"
            ) from None
        raise Unreachable(f"the driver of {scheme}:// is not installed", mend=install_command(scheme)) from None
    except sqlalchemy.exc.SQLAlchemyError as error:
        said = opening.url.masked(first_line(error))
        raise Unreachable(f"the url can't be used: {said}", mend="write a file, a folder or a database url") from None
    dialect = _DIALECTS.get(engine.dialect.name, engine.dialect.name)
    if dialect not in known():
        mend = f"databases that it speaks to: {', '.join(known())}"
        raise Unreachable(f"kpisheets writes no SQL for {engine.dialect.name}", mend=mend)
    try:
        connection = engine.connect()
        server = "mariadb" if getattr(engine.dialect, "is_mariadb", False) else engine.dialect.name
        for statement in settings(server, opening.timeout):
            connection.execute(sqlalchemy.text(statement))
    except Exception as error:  # drivers raise their own exceptions
        raise _refusal(opening.url.masked(first_line(getattr(error, "orig", None) or error))) from None
    return Database(opening.url, connection)


_TIMED_OUT = {"57014", "1969", "3024"}
"""Of a statement that ran out of time: PostgreSQL's state, the numbers of MariaDB and MySQL."""


def _timed_out(error: BaseException | None) -> bool:
    said = {getattr(error, "sqlstate", None), *getattr(error, "args", ())[:1]}
    return bool({str(word) for word in said} & _TIMED_OUT)


def _refusal(said: str) -> KpisheetsError:
    if any(word in said.casefold() for word in _DENIED):
        return NotAllowed(f"the database refuses the user: {said}", mend="check the user, its password and its rights")
    return Unreachable(f"the database can't be reached: {said}", mend="check the url and the server")
