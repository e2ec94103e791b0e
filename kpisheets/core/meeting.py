"""What a review meeting talks about: what changed, what needs a decision, what is being done, and how long each takes.

Everything is read from the report's summary, so that the meeting and the report can't disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kpisheets.core.kpi import Status, judge
from kpisheets.core.period import Frequency
from kpisheets.core.summary import Action, Line, Suggestion, Summary


class Meeting(StrEnum):
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class Part(StrEnum):
    """The parts of a meeting, in their order."""

    SUCCESSES = "successes"
    CHANGES = "changes"
    KPIS = "kpis"
    DECISIONS = "decisions"
    ACTIONS = "actions"
    REVIEW = "review"
    CLOSE = "close"


class What(StrEnum):
    """What changed about a KPI."""

    MISSED = "newly_missed"
    MET = "newly_met"
    SIGNAL = "signal"
    RESTATED = "restated"
    OVERRIDDEN = "overridden"


MINUTES: Mapping[Meeting, int] = {Meeting.WEEKLY: 30, Meeting.MONTHLY: 60, Meeting.QUARTERLY: 90}
"""How long a meeting takes unless people say otherwise."""
LACKS = ("cause", "action", "owner", "due")
_MEETING_OF: Mapping[Frequency, Meeting] = {
    **{Frequency.DAILY: Meeting.WEEKLY, Frequency.WEEKLY: Meeting.WEEKLY, Frequency.MONTHLY: Meeting.MONTHLY},
    **{Frequency.QUARTERLY: Meeting.QUARTERLY, Frequency.YEARLY: Meeting.QUARTERLY},
}
_ORDER = tuple(Meeting)
_EACH: Mapping[Part, float] = {
    **{Part.CHANGES: 1.0, Part.KPIS: 1.0, Part.DECISIONS: 3.0, Part.ACTIONS: 1.0, Part.REVIEW: 2.0},
}
"""Minutes that one item of a part wants."""
_SUCCESSES, _CLOSE = 5, 3


@dataclass(frozen=True, slots=True)
class Change:
    """A KPI of which something changed since its last period, and what."""

    line: Line
    whats: tuple[What, ...]


@dataclass(frozen=True, slots=True)
class NoAction:
    """A missed KPI about which nobody does anything yet."""

    line: Line


@dataclass(frozen=True, slots=True)
class Incomplete:
    """An action that lacks what ``lacks`` names (cause, action, owner, due)."""

    action: Action
    lacks: tuple[str, ...]


Decision = NoAction | Incomplete
"""What waits for somebody to decide."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """A meeting's page. ``summary`` holds the lines that it looks at alone: the KPIs of its own frequency, and those of
    shorter ones that are off target or changed; what waits in it is decided on too. ``actions`` are open, those that
    are overdue and due first at the head. ``minutes`` are the parts that there is something to say about, in order;
    ``begins`` is local, None where nobody knows."""

    meeting: Meeting
    summary: Summary
    changes: tuple[Change, ...]
    decisions: tuple[Decision, ...]
    minutes: Mapping[Part, int]
    begins: datetime | None = None

    @property
    def unmet(self) -> tuple[Line, ...]:
        """The lines to talk about: all but those that are met, the worst first."""
        return _unmet(self.summary)

    @property
    def actions(self) -> tuple[Action, ...]:
        return self.summary.actions

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        return self.summary.suggestions

    @property
    def length(self) -> int:
        return sum(self.minutes.values())


def meeting_of(frequency: Frequency) -> Meeting:
    """The meeting in which KPIs of a frequency are gone through."""
    return _MEETING_OF[frequency]


def usual(frequencies: Iterable[Frequency]) -> Meeting:
    """The meeting that most KPIs belong to, the more frequent one of two; monthly where there is no KPI."""
    counts = Counter(meeting_of(frequency) for frequency in frequencies)
    return max(_ORDER, key=lambda one: (counts[one], -_ORDER.index(one))) if counts else Meeting.MONTHLY


def agenda(summary: Summary, meeting: Meeting, most: int = 0, begins: datetime | None = None) -> Agenda:
    """The page of a meeting that may take ``most`` minutes (0: as long as is usual)."""
    changes = {line.kpi.id: _changes(line) for line in summary.lines}
    place = _ORDER.index(meeting)

    def belongs(line: Line) -> bool:
        own = _ORDER.index(meeting_of(line.kpi.frequency))
        return own == place or (own < place and (line.is_off or bool(changes[line.kpi.id])))

    late = tuple(one for one in summary.waiting if _ORDER.index(meeting_of(one.kpi.frequency)) <= place)
    mine = replace(summary, lines=tuple(line for line in summary.lines if belongs(line)), waiting=late)
    found = tuple(Change(line, changes[line.kpi.id]) for line in mine.worst_first if changes[line.kpi.id])
    decisions = _decisions(mine)
    counts = {
        Part.SUCCESSES: len(mine.successes),
        Part.CHANGES: len(found),
        Part.KPIS: len(_unmet(mine)),
        Part.DECISIONS: len(decisions) + len(late),
        Part.ACTIONS: len(mine.actions),
        Part.REVIEW: len(mine.suggestions) if meeting is Meeting.QUARTERLY else 0,
    }
    return Agenda(meeting, mine, found, decisions, budget(counts, most or MINUTES[meeting]), begins)


def budget(counts: Mapping[Part, int], most: int) -> dict[Part, int]:
    """How many of ``most`` minutes each part gets that has items: as many as these want, and fewer where that is more
    than there are. Successes come first and the decisions are read out in the end, whatever else there is."""
    wanted = {part: max(1.0, _EACH[part] * counts.get(part, 0)) for part in _EACH if counts.get(part, 0)}
    fixed = {Part.SUCCESSES: _SUCCESSES} if counts.get(Part.SUCCESSES, 0) else {}
    fixed |= {Part.CLOSE: _CLOSE}
    room = max(most - sum(fixed.values()), len(wanted))
    scale = min(1.0, room / sum(wanted.values())) if wanted else 1.0
    given = {part: max(1, int(minutes * scale)) for part, minutes in wanted.items()}
    while sum(given.values()) > room:  # parts that were given their one minute take it from the longest
        given[max(given, key=lambda part: given[part])] -= 1
    found = given | fixed
    return {part: found[part] for part in Part if part in found}


def _unmet(summary: Summary) -> tuple[Line, ...]:
    return tuple(line for line in summary.worst_first if line.verdict.judged is not Status.MET)


def _changes(line: Line) -> tuple[What, ...]:
    found = []
    now, before = line.status, _before(line)
    if now is Status.MISSED and before in (Status.MET, Status.AT_RISK):
        found.append(What.MISSED)
    if now is Status.MET and before in (Status.MISSED, Status.AT_RISK):
        found.append(What.MET)
    if line.insight is not None and line.insight.change is not None:
        found.append(What.SIGNAL)
    found += [What.RESTATED] if line.restated else []
    found += [What.OVERRIDDEN] if line.overridden else []
    return tuple(found)


def _before(line: Line) -> Status | None:
    """How the period before the line's was judged; None where it has none."""
    if len(line.trend) < 2 or line.trend[-1].period != line.period:
        return None
    point = line.trend[-2]
    return judge(line.kpi, point.actual, point.target).status


def _decisions(summary: Summary) -> tuple[Decision, ...]:
    """Missed KPIs without an action, the worst first, then actions that are not all written down."""
    acted = {action.kpi for action in summary.actions}
    missed = (line for line in summary.attention if line.status is Status.MISSED and line.kpi.id not in acted)
    lacking = ((action, _lacks(action)) for action in summary.actions)
    return (
        *(NoAction(line) for line in missed),
        *(Incomplete(action, lacks) for action, lacks in lacking if lacks),
    )


def _lacks(action: Action) -> tuple[str, ...]:
    return tuple(name for name in LACKS if not getattr(action, name))
