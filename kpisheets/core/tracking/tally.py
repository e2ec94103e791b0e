"""What a plan of the tracking table tells besides its changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kpisheets.core.kpi import Kpi, Number
from kpisheets.core.metric import Fact
from kpisheets.core.period import Period
from kpisheets.core.plan import Noted, Why
from kpisheets.core.workbook import Value
from kpisheets.errors import Problem

Facts = Mapping[str, Mapping[str, Fact]]
"""What the sources gave: KPI id → period label → fact."""


@dataclass(frozen=True, slots=True)
class Told:
    """A change for the Log."""

    kpi: str
    period: str
    field: str
    old: Value
    new: Value
    why: Why
    by: str = ""
    """Who, where that is known."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """Targets proposed for periods of a KPI; ``sources`` names each metric's source, ``by`` is how they were made."""

    kpi: Kpi
    targets: Sequence[tuple[Period, Number]]
    sources: Mapping[str, str]
    by: str


@dataclass(slots=True)
class Tally:
    overrides: list[Noted] = field(default_factory=list)
    restatements: list[Noted] = field(default_factory=list)
    late_targets: list[Noted] = field(default_factory=list)
    kept_targets: list[Noted] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    """The periods of the rows that time closed since the last run."""
    written: int = 0
    unchanged: int = 0
    rows_added: int = 0
