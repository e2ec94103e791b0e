"""The report as one JSON document, for programs."""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from decimal import Decimal

from kpisheets.core.insight import SHARE, Insight, Outlook
from kpisheets.core.kpi import JUDGING_DIGITS, Number, Status
from kpisheets.core.summary import Action, Line, Point, SoFar, Suggestion, Summary, Waiting
from kpisheets.reports.insight import side

_COUNTED = (
    Status.MET,
    Status.AT_RISK,
    Status.MISSED,
    Status.NO_DATA,
    Status.NO_TARGET,
    Status.IN_PROGRESS,
)


def render(summary: Summary) -> str:
    """The document as indented text, with a newline at its end. Names stay as people typed them."""
    return json.dumps(document(summary), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def document(summary: Summary) -> dict[str, object]:
    """The document as values.

    Numbers are in the KPI's unit (a share is a fraction), ``variance`` of a Range KPI is how far it is below its range
    (negative) or above it, ``variance_pct`` a fraction of |target| as in the workbook. ``status`` is the judged one (of
    a period in progress: the pace so far, with ``in_progress`` true) and is what ``verdict`` counts. Instants are
    ISO 8601. ``kpis`` are in the workbook's order.
    """
    return {
        "project": summary.project,
        "language": summary.language,
        "report_date": summary.report_date.isoformat(),
        "synced_at": _instant(summary.synced_at),
        "verdict": {status.value: summary.counts[status] for status in _COUNTED},
        "kpis": [_line(line) for line in summary.lines],
        "successes": [line.kpi.id for line in summary.successes],
        "attention": [line.kpi.id for line in summary.attention],
        "warnings": [line.kpi.id for line in summary.warnings],
        "actions": [action(one, summary.report_date) for one in summary.actions],
        "waiting": [_waiting(one) for one in summary.waiting],
        "suggestions": [_suggestion(one) for one in summary.suggestions],
        "problems": [
            {"where": problem.where, "what": problem.what, "mend": problem.mend, "kpi": problem.kpi}
            for problem in summary.problems
        ],
        "workbook": summary.workbook,
    }


def _line(line: Line) -> dict[str, object]:
    kpi = line.kpi
    return {
        "id": kpi.id,
        "name": kpi.name,
        "department": kpi.department,
        "owner": kpi.owner,
        "period": line.period,
        "actual": _number(line.actual),
        "target": _number(line.target),
        "low": _number(kpi.low),
        "high": _number(kpi.high),
        "unit": kpi.unit,
        "variance": _computed(line.variance),
        "variance_pct": _computed(line.variance_share),
        "status": line.verdict.judged.value,
        "in_progress": line.status is Status.IN_PROGRESS,
        "so_far": _so_far(line.so_far),
        "overridden": line.overridden,
        "restated": line.restated,
        "stale": line.stale,
        "source_value": _number(line.source_value),
        "source": line.source,
        "as_of": _instant(line.as_of),
        "data_until": _instant(line.data_until),
        "trend": [_point(point) for point in line.trend],
        "insight": insight(line.insight),
        "recommendation": kpi.recommendation,
    }


def insight(found: Insight | None) -> dict[str, object] | None:
    """``signal`` is change, exception (of one period) or routine; null where there are too few values."""
    if found is None:
        return None
    change, limits, before = found.change, found.limits, found.year_before
    calm = "routine" if limits else None
    return {
        "signal": ("change" if change.lasting else "exception") if change else calm,
        "since": change.since if change else None,
        "side": side(change.better, up=change.up) if change else None,
        "rule": change.rule.value if change else None,
        "limits": {name: _computed(getattr(limits, name)) for name in ("mean", "lower", "upper")} if limits else None,
        "seasonal": found.seasonal,
        "year_before": {"period": before.period.label, "actual": _number(before.actual)} if before else None,
        "next": _outlook(found.next),
        "year": _outlook(found.year),
    }


def _outlook(found: Outlook | None) -> dict[str, object] | None:
    if found is None:
        return None
    low, high = found.goal
    return {
        "period": found.period,
        "value": _computed(found.value),
        "low": _computed(found.low),
        "high": _computed(found.high),
        "share": SHARE,
        "at_least": _computed(low),
        "at_most": _computed(high),
        "chance": _computed(found.chance),
    }


def _suggestion(one: Suggestion) -> dict[str, object]:
    return {
        "kpi": one.kpi or None,
        "name": one.name,
        "finding": one.finding,
        "evidence": one.evidence,
        "suggestion": one.suggestion,
        "raised": one.raised.isoformat() if one.raised else None,
    }


def action(found: Action, day: date) -> dict[str, object]:
    return {
        "kpi": found.kpi,
        "name": found.name,
        "period": found.period,
        "gap": found.gap,
        "cause": found.cause,
        "action": found.action,
        "owner": found.owner,
        "opened": found.opened.isoformat() if found.opened else None,
        "due": found.due.isoformat() if found.due else None,
        "overdue": found.is_overdue(day),
    }


def _waiting(one: Waiting) -> dict[str, object]:
    """``field`` is actual (``says``: the source) or target (``says``: the cell)."""
    return {
        "kpi": one.kpi.id,
        "name": one.kpi.name,
        "period": one.period,
        "field": "target" if one.is_target else "actual",
        "kept": _number(one.kept),
        "says": _number(one.says),
    }


def _so_far(so_far: SoFar | None) -> dict[str, object] | None:
    if so_far is None:
        return None
    return {"period": so_far.period, "actual": _number(so_far.actual), "status": so_far.verdict.judged.value}


def _point(point: Point) -> dict[str, object]:
    return {"period": point.period, "actual": _number(point.actual), "target": _number(point.target)}


def _number(value: Number | None) -> int | float | None:
    """A JSON number; what JSON cannot say (not a number, infinity) is null."""
    if value is None or not math.isfinite(value):
        return None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.adjusted() < 15 else float(value)
    return value


def _computed(value: float | None) -> float | None:
    """A difference without the noise of binary fractions, which no judgement sees either."""
    if value is None or not math.isfinite(value):
        return None
    return round(value, JUDGING_DIGITS)


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
