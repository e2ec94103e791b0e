"""The lines of the report: which period of each KPI is shown, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from kpisheets.core.catalogue import Catalogue
from kpisheets.core.histories import Histories
from kpisheets.core.kpi import Kpi, Number, judge
from kpisheets.core.merge import Outcome, standing
from kpisheets.core.period import Calendar, Period
from kpisheets.core.summary import TREND_POINTS, Line, Point, SoFar
from kpisheets.core.tracking import Tracking
from kpisheets.core.values import is_number
from kpisheets.core.workbook import Value


@dataclass(frozen=True, slots=True)
class Reported:
    """A KPI's place in the report: the period shown, the running period, the trend's periods (oldest first)."""

    kpi: Kpi
    shown: Period
    running: Period | None
    trend: tuple[Period, ...]


def reported(tracking: Tracking, catalogue: Catalogue, calendar: Calendar, as_of: date) -> tuple[Reported, ...]:
    """Every KPI that is active at ``as_of``, with the last period that ended, or the running one if none has."""
    periods = tracking.periods()
    found = []
    for kpi in catalogue.kpis.values():
        running = calendar.period(kpi.frequency, as_of)
        last = calendar.previous(running)
        if not (kpi.is_active(running) or kpi.is_active(last)):
            continue
        rows = periods.get(kpi.id, {})
        shown = last if last.label in rows else _last_ended(rows.values(), kpi, as_of) or running
        trend = [shown]
        while len(trend) < TREND_POINTS:
            trend.append(calendar.previous(trend[-1]))
        found.append(Reported(kpi, shown, None if shown == running else running, tuple(reversed(trend))))
    return tuple(found)


def _last_ended(rows: Iterable[tuple[Period, int]], kpi: Kpi, as_of: date) -> Period | None:
    ended = [period for period, _ in rows if period.ended(as_of) and period.frequency is kpi.frequency]
    return max(ended, key=lambda period: period.start, default=None)


def lines(
    tracking: Tracking, places: tuple[Reported, ...], as_of: date, stale: Collection[str] = ()
) -> tuple[Line, ...]:
    """The report's lines as values; ``stale`` are the KPIs whose source did not answer."""
    periods, histories = tracking.periods(), Histories(tracking)
    value = tracking.draft.value

    def number(row: int | None, field: str) -> Number | None:
        found = None if row is None else tracking.goal(row) if field == "target" else value(row, field)
        return found if is_number(found) else None

    made = []
    for place in places:
        place_of = partial(row_of, periods.get(place.kpi.id, {}))
        row = place_of(place.shown)
        actual, target = number(row, "actual"), number(row, "target")
        outcome, source, read_at, source_value = Outcome.UNCHANGED, "", None, None
        elapsed, until = place.shown.elapsed(as_of), None
        if row is not None:
            if tracking.is_partial(row, place.shown):
                elapsed, until = 0.0, _moment(value(row, "as_of"))
            flag = value(row, "flag")
            typed = row < len(tracking.draft.table) and tracking.draft.table.formula(row, "actual") is not None
            source_value = number(row, "source_value")
            outcome = standing(value(row, "actual"), source_value, str(flag or ""), typed_formula=typed)
            source = str(value(row, "source") or "")
            read_at = _moment(value(row, "as_of"))
        so_far = None
        running = None if place.running is None else place_of(place.running)
        if place.running is not None and running is not None and (now := number(running, "actual")) is not None:
            partial_now = tracking.is_partial(running, place.running)
            until = until or (_moment(value(running, "as_of")) if partial_now else None)
            pace = 0.0 if partial_now else place.running.elapsed(as_of)
            so_far = SoFar(place.running.label, now, judge(place.kpi, now, number(running, "target"), elapsed=pace))
        made.append(
            Line(
                kpi=place.kpi,
                period=place.shown.label,
                actual=actual,
                target=target,
                verdict=judge(place.kpi, actual, target, elapsed=elapsed),
                trend=tuple(
                    Point(p.label, number(place_of(p), "actual"), number(place_of(p), "target")) for p in place.trend
                ),
                so_far=so_far,
                overridden=outcome is Outcome.OVERRIDE,
                restated=outcome is Outcome.RESTATED,
                source_value=source_value,
                source=source,
                as_of=read_at,
                data_until=until,
                stale=actual is not None and place.kpi.id in stale,
                insight=histories.insight(place.kpi, place.shown),
            )
        )
    return tuple(made)


def _moment(value: Value) -> datetime | None:
    return value if isinstance(value, datetime) else None


def row_of(rows: Mapping[str, tuple[Period, int]], period: Period) -> int | None:
    found = rows.get(period.label)
    return None if found is None else found[1]
