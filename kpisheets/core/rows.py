"""Whose row is it? The observed rows of ``Tracking`` by key, the ambiguous ones, those that people began by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from kpisheets.core.catalogue import Catalogue, written
from kpisheets.core.kpi import Kpi
from kpisheets.core.merge import is_blank
from kpisheets.core.period import Calendar, Frequency, Period
from kpisheets.core.workbook import ErrorValue, Table, Value
from kpisheets.errors import Problem


def key_of(kpi: str, period: Period) -> str:
    return f"{kpi}|{period.label}"


class Rows:
    """The observed rows by key: who they belong to, which are ambiguous, which a person began by hand."""

    def __init__(self, table: Table, catalogue: Catalogue, calendar: Calendar) -> None:
        self.by_key: dict[str, int] = {}
        self.owners: dict[int, tuple[str, Period | None]] = {}
        self.adopted: dict[int, str] = {}
        self.stopped: set[str] = set()
        self.problems: list[Problem] = []
        names = {kpi.name.casefold(): kpi.id for kpi in reversed(list(catalogue.kpis.values()))}
        names |= {identity.casefold(): identity for identity in catalogue.kpis}
        for row in range(len(table)):
            key = text_of(table.value(row, "key"))
            if not key:
                key = self._adopt(table, row, names, catalogue, calendar)
            if not key:
                continue
            identity, _, label = key.partition("|")
            if key in self.by_key:
                self.stopped.add(identity)
                other = table.where(self.by_key[key], "key")
                what = f"two rows track {identity} in {label} (also {other})"
                self.problems.append(Problem(table.where(row, "key"), what, "delete one of the two rows", identity))
                continue
            if identity in catalogue.kpis and _period(None, label, calendar) is None:
                # Not the label of another frequency, which the KPI may have had before: no period at all.
                self.stopped.add(identity)
                what = f"“{key}” is no key: “{label}” names no period"
                mend = "clear the cell, the next sync fills it again"
                self.problems.append(Problem(table.where(row, "key"), what, mend, identity))
            self.by_key[key] = row
            self.owners[row] = (identity, _period(catalogue.kpis.get(identity), label, calendar))

    def _adopt(self, table: Table, row: int, names: Mapping[str, str], catalogue: Catalogue, calendar: Calendar) -> str:
        name, written_period = text_of(table.value(row, "kpi")), table.value(row, "period")
        if not name or is_blank(written_period):
            return ""
        identity = names.get(name.casefold())
        if identity is None:
            return ""
        if not isinstance(written_period, (str, date)):
            written_period = written(written_period)
        try:
            period = calendar.parse(written_period, catalogue.kpis[identity].frequency)
        except ValueError as error:
            self.problems.append(
                Problem(table.where(row, "period"), str(error), "type the period as the rows above write it", identity)
            )
            return ""
        self.adopted[row] = key_of(identity, period)
        return self.adopted[row]


def _period(kpi: Kpi | None, label: str, calendar: Calendar) -> Period | None:
    return _parsed(calendar, label, kpi.frequency if kpi else None)


@lru_cache(maxsize=10_000)
def _parsed(calendar: Calendar, label: str, frequency: Frequency | None) -> Period | None:
    # The rows of all KPIs share few labels.
    try:
        return calendar.parse(label, frequency)
    except ValueError:
        return None


def text_of(value: Value) -> str:
    """A cell's text, without the spaces around it; blank for nothing and for an error."""
    return "" if value is None or isinstance(value, ErrorValue) else str(value).strip()
