"""Where one number comes from: the row, its source and query, what people and the source changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kpisheets.core.catalogue import Catalogue
from kpisheets.core.histories import Histories
from kpisheets.core.insight import Insight
from kpisheets.core.kpi import Kpi
from kpisheets.core.merge import Outcome, standing
from kpisheets.core.metric import Collected, Fact, Metric, Query, Reading
from kpisheets.core.period import Calendar, Period
from kpisheets.core.rows import key_of
from kpisheets.core.tracking import Moment, Tracking, reconciled
from kpisheets.core.workbook import CATALOGUE, LOG, TRACKING, Observed, Value, Words
from kpisheets.errors import Problem


@dataclass(frozen=True, slots=True)
class Explanation:
    """One KPI in one period.

    ``row`` has the cells of its row by field, empty where there is none; ``says`` what the source gives now, if it
    could be asked; ``outcome`` whether the actual is an override or a restatement that waits; ``log`` the Log's entries
    about it by field, ``targets`` those of its target; ``reading`` how far back a sync reads its source, and
    ``reconciled`` when that was read from the start; ``complete`` is up to when the source says that it is complete;
    ``insight`` what the periods up to this one say, where it is the last that ended.
    """

    kpi: Kpi
    period: Period
    metric: Metric | None
    row: Mapping[str, Value]
    outcome: Outcome
    says: Fact | None
    queries: tuple[Query, ...]
    log: tuple[Mapping[str, Value], ...]
    targets: tuple[Mapping[str, Value], ...]
    problems: tuple[Problem, ...]
    reading: Reading | None = None
    reconciled: datetime | None = None
    complete: datetime | date | None = None
    insight: Insight | None = None

    @property
    def key(self) -> str:
        return key_of(self.kpi.id, self.period.label)


def explain(
    observed: Observed,
    catalogue: Catalogue,
    calendar: Calendar,
    kpi: Kpi,
    period: Period,
    metric: Metric | None,
    collected: Collected,
    reading: Reading | None,
    moment: Moment,
    words: Words,
) -> Explanation:
    """``collected`` is the answer to that KPI's question for that period alone."""
    table, log = observed.tables[TRACKING], observed.tables[LOG]
    tracking = Tracking(table, observed.tables[CATALOGUE], catalogue, calendar, moment, words)
    rows = tracking.rows
    at = rows.by_key.get(key_of(kpi.id, period.label))
    row = {} if at is None else {name: table.value(at, name) for name in table.columns}
    outcome = Outcome.UNCHANGED
    if at is not None:
        typed = table.formula(at, "actual") is not None
        outcome = standing(row["actual"], row["source_value"], str(row["flag"] or ""), typed_formula=typed)
    entries = tuple(
        {name: log.value(place, name) for name in log.columns}
        for place in range(len(log))
        if (log.value(place, "kpi") == kpi.id and log.value(place, "period") in (None, "", period.label))
        or (log.value(place, "kpi") in (None, "") and log.value(place, "period") == period.label)
    )
    target = table.headers["target"]
    return Explanation(
        kpi=kpi,
        period=period,
        metric=metric,
        row=row,
        outcome=outcome,
        says=next((fact for fact in collected.facts if fact.period == period), None),
        queries=collected.queries,
        log=entries,
        targets=tuple(entry for entry in entries if entry.get("field") == target),
        problems=(*(problem for problem in rows.problems if problem.kpi == kpi.id), *collected.problems),
        reading=reading,
        complete=collected.watermarks.get(kpi.id),
        reconciled=reconciled(log, words.text["reconciled"]).get(metric.source) if metric else None,
        insight=Histories(tracking).insight(kpi, period) if period.ended(moment.as_of) else None,
    )
