"""What is asked of a source, and what comes back: metrics in, facts out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from kpisheets.core.period import Frequency, Period
from kpisheets.errors import Problem

TIMEOUT = 300.0
"""Seconds that a source may take, where nothing else is said."""


class Reach(StrEnum):
    """How far back a question goes: from the KPI's start (at every sync, or once in a while), over what is open, or
    from where somebody said."""

    WHOLE = "all"
    RECONCILE = "reconcile"
    OPEN = "open"
    SINCE = "since"


@dataclass(frozen=True, slots=True)
class Reading:
    """How far back a source is read: ``whole`` from each KPI's start, at every sync.

    Otherwise only what is open, and ``look_back`` days before today; and everything, once ``reconcile`` days have
    passed since it was read from the start. ``updated_at`` names the column that tells when a record changed.
    """

    whole: bool = True
    look_back: int = 31
    reconcile: int = 7
    updated_at: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A named place where numbers live. ``url`` may hold unresolved ``${env:NAME}`` references.

    ``where`` is the place of its definition (``kpisheets.toml:17``), for messages; ``timeout`` the seconds that all
    its answers may take. ``settings`` are frozen values with what else is said of it, for its connector alone; their
    texts may hold references too. ``watermark`` is a SELECT that tells up to when the source is complete.
    """

    name: str
    url: str
    where: str = ""
    timeout: float = TIMEOUT
    settings: object = field(default=None, compare=False)
    watermark: str = ""
    reading: Reading = Reading()


@dataclass(frozen=True, slots=True)
class Metric:
    """A measure over a table: SQL expressions ``value``, or ``numerator`` and ``denominator`` for a ratio.

    ``date`` is the column (a date, a timestamp or ISO text) that puts a record into a period; ``filter`` is a SQL
    condition (the ``where`` key of ``kpisheets.toml``). ``sql`` is a SELECT in place of the table; without ``date`` it
    gives the number of one period by itself.
    """

    name: str
    source: str
    table: str
    date: str
    value: str = ""
    numerator: str = ""
    denominator: str = ""
    filter: str = ""
    where: str = ""
    sql: str = ""

    @property
    def is_ratio(self) -> bool:
        return bool(self.numerator)

    @property
    def is_single(self) -> bool:
        """Whether its SELECT gives the number of one period by itself."""
        return bool(self.sql) and not self.date


@dataclass(frozen=True, slots=True)
class Asked:
    """One KPI's question to a source: its metric in each period from ``first`` to ``last``.

    ``first`` is ``None`` where the KPI has no start of its own: everything that the source holds up to ``last``. Where
    ``first`` was cut to a window, ``begins`` is what it was, and ``changed_since`` the day since which a changed record
    is news, if the source tells of changes.
    """

    kpi: str
    metric: Metric
    frequency: Frequency
    first: Period | None
    last: Period
    reach: Reach = Reach.WHOLE
    begins: Period | None = None
    changed_since: date | None = None


class Fact(NamedTuple):
    """One number that a source gave: a KPI's value in a period, from ``rows`` records read at ``as_of`` (UTC).

    There may be hundreds of thousands, and a tuple is made in a third of a dataclass's time.
    """

    kpi: str
    period: Period
    value: Decimal | None
    rows: int
    as_of: datetime
    numerator: Decimal | None = None
    denominator: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it ran: ``text`` with its ``parameters`` (no secrets), which KPIs it served, seconds and rows read.

    ``watermark`` is up to when the source has records, in ISO form (blank where it is not known): its latest date, or
    what the source says itself. ``notes`` say what people should know of how the records were read.
    """

    source: str
    table: str
    engine: str
    text: str
    parameters: tuple[str, ...]
    kpis: tuple[str, ...]
    seconds: float
    rows: int
    watermark: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection brought. A KPI that a problem concerns has no facts; a source that could not be
    opened is named in ``unreachable``, and in ``denied`` too where credentials are missing or refused, in ``later``
    where it may answer if it is asked again later. ``watermarks``: by KPI, up to when its source says that it is
    complete, where it says so (a local moment, or the last whole day). ``asked`` are the questions as they were
    answered: some may reach further back than they did."""

    facts: tuple[Fact, ...] = ()
    queries: tuple[Query, ...] = ()
    problems: tuple[Problem, ...] = ()
    unreachable: frozenset[str] = field(default_factory=frozenset)
    denied: frozenset[str] = field(default_factory=frozenset)
    later: frozenset[str] = field(default_factory=frozenset)
    watermarks: Mapping[str, datetime | date] = field(default_factory=dict)
    asked: tuple[Asked, ...] = ()
