"""What a stream has brought, in a DuckDB file of its own: its records, and the state up to which they are there.

Both are changed in one transaction, so that a state is never ahead of the records, whatever dies when.
"""

# ruff: noqa: S608 — identifiers are quoted; values are bound

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from kpisheets.connectors.base import first_line, quoted
from kpisheets.connectors.singer.messages import Record
from kpisheets.errors import CannotWrite, TryLater

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RECORDS = "records"
VERSION, MARK = "kpisheets_version", "kpisheets_mark"
"""A record's version, and what tells it from others: its key, or all of it."""
DELETED = "_sdc_deleted_at"
"""The column in which a log-based stream says that a record is gone."""
_BATCH, _BYTES = 5_000, 16 * 1024 * 1024
_META = "kpisheets_state"
_OFTEN = 1.0
"""Seconds between two transactions, at least."""


class Store:
    """``replace``: the stream comes whole, and takes the place of what was there when it has come to its end."""

    def __init__(self, path: Path) -> None:
        import duckdb

        self.path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self.sql: DuckDBPyConnection = duckdb.connect(str(path))
        except duckdb.Error as error:
            if "lock" in str(error).casefold():
                raise TryLater("another run is reading this tap", mend="sync again when it has finished") from None
            said = f"what the tap brought can't be kept: {first_line(error)}"
            raise CannotWrite(said, where=str(path), mend="remove the file, or make room") from None
        self.sql.execute(f"CREATE TABLE IF NOT EXISTS {_META} (state VARCHAR)")
        self.keys: tuple[str, ...] = ()
        self.replace = False
        self._table = RECORDS
        self._columns: dict[str, str] = {}
        self._waiting: list[Record] = []
        self._bytes = 0
        self._state: str | None = None
        self._kept = time.monotonic()

    @property
    def state(self) -> str:
        """The last state that was stored with its records; blank where there is none."""
        found = self.sql.execute(f"SELECT state FROM {_META}").fetchone()
        return str(found[0]) if found else ""

    def begin(self, keys: Sequence[str], columns: Sequence[str], *, replace: bool) -> None:
        """Records with these keys follow, and at least these columns."""
        self.keys, self.replace = tuple(keys), replace
        self._table = "kpisheets_incoming" if replace else RECORDS
        self.sql.execute("BEGIN")
        if replace:
            self.sql.execute(f"DROP TABLE IF EXISTS {self._table}")
        self.sql.execute(f"CREATE TABLE IF NOT EXISTS {self._table} ({MARK} VARCHAR, {VERSION} BIGINT)")
        described = self.sql.execute(f"DESCRIBE {self._table}").fetchall()
        self._columns = {str(row[0]).casefold(): str(row[0]) for row in described}
        for column in columns:
            self._column(column)

    def add(self, record: Record) -> None:
        self._waiting.append(record)
        self._bytes += sum(len(value or "") for value in record.values.values())
        if len(self._waiting) >= _BATCH or self._bytes >= _BYTES:
            self._flush()

    def reached(self, state: str) -> None:
        """The records so far belong to this state: both are kept for good, unless the stream comes whole."""
        self._state = state
        # Some taps tell their state after each record.
        if not self.replace and time.monotonic() - self._kept > _OFTEN:
            self._keep()
            self.sql.execute("BEGIN")

    def activate(self, version: int) -> None:
        """Only records of this version are left."""
        self._flush()
        self.sql.execute(f"DELETE FROM {self._table} WHERE {VERSION} IS DISTINCT FROM ?", [version])

    def end(self) -> None:
        """The tap has come to its end: all that it brought is kept."""
        self._flush()
        if DELETED in self._columns:
            self.sql.execute(f"DELETE FROM {self._table} WHERE {quoted(self._columns[DELETED])} IS NOT NULL")
        if self.replace:
            self.sql.execute(f"DROP TABLE IF EXISTS {RECORDS}")
            self.sql.execute(f"ALTER TABLE {self._table} RENAME TO {RECORDS}")
        self._keep()

    def stopped(self) -> None:
        """The tap has failed: what it brought up to its last state is kept, unless the stream comes whole."""
        if self._state is not None and not self.replace:
            self._keep()

    def close(self) -> None:
        """What was not kept is forgotten."""
        self.sql.close()

    def _keep(self) -> None:
        self._flush()
        if self._state is not None:
            self.sql.execute(f"DELETE FROM {_META}")
            self.sql.execute(f"INSERT INTO {_META} VALUES (?)", [self._state])
        self.sql.execute("COMMIT")
        self._kept = time.monotonic()

    def _flush(self) -> None:
        records, self._waiting, self._bytes = self._waiting, [], 0
        if not records:
            return
        marks = [self._mark(record) for record in records]
        # Of several with one key the last counts.
        last = {mark: place for place, mark in enumerate(marks)}
        chosen = sorted(last.values())
        rows = [self._row(records[place].values) for place in chosen]
        columns = list(dict.fromkeys(column for row in rows for column in row))
        values: list[list[object]] = [[marks[place] for place in chosen], [records[place].version for place in chosen]]
        values += [[row.get(column) for row in rows] for column in columns]
        kinds = ["VARCHAR", "BIGINT", *["VARCHAR"] * len(columns)]
        self.sql.execute(
            f"DELETE FROM {self._table} WHERE {MARK} IN (SELECT unnest(CAST(? AS VARCHAR[])))", [values[0]]
        )
        names = ", ".join(quoted(column) for column in (MARK, VERSION, *columns))
        lists = ", ".join(f"unnest(CAST(? AS {kind}[]))" for kind in kinds)
        self.sql.execute(f"INSERT INTO {self._table} ({names}) SELECT {lists}", values)

    def _mark(self, record: Record) -> str:
        told = [record.values.get(key) for key in self.keys]
        if self.keys and None not in told:
            return json.dumps(told, ensure_ascii=False)
        return sha256(json.dumps(sorted(record.values.items()), ensure_ascii=False).encode()).hexdigest()

    def _row(self, values: Mapping[str, str | None]) -> dict[str, str | None]:
        """The record under the columns' names here: of two that differ in nothing but case, one."""
        return {self._column(name): value for name, value in values.items()}

    def _column(self, name: str) -> str:
        folded = name.casefold()
        if folded not in self._columns:
            self.sql.execute(f"ALTER TABLE {self._table} ADD COLUMN {quoted(name)} VARCHAR")
            self._columns[folded] = name
        return self._columns[folded]
