"""The Guide tab's own cells: each owner's KPIs and how to read them, and what each meeting goes through.

The table's rows are the tool's, ordered by owner, and written again when that changes. A row without an ID in which
something stands is a person's, who typed below the table: it is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kpisheets.core.draft import Draft
from kpisheets.core.kpi import Kpi, Number
from kpisheets.core.meeting import Meeting, meeting_of
from kpisheets.core.merge import is_blank
from kpisheets.core.period import Frequency
from kpisheets.core.plan import Change, Content, SetNamed, Why
from kpisheets.core.rows import text_of
from kpisheets.core.tracking import Tracking
from kpisheets.core.values import is_number
from kpisheets.core.workbook import FIELDS, GUIDE, RITUALS, Observed, Table


@dataclass(frozen=True, slots=True)
class Guiding:
    """How the Guide is worded. ``read`` tells how a KPI is read against its current target, ``figure`` where its
    actuals come from, ``frequency`` the word for a rhythm, ``ritual`` what a meeting goes through; ``nobody`` stands
    for the owner of a KPI that has none."""

    read: Callable[[Kpi, Number | None], str]
    figure: Callable[[Kpi], str]
    frequency: Callable[[Frequency], str]
    ritual: Callable[[Meeting, Sequence[Kpi]], str]
    nobody: str


class Guide:
    """Plans the Guide tab's cells; a workbook whose Guide has none of them goes without."""

    def __init__(self, observed: Observed, tracking: Tracking, guiding: Guiding) -> None:
        self._observed, self._tracking, self._guiding = observed, tracking, guiding
        today = tracking.moment.today
        known = tracking.catalogue.kpis.values()
        self._kpis = [kpi for kpi in known if kpi.active_to is None or kpi.active_to >= today]
        table = observed.tables.get(GUIDE)
        self._draft = Draft(table) if table is not None and table.has("id") else None

    def changes(self) -> Iterator[Change]:
        """Of the table, and of the cells of the meetings."""
        if self._draft is not None:
            self._plan(self._draft)
            yield from self._draft.changes
        yield from self._rituals()

    def _plan(self, draft: Draft) -> None:
        free = iter([row for row in range(len(draft)) if _is_ours(draft.table, row)])
        for kpi in _by_owner(self._kpis):
            row = next(free, None)
            cells = {field: Content(value) for field, value in self._cells(kpi).items()}
            if row is None:
                draft.add(kpi.id, cells, Why.REPORT)
            else:
                _write(draft, row, cells, kpi.id)
        for row in free:
            _write(draft, row, {}, "")

    def _rituals(self) -> Iterator[SetNamed]:
        for meeting in Meeting:
            name = RITUALS[meeting.value]
            if name in self._observed.named:
                mine = [kpi for kpi in self._kpis if meeting_of(kpi.frequency) is meeting]
                said, before = self._guiding.ritual(meeting, mine), self._observed.named[name]
                if before != said:
                    yield SetNamed(name, before, Content(said), Why.REPORT)

    def _cells(self, kpi: Kpi) -> Mapping[str, str]:
        return {
            "owner": kpi.owner or self._guiding.nobody,
            "kpi": kpi.name,
            "reading": self._guiding.read(kpi, self._target(kpi)),
            "frequency": self._guiding.frequency(kpi.frequency),
            "figure": self._guiding.figure(kpi),
            "id": kpi.id,
        }

    def _target(self, kpi: Kpi) -> Number | None:
        """The running period's target, which people may have edited in its row; else the catalogue's."""
        tracking = self._tracking
        running = tracking.calendar.period(kpi.frequency, tracking.moment.today)
        _, row = tracking.periods().get(kpi.id, {}).get(running.label, (running, None))
        target = None if row is None else tracking.draft.value(row, "target")
        return target if is_number(target) else kpi.target


def _by_owner(kpis: Iterable[Kpi]) -> list[Kpi]:
    """Those of one owner together, the KPIs that nobody owns last."""
    return sorted(kpis, key=lambda kpi: (not kpi.owner, kpi.owner.casefold()))


def _write(draft: Draft, row: int, cells: Mapping[str, Content], key: str) -> None:
    for field in FIELDS[GUIDE]:
        draft.set(row, field, cells.get(field, Content()), Why.REPORT, key)


def _is_ours(table: Table, row: int) -> bool:
    if text_of(table.value(row, "id")):
        return True
    return all(is_blank(table.value(row, field)) for field in FIELDS[GUIDE])
