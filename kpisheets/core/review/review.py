"""A review as two steps of a sync: decisions change the catalogue before all else, suggestions come of the new rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kpisheets.core.catalogue import Catalogue
from kpisheets.core.draft import Draft
from kpisheets.core.plan import AddRow, Change, Content, Why
from kpisheets.core.review.deciding import Decisions
from kpisheets.core.review.finding import Finding
from kpisheets.core.review.reviewing import Reviewing
from kpisheets.core.review.suggesting import Suggestions
from kpisheets.core.summary import Suggestion
from kpisheets.core.tracking import Moment, Told, Tracking
from kpisheets.core.workbook import CATALOGUE, LOG, REVIEW, Observed, Table
from kpisheets.errors import Problem

_NONE = Table(REVIEW, "", {}, {}, (), 0, {})


class Review:
    """Plans the review table, and what is decided in it. A workbook without that table has no review of its own."""

    def __init__(self, observed: Observed, catalogue: Catalogue, reviewing: Reviewing, moment: Moment) -> None:
        self.exists = REVIEW in observed.tables
        self._observed, self._reviewing, self._moment = observed, reviewing, moment
        self._draft = Draft(observed.tables.get(REVIEW, _NONE))
        kpis = observed.tables[CATALOGUE]
        self._decisions = Decisions(self._draft, kpis, catalogue, reviewing, moment.today)
        self._suggestions: Suggestions | None = None
        self._held = False

    def decide(self) -> Catalogue:
        """Carry out what people decided; returns the catalogue as it is from then on."""
        if self.exists:
            self._decisions.carry_out()
        return self._decisions.catalogue

    def suggest(self, tracking: Tracking, *, now: bool) -> None:
        """Hold the review, if it is due or is to be held ``now``."""
        suggestions = self._over(tracking)
        if self.exists and (now or suggestions.is_due(tracking.calendar)):
            suggestions.plan()
            self._held = True

    def findings(self, tracking: Tracking) -> tuple[Finding, ...]:
        """What a review of today finds, whatever was decided before."""
        return self._over(tracking).findings()

    def open(self, tracking: Tracking) -> tuple[Suggestion, ...]:
        """The suggestions on which nobody has decided, as they will be."""
        return self._over(tracking).open

    @property
    def changes(self) -> Iterator[Change]:
        yield from self._draft.changes
        yield from self._decisions.changed.changes

    @property
    def told(self) -> list[Told]:
        return self._decisions.told

    @property
    def problems(self) -> list[Problem]:
        return self._decisions.problems

    @property
    def decided(self) -> int:
        return self._decisions.count

    @property
    def suggested(self) -> int:
        return self._suggestions.count if self._suggestions else 0

    def entry(self, when: datetime) -> Iterator[AddRow]:
        """The Log's entry, by which a later run knows that the quarter had its review."""
        if self._held:
            cells = {
                "when": Content(when),
                "field": Content(self._reviewing.word),
                "new": Content(self._reviewing.held(self.suggested)),
            }
            yield AddRow(LOG, "", cells, Why.BOOKKEEPING)

    def _over(self, tracking: Tracking) -> Suggestions:
        if self._suggestions is None:
            tables = self._observed.tables
            self._suggestions = Suggestions(self._draft, tracking, tables[LOG], tables[CATALOGUE], self._reviewing)
        return self._suggestions
