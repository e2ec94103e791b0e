"""Sources that bring records: a table's records become a table of DuckDB, which adds them up by the same plan."""

# ruff: noqa: S608 — identifiers are quoted; nothing that a source says becomes part of a query

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

from kpisheets.connectors.base import Capabilities, Extractor, Opening, Records, Refused, Table, Window, quoted
from kpisheets.connectors.databases.duckdb import Session
from kpisheets.connectors.extracted.columns import selected
from kpisheets.connectors.extracted.rows import created
from kpisheets.core.period import FIRST_DAY
from kpisheets.errors import KpisheetsError, Unreachable

_TOLD_EVERY = 500
"""Records between two words to whoever waits."""


class Extracted(Session):
    """The tables of an extractor, each brought once, when it is asked for."""

    def __init__(self, extractor: Extractor, opening: Opening) -> None:
        super().__init__(opening.url, opening.timezone, ())
        self.extractor = extractor
        self.name = str(getattr(extractor, "engine", "") or type(extractor).__name__)
        self.engine = f"{self.name}, added up by DuckDB"
        said = getattr(extractor, "capabilities", Capabilities())
        self._tell = opening.tell
        self._made = 0
        self._named: set[str] = set()
        self.capabilities = replace(said, aggregates=False, grouping_sets=True, exact_distinct=True)

    def tables(self) -> Sequence[str] | None:
        listing = getattr(self.extractor, "tables", None)
        if listing is None:
            return None
        try:
            names = listing()
            return None if names is None else [str(name) for name in names]
        except (KpisheetsError, OSError) as error:
            raise self._unreachable(error) from None
        except Exception as error:  # the code of somebody else: anything may go wrong in it
            said = self.url.masked(f"{self.name} can't list its tables: {type(error).__name__}: {error}")
            raise Unreachable(said, mend="correct the connector") from None

    def table(self, name: str, window: Window) -> Table:
        earlier = timedelta(days=self.capabilities.look_back_days)
        start = window.start - min(earlier, window.start - FIRST_DAY)
        wanted = window.columns | {self.capabilities.updated_at.casefold()} - {""}
        window = replace(window, start=start, columns=wanted)
        brought = self._brought(name, window)
        self._made += 1
        view, raw = f"kpisheets_table_{self._made}", f"kpisheets_records_{self._made}"
        otherwise = {*brought.columns, *brought.kinds} or {*wanted, window.dated_by, *brought.key} - {"*", ""}
        created(self.sql, raw, brought.data, name, wanted=otherwise, known=brought.kinds)
        notes = [*brought.notes, *self._once(raw, name, brought.key)]
        found = selected(
            lambda query: self.run(query, ()),
            raw,
            self.described(f"SELECT * FROM {raw}"),
            window.columns,
            decimal_comma=False,
        )
        chosen = ", ".join(f"{one.expression} AS {quoted(one.column.name)}" for one in found)
        self.run(f"CREATE TEMP VIEW {view} AS SELECT {chosen} FROM {raw}", ())
        notes += [f"quota: {self.capabilities.quota}"] if self.capabilities.quota else []
        notes += [] if self.capabilities.deletes else ["what was deleted at the source still counts"]
        notes = [self.url.masked(note) for note in notes]
        return Table(name, view, tuple(one.column for one in found), tuple(notes), brought.watermark)

    def query(self, name: str, text: str, tables: Sequence[str], window: Window) -> Table:
        for wanted in dict.fromkeys(table.casefold() for table in tables):
            if wanted not in self._named:
                # The date column belongs to the SELECT: no table may be cut down to the days of a namesake.
                table = self.table(wanted, replace(window, columns=frozenset("*"), dated_by=""))
                self.run(f"CREATE TEMP VIEW {quoted(wanted)} AS SELECT * FROM {table.reference}", ())
                self._named.add(wanted)
        return super().query(name, text, tables, window)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            closing = getattr(self.extractor, "close", None)
            if closing is not None:
                closing()
        super().close()

    def _brought(self, name: str, window: Window) -> Records:
        try:
            data = self.extractor.records(name, window)
            brought = data if isinstance(data, Records) else Records(data)
            if hasattr(brought.data, "__next__") and not hasattr(brought.data, "__arrow_c_stream__"):
                brought = replace(brought, data=self._counted(name, brought.data))
        except Refused:
            raise
        except (KpisheetsError, OSError) as error:
            raise self._unreachable(error) from None
        except Exception as error:  # the code of somebody else: anything may go wrong in it
            said = self.url.masked(f"the table “{name}” can't be brought: {type(error).__name__}: {error}")
            raise Refused(said, "correct the connector or its data") from None
        if brought.data is None:
            raise Refused(f"there is no table “{name}”", f"ask {self.name} for a table that it has")
        return brought

    def _counted(self, name: str, records: object) -> list[object]:
        """The records as they come, while a person may watch."""
        found = []
        for record in cast(Iterable[object], records):
            found.append(record)
            if len(found) % _TOLD_EVERY == 0:
                self._tell(f"reading {name}", len(found))
        return found

    def _unreachable(self, error: Exception) -> KpisheetsError:
        if isinstance(error, KpisheetsError):
            return type(error)(self.url.masked(error.what), mend=self.url.masked(error.mend))
        said = self.url.masked(f"{self.name} can't be reached: {type(error).__name__}: {error}")
        return Unreachable(said, mend="check the source, then sync again")

    def _once(self, raw: str, name: str, key: tuple[str, ...]) -> list[str]:
        """Of records with one key keep the last; say how many there were."""
        if not key:
            return []
        columns = ", ".join(quoted(column) for column in key)
        known = " AND ".join(f"{quoted(column)} IS NOT NULL" for column in key)
        double = (
            f"SELECT rowid FROM {raw} WHERE {known} "
            f"QUALIFY row_number() OVER (PARTITION BY {columns} ORDER BY rowid DESC) > 1"
        )
        ((gone,),) = self.run(f"DELETE FROM {raw} WHERE rowid IN ({double})", ())
        if not gone:
            return []
        return [f"{gone} records of “{name}” came again with the same {', '.join(key)}: the last of each counts"]
