"""Observed + facts → Plan: the whole of a sync, as a pure function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from operator import attrgetter

from kpisheets.core import staleness
from kpisheets.core.actions import Acting, Actions
from kpisheets.core.cards import Exchanged
from kpisheets.core.catalogue import DEFINING, Catalogue, remembered, written
from kpisheets.core.draft import equal
from kpisheets.core.guiding import Guide, Guiding
from kpisheets.core.kpi import Kpi
from kpisheets.core.lines import lines, reported
from kpisheets.core.metric import Asked, Collected, Fact
from kpisheets.core.period import Calendar
from kpisheets.core.plan import AddRow, Change, Content, Plan, SetCell, SetNamed, Why
from kpisheets.core.reminding import Wanted, wanted
from kpisheets.core.reporting import Report, Telling
from kpisheets.core.review import Finding, Review, Reviewing
from kpisheets.core.summary import Action, Line, Suggestion, Waiting
from kpisheets.core.targets.wide import Wide
from kpisheets.core.tracking import Closing, Marks, Moment, Suggested, Told, Tracking, reconciling
from kpisheets.core.waiting import waiting
from kpisheets.core.workbook import (
    ACTIONS,
    CATALOGUE,
    DATA_AS_OF,
    LAST_RUN,
    LOG,
    OUTCOME,
    TARGETS,
    TRACKING,
    Observed,
    Value,
    Words,
)
from kpisheets.errors import Problem


@dataclass(frozen=True, slots=True)
class Request:
    """What a sync is to do. ``asked`` and ``collected`` are the questions and answers of the sources; ``only`` limits
    it to some KPIs; ``sources`` names each metric's source (``shop.revenue``) for the Source column. Without
    ``add_rows`` nothing is added, nor an action opened or closed, a review held or decided. ``review``: hold one now,
    whether it is due or not. ``cards`` is what boards say of the actions. ``closing`` closes periods or opens them
    again, ``proposed`` writes proposed targets; these are no run, and nothing is recorded of one.
    Without ``guiding`` the Guide stays as it is."""

    calendar: Calendar
    moment: Moment
    words: Words
    acting: Acting
    telling: Telling
    reviewing: Reviewing
    asked: Sequence[Asked] = ()
    collected: Collected = field(default_factory=Collected)
    sources: Mapping[str, str] = field(default_factory=dict)
    only: Collection[str] = ()
    add_rows: bool = True
    guiding: Guiding | None = None
    closing: Closing | None = None
    proposed: Suggested | None = None
    cards: Exchanged | None = None
    review: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan; ``lines`` makes the report's lines, ``actions`` the open actions, ``wanted`` what owners are to fill
    in, ``waiting`` what changed in closed periods, ``suggestions`` those that await a decision, ``findings`` what a
    review finds: all as it will be once the plan is applied, for whoever wants it. ``marks``: what became of a
    closing."""

    plan: Plan
    lines: Callable[[], tuple[Line, ...]]
    actions: Callable[[], tuple[Action, ...]]
    wanted: Callable[[], tuple[Wanted, ...]]
    waiting: Callable[[], tuple[Waiting, ...]]
    suggestions: Callable[[], tuple[Suggestion, ...]]
    findings: Callable[[], tuple[Finding, ...]]
    marks: Marks | None = None


