"""Where a number comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpisheets.core.catalogue import written
from kpisheets.core.flag import CLOSED, REOPENED, Flag
from kpisheets.core.merge import Outcome
from kpisheets.printing.values import counted, plain, problem_document, shown

if TYPE_CHECKING:
    from kpisheets.core.explain import Explanation


def explanation_document(found: Explanation) -> dict[str, Any]:
    """The keys are those of docs/commands.md; what does not apply is null."""
    from kpisheets.reports.jsonreport import insight

    kpi, row, says = found.kpi, found.row, found.says
    flag = Flag.read(row.get("flag"))
    late = {"judged_by": plain(row.get("target_seen")), "target": plain(row.get("target"))}
    kept = {"actual": plain(row.get("actual")), "source": plain(row.get("source_value"))}
    cells = ("target", "actual", "variance", "status", "source_value", "as_of", "comment")
    return {
        "key": found.key,
        "kpi": kpi.id,
        "name": kpi.name,
        "definition": kpi.definition,
        "owner": kpi.owner,
        "period": found.period.label,
        "window": {"from": found.period.start.isoformat(), "to": found.period.last_day.isoformat()},
        **{name: plain(row.get(name)) for name in cells},
        "source": found.metric.source if found.metric else None,
        "reading": _reading(found),
        "insight": insight(found.insight),
        "complete_until": plain(found.complete),
        "metric": plain(found.metric),
        "source_says": {"value": plain(says.value), "rows": says.rows, "as_of": plain(says.as_of)} if says else None,
        "query": "\n\n".join(query.text for query in found.queries) or None,
        "queries": plain(found.queries),
        "override": kept if found.outcome is Outcome.OVERRIDE else None,
        "restatement": kept if found.outcome is Outcome.RESTATED else None,
        "state": flag.period or None,
        "late_target": late if flag.target else None,
        "target_history": plain(found.targets),
        "history": plain(found.log),
        "problems": [problem_document(problem) for problem in found.problems],
    }


def _reading(found: Explanation) -> dict[str, Any] | None:
    if found.reading is None:
        return None
    if found.reading.whole:
        return {"window": "all"}
    return {
        "window": "open",
        "look_back": found.reading.look_back,
        "reconcile_days": found.reading.reconcile,
        "reconciled": plain(found.reconciled),
    }


def explanation_text(found: Explanation, currency: str) -> str:
    """Label and value, one to a line; the query as it ran. ``currency`` is the project's."""
    rows = [
        ("KPI", f"{found.kpi.name} ({found.key})"),
        ("Definition", found.kpi.definition),
        ("Owner", found.kpi.owner),
        *_standing(found),
        *_insight(found, currency),
        *_origin(found),
        ("Reading", _reading_words(found)),
        ("Complete up to", f"{found.complete}, says the source" if found.complete else ""),
        ("Window", f"{found.period.start} to {found.period.last_day}, both included"),
    ]
    if found.says:
        rows.append(("The source says now", f"{shown(found.says.value)} from {found.says.rows} records"))
    lines = [f"{label + ':':20} {value}" for label, value in rows if value]
    for query in found.queries:
        lines += ["", f"Query ({query.engine}, {query.seconds:.2f} s, {counted(query.rows, 'record')}):", query.text]
        if query.parameters:
            lines.append("Parameters: " + ", ".join(query.parameters))
        if query.watermark:
            lines.append(f"The source goes up to: {query.watermark}")
        lines += [f"Note: {note}" for note in query.notes]
    if found.log:
        lines += ["", "History:"]
        lines += [
            f"  {shown(entry.get('when'))}  {entry.get('field')}: "
            f"{shown(entry.get('old'))} → {shown(entry.get('new'))}  {entry.get('why') or ''}".rstrip()
            for entry in found.log
        ]
    lines += [f"Problem: {problem}" for problem in found.problems]
    return "\n".join(lines)


def _insight(found: Explanation, currency: str) -> list[tuple[str, str]]:
    from kpisheets.reports.insight import said
    from kpisheets.templates import language

    words = said(found.insight, found.kpi, currency, language("en"))
    return [
        ("Signal", words.signal),
        ("Year before", words.year_before),
        ("Next", words.next),
        ("Year", words.year),
    ]


def _reading_words(found: Explanation) -> str:
    if found.reading is None or found.reading.whole:
        return ""
    last = f"last {found.reconciled:%Y-%m-%d %H:%M}" if found.reconciled else "not yet"
    return (
        f"a sync asks for open periods and the last {found.reading.look_back} days, "
        f"and every {found.reading.reconcile} days from the start ({last})"
    )


def _standing(found: Explanation) -> list[tuple[str, str]]:
    kpi, row = found.kpi, found.row
    if not row:
        span = f"{kpi.active_from or 'its first record'} to {kpi.active_to or 'today'}"
        return [("Row", f"none; kpisheets sync makes rows from {span}")]
    marks = {
        Outcome.OVERRIDE: "typed by a person; clear the cell to give it back to the source",
        Outcome.RESTATED: "the source changed after the period closed; clear the cell to accept its value",
    }
    flag = Flag.read(row.get("flag"))
    judged_by = f"{shown(row.get('target_seen'))}, its target when the period closed; Target was changed afterwards"
    return [
        ("Target", shown(row.get("target"))),
        ("Judged by", judged_by if flag.target else ""),
        ("Actual", shown(row.get("actual"))),
        ("Status", str(row.get("status") or "")),
        ("Source value", shown(row.get("source_value"))),
        ("As of", written(row.get("as_of"))),
        ("Mark", marks.get(found.outcome, "")),
        ("Period", {CLOSED: "closed", REOPENED: "opened again, until it is closed anew"}.get(flag.period, "")),
    ]


def _origin(found: Explanation) -> list[tuple[str, str]]:
    metric = found.metric
    if metric is None:
        return [("Source", "typed by hand (the KPI has no metric)")]
    if metric.is_single:
        return [("Source", metric.source), ("Metric", f"{metric.name} = its sql for each period")]
    measure = metric.value or f"{metric.numerator} / {metric.denominator}"
    return [
        ("Source", metric.source),
        ("Metric", f"{metric.name} = {measure} from {metric.table or 'its sql'} by {metric.date}"),
        ("Filter", metric.filter),
    ]
