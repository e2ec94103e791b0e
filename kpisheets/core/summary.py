"""What a report says, as values: one line per active KPI, counts, successes and what to look at.

Every rendering (the ``Report`` tab, HTML, text, Markdown, JSON) reads this value, so that they can't disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kpisheets.core.insight import Insight
from kpisheets.core.kpi import Direction, Kpi, Number, Status, Verdict, off_range, variance, variance_share
from kpisheets.errors import Problem

TREND_POINTS = 12
WORST_FIRST = (Status.MISSED, Status.AT_RISK, Status.NO_DATA, Status.NO_TARGET, Status.IN_PROGRESS, Status.MET)


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a trend; ``actual`` is ``None`` where there is no data."""

    period: str
    actual: Number | None
    target: Number | None


@dataclass(frozen=True, slots=True)
class SoFar:
    """The period that has not ended yet: its actual and its provisional verdict."""

    period: str
    actual: Number | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Line:
    """One KPI in a report: the last period that ended, or the running one where none has ended yet.

    ``overridden``: a person typed the actual over what the source says (``source_value``). ``restated``: the source
    changed its mind about a closed period. ``as_of``: as of when the source's figure is known. ``stale``: it did not
    answer the last time it was asked. ``data_until``: the figures lack days, and go up to then.
    ``insight``: what the periods up to this one say; None where it has no figure, or not ended.
    """

    kpi: Kpi
    period: str
    actual: Number | None
    target: Number | None
    verdict: Verdict
    trend: tuple[Point, ...] = ()
    so_far: SoFar | None = None
    overridden: bool = False
    restated: bool = False
    source_value: Number | None = None
    source: str = ""
    as_of: datetime | None = None
    stale: bool = False
    data_until: datetime | None = None
    insight: Insight | None = None

    @property
    def status(self) -> Status:
        return self.verdict.status

    @property
    def variance(self) -> float | None:
        """Actual minus target; of a Range KPI how far it is below its range (negative) or above it, 0 within it."""
        if self.kpi.direction is Direction.RANGE:
            return off_range(self.kpi, self.actual)
        return variance(self.actual, self.target)

    @property
    def variance_share(self) -> float | None:
        """Variance over |target|, a fraction."""
        return variance_share(self.actual, self.target)

    @property
    def is_better(self) -> bool | None:
        """Whether the variance lies on the good side; ``None`` where there is none, or for a Range KPI."""
        found = self.variance
        if found is None or self.kpi.direction is Direction.RANGE:
            return None
        return found >= 0 if self.kpi.direction is Direction.HIGHER else found <= 0

    @property
    def is_off(self) -> bool:
        """Whether it is missed or at risk."""
        return self.verdict.judged in (Status.MISSED, Status.AT_RISK)

    @property
    def is_worsening(self) -> bool:
        """Whether it changed for the worse, by more than it varies."""
        change = self.insight.change if self.insight else None
        return change is not None and change.better is False


OPEN, IN_PROGRESS, DONE, DROPPED = "Open", "In progress", "Done", "Dropped"
"""The canonical statuses of an action."""
CLOSED = frozenset({DONE, DROPPED})


@dataclass(frozen=True, slots=True)
class Action:
    """A corrective action that is not closed. ``kpi`` is the KPI's ID, blank where the row names none that there is;
    ``period`` the label of the missed period; ``opened`` and ``due`` are ``None`` where the cell holds no day. ``key``
    is the row's, which has none as long as it is a person's own."""

    kpi: str
    name: str
    period: str
    gap: str
    cause: str = ""
    action: str = ""
    owner: str = ""
    opened: date | None = None
    due: date | None = None
    key: str = ""

    def is_overdue(self, day: date) -> bool:
        return self.due is not None and self.due < day


@dataclass(frozen=True, slots=True)
class Waiting:
    """What changed in a closed period and waits for a person: ``kept`` is the figure that stands while the source
    ``says`` another, or, ``is_target``, the target that it is judged by while the cell says another."""

    kpi: Kpi
    period: str
    kept: Number | None
    says: Number | None
    is_target: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion of the ``Review`` tab on which nobody has decided, in the words of its row. ``kpi`` is the KPI's ID,
    blank where it is about an objective or a department."""

    kpi: str
    name: str
    finding: str
    evidence: str
    suggestion: str
    owner: str = ""
    raised: date | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """``report_date`` is the local date that the report is made for; ``synced_at`` the last sync that succeeded;
    ``unsynced``: the sync that should have preceded the report failed. ``actions`` are open, those that are
    due first at the head; ``waiting`` has the latest periods at its head, figures before targets; ``suggestions`` are
    those of the ``Review`` tab that await a decision."""

    project: str
    language: str
    currency: str
    timezone: str
    report_date: date
    synced_at: datetime | None
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...] = ()
    workbook: str = ""
    unsynced: bool = False
    actions: tuple[Action, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def counts(self) -> Mapping[Status, int]:
        """How many lines have each judged status; every status is a key."""
        found = Counter(line.verdict.judged for line in self.lines)
        return {status: found.get(status, 0) for status in Status}

    @property
    def worst_first(self) -> tuple[Line, ...]:
        return tuple(sorted(self.lines, key=_severity))

    @property
    def successes(self) -> tuple[Line, ...]:
        """Lines that are met, the widest margin first."""
        met = (line for line in self.lines if line.verdict.judged is Status.MET)
        return tuple(sorted(met, key=lambda line: -abs(line.variance_share or 0)))

    @property
    def attention(self) -> tuple[Line, ...]:
        """Lines that are missed or at risk, the worst first."""
        return tuple(line for line in self.worst_first if line.is_off)

    @property
    def warnings(self) -> tuple[Line, ...]:
        """Lines that are met and worsening."""
        return tuple(line for line in self.successes if line.is_worsening)

    @property
    def overridden(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.overridden)

    @property
    def periods(self) -> tuple[str, ...]:
        """The periods that the lines speak of, the most frequent first."""
        return tuple(period for period, _ in Counter(line.period for line in self.lines).most_common())


def _severity(line: Line) -> tuple[int, float]:
    return WORST_FIRST.index(line.verdict.judged), -abs(line.variance_share or 0)