def plan(observed: Observed, catalogue: Catalogue, request: Request) -> Planned:
    """Everything that a sync would change, computed before anything is touched."""
    definitions = _definitions(observed, catalogue)
    review = Review(observed, catalogue, request.reviewing, request.moment)
    reviews = request.add_rows and not (request.only or request.closing or request.proposed)
    if reviews:
        catalogue = review.decide()
    tracking = Tracking(
        observed.tables[TRACKING],
        observed.tables[CATALOGUE],
        catalogue,
        request.calendar,
        request.moment,
        request.words,
        request.collected.watermarks,
    )
    # A KPI with an unusable number somewhere still has facts for its other periods.
    facts: dict[str, dict[str, Fact]] = {}
    for identity, mine in groupby(request.collected.facts, key=attrgetter("kpi")):
        facts.setdefault(identity, {}).update((fact.period.label, fact) for fact in mine)
    failed = {problem.kpi for problem in request.collected.problems if problem.kpi}
    silent = request.collected.unreachable
    answered = [q for q in request.asked if q.kpi not in failed and q.metric.source not in silent]
    before = staleness.remembered(observed.tables[LOG], request.words.text["run"])
    stale = tuple(kpi for kpi in staleness.stale(before, request.asked, request.collected) if kpi in catalogue.kpis)
    tracking.adopt()
    marks = tracking.close(request.closing) if request.closing else None
    tracking.merge(facts, answered, request.sources)
    tracking.follow_people()
    wide = Wide(observed.tables[TARGETS], tracking) if TARGETS in observed.tables else None
    if wide:
        tracking.tally.problems += wide.problems
    if wide and request.closing is None:
        wide.feed()
    if request.add_rows:
        tracking.add_rows(facts, request.sources, request.only, wide.numbers if wide else None)
        if wide:
            wide.add_rows()
    if request.proposed:
        tracking.suggest(request.proposed)
    tracking.compute()
    report = Report(observed, tracking, request.words, request.telling)
    places = reported(tracking, catalogue, request.calendar, request.moment.as_of)
    report.plan(places)
    guide = Guide(observed, tracking, request.guiding) if request.guiding else None

    actions = Actions(observed.tables[ACTIONS], tracking, request.acting) if ACTIONS in observed.tables else None
    if actions and request.add_rows:
        actions.plan(request.only, request.cards)
    if reviews:
        review.suggest(tracking, now=request.review)

    tally = tracking.tally
    problems = (
        *(*observed.problems, *catalogue.problems, *review.problems),
        *(*tally.problems, *request.collected.problems),
    )
    partial = Plan(
        overrides=tuple(tally.overrides),
        restatements=tuple(tally.restatements),
        late_targets=tuple(tally.late_targets),
        kept_targets=tuple(tally.kept_targets),
        problems=_unique(problems),
        written=tally.written,
        unchanged=tally.unchanged,
        rows_added=tally.rows_added,
        stale=stale,
        suggested=review.suggested,
        decided=review.decided,
    )
    changes: list[Change] = [*tracking.draft.changes]
    for draft in (actions and actions.draft, wide and wide.draft):
        changes += draft.changes if draft else ()
    changes += review.changes
    for name, draft in report.drafts.items():
        if name not in (CATALOGUE, LOG):
            changes += draft.changes
    changes += guide.changes() if guide else ()
    changes += _remember(observed, catalogue)
    changes += report.named
    changes += _log((*definitions, *review.told, *tally.told), request, observed.saved_by)
    if request.closing is None and request.proposed is None:
        changes += _record(observed, request, tracking, partial)
        changes += review.entry(request.moment.now)
    return Planned(
        replace(partial, changes=tuple(changes)),
        lambda: lines(tracking, places, request.moment.as_of, stale),
        lambda: actions.open if actions else (),
        lambda: wanted(tracking),
        lambda: waiting(tracking),
        lambda: review.open(tracking),
        lambda: review.findings(tracking),
        marks,
    )


def _unique(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problems))


def _definitions(observed: Observed, catalogue: Catalogue) -> list[Told]:
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


def _remember(observed: Observed, catalogue: Catalogue) -> list[Change]:
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


def _record(observed: Observed, request: Request, tracking: Tracking, partial: Plan) -> list[Change]:
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


def _log(told: Sequence[Told], request: Request, saved_by: str) -> list[Change]:
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


def report_date(observed_value: Value, today: date) -> date:
    """The report date that a person set in the Control tab, else today."""
    if isinstance(observed_value, date):
        return observed_value.date() if hasattr(observed_value, "date") else observed_value
    if isinstance(observed_value, str):
        try:
            return date.fromisoformat(observed_value.strip())
        except ValueError:
            return today
    return today
