"""What every connector answers to: those that add up where the data is, and those that bring records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl

from kpisheets.config import GoogleSettings
from kpisheets.core.metric import TIMEOUT
from kpisheets.core.period import Calendar, Frequency
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
    """A table: ``reference`` is its quoted name in a query.

    ``notes`` say what people should know of how it was read; ``watermark`` up to when the source says it is complete.
    """

    name: str
    reference: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()
    watermark: datetime | date | None = None

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


Tell = Callable[[str, int], None]
"""Hears what a source does, in a few words, and how many records it has brought so far."""


def silent(doing: str, records: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a connector needs to open a source: its URL (revealed), the project's folder and its time zone.

    ``timeout`` is how many seconds it may take to answer. ``settings`` is what else ``kpisheets.toml`` says of the
    source, its secrets resolved: ``url.masked`` takes them out of messages too. ``now`` is the instant of the run,
    ``calendar`` the project's, ``google`` how it signs in to Google; ``tell`` shows a person who waits what is done.
    """

    url: Revealed
    root: Path
    timezone: str
    timeout: float = TIMEOUT
    settings: object = field(default=None, repr=False)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    calendar: Calendar = field(default_factory=Calendar)
    google: GoogleSettings = field(default_factory=GoogleSettings)
    tell: Tell = silent

    @property
    def options(self) -> dict[str, str]:
        """What the URL says behind its question mark."""
        return dict(parse_qsl(self.url.value.partition("?")[2], keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Window:
    """The local days of which a source is asked: ``start`` included, ``end`` excluded, in the zone ``timezone``.

    ``dated_by`` is the column whose days they are. ``columns`` are the case-folded names that matter (``*`` means all);
    a source may leave the others away. It may also give records outside the window: they are not counted.
    With ``trial`` only what the columns are matters, and some records will do.
    """

    start: date
    end: date
    timezone: str = "UTC"
    dated_by: str = ""
    columns: frozenset[str] = frozenset({"*"})
    trial: bool = False

    @property
    def begins(self) -> datetime:
        """The UTC instant at which the first day begins."""
        return Calendar(timezone=self.timezone).instant(self.start)

    @property
    def ends(self) -> datetime:
        """The UTC instant at which the last day has ended."""
        return Calendar(timezone=self.timezone).instant(self.end)

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a source can do, for the plan and for ``explain``.

    ``aggregates``: it adds up where the data is; otherwise it brings records, which DuckDB adds up. ``grouping_sets``:
    one pass answers several frequencies. ``exact_distinct``: ``count(distinct …)`` is exact; where it isn't, such a
    metric is refused. ``look_back_days``: a record that counts in a window may have been filed so many days before it.
    ``updated_at`` names the column that tells when a record last changed: ``explain`` shows the latest one.
    ``deletes``: what is deleted at the source is missing from what it gives. ``quota``: its limits, in words.
    ``patterns``: a table's name may hold ``*`` and ``?``, and means all that match together. ``filters``: the records
    have passed the metric's ``where`` already.
    """

    aggregates: bool = True
    grouping_sets: bool = True
    exact_distinct: bool = True
    look_back_days: int = 0
    updated_at: str = ""
    deletes: bool = True
    quota: str = ""
    patterns: bool = False
    filters: bool = False


class Connection(Protocol):
    """An open, read-only source that adds up where the data is.

    First ``table`` for each table that is wanted, then ``seal``, then ``bind`` and ``run``: a connector may shut every
    door (files, network) when it is sealed. Each may raise ``Refused``, whose message holds no secrets.
    """

    engine: str
    """Name of the engine, as ``explain`` shows it: DuckDB, SQLite, postgresql."""
    dialect: str
    """sqlglot's name of the dialect that ``run`` understands."""
    reads: str
    """sqlglot's name of the dialect in which users write expressions for this source."""
    capabilities: Capabilities

    def tables(self) -> Sequence[str] | None:
        """The names of all tables and views; None where the source can't list them, and any name may be asked for."""

    def table(self, name: str, window: Window) -> Table:
        """The table of that name. Columns that ``window`` doesn't name may stay untyped."""

    def query(self, name: str, text: str, tables: Sequence[str], window: Window) -> Table:
        """The result of a SELECT, written in the source's dialect, as a table; ``tables`` are those that it reads."""

    def seal(self) -> None:
        """No further table will be asked for."""

    def bind(self, table: Table, expressions: Sequence[str], numbers: Sequence[str]) -> None:
        """Check expressions against a table; ``numbers`` are arguments of sums and averages, which must be numbers."""

    def run(self, text: str, parameters: Sequence[str]) -> list[tuple[Any, ...]]:
        """Run one query; ``parameters`` are ISO texts bound to its question marks."""

    def cancel(self) -> None:
        """Stop what runs, from another thread. Never raises."""

    def close(self) -> None:
        """Close it. Never raises."""


class Divided(Protocol):
    """A source that counts by itself, for each period: what it says of two days can't be added up to their sum.

    So every frequency, and every filter, is answered by a part of its own, whose records are one for each period.
    """

    def part(self, frequency: Frequency, filter: str) -> Connection:
        """What answers the metrics of one frequency that have this ``where``; open until the source is closed."""

    def cancel(self) -> None:
        """Stop what runs, from another thread. Never raises."""

    def close(self) -> None:
        """Close it. Never raises."""


@dataclass(frozen=True, slots=True)
class Records:
    """What an extractor gives when there is more to say than the records themselves.

    ``data``: a pandas DataFrame, an Arrow table or reader, or dicts, one a record. ``key`` names the columns by which a
    record is known: of several with one key the last counts, and how many there were is told. ``watermark``: up to when
    the source is complete. ``notes``: what people should know, such as a limit that was met. ``columns``: those that
    there would be, for when there is no record to tell. ``kinds``: what a column holds, for when it has no value.
    """

    data: object
    key: tuple[str, ...] = ()
    watermark: datetime | date | None = None
    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)


class Extractor(Protocol):
    """A source that brings records; DuckDB adds them up by the same plan as everywhere.

    ``records`` gives None for a table that does not exist. It raises an ``OSError`` or a ``KpisheetsError`` when the
    source can't be reached; whatever else it raises concerns that table alone. It may also have ``tables()`` (the names
    of its tables), ``close()``, ``engine`` (its name) and ``capabilities``.
    """

    def records(self, table: str, window: Window) -> object:
        """The records of a table: a DataFrame, an Arrow table or reader, dicts, or ``Records``."""


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
