"""The wide ``Targets`` tab: a row for each monthly KPI and year, a column for each month, for people to fill.

Its numbers go on to ``Tracking``, where targets are people's too. So a number travels once: into a row that is made,
and into one whose Target is still what this tab said before, or what the tool had filled in. Whatever else stands in
Tracking was typed there and stays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from kpisheets.core.draft import Draft
from kpisheets.core.kpi import Direction, Kpi, Number
from kpisheets.core.merge import is_blank
from kpisheets.core.period import Calendar, Frequency, Period
from kpisheets.core.plan import Content, Why
from kpisheets.core.rows import key_of, text_of
from kpisheets.core.targets.season import periods_of
from kpisheets.core.tracking import Tracking
from kpisheets.core.values import is_number
from kpisheets.core.workbook import MONTHS, Table, Value
from kpisheets.errors import Problem


@dataclass(frozen=True, slots=True)
class _Row:
    kpi: Kpi
    year: Period
    months: tuple[tuple[str, Period], ...]
    """Field and month, of those in which the KPI is active."""


class Wide:
    """Reads the tab, plans its rows, and hands its numbers on."""

    def __init__(self, table: Table, tracking: Tracking) -> None:
        self.draft, self.problems = Draft(table), list[Problem]()
        self._tracking: Tracking = tracking
        self._calendar: Calendar = tracking.calendar
        kpis = tracking.catalogue.kpis
        names = {kpi.name.casefold(): kpi.id for kpi in reversed(list(kpis.values()))}
        self._names = names | {identity.casefold(): identity for identity in kpis}
        self._rows: dict[int, _Row] = {}
        for row in range(len(table)):
            if (found := self._read(row)) is not None:
                self._rows[row] = found

    @property
    def numbers(self) -> dict[str, Number]:
        """The targets that people typed, by the key of their row in Tracking."""
        found: dict[str, Number] = {}
        for row, one in self._rows.items():
            for field, period in one.months:
                value = self.draft.value(row, field)
                if is_number(value):
                    found[key_of(one.kpi.id, period.label)] = value
        return found

    def feed(self) -> None:
        """Let rows of Tracking that are there follow numbers that changed here, and remember all of them."""
        keys, stopped = self._tracking.rows.by_key, self._tracking.stopped
        for row, one in self._rows.items():
            if one.kpi.id in stopped:
                continue
            before, now = self._seen(row), dict[str, float]()
            for field, period in one.months:
                value, key = self.draft.value(row, field), key_of(one.kpi.id, period.label)
                if not is_number(value):
                    continue
                now[field] = float(value)
                if key in keys:
                    self._tracking.take_target(one.kpi, key, value, before.get(field))
            if now != before:
                said = json.dumps(now, separators=(",", ":")) if now else None
                self.draft.set(row, "seen", Content(said), Why.BOOKKEEPING, key_of(one.kpi.id, one.year.label))

    def add_rows(self) -> None:
        """A row for each KPI that can be filled in here, for this year and the next."""
        known = {(one.kpi.id, one.year.label) for one in self._rows.values()}
        this_year = self._calendar.period(Frequency.YEARLY, self._tracking.moment.today)
        for year in (this_year, self._calendar.next(this_year)):
            for kpi in self._tracking.catalogue.kpis.values():
                if (kpi.id, year.label) not in known and _is_fed(kpi) and kpi.is_active(year):
                    cells = {
                        "kpi": Content(kpi.name),
                        "year": Content(year.label),
                        "id": Content(kpi.id),
                        **{field: Content(unit=kpi.unit) for field in MONTHS},
                    }
                    self.draft.add(key_of(kpi.id, year.label), cells, Why.NEW_KPI)

    def _read(self, row: int) -> _Row | None:
        table = self.draft.table
        name = text_of(table.value(row, "id")) or text_of(table.value(row, "kpi"))
        identity = self._names.get(name.casefold())
        if identity is None or is_blank(table.value(row, "year")):
            return None
        kpi, written = self._tracking.catalogue.kpis[identity], table.value(row, "year")
        year = _year(self._calendar, written)
        if year is None or not _is_fed(kpi):
            what = (
                f"“{written}” is no year" if year is None else f"{identity} is not monthly, or has bounds for a target"
            )
            field = "year" if year is None else "kpi"
            mend = "write it as the rows above do" if year is None else "type its targets in Tracking"
            self.problems.append(Problem(table.where(row, field), what, mend, identity))
            return None
        # Fields by the month's place in its year, whenever the KPI begins or ends.
        places = self._calendar.span(
            *(self._calendar.period(kpi.frequency, day) for day in (year.start, year.last_day))
        )
        active = set(periods_of(self._calendar, kpi, year))
        months = tuple((field, one) for field, one in zip(MONTHS, places, strict=False) if one in active)
        return _Row(kpi, year, months)

    def _seen(self, row: int) -> Mapping[str, float]:
        try:
            found = json.loads(text_of(self.draft.value(row, "seen")) or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def _is_fed(kpi: Kpi) -> bool:
    return kpi.frequency is Frequency.MONTHLY and kpi.direction is not Direction.RANGE


def _year(calendar: Calendar, written: Value) -> Period | None:
    text = str(int(written)) if isinstance(written, float) and written.is_integer() else text_of(written)
    for spelled in (text, f"FY{text}"):
        try:
            return calendar.parse(spelled, Frequency.YEARLY)
        except ValueError:
            continue
    return None
