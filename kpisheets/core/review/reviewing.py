"""How a review is held and told: by the configuration, in the workbook's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kpisheets.core.kpi import Kpi, Number
from kpisheets.core.review.finding import Finding


class Decision(StrEnum):
    """What people may decide. The value is the canonical word of the dropdown."""

    KEEP = "Keep"
    RECALIBRATE = "Recalibrate"
    REPLACE = "Replace"
    RETIRE = "Retire"


class Result(StrEnum):
    """What came of a row. The value is part of the key of its words."""

    KEPT = "kept"
    RETIRED = "retired"
    REPLACED = "replaced"
    RECALIBRATED = "recalibrated"
    GIVEN_UP = "given_up"
    GONE = "gone"
    ENDED = "ended"
    NEEDS_TARGET = "needs_target"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Came:
    """``day``: until when a finding rests, or a KPI's last day; ``old`` and ``new`` are targets in the KPI's unit."""

    result: Result
    day: date | None = None
    kpi: Kpi | None = None
    old: Number | None = None
    new: Number | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A finding in words: whom it concerns, its name, the evidence, what could be done."""

    kpi: str
    finding: str
    evidence: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Reviewing:
    """``quarterly``: whether a review is held by itself. ``most``: KPIs that a department may have, 0 for any number.
    ``read`` gives the canonical decision that a word of any language means; ``say`` and ``tell`` put a finding and an
    outcome into words; ``word`` stands in the field of the Log's entry of a review, ``held`` says how many findings
    it raised."""

    quarterly: bool
    most: int
    read: Callable[[str], str | None]
    say: Callable[[Finding], Said]
    tell: Callable[[Came], str]
    word: str
    held: Callable[[int], str]
