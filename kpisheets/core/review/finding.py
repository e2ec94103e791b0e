"""What a review finds: a KPI, an objective or a department about which somebody should decide, with the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kpisheets.core.kpi import Kpi, Number


class Reason(StrEnum):
    """Why something is up for review. The value is part of a row's Key and of the keys of its words."""

    ALWAYS_MET = "always_met"
    NEVER_MET = "never_met"
    UNTOUCHED = "untouched_target"
    NO_DATA = "no_data"
    NO_OWNER = "no_owner"
    SAME = "same"
    OBJECTIVE = "objective"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to decide, in numbers.

    ``kpi`` is None where it is no single KPI's; ``about`` tells it from others of its reason: the other KPI's ID, the
    objective, the department. ``size`` says how grave it is, in whatever measure: a finding that a person set aside is
    told again once it has twice the size. ``count`` of ``total`` are periods or KPIs; ``gap`` (in the KPI's unit) and
    ``share`` (of the target) how far actuals were from it on average, without a sign; ``since`` and ``until`` labels of
    periods; ``before`` and ``now`` means of the actuals; ``target`` the present one and ``proposed`` another;
    ``correlation`` lies between -1 and 1.
    """

    reason: Reason
    kpi: Kpi | None = None
    about: str = ""
    size: float = 1.0
    count: int = 0
    total: int = 0
    gap: float = 0.0
    share: float = 0.0
    since: str = ""
    until: str = ""
    before: float = 0.0
    now: float = 0.0
    target: Number | None = None
    proposed: float | None = None
    other: Kpi | None = None
    correlation: float = 0.0

    @property
    def subject(self) -> str:
        """What it is about, the same in every review: the KPI's ID, the reason, what else."""
        return subject(self.kpi.id if self.kpi else "", self.reason, self.about)


def subject(kpi: str, reason: str, about: str = "") -> str:
    return f"{kpi}|{reason}|{about}"
