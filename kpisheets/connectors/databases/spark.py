"""Spark, through Spark Connect: the query runs on the cluster, and only the rows that it makes travel.

Spark Connect is what Spark's makers keep up: a small client in pure Python, results as Arrow, running queries that can
be stopped. The way of SQLAlchemy, through a Thrift server, leads over drivers that nobody maintains.
"""

# ruff: noqa: S608 — identifiers are quoted; expressions have been read by expression.py

from __future__ import annotations

import contextlib
import re
import socket
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from kpisheets.connectors.base import Capabilities, Column, Kind, Opening, Refused, Table, Window, first_line
from kpisheets.connectors.dialects.spellings import named
from kpisheets.errors import BadConfig, KpisheetsError, NotAllowed, Unreachable
from kpisheets.secrets import Revealed

_CONNECT_SECONDS = 15
_PORT = 15002
_NUMBERS = frozenset({"byte", "short", "integer", "long", "float", "double", "decimal", "void"})
_KINDS = {
    "date": Kind.DATE,
    "timestamp": Kind.INSTANT,
    "timestamp_ntz": Kind.LOCAL,
    **dict.fromkeys(("string", "char", "varchar"), Kind.TEXT),
    **dict.fromkeys(_NUMBERS - {"void"}, Kind.NUMBER),
}
_GONE = re.compile(
    r"ExecutorLost|executor lost|all masters are unresponsive|SparkContext was (shut down|stopped)|INVALID_HANDLE"
    r"|SESSION_(CLOSED|NOT_FOUND|CHANGED)|UNAVAILABLE|Connection refused|RETRIES_EXCEEDED",
    re.IGNORECASE,
)
_DENIED = re.compile(r"UNAUTHENTICATED|PERMISSION_DENIED|INSUFFICIENT_PERMISSIONS|AccessControlException")


