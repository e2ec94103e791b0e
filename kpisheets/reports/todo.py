"""A corrective action that is not closed, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kpisheets.core.summary import Action
from kpisheets.reports.dates import day_words, period_words
from kpisheets.reports.rows import clean
from kpisheets.templates import Language


@dataclass(frozen=True, slots=True)
class Todo:
    """``gap`` is the missed period with how far from target, ``action`` blank where nobody has written one; ``who`` is
    the owner with the day until which it is due, blank where there is neither."""

    name: str
    gap: str
    action: str
    who: str
    overdue: bool

    @property
    def said(self) -> str:
        """All of it but the name."""
        about = f"{self.gap}. {self.action}" if self.gap and self.action else self.gap or self.action
        return f"{about} ({self.who})" if self.who and about else about or self.who


def written(action: Action, day: date, words: Language) -> Todo:
    """The action as of a day."""
    overdue = action.is_overdue(day)
    due = "" if action.due is None else words.word("action_due", day=day_words(action.due, words))
    who = (clean(action.owner), due, words.word("action_overdue") if overdue else "")
    return Todo(
        name=clean(action.name) or clean(action.action),
        gap=", ".join(part for part in (period_words(clean(action.period), words), clean(action.gap)) if part),
        action=clean(action.action).rstrip("."),
        who=", ".join(part for part in who if part),
        overdue=overdue,
    )
