"""A sync: what it changed, or would change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kpisheets.core.plan import AddRow, Noted, SetCell
from kpisheets.core.workbook import ACTIONS, REVIEW, TRACKING
from kpisheets.printing.values import counted, plain, problem_document, shown

if TYPE_CHECKING:
    from kpisheets.core.metric import Asked
    from kpisheets.project import Synced
    from kpisheets.project.boarding import Carded


def sync_document(done: Synced) -> dict[str, Any]:
    plan = done.plan
    return {
        "written": plan.written,
        "unchanged": plan.unchanged,
        "rows_added": plan.rows_added,
        "overrides": [_noted(item) for item in plan.overrides],
        "restatements": [_noted(item) for item in plan.restatements],
        "late_targets": [_noted(item) for item in plan.late_targets],
        "kept_targets": [_noted(item) for item in plan.kept_targets],
        "stale": list(plan.stale),
        "decided": plan.decided,
        "suggested": plan.suggested,
        "asked": _asked(done.asked),
        "boards": [{"board": one.board, "added": list(one.added), "moved": list(one.moved)} for one in done.boards],
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


_SHOWN = {ACTIONS: ("gap", "owner", "status"), REVIEW: ("finding", "evidence", "suggestion")}


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


def sync_lines(done: Synced) -> Iterator[str]:
    """The plan, cell by cell, for a dry run; the summary in both cases."""
    plan = done.plan
    if done.receipt is None:
        for change in plan.news:
            yield from _lines(change)
        for item in plan.overrides:
            kept = f"= {item.key}  {item.field} stays {shown(item.old)}: typed by a person"
            yield f"{kept}; the source says {shown(item.new)}"
        for item in plan.restatements:
            yield f"! {item.key}  {item.field} stays {shown(item.old)}: closed; the source now says {shown(item.new)}"
        for item in plan.late_targets:
            yield f"! {item.key}  judged by target {shown(item.old)}: closed; the cell now says {shown(item.new)}"
    verb = "Would write" if done.receipt is None else "Wrote"
    parts = [f"{verb} {counted(plan.written, 'actual')}", f"{plan.unchanged} unchanged"]
    parts.append(f"{counted(plan.rows_added, 'row')} added")
    for found, name in (
        (plan.overrides, "override"),
        (plan.restatements, "restatement"),
        (plan.late_targets, "late target"),
        (plan.kept_targets, "kept target"),
        (done.problems, "problem"),
    ):
        if found:
            parts.append(counted(len(found), name))
    yield ", ".join(parts) + "."
    if plan.decided or plan.suggested:
        decided, suggested = counted(plan.decided, "decision"), counted(plan.suggested, "suggestion")
        yield (
            f"Review: {decided} carried out, {suggested} added." if done.receipt else f"Review: {decided}, {suggested}."
        )
    for board in done.boards:
        made = [f"{counted(len(keys), 'card')} {how}" for keys, how in _cards(board) if keys]
        if made:
            yield f"Board {board.board}: {'would be ' if done.receipt is None else ''}{', '.join(made)}."
    if plan.stale:
        yield f"Not up to date, since the source did not answer: {', '.join(plan.stale)}"
    if done.receipt is not None and done.receipt.left:
        formulas = f"{counted(done.receipt.left, 'formula')} of your own"
        yield f"{formulas} shown as before until a spreadsheet program recalculates ({done.receipt.why})."
    if done.receipt is not None and plan.restatements:
        yield "Restated after closing (clear the Actual cell to accept):"
        for item in plan.restatements[:10]:
            yield f"  {item.key}: {shown(item.old)} kept, the source says {shown(item.new)}"
    if done.receipt is not None and plan.kept_targets:
        yield "Targets that stay as they are in Tracking (typed there, or closed), whatever the tab Targets says:"
        for item in plan.kept_targets[:10]:
            yield f"  {item.key}: {shown(item.old)} kept, the tab says {shown(item.new)}"
    if done.receipt is not None and plan.late_targets:
        yield "Targets changed after closing (kpisheets reopen PERIOD accepts them):"
        for item in plan.late_targets[:10]:
            yield f"  {item.key}: judged by {shown(item.old)}, the cell says {shown(item.new)}"


def _cards(board: Carded) -> tuple[tuple[tuple[str, ...], str], ...]:
    return (board.added, "added"), (board.moved, "moved")


_REASONS = {
    **{"target_fed": "the tab Targets changed"},
    **{"source": "the source changed", "accepted": "the cell was cleared", "renamed": "the KPI was renamed"},
    **{"suggested": "the evidence changed", "decided": "a person decided"},
    **{"retired": "retired in the review", "recalibrated": "recalibrated in the review"},
    **{"action_closed": "a person closed the action", "action_effect": "a later period is closed"},
    **{"card_moved": "a person moved its card"},
}


def _lines(change: SetCell | AddRow) -> Iterator[str]:
    if isinstance(change, AddRow):
        cells = {field: change.cells[field].value for field in _shown_of(change) if field in change.cells}
        said = ", ".join(f"{field} {shown(value)}" for field, value in cells.items())
        marks = {ACTIONS: " (action opened)", REVIEW: " (suggested)"}
        told = change.table in (TRACKING, ACTIONS, REVIEW)
        yield f"+ {change.key}  {said}{marks.get(change.table, '')}" if told else f"+ {change.key}"
        return
    why = _REASONS.get(change.why.name.lower(), change.why.name.lower())
    yield f"~ {change.key}  {change.field} {shown(change.before)} → {shown(change.after.value)}  ({why})"


def _shown_of(change: AddRow) -> tuple[str, ...]:
    """The fields of a new row that a person wants to see."""
    return _SHOWN.get(change.table, ("target", "actual"))