class Cluster:
    """A session on a cluster. Spark has no read-only sessions: what is sent to it are SELECTs that have been read."""

    engine = "Spark"
    dialect = "spark"
    reads = "spark"
    capabilities = Capabilities()

    def __init__(self, url: Revealed, session: Any, files: str) -> None:
        self.url = url
        self.session = session
        self.files = files
        self._spelling = named(self.dialect)

    def tables(self) -> None:
        """None: a catalogue may hold very many, and names may lead to other catalogues."""

    def table(self, name: str, window: Window) -> Table:  # noqa: ARG002 — every column has a type already
        reference = ".".join(self._spelling.quoted(part) for part in name.split("."))
        if self.files:
            self._file(name, reference)
        try:
            with self._told():
                schema = self.session.table(reference).schema
        except Refused as error:
            if "TABLE_OR_VIEW_NOT_FOUND" not in error.what and "SCHEMA_NOT_FOUND" not in error.what:
                raise
            raise Refused(f"there is no table “{name}”", self._choice()) from None
        return Table(name, reference, _columns(schema))

    def query(self, name: str, text: str, tables: Sequence[str], window: Window) -> Table:
        if self.files:
            for wanted in tables:
                self.table(wanted, window)
        with self._told():
            return Table(name, f"({text}\n) kpisheets_sql", _columns(self.session.sql(text).schema))

    def seal(self) -> None:
        """Nothing to shut: whose files may be read is the cluster's matter."""

    def bind(self, table: Table, expressions: Sequence[str], numbers: Sequence[str]) -> None:
        # Asked for its schema, a query is checked by the server, and not run.
        texts = [*expressions, *numbers]
        named_ = ", ".join(f"{text} AS k{place}" for place, text in enumerate(texts[: len(expressions)]))
        with self._told():
            given = self.session.sql(f"SELECT {named_} FROM {table.reference}").schema
            inner = ", ".join(f"{text} AS k{place}" for place, text in enumerate(numbers))
            added = self.session.sql(f"SELECT {inner} FROM {table.reference}").schema if inner else []
        for text, field in zip(expressions, given, strict=True):
            if field.dataType.typeName() not in _NUMBERS:
                said = f"{text} gives {field.dataType.simpleString()}, not a number"
                raise Refused(said, "write an expression that gives a number")
        for text, field in zip(numbers, added, strict=True):
            if field.dataType.typeName() not in _NUMBERS:
                said = f"{text} is {field.dataType.simpleString()}, not a number"
                raise Refused(said, "correct the expression, or cast it")

    def run(self, text: str, parameters: Sequence[str]) -> list[tuple[Any, ...]]:
        with self._told():
            found = self.session.sql(text, args=list(parameters)).toArrow()
        return list(zip(*(column.to_pylist() for column in found.columns), strict=True))

    def cancel(self) -> None:
        with contextlib.suppress(Exception):
            self.session.interruptAll()

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.session.stop()

    def _file(self, name: str, reference: str) -> None:
        """Let a name mean a Parquet file, or a folder of them, in ``files``: in this session alone."""
        if not re.fullmatch(r"[\w -]+", name):
            raise Refused(f"there is no table “{name}”", f"name a file or folder of {self.files} without its ending")
        try:
            with self._told():
                self.session.read.parquet(f"{self.files}/{name}.parquet").createOrReplaceTempView(reference)
        except Refused as error:
            if "PATH_NOT_FOUND" not in error.what:
                raise
            mend = f"name a file or folder of {self.files} without its ending"
            raise Refused(f"there is no table “{name}”", self.url.masked(mend)) from None

    def _choice(self) -> str:
        try:
            found = sorted(str(table.name) for table in self.session.catalog.listTables())
        except Exception:  # it is only for the message
            found = []
        more = f" and {len(found) - 12} more" if len(found) > 12 else ""
        return f"its tables are: {', '.join(found[:12])}{more}" if found else "name a table, or catalog.schema.table"

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever the server says against a query, as Refused, or as what concerns the whole source."""
        from pyspark.errors import PySparkException

        try:
            yield
        except KpisheetsError:
            raise
        except Exception as error:  # grpc raises its own; the client's own defects must not be a traceback either
            said = self.url.masked(first_line(error))
            whole = str(error)
            if _DENIED.search(whole):
                mend = "check the token, the user and its rights"
                raise NotAllowed(f"the cluster refuses the user: {said}", mend=mend) from None
            if _GONE.search(whole) or not isinstance(error, PySparkException):
                raise Unreachable(f"the cluster went away: {said}", mend="sync again later") from None
            raise Refused(said, "correct the expression or the data") from None


def _columns(schema: Any) -> tuple[Column, ...]:
    return tuple(Column(field.name, _KINDS.get(field.dataType.typeName(), Kind.OTHER)) for field in schema)


def open_cluster(opening: Opening) -> Cluster:
    """Open ``sc://host:port/;…`` (Spark Connect). Unreachable when the client is missing or nothing answers there."""
    address = opening.url.value.partition("?")[0]
    files = opening.options.get("files", "").rstrip("/")
    unknown = opening.options.keys() - {"files"}
    if unknown:
        mend = "Spark's own settings stand behind a semicolon: sc://host:15002/;use_ssl=true;token=…"
        raise BadConfig(f"sc:// knows no option {', '.join(sorted(unknown))}", mend=mend)
    parts = urlsplit(address)
    host, port = parts.hostname, parts.port or _PORT
    if not host:
        raise BadConfig("the url names no host", mend="write sc://host:15002")
    shown = f"{host}:{port}"
    try:
        with warnings.catch_warnings(action="ignore"):  # about pandas, which plays no part
            from pyspark.sql.connect.client.retries import DefaultPolicy
            from pyspark.sql.connect.session import SparkSession
    except ImportError as error:
        said = f"a source at sc:// needs Spark's client: {first_line(error)}"
        raise Unreachable(said, mend="pip install 'kpisheets[spark]'") from None
    try:
        # The client itself would try for ten minutes.
        socket.create_connection((host, port), min(_CONNECT_SECONDS, opening.timeout)).close()
    except OSError as error:
        said = f"the cluster at {shown} can't be reached: {error.strerror or error}"
        raise Unreachable(said, mend="check the url, and that a Spark Connect server runs there") from None
    try:
        session: Any = SparkSession.builder.remote(address).create()
        session.client.set_retry_policies([DefaultPolicy(max_retries=5, max_backoff=5000)])
        # The plan counts on it: a timestamp is an instant, and its UTC time is what is computed with.
        session.conf.set("spark.sql.session.timeZone", "UTC")
        session.conf.set("spark.sql.ansi.enabled", "true")
    except Exception as error:  # grpc raises its own
        said = opening.url.masked(first_line(error))
        if _DENIED.search(str(error)):
            raise NotAllowed(f"the cluster refuses the user: {said}", mend="check the token") from None
        mend = "check the url, and that a Spark Connect server runs there"
        raise Unreachable(f"the cluster at {shown} can't be reached: {said}", mend=mend) from None
    return Cluster(opening.url, session, files)


def open_master(opening: Opening) -> Cluster:  # noqa: ARG001
    """``spark://`` is the address of a master, which takes programs and not queries: say so."""
    raise BadConfig(
        "spark:// is the address of a master, which answers no queries",
        mend="start a Spark Connect server on that cluster, and write its address: sc://host:15002",
    )
