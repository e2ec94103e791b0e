"""What all steps of planning the tracking table share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from kpisheets.core.catalogue import Catalogue
from kpisheets.core.draft import Draft
from kpisheets.core.flag import CLOSED, Flag
from kpisheets.core.period import Calendar, Period
from kpisheets.core.rows import Rows
from kpisheets.core.tracking.moment import Moment, stamp_of
from kpisheets.core.tracking.tally import Tally
from kpisheets.core.workbook import Table, Value

PLAIN = (float, int)
"""The numbers of cells, and no logical values."""


class State:
    """``keys`` and ``owners`` are the rows by key, and whose they are, with those to come. ``watermarks``: by KPI, up
    to when its source says that it is complete."""

    def __init__(
        self,
        table: Table,
        catalogue: Catalogue,
        calendar: Calendar,
        moment: Moment,
        watermarks: Mapping[str, datetime | date],
    ) -> None:
        self.draft = Draft(table)
        self.tally = Tally()
        self.catalogue, self.calendar, self.moment = catalogue, calendar, moment
        self.rows = Rows(table, catalogue, calendar)
        self.tally.problems += self.rows.problems
        self.stopped = catalogue.stopped | self.rows.stopped
        self.keys = dict(self.rows.by_key)
        self.owners: dict[int, tuple[str, Period | None]] = dict(self.rows.owners)
        self._stamps = {kpi: stamp_of(watermark, moment.now) for kpi, watermark in watermarks.items()}

    def value(self, row: int, name: str) -> Value:
        return self.draft.value(row, name)

    def flag(self, row: int) -> Flag:
        return Flag.read(self.draft.value(row, "flag"))

    def is_closed(self, row: int, period: Period) -> bool:
        """Whether a row's figure and target are settled: by a person, or by time once the figure was complete."""
        held = self.flag(row).period
        return held == CLOSED if held else self.moment.is_closed(period, self.value(row, "as_of"))

    def is_due(self, row: int, period: Period) -> bool:
        """Whether a period is over: its time has come or a person closed it, and nobody opened it again."""
        held = self.flag(row).period
        return held == CLOSED if held else period.end <= self.moment.closed_until

    def is_judged(self, row: int) -> bool:
        """Whether an observed row was closed before this run, and still is: its target is the one of that time.

        A row that was made for a period that had been over by then was not there when it closed, unless a person closed
        it afterwards: its target may still be put right.
        """
        return Flag.read(self.draft.table.value(row, "flag")).period == self.flag(row).period == CLOSED

    def stamp(self, kpi: str) -> datetime:
        """As of when the figures that this run brought are known."""
        return self._stamps.get(kpi, self.moment.now)
