"""Observed + facts → Plan: the whole of a sync, as a pure function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

from kpisheets.core import recording, staleness
from kpisheets.core.actions import Actions
from kpisheets.core.catalogue import Catalogue
from kpisheets.core.guiding import Guide
from kpisheets.core.lines import lines, reported
from kpisheets.core.metric import Fact
from kpisheets.core.plan import Change, Plan
from kpisheets.core.reminding import Wanted, wanted
from kpisheets.core.reporting import Report
from kpisheets.core.request import Request
from kpisheets.core.review import Finding, Review
from kpisheets.core.summary import Action, Line, Suggestion, Waiting
from kpisheets.core.targets.wide import Wide
from kpisheets.core.tracking import Marks, Tracking
from kpisheets.core.waiting import waiting
from kpisheets.core.workbook import ACTIONS, CATALOGUE, LOG, TARGETS, TRACKING, Observed
from kpisheets.errors import Problem


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
    definitions = recording.definitions(observed, catalogue)
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
    changes += recording.remember(observed, catalogue)
    changes += report.named
    changes += recording.log((*definitions, *review.told, *tally.told), request, observed.saved_by)
    if request.closing is None and request.proposed is None:
        changes += recording.record(observed, request, tracking, partial)
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
