"""What is expected of the KPIs' owners: figures to type, comments on what was missed, actions that are overdue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kpisheets.core.kpi import Kpi, Status, judge
from kpisheets.core.merge import is_blank
from kpisheets.core.summary import Action
from kpisheets.core.tracking import Tracking
from kpisheets.core.values import is_number


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a KPI waits for: ``actuals`` are the labels of closed periods without one, oldest first; ``comment`` the
    latest closed period where it was missed without a comment, blank where there is none."""

    kpi: Kpi
    actuals: tuple[str, ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One owner's: ``actions`` are all that they have open, of which some may be overdue at ``day``."""

    owner: str
    email: str
    day: date
    wanted: tuple[Wanted, ...] = ()
    actions: tuple[Action, ...] = ()

    @property
    def overdue(self) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if action.is_overdue(self.day))

    @property
    def count(self) -> int:
        """How many things wait."""
        return sum(len(one.actuals) + bool(one.comment) for one in self.wanted) + len(self.overdue)


def wanted(tracking: Tracking) -> tuple[Wanted, ...]:
    """Of each KPI that waits for something. Figures are wanted of KPIs that are typed by hand alone."""
    found = []
    value = tracking.draft.value
    for kpi in tracking.catalogue.kpis.values():
        rows = tracking.periods().get(kpi.id, {}).values()
        closed = sorted(
            ((period, row) for period, row in rows if tracking.is_due(row, period) and kpi.is_active(period)),
            key=lambda one: one[0].start,
        )
        if not closed or kpi.id in tracking.stopped:
            continue
        blank = [period.label for period, row in closed if is_blank(value(row, "actual"))]
        period, row = closed[-1]
        actual, target = value(row, "actual"), tracking.goal(row)
        verdict = judge(kpi, actual if is_number(actual) else None, target if is_number(target) else None)
        silent = verdict.status is Status.MISSED and is_blank(value(row, "comment"))
        has_place = tracking.draft.table.has("comment")  # people may delete the column
        one = Wanted(kpi, tuple(blank) if not kpi.metric else (), period.label if silent and has_place else "")
        if one.actuals or one.comment:
            found.append(one)
    return tuple(found)


def reminders(
    kpis: Mapping[str, Kpi],
    wanted: Iterable[Wanted],
    actions: Iterable[Action],
    addresses: Mapping[str, str],
    day: date,
) -> tuple[Reminder, ...]:
    """One for each owner for whom something waits, in the order of the KPIs. ``addresses``: what is written under Owner
    email → the same for all spellings of one address.

    An action belongs to its owner where that is the owner of a KPI too, and to the owner of its KPI otherwise.
    """
    by_name = {kpi.owner.casefold(): kpi.owner_email for kpi in kpis.values() if kpi.owner and kpi.owner_email}
    names: dict[str, tuple[str, str]] = {}
    for kpi in kpis.values():
        if kpi.owner_email:
            names.setdefault(addresses[kpi.owner_email], (kpi.owner, kpi.owner_email))
    theirs: dict[str, tuple[list[Wanted], list[Action]]] = {one: ([], []) for one in names}
    for one in wanted:
        if one.kpi.owner_email:
            theirs[addresses[one.kpi.owner_email]][0].append(one)
    for action in actions:
        kpi_of = kpis.get(action.kpi)
        email = by_name.get(action.owner.casefold()) or (kpi_of.owner_email if kpi_of else "")
        if email:
            theirs[addresses[email]][1].append(action)
    made = (
        Reminder(*names[one], day, tuple(wants), tuple(acts)) for one, (wants, acts) in theirs.items() if wants or acts
    )
    return tuple(reminder for reminder in made if reminder.count)


def unowned(wanted: Sequence[Wanted]) -> tuple[str, ...]:
    """The KPIs for which nobody can be reminded."""
    return tuple(one.kpi.id for one in wanted if not one.kpi.owner_email)
