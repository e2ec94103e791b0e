"""What commands print: plans, explanations and lists, as lines for people and as JSON documents."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpisheets.core.catalogue import written
from kpisheets.core.merge import Outcome
from kpisheets.core.plan import AddRow, Noted, SetCell
from kpisheets.core.together import together
from kpisheets.core.workbook import ACTIONS, TRACKING
from kpisheets.errors import Problem

if TYPE_CHECKING:
    from kpisheets.core.explain import Explanation
    from kpisheets.core.metric import Asked
    from kpisheets.project import Synced
    from kpisheets.provisioning import Provisioned
    from kpisheets.running import Ran, Schedule
    from kpisheets.schedule import Delivery, Slot


def plain(value: object) -> Any:
    """A value as JSON has it: numbers as numbers, dates in ISO form."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, (tuple, list, frozenset)):
        return [plain(item) for item in value]
    return str(value)


def counted(number: int, thing: str) -> str:
    """``1 row``, ``2 rows``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def problem_document(problem: Problem) -> dict[str, str | None]:
    return {"where": problem.where, "what": problem.what, "mend": problem.mend, "kpi": problem.kpi}


def sync_document(done: Synced) -> dict[str, Any]:
    plan = done.plan
    return {
        "written": plan.written,
        "unchanged": plan.unchanged,
        "rows_added": plan.rows_added,
        "overrides": [_noted(item) for item in plan.overrides],
        "restatements": [_noted(item) for item in plan.restatements],
        "stale": list(plan.stale),
        "asked": _asked(done.asked),
        "problems": [problem_document(problem) for problem in done.problems],
        "dry_run": done.receipt is None,
        "changes": [item for change in plan.news for item in _change(change)],
        "workbook": done.receipt.place if done.receipt else None,
    }


def _asked(asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """What was asked of each source: how far back, for which KPIs."""
    groups: dict[tuple[str, str], list[Asked]] = {}
    for question in asked:
        groups.setdefault((question.metric.source, question.reach.value), []).append(question)
    return [
        {
            "source": source,
            "window": reach,
            "from": None if any(one.first is None for one in mine) else min(_first(one) for one in mine),
            "to": max(one.last.last_day for one in mine).isoformat(),
            "kpis": [one.kpi for one in mine],
        }
        for (source, reach), mine in groups.items()
    ]


def _first(question: Asked) -> str:
    return "" if question.first is None else question.first.start.isoformat()


def _noted(item: Noted) -> dict[str, Any]:
    kpi, _, period = item.key.partition("|")
    return {
        "key": item.key,
        "kpi": kpi,
        "period": period,
        "field": item.field,
        "old": plain(item.old),
        "new": plain(item.new),
    }


_SHOWN = ("target", "actual")


def _change(change: SetCell | AddRow) -> Iterator[dict[str, Any]]:
    if isinstance(change, SetCell):
        yield {
            "action": "set",
            "key": change.key,
            "field": change.field,
            "old": plain(change.before),
            "new": plain(change.after.value),
            "why": change.why.name.lower(),
        }
        return
    for field in _shown_of(change):
        content = change.cells.get(field)
        value = content.value if content else None
        if value is not None or field == "actual":
            yield {
                "action": "add_row",
                "key": change.key,
                "field": field,
                "old": None,
                "new": plain(value),
                "why": change.why.name.lower(),
            }


_REASONS = {
    **{"source": "the source changed", "accepted": "the cell was cleared", "renamed": "the KPI was renamed"},
    **{"action_closed": "a person closed the action", "action_effect": "a later period is closed"},
}


def run_document(done: Ran) -> dict[str, Any]:
    return {
        "ran": done.ran,
        "synced": done.synced,
        "requests": list(done.requests),
        "slots": [slot_document(slot) for slot in done.slots],
        "deliveries": [delivery_document(one) for one in done.deliveries],
        "problems": [problem_document(problem) for problem in done.problems],
        "heartbeat": done.heartbeat,
    }


def slot_document(slot: Slot) -> dict[str, Any]:
    return {"job": slot.job, "slot": plain(slot.at), "state": slot.state, "note": slot.note}


def delivery_document(one: Delivery) -> dict[str, Any]:
    return {
        "job": one.job,
        "slot": plain(one.at),
        "to": one.recipient,
        "channel": one.channel,
        "state": one.state,
        "tries": one.tries,
        "message_id": one.message_id,
        "subject": one.subject,
        "note": one.note,
    }


def schedule_document(found: Schedule) -> dict[str, Any]:
    last = found.last_run
    return {
        "jobs": [
            {"job": job.key, "report": job.report or None, "schedule": job.schedule, "next": plain(times)}
            for job, times in found.jobs
        ],
        "line": found.line,
        "installed": found.installed,
        "last_run": plain(last) if last else None,
        "slots": [slot_document(slot) for slot in found.slots],
        "held": [delivery_document(one) for one in found.held],
    }


def schedule_lines(found: Schedule) -> Iterator[str]:
    """Next times, the last run, and what waits for a person."""
    if not found.jobs:
        yield 'Nothing has a schedule. Give a report one: schedule = "0 7 * * MON"'
    for job, times in found.jobs:
        shown = ", ".join(f"{time:%a %Y-%m-%d %H:%M}" for time in times) or "never"
        yield f"{job.key:24} {job.schedule:20} {shown}"
    last = found.last_run
    if last:
        ended = f"exit code {last.code}" if last.ended else "not ended"
        yield f"Last run: {last.began:%Y-%m-%d %H:%M} UTC, {ended}"
        yield from (f"  {line}" for line in last.said.splitlines())
    for one in found.held:
        yield f"Held: {one.job} of {one.at:%Y-%m-%d %H:%M} UTC to {one.recipient}, {one.state}: {one.note}"
    if found.held:
        yield "  `kpisheets run-due --resend` sends them again, with their former Message-ID."
    if found.installed is not None:
        yield f"In the crontab: {'yes' if found.installed else 'no; `kpisheets schedule install` puts it there'}"
    yield f"  {found.line}"


def problems_line(problems: Sequence[Problem], mend: str) -> str:
    """Several problems in one line: the first, and how to see the others."""
    first, *others = together(problems)
    return f"{first}; and {len(others)} more: {mend}" if others else str(first)


def sync_lines(done: Synced) -> Iterator[str]:
    """The plan, cell by cell, for a dry run; the summary in both cases."""
    plan = done.plan
    if done.receipt is None:
        for change in plan.news:
            yield from _lines(change)
        for item in plan.overrides:
            kept = f"= {item.key}  {item.field} stays {_shown(item.old)}: typed by a person"
            yield f"{kept}; the source says {_shown(item.new)}"
        for item in plan.restatements:
            yield f"! {item.key}  {item.field} stays {_shown(item.old)}: closed; the source now says {_shown(item.new)}"
    verb = "Would write" if done.receipt is None else "Wrote"
    parts = [f"{verb} {counted(plan.written, 'actual')}", f"{plan.unchanged} unchanged"]
    parts.append(f"{counted(plan.rows_added, 'row')} added")
    for found, name in (
        (plan.overrides, "override"),
        (plan.restatements, "restatement"),
        (done.problems, "problem"),
    ):
        if found:
            parts.append(counted(len(found), name))
    yield ", ".join(parts) + "."
    if plan.stale:
        yield f"Not up to date, since the source did not answer: {', '.join(plan.stale)}"
    if done.receipt is not None and done.receipt.left:
        formulas = f"{counted(done.receipt.left, 'formula')} of your own"
        yield f"{formulas} shown as before until a spreadsheet program recalculates ({done.receipt.why})."
    if done.receipt is not None and plan.restatements:
        yield "Restated after closing (clear the Actual cell to accept):"
        for item in plan.restatements[:10]:
            yield f"  {item.key}: {_shown(item.old)} kept, the source says {_shown(item.new)}"


def _lines(change: SetCell | AddRow) -> Iterator[str]:
    if isinstance(change, AddRow):
        cells = {field: change.cells[field].value for field in _shown_of(change) if field in change.cells}
        said = ", ".join(f"{field} {_shown(value)}" for field, value in cells.items())
        opened = " (action opened)" if change.table == ACTIONS else ""
        yield f"+ {change.key}  {said}{opened}" if change.table in (TRACKING, ACTIONS) else f"+ {change.key}"
        return
    why = _REASONS.get(change.why.name.lower(), change.why.name.lower())
    yield f"~ {change.key}  {change.field} {_shown(change.before)} → {_shown(change.after.value)}  ({why})"


def _shown_of(change: AddRow) -> tuple[str, ...]:
    """The fields of a new row that a person wants to see."""
    return ("gap", "owner", "status") if change.table == ACTIONS else _SHOWN


def _shown(value: object) -> str:
    """A value as a person reads it: at most 12 digits of a number."""
    if isinstance(value, (Decimal, float)):
        value = Decimal(f"{value:.12g}")
    return written(value) or "blank"


def provisioned_document(done: Provisioned) -> dict[str, Any]:
    return {
        "workbook": done.workbook,
        "created": done.created,
        "kpis": done.kpis,
        "added": list(done.added),
        "tabs": list(done.tabs.values()),
        "url": done.url or None,
    }


def provisioned_text(done: Provisioned) -> str:
    return "\n".join(filter(None, (_provisioned(done), done.advice)))


def _provisioned(done: Provisioned) -> str:
    place, kpis = done.workbook, counted(done.kpis, "KPI")
    if done.created:
        return f"Created {place} with {kpis}. Next: kpisheets sync"
    if done.tabs:
        return f"Added {_tabs(done.tabs)} to {place}, with {kpis}. Next: kpisheets sync"
    if done.added:
        return f"Added {counted(len(done.added), 'KPI')} to {place}: {', '.join(done.added)}"
    return f"{place} is up to date."


def _tabs(tabs: Mapping[str, str]) -> str:
    """The tabs that were added (usual title → title in this workbook), with those whose title was taken."""
    *first, last = tabs.values()
    renamed = [f"{tab} because it had a tab {title} before" for title, tab in tabs.items() if tab != title]
    said = f"the tabs {', '.join(first)} and {last}" if first else f"the tab {last}"
    return said + (f" ({', '.join(renamed)})" if renamed else "")


def packs_document() -> dict[str, Any]:
    from kpisheets.templates import language, pack, packs

    english = language("en")
    return {
        "templates": [
            {
                "id": found.id,
                "title": found.title(english),
                "description": found.description(english),
                "kpis": [{"id": text.id, "name": text.name} for text in found.localised(english)],
            }
            for found in map(pack, packs())
        ]
    }


def packs_text() -> str:
    lines = []
    for pack in packs_document()["templates"]:
        lines.append(f"{pack['id']}: {pack['title']}. {pack['description']}")
        lines += [f"  {kpi['id']:32} {kpi['name']}" for kpi in pack["kpis"]]
    return "\n".join(lines)


def recipes_document(name: str | None = None) -> dict[str, Any]:
    """All recipes, or the one of that name. UsageError where there is none."""
    from kpisheets.recipes import names, text, title

    chosen = [name] if name else names()
    return {"recipes": [{"id": one, "text": text(one), "title": title(one)} for one in chosen]}


def recipes_text() -> str:
    from kpisheets.recipes import names, title

    lines = [f"  {name:12} {title(name)}" for name in names()]
    return "\n".join([*lines, "", "kpisheets recipes NAME prints one, to be pasted into kpisheets.toml."])


def explanation_document(found: Explanation) -> dict[str, Any]:
    """The keys are those of docs/commands.md; what does not apply is null."""
    from kpisheets.reports.jsonreport import insight

    kpi, row, says = found.kpi, found.row, found.says
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
        rows.append(("The source says now", f"{_shown(found.says.value)} from {found.says.rows} records"))
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
            f"  {_shown(entry.get('when'))}  {entry.get('field')}: "
            f"{_shown(entry.get('old'))} → {_shown(entry.get('new'))}  {entry.get('why') or ''}".rstrip()
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
    return [
        ("Target", _shown(row.get("target"))),
        ("Actual", _shown(row.get("actual"))),
        ("Status", str(row.get("status") or "")),
        ("Source value", _shown(row.get("source_value"))),
        ("As of", written(row.get("as_of"))),
        ("Mark", marks.get(found.outcome, "")),
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
