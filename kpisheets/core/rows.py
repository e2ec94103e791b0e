"""Whose row is it? The observed rows of ``Tracking`` by key, the ambiguous ones, those that people began by hand."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import date, datetime

from kpisheets.core.catalogue import Catalogue, written
from kpisheets.core.merge import is_blank
from kpisheets.core.period import Calendar, Frequency, Period, is_label
from kpisheets.core.workbook import ErrorValue, Table, Value
from kpisheets.errors import Problem


def key_of(kpi: str, label: str) -> str:
    """The Key of a KPI's row: its ID and the period's label."""
    return f"{kpi}|{label}"


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
        readings = {frequency: _Labels(calendar, frequency) for frequency in (None, *Frequency)}
        of_kpi = {identity: readings[kpi.frequency] for identity, kpi in catalogue.kpis.items()}
        any_period = readings[None]
        for row, value in enumerate(table.columns.get("key", ())):
            key = value.strip() if type(value) is str else text_of(value)
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
            period = of_kpi.get(identity, any_period)[label]
            if period is None and identity in of_kpi and not is_label(label):
                # Not the label of another frequency or calendar, which there may have been before: no period at all.
                self.stopped.add(identity)
                what = f"“{key}” is no key: “{label}” names no period"
                mend = "clear the cell, the next sync fills it again"
                self.problems.append(Problem(table.where(row, "key"), what, mend, identity))
            self.by_key[key] = row
            self.owners[row] = (identity, period)

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
        self.adopted[row] = key_of(identity, period.label)
        return self.adopted[row]


class _Labels(dict[str, Period | None]):
    """Periods by label, each read once: the rows of all KPIs share few labels."""

    def __init__(self, calendar: Calendar, frequency: Frequency | None) -> None:
        super().__init__()
        self.calendar, self.frequency = calendar, frequency

    def __missing__(self, label: str) -> Period | None:
        period: Period | None = None
        with contextlib.suppress(ValueError):
            period = self.calendar.parse(label, self.frequency)
        self[label] = period
        return period


def text_of(value: Value) -> str:
    """A cell's text, without the spaces around it; blank for nothing and for an error."""
    return "" if value is None or isinstance(value, ErrorValue) else str(value).strip()


def day_of(value: Value) -> date | None:
    """The day of a cell; ``None`` where it holds none. A date that was typed as text is read as ISO writes it."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(text_of(value))
    except ValueError:
        return None
