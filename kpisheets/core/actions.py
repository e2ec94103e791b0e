"""What is done about KPIs that miss: which rows of the ``Actions`` tab a sync opens, and what it adds to closed ones.

The tool writes a row once, when it opens it, and later two cells of it: the day on which it saw the action closed, and
the effect. Cause, action, owner, due date and status are people's from then on; a person who moves a card on a board
changes the status too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from zlib import crc32

from kpisheets.core.cards import Exchanged
from kpisheets.core.catalogue import Catalogue
from kpisheets.core.draft import Draft
from kpisheets.core.histories import Histories
from kpisheets.core.kpi import Kpi, Number, Status, judge
from kpisheets.core.merge import is_blank
from kpisheets.core.period import Calendar, Period
from kpisheets.core.plan import Content, Why
from kpisheets.core.rows import day_of, text_of
from kpisheets.core.summary import CLOSED, OPEN, Action
from kpisheets.core.tracking import Moment, Tracking
from kpisheets.core.values import is_number
from kpisheets.core.workbook import Table


@dataclass(frozen=True, slots=True)
class Acting:
    """How actions are opened and told. ``after``: so many closed periods in a row are missed before one is opened; 0
    opens none for that. ``signals``: one is enough where the KPI really changed for the worse. ``read`` gives the
    canonical status (Open, In progress, Done, Dropped) that a word of any language means, and ``say`` the word for one
    of them. ``gap`` puts (KPI, period's label, actual, target) into words, ``effect`` (KPI, actual before, actual
    after)."""

    after: int
    read: Callable[[str], str | None]
    say: Callable[[str], str]
    gap: Callable[[Kpi, str, Number, Number | None], str]
    effect: Callable[[Kpi, Number, Number], str]
    signals: bool = False


class Actions:
    """Plans the changes to the actions table, from the tracking rows as they will be."""

    def __init__(self, table: Table, tracking: Tracking, acting: Acting) -> None:
        self.draft = Draft(table)
        self._tracking, self._acting = tracking, acting
        self._catalogue: Catalogue = tracking.catalogue
        self._calendar: Calendar = tracking.calendar
        self._moment: Moment = tracking.moment
        names = {kpi.name.casefold(): kpi.id for kpi in reversed(list(self._catalogue.kpis.values()))}
        self._names = names | {identity.casefold(): identity for identity in self._catalogue.kpis}

    def plan(self, only: Collection[str] = (), cards: Exchanged | None = None) -> None:
        """Take over what ``cards`` say, close what people closed, then open what is due; ``only`` limits the opening to
        some KPIs."""
        if cards is not None:
            self._take_over(cards)
        for row in range(len(self.draft.table)):
            if self._status(row) in CLOSED:
                self._close(row)
        opened = {self._identity(row) for row in range(len(self.draft.table)) if self._is_open(row)}
        known = {text_of(value) for value in self.draft.values("key")}
        for kpi in self._catalogue.kpis.values():
            if kpi.id not in opened and (not only or kpi.id in only) and (found := self._missed(kpi)):
                period, row = found
                key = text_of(self._tracking.draft.value(row, "key"))
                if key not in known:
                    self._open(kpi, period, row, key)

    @property
    def open(self) -> tuple[Action, ...]:
        """The actions that people have not closed, as they will be: those that are due first, then those without a
        date, the oldest first."""
        rows = (self._action(row) for row in range(len(self.draft)) if self._is_open(row))
        return tuple(sorted(rows, key=lambda one: (one.due or date.max, one.opened or date.max)))

    def _take_over(self, cards: Exchanged) -> None:
        self._give_keys()
        rows = {text_of(self.draft.value(row, "key")): row for row in range(len(self.draft.table))}
        for key, status in cards.statuses.items():
            self.draft.set(rows[key], "status", Content(self._acting.say(status)), Why.CARD_MOVED, key)
        if self.draft.table.has("cards"):
            for key, text in cards.memory:
                if text != text_of(self.draft.value(rows[key], "cards")):
                    self.draft.set(rows[key], "cards", Content(text or None), Why.BOOKKEEPING, key)

    def _give_keys(self) -> None:
        """Rows that people began by hand are told from each other by a key that names no KPI."""
        taken = {text_of(value) for value in self.draft.values("key")}
        for row in range(len(self.draft.table)):
            if text_of(self.draft.value(row, "key")) or not self._is_open(row):
                continue
            told = "\0".join(text_of(self.draft.value(row, name)) for name in ("kpi", "period", "action"))
            number = crc32(told.encode("utf-8", "surrogatepass"))
            while (key := f"|{number:08x}") in taken:
                number = (number + 1) % 2**32
            taken.add(key)
            self.draft.set(row, "key", Content(key), Why.BOOKKEEPING, key)

    # --- opening ---

    def _missed(self, kpi: Kpi) -> tuple[Period, int] | None:
        """The KPI's latest closed period and its row, where that is missed, and so many periods before it as there
        must be, or where it is a change for the worse."""
        if not (self._acting.after or self._acting.signals) or kpi.id in self._tracking.stopped:
            return None
        rows = self._tracking.periods().get(kpi.id, {})
        found: list[tuple[Period, int]] = []
        period = self._calendar.period(kpi.frequency, self._moment.today)
        if not (kpi.is_active(period) or kpi.is_active(self._calendar.previous(period))):
            return None
        while not self._is_due(rows, period):
            period = self._calendar.previous(period)
        while len(found) < max(self._acting.after, 1):
            _, row = rows.get(period.label, (period, None))
            if row is None or not self._is_missed(kpi, period, row):
                break
            found.append((period, row))
            period = self._calendar.previous(period)
        enough = 0 < self._acting.after <= len(found)
        return found[0] if found and (enough or self._worsened(kpi, found[0][0])) else None

    def _worsened(self, kpi: Kpi, last: Period) -> bool:
        """Whether it is more than routine variation that the KPI is worse, and signals count."""
        told = self._histories.insight_then(kpi, last) if self._acting.signals else None
        return told is not None and told.change is not None and told.change.better is False

    def _is_missed(self, kpi: Kpi, period: Period, row: int) -> bool:
        if not kpi.is_active(period):
            return False
        actual, target = self._number(row, "actual"), self._goal(row)
        return self._tracking.is_settled(row, period) and judge(kpi, actual, target).status is Status.MISSED

    def _open(self, kpi: Kpi, period: Period, row: int, key: str) -> None:
        actual, target = self._number(row, "actual"), self._goal(row)
        if actual is None:
            return
        cells = {
            "kpi": Content(kpi.name),
            "period": Content(period.label),
            "gap": Content(self._acting.gap(kpi, period.label, actual, target)),
            "opened": Content(self._moment.today),
            "owner": Content(kpi.owner or None),
            "status": Content(self._acting.say(OPEN)),
            "key": Content(key),
            "before": Content(actual, unit=kpi.unit),
        }
        wanted = {name: content for name, content in cells.items() if self.draft.table.has(name)}
        self.draft.add(key, wanted, Why.ACTION_OPENED)

    @cached_property
    def _histories(self) -> Histories:
        return Histories(self._tracking)

    # --- closing ---

    def _close(self, row: int) -> None:
        key = text_of(self.draft.value(row, "key"))
        if is_blank(self.draft.value(row, "closed")):
            self.draft.set(row, "closed", Content(self._moment.today), Why.ACTION_CLOSED, key)
        closed, before = day_of(self.draft.value(row, "closed")), self.draft.value(row, "before")
        kpi = self._catalogue.kpis.get(self._identity(row))
        if kpi is None or closed is None or not is_number(before) or not is_blank(self.draft.value(row, "effect")):
            return
        after = self._after(kpi, key.partition("|")[2], closed)
        if after is not None:
            said = self._acting.effect(kpi, before, after)
            self.draft.set(row, "effect", Content(said), Why.ACTION_EFFECT, key)

    def _after(self, kpi: Kpi, missed: str, closed: date) -> Number | None:
        """The first actual of a closed period that was still running when the action was closed, or came later, and
        that comes after the missed one."""
        rows = self._tracking.periods().get(kpi.id, {})
        start = rows[missed][0].end if missed in rows else closed
        later = sorted(
            ((period, row) for period, row in rows.values() if period.start >= start and period.end > closed),
            key=lambda one: one[0].start,
        )
        for period, row in later:
            if self._tracking.is_settled(row, period) and (actual := self._number(row, "actual")) is not None:
                return actual
        return None

    # --- reading ---

    def _is_due(self, rows: Mapping[str, tuple[Period, int]], period: Period) -> bool:
        if period.label in rows:
            return self._tracking.is_due(rows[period.label][1], period)
        return period.end <= self._moment.closed_until

    def _goal(self, row: int) -> Number | None:
        found = self._tracking.goal(row)
        return found if is_number(found) else None

    def _number(self, row: int, field: str) -> Number | None:
        found = self._tracking.draft.value(row, field)
        return found if is_number(found) else None

    def _status(self, row: int) -> str | None:
        return self._acting.read(text_of(self.draft.value(row, "status")))

    def _is_open(self, row: int) -> bool:
        """A row that speaks of something and that nobody closed. One that a person began by hand counts too."""
        return self._status(row) not in CLOSED and any(
            text_of(self.draft.value(row, name)) for name in ("key", "kpi", "action")
        )

    def _identity(self, row: int) -> str:
        """The KPI's ID: of the key, or of the name that a person typed. Blank where there is none."""
        identity = text_of(self.draft.value(row, "key")).partition("|")[0]
        return identity or self._names.get(text_of(self.draft.value(row, "kpi")).casefold(), "")

    def _action(self, row: int) -> Action:
        def text(name: str) -> str:
            return text_of(self.draft.value(row, name))

        identity = self._identity(row)
        named, _, missed = text("key").partition("|")
        kpi = self._catalogue.kpis.get(identity)
        return Action(
            kpi=identity,
            name=kpi.name if kpi else text("kpi"),
            period=missed if named else text("period"),
            gap=text("gap"),
            cause=text("cause"),
            action=text("action"),
            owner=text("owner") or (kpi.owner if kpi else ""),
            opened=day_of(self.draft.value(row, "opened")),
            due=day_of(self.draft.value(row, "due")),
            key=text("key"),
        )
