"""What a sync is to do, as values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from kpisheets.core.actions import Acting
from kpisheets.core.cards import Exchanged
from kpisheets.core.guiding import Guiding
from kpisheets.core.metric import Asked, Collected
from kpisheets.core.period import Calendar
from kpisheets.core.reporting import Telling
from kpisheets.core.review import Reviewing
from kpisheets.core.tracking import Closing, Moment, Suggested
from kpisheets.core.workbook import Words


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
