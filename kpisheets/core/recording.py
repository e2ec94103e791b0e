"""What a run leaves on record: in the Log, in the Control tab, and what it saw of the catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kpisheets.core import staleness
from kpisheets.core.catalogue import DEFINING, Catalogue, remembered, written
from kpisheets.core.draft import equal
from kpisheets.core.kpi import Kpi
from kpisheets.core.plan import AddRow, Change, Content, Plan, SetCell, SetNamed, Why
from kpisheets.core.request import Request
from kpisheets.core.tracking import Told, Tracking, reconciling
from kpisheets.core.workbook import (
    CATALOGUE,
    DATA_AS_OF,
    LAST_RUN,
    LOG,
    OUTCOME,
    TRACKING,
    Observed,
    Value,
    Words,
)


def definitions(observed: Observed, catalogue: Catalogue) -> list[Told]:
    """What people changed in the catalogue since the last run saw it."""
    headers = observed.tables[CATALOGUE].headers
    told = []
    for identity, kpi in catalogue.kpis.items():
        before = catalogue.seen.get(identity, {})
        if not before:
            continue
        for name in DEFINING:
            old, new = before.get(name, ""), written(getattr(kpi, name))
            if old != new:
                told.append(Told(identity, "", headers.get(name, name), old, new, Why.DEFINITION_EDITED))
    return told


def remember(observed: Observed, catalogue: Catalogue) -> list[Change]:
    table = observed.tables[CATALOGUE]
    if not table.has("seen"):
        return []
    found: list[Change] = []
    for identity, row in catalogue.rows.items():
        kpi: Kpi | None = catalogue.kpis.get(identity)
        before = table.value(row, "seen")
        if kpi is not None and before != (now := remembered(kpi)):
            found.append(SetCell(CATALOGUE, row, "seen", identity, before, Content(now), Why.BOOKKEEPING))
    return found


def record(observed: Observed, request: Request, tracking: Tracking, partial: Plan) -> list[Change]:
    """That a run took place, and what it found."""
    words, when = request.words.text, request.moment.now
    run = {
        "when": Content(when),
        "kpi": Content(staleness.written(partial.stale)),
        "field": Content(words["run"]),
        "new": Content(outcome(partial, request.words)),
        "why": Content(str(partial.problems[0])[:500] if partial.problems else None),
    }
    return [
        *_control(observed, request, tracking, partial),
        *_closed(observed, request, tracking.tally.closed),
        AddRow(LOG, "", run, Why.BOOKKEEPING),
        *reconciling(
            request.asked, request.collected, request.only, when, words["reconciled"], words["reconciled_why"]
        ),
    ]


def _closed(observed: Observed, request: Request, labels: Sequence[str]) -> list[AddRow]:
    """One entry of the Log for each period that time closed."""
    words, field_ = request.words.text, observed.tables[TRACKING].headers["period"]
    return [
        AddRow(
            LOG,
            "",
            {
                "when": Content(request.moment.now),
                "period": Content(label),
                "field": Content(field_),
                "old": Content(words["period_open"]),
                "new": Content(words["period_closed"]),
                "why": Content(words[Why.CLOSED_BY_TIME.value].format(n=count)),
            },
            Why.BOOKKEEPING,
        )
        for label, count in Counter(labels).items()
    ]


def _control(observed: Observed, request: Request, tracking: Tracking, partial: Plan) -> list[Change]:
    cells: dict[str, Value] = {
        LAST_RUN: request.moment.now,
        OUTCOME: outcome(partial, request.words),
        **tracking.elapsed(),
    }
    if request.collected.facts or not request.asked:
        cells[DATA_AS_OF] = request.moment.now
    return [
        SetNamed(name, observed.named[name], Content(value), Why.BOOKKEEPING)
        for name, value in cells.items()
        if name in observed.named and not equal(observed.named[name], value)
    ]


def outcome(partial: Plan, words: Words) -> str:
    """What a run did, in one line of the workbook's language."""
    text = words.text
    pieces = [text["run_written"].format(n=partial.written), text["run_rows_added"].format(n=partial.rows_added)]
    for name, found in (
        ("run_overrides", partial.overrides),
        ("run_restatements", partial.restatements),
        ("run_late_targets", partial.late_targets),
        ("run_kept_targets", partial.kept_targets),
        ("run_problems", partial.problems),
    ):
        if found:
            pieces.append(text[name].format(n=len(found)))
    for name, count in (("run_decided", partial.decided), ("run_suggested", partial.suggested)):
        if count:
            pieces.append(text[name].format(n=count))
    return ", ".join(pieces)


_PEOPLES = frozenset({Why.TARGET_EDITED, Why.TARGET_LATE, Why.DEFINITION_EDITED, Why.OVERRIDE})
"""What people did in the workbook since the last run saw it."""


def log(told: Sequence[Told], request: Request, saved_by: str) -> list[Change]:
    """``saved_by``: who saved the workbook last. Others may have edited it before, so no more than that is said."""
    text = request.words.text
    saved = f" ({text['last_saved_by'].format(by=saved_by[:80])})" if saved_by else ""
    return [
        AddRow(
            LOG,
            "",
            {
                "when": Content(request.moment.now),
                "kpi": Content(item.kpi),
                "period": Content(item.period or None),
                "field": Content(item.field),
                "old": Content(_cell(item.old)),
                "new": Content(_cell(item.new)),
                "why": Content(text[item.why.value].format(by=item.by) + (saved if item.why in _PEOPLES else "")),
            },
            Why.BOOKKEEPING,
        )
        for item in told
    ]


def _cell(value: Value) -> Value:
    """Text in the Log stays text, even where it looks like a number or formula; a blank stays blank."""
    return None if value == "" else value
