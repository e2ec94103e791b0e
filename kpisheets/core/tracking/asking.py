"""What to ask of the sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from kpisheets.core.catalogue import Catalogue
from kpisheets.core.kpi import Kpi
from kpisheets.core.metric import Asked, Metric, Reach
from kpisheets.core.period import Calendar, Period


def questions(
    catalogue: Catalogue,
    metrics: Mapping[str, Metric],
    calendar: Calendar,
    today: date,
    since: date | None,
    only: Iterable[str] = (),
) -> list[Asked]:
    """What to ask of the sources: every active KPI that has a metric, from its start (or ``since``) to today."""
    wanted = set(only)
    asked = []
    for kpi in catalogue.kpis.values():
        if not kpi.metric or (wanted and kpi.id not in wanted):
            continue
        last = last_period(kpi, calendar, today)
        starts = [day for day in (kpi.active_from, since) if day is not None]
        first = calendar.period(kpi.frequency, max(starts)) if starts else None
        if first is None or first.start <= last.start:
            reach = Reach.WHOLE if since is None else Reach.SINCE
            asked.append(Asked(kpi.id, metrics[kpi.metric], kpi.frequency, first, last, reach))
    return asked


def last_period(kpi: Kpi, calendar: Calendar, today: date) -> Period:
    """The KPI's latest period: today's, or the one in which it ended."""
    return calendar.period(kpi.frequency, min(today, kpi.active_to or today))
