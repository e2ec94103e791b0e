"""Which rows of the ``Review`` tab a review adds, brings up to date and closes. It never deletes one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from kpisheets.core.draft import Draft
from kpisheets.core.period import Calendar, Frequency
from kpisheets.core.plan import Content, Why
from kpisheets.core.review.deciding import REST
from kpisheets.core.review.entries import Entry, entries, names_of
from kpisheets.core.review.finding import Finding
from kpisheets.core.review.findings import findings
from kpisheets.core.review.past import Scene, scene
from kpisheets.core.review.reviewing import Came, Decision, Result, Reviewing
from kpisheets.core.rows import day_of, text_of
from kpisheets.core.summary import Suggestion
from kpisheets.core.tracking import Tracking
from kpisheets.core.workbook import Table, Value

GRAVER = 2.0
"""A finding that was kept is told before its time where it has become so many times as grave."""


class Suggestions:
    """Plans the rows of a review, from the tracking rows as they will be. ``count``: how many it added."""

    def __init__(self, draft: Draft, tracking: Tracking, log: Table, kpis: Table, reviewing: Reviewing) -> None:
        self.count = 0
        self._draft, self._tracking, self._reviewing = draft, tracking, reviewing
        self._log, self._headers = log, kpis.headers
        self._today = tracking.moment.today

    def is_due(self, calendar: Calendar) -> bool:
        """Whether this is the first run of its quarter: an earlier one saw a run, and no review was held in this one.

        The Log knows. Where people deleted its entry of a review, another one finds what that one found.
        """
        if not self._reviewing.quarterly or not all(self._log.has(name) for name in ("when", "field")):
            return False
        start, begun = calendar.period(Frequency.QUARTERLY, self._today).start, False
        fields = self._log.columns["field"]
        for row, when in enumerate(self._log.columns["when"]):
            if isinstance(when, datetime):
                if when.date() < start:
                    begun = True
                elif fields[row] == self._reviewing.word:
                    return False
        return begun

    def findings(self) -> tuple[Finding, ...]:
        """What a review of today finds, whatever was decided before."""
        return findings(self._scene())

    def plan(self) -> None:
        """Close what is no longer so, bring the evidence of what waits up to date, and add what is new."""
        seen = self._scene()
        found = {one.subject: one for one in findings(seen)}
        rows = self._entries()
        for one in rows:
            if not one.subject or not one.is_open or (one.typed and not one.is_told):
                continue
            finding = found.get(one.subject)
            if finding is None and not _is_unsure(one, seen):
                self._close(one)
            elif finding is not None and not one.typed:
                self._refresh(one, finding)
        begun = {one.subject for one in rows if one.is_open}
        keys = {one.key for one in rows}
        for name, finding in found.items():
            key = f"{name}|{self._today.isoformat()}"
            if name not in begun and key not in keys and not self._rests(finding, rows):
                self._add(key, finding)

    @property
    def open(self) -> tuple[Suggestion, ...]:
        """The suggestions on which nobody has decided, in the order of their rows."""
        return tuple(self._suggestion(one) for one in self._entries() if one.waits)

    # --- what was before ---

    def _scene(self) -> Scene:
        return scene(self._tracking, self._recalibrated(), self._reviewing.most)

    def _recalibrated(self) -> Mapping[str, date]:
        """When target or bounds of a KPI were last changed in ``KPIs``, by whomever, as the Log tells."""
        if not all(self._log.has(name) for name in ("when", "kpi", "period", "field")):
            return {}
        titles = {self._headers.get(field) for field in ("target", "low", "high")} - {None}
        columns, found = self._log.columns, dict[str, date]()
        for row, field in enumerate(columns["field"]):
            if field in titles and not text_of(columns["period"][row]):
                when, kpi = columns["when"][row], text_of(columns["kpi"][row])
                if isinstance(when, datetime):
                    found[kpi] = max(when.date(), found.get(kpi, when.date()))
        return found

    def _rests(self, finding: Finding, rows: list[Entry]) -> bool:
        """Whether a person decided to live with it: for a year, unless it becomes twice as grave; with an objective
        that is given up for good."""
        mine = [(one.done, one) for one in rows if one.subject == finding.subject and one.done is not None]
        if not mine:
            return False
        done, last = max(mine, key=lambda one: one[0])
        if last.carried is Decision.RETIRE:
            return finding.kpi is None
        kept = last.carried is Decision.KEEP and self._today < done + REST
        return kept and finding.size < GRAVER * last.size

    def _entries(self) -> list[Entry]:
        return entries(self._draft, names_of(self._tracking.catalogue), self._reviewing.read)

    # --- rows ---

    def _add(self, key: str, finding: Finding) -> None:
        said = self._reviewing.say(finding)
        cells: dict[str, Value] = {
            **{"kpi": said.kpi, "finding": said.finding, "evidence": said.evidence, "suggestion": said.suggestion},
            **{"raised": self._today, "key": key, "size": finding.size},
        }
        known = {name: Content(value) for name, value in cells.items() if self._draft.table.has(name)}
        self._draft.add(key, known, Why.SUGGESTED)
        self.count += 1

    def _refresh(self, one: Entry, finding: Finding) -> None:
        said = self._reviewing.say(finding)
        cells: dict[str, Value] = {"evidence": said.evidence, "suggestion": said.suggestion, "size": finding.size}
        for name, value in cells.items():
            self._draft.set(one.row, name, Content(value), Why.SUGGESTED, one.key)

    def _close(self, one: Entry) -> None:
        decision = one.decision.value if one.decision else None
        cells: dict[str, Value] = {"done": self._today, "outcome": self._reviewing.tell(Came(Result.ENDED))}
        if decision:
            cells["carried"] = decision
        for name, value in cells.items():
            self._draft.set(one.row, name, Content(value), Why.DECIDED, one.key)

    def _suggestion(self, one: Entry) -> Suggestion:
        def text(name: str) -> str:
            return text_of(self._draft.value(one.row, name))

        kpi = self._tracking.catalogue.kpis.get(one.kpi)
        return Suggestion(
            kpi=one.kpi,
            name=kpi.name if kpi else text("kpi"),
            finding=text("finding"),
            evidence=text("evidence"),
            suggestion=text("suggestion"),
            owner=kpi.owner if kpi else "",
            raised=day_of(self._draft.value(one.row, "raised")),
        )


def _is_unsure(one: Entry, seen: Scene) -> bool:
    """Whether a finding may be gone only because a KPI cannot be read at present."""
    return bool(seen.stopped) and (not one.kpi or one.kpi in seen.stopped or one.other in seen.stopped)
