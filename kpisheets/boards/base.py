"""What a board can do: tell its cards, take a new one, show another state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

from kpisheets.core.cards import Card

_MARK = "kpisheets:"
_EVENING = time(17)


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card to make: ``key`` is its row's, ``due`` a local day."""

    key: str
    title: str
    text: str
    due: date | None = None


class Board(Protocol):
    """A board at hand. Each call is one or a few requests, and raises a KpisheetsError where it fails: Unreachable
    where nothing was done, Uncertain where nobody knows, NotAllowed, BadConfig (no such board), TryLater, BadData."""

    @property
    def tells(self) -> bool:
        """Whether people move cards here in a way that says a status."""
        ...

    @property
    def alike(self) -> Mapping[str, str]:
        """Statuses that it shows as others, for want of a place of their own."""
        ...

    def cards(self) -> Sequence[Card]:
        """Every card, archived ones too, those of others with a blank key."""
        ...

    def add(self, card: NewCard) -> None:
        """Make the card. It says its key, so that it is found again even where its answer is lost."""
        ...

    def move(self, card: Card, state: str) -> None:
        """Show that status. Repeatable."""
        ...


def due_at(day: date, zone: ZoneInfo) -> datetime:
    """When a card that is due on a day is due: services want an instant, and a working day has an end."""
    return datetime.combine(day, _EVENING, zone)


def marked(text: str, key: str) -> str:
    """The text of a card with its key, as its last line."""
    return f"{text}\n\n{_MARK} {key}".lstrip()


def key_of(text: str) -> str:
    """The key that a card's text says; blank where it says none."""
    for line in reversed(text.splitlines()):
        if line.strip().startswith(_MARK):
            return line.strip().removeprefix(_MARK).strip()
    return ""
