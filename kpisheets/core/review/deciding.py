"""What people decided in the ``Review`` tab, carried out: once, and in the same plan as all the rest.

Retire and Replace write Active to, and Recalibrate writes Target, in ``KPIs``: cells of people, which a person asked
for here. A decision that cannot be carried out waits, and its row says for what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from kpisheets.core.catalogue import Catalogue, number_of, written
from kpisheets.core.draft import Draft
from kpisheets.core.kpi import Direction, Kpi
from kpisheets.core.merge import is_blank
from kpisheets.core.plan import DAY, Content, Why
from kpisheets.core.review.entries import Entry, entries, names_of
from kpisheets.core.review.past import is_followed
from kpisheets.core.review.reviewing import Came, Decision, Result, Reviewing
from kpisheets.core.tracking import Told
from kpisheets.core.workbook import Table, Value
from kpisheets.errors import Problem

REST = timedelta(days=365)
"""A finding that a person keeps is told again after so long."""


class Decisions:
    """Carries out what is decided. Afterwards ``catalogue`` is what the KPIs are from now on, ``changed`` the draft of
    their table, ``told`` what the Log is to say of it, ``count`` how many decisions were carried out."""

    def __init__(self, draft: Draft, kpis: Table, catalogue: Catalogue, reviewing: Reviewing, today: date) -> None:
        self.changed, self.catalogue = Draft(kpis), catalogue
        self.told: list[Told] = []
        self.problems: list[Problem] = []
        self.count = 0
        self._draft, self._reviewing, self._today = draft, reviewing, today

    def carry_out(self) -> None:
        found = entries(self._draft, names_of(self.catalogue), self._reviewing.read)
        due = [one for one in found if one.is_begun and self._is_due(one)]
        torn = self._torn(due)
        for one in due:
            if one.decision is Decision.KEEP:
                self._finish(one, Came(Result.KEPT, day=self._today + REST))
            elif one.key and not one.kpi:
                self._without_kpi(one)
            elif kpi := self._kpi(one):
                if one.decision is Decision.RECALIBRATE:
                    self._recalibrate(one, kpi, torn=kpi.id in torn)
                else:
                    self._retire(one, kpi)
        for one in found:
            if one.waits and self._is_over(one):
                self._end(one)

    def _is_due(self, one: Entry) -> bool:
        if one.typed and one.decision is None:
            words = ", ".join(Decision)
            self._problem(one, "decision", f"“{one.typed}” is no decision", f"choose one of: {words}")
        return one.decision is not None and (one.is_open or one.decision is not one.carried)

    def _kpi(self, one: Entry) -> Kpi | None:
        """The KPI that a row means. Where that is not plain nothing is done to any, and a problem says so."""
        if one.kpi and one.named and one.kpi not in one.named:
            what = f"the row is about “{one.kpi}” and names {', '.join(sorted(one.named))}"
            self._problem(one, "kpi", what, "decide in a row that names one KPI: type its name below the last row")
            return None
        meant = [one.kpi] if one.kpi else sorted(one.named)
        known = [identity for identity in meant if identity in self.catalogue.kpis]
        if len(meant) > 1 or not meant:
            text = self._draft.value(one.row, "kpi")
            what = f"“{text}” names several KPIs ({', '.join(meant)})" if meant else f"“{text or ''}” names no KPI"
            self._problem(one, "kpi", what, "type the KPI's ID")
        elif meant[0] in self.catalogue.stopped:
            what = f"“{one.typed}” waits: what KPIs says of {meant[0]} cannot be used"
            self._problem(one, "decision", what, "mend its row in KPIs", meant[0])
        elif not known:
            self._finish(one, Came(Result.GONE))
        else:
            return self.catalogue.kpis[known[0]]
        return None

    def _without_kpi(self, one: Entry) -> None:
        """An objective, or a department."""
        if one.decision is Decision.RETIRE and one.subject.startswith("|objective|"):
            self._finish(one, Came(Result.GIVEN_UP))
        else:
            self._wait(one, Came(Result.BY_HAND), "do it in KPIs; the review after it closes the row")

    # --- retiring ---

    def _retire(self, one: Entry, kpi: Kpi) -> None:
        last = max(self._today, kpi.active_from or self._today)
        if kpi.active_to is None or kpi.active_to > last:
            if not self._write(one, kpi, "active_to", last, Why.RETIRED):
                return
            kpi = self._now(replace(kpi, active_to=last))
        result = Result.REPLACED if one.decision is Decision.REPLACE else Result.RETIRED
        self._finish(one, Came(result, day=kpi.active_to, kpi=kpi))

    # --- recalibrating ---

    def _recalibrate(self, one: Entry, kpi: Kpi, *, torn: bool) -> None:
        typed = self._draft.value(one.row, "new_target")
        if kpi.direction is Direction.RANGE:
            self._wait(one, Came(Result.BY_HAND, kpi=kpi), "change Low and High in KPIs")
            return
        if is_blank(typed):
            self._wait(one, Came(Result.NEEDS_TARGET, kpi=kpi), "type the new target beside it")
            return
        target = number_of(typed)
        if target is None:
            self._problem(one, "new_target", f"“{typed}” is not a number", "type the new target", kpi.id)
            return
        if torn:
            what = f"two rows give {kpi.id} different targets"
            self._problem(one, "new_target", what, "clear one of them, or its decision", kpi.id)
            return
        if kpi.target != target:
            if not self._write(one, kpi, "target", target, Why.RECALIBRATED):
                return
            self._now(replace(kpi, target=target))
        self._finish(one, Came(Result.RECALIBRATED, kpi=kpi, old=kpi.target, new=target))

    def _torn(self, due: Sequence[Entry]) -> set[str]:
        """The KPIs that are to get two different targets."""
        wanted: dict[str, set[Decimal]] = {}
        for one in due:
            target = number_of(self._draft.value(one.row, "new_target"))
            if one.decision is Decision.RECALIBRATE and target is not None:
                for identity in [one.kpi] if one.kpi else one.named:
                    wanted.setdefault(identity, set()).add(target)
        return {identity for identity, targets in wanted.items() if len(targets) > 1}

    # --- writing ---

    def _write(self, one: Entry, kpi: Kpi, field: str, value: date | Decimal, why: Why) -> bool:
        """Write a cell of ``KPIs``; False, with a problem, where it is gone or computes something of people's own."""
        table, row = self.changed.table, self.catalogue.rows[kpi.id]
        title = table.headers.get(field, field.replace("_", " ").capitalize())
        if not table.has(field):
            self._problem(one, "decision", f"{table.tab} has no column “{title}” any more", "bring it back", kpi.id)
            return False
        if table.formula(row, field) is not None:
            what = f"{title} is a formula in {table.where(row, field)}, which stays"
            self._problem(one, "decision", what, f"change it to give {written(value)}", kpi.id)
            return False
        self.told.append(Told(kpi.id, "", title, written(getattr(kpi, field)), written(value), why))
        self.changed.set(row, field, Content(value, unit=DAY if isinstance(value, date) else None), why, kpi.id)
        return True

    def _now(self, kpi: Kpi) -> Kpi:
        self.catalogue = replace(self.catalogue, kpis={**self.catalogue.kpis, kpi.id: kpi})
        return kpi

    def _finish(self, one: Entry, came: Came) -> None:
        self.count += 1
        decision = one.decision.value if one.decision else None
        cells: dict[str, Value] = {"carried": decision, "done": self._today, "outcome": self._reviewing.tell(came)}
        for name, value in cells.items():
            self._draft.set(one.row, name, Content(value), Why.DECIDED, one.key)

    def _is_over(self, one: Entry) -> bool:
        """Whether the KPI that a row is about, or the other one, is followed no more."""
        about = [it for it in (one.kpi, one.other) if it and it not in self.catalogue.stopped]
        kpis = [self.catalogue.kpis.get(identity) for identity in about]
        return any(kpi is None or not is_followed(kpi, self._today) for kpi in kpis)

    def _end(self, one: Entry) -> None:
        for name, value in (("done", self._today), ("outcome", self._reviewing.tell(Came(Result.ENDED)))):
            self._draft.set(one.row, name, Content(value), Why.DECIDED, one.key)

    def _wait(self, one: Entry, came: Came, mend: str) -> None:
        """Say what is missing, at first as a problem too."""
        said = self._reviewing.tell(came)
        if self._draft.value(one.row, "outcome") != said:
            self._problem(one, "decision", f"“{one.typed}” waits", mend, came.kpi.id if came.kpi else "")
            self._draft.set(one.row, "outcome", Content(said), Why.DECIDED, one.key)

    def _problem(self, one: Entry, field: str, what: str, mend: str, kpi: str = "") -> None:
        self.problems.append(Problem(self._draft.table.where(one.row, field), what, mend, kpi or one.kpi))
