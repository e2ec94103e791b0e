"""What the rows of the ``Actions`` tab and the cards on boards say to each other, as a pure function.

A card stands for one row and is found by the board's id for it, which the row remembers, or by the row's key, which
the card's text carries (an answer that never came leaves a card of which the row knows nothing). A status changes on
either side. The row also remembers, for each board, the state on which both sides last agreed: whichever side differs
from that was changed by a person, and where both do, the workbook wins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kpisheets.core.rows import text_of
from kpisheets.core.summary import CLOSED, OPEN, Action
from kpisheets.core.workbook import Table

_MEMORY = re.compile(r"([\w-]+):(\S+):([A-Za-z ]+?)\s*(?:;|$)")


@dataclass(frozen=True, slots=True)
class Card:
    """A card that is on a board. ``key`` is the key of its row, blank where its text no longer says; ``state`` the
    status that its place on the board means, None where that means none."""

    id: str
    key: str
    state: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A board with its cards. ``tells``: people move its cards, and that says a status. ``alike``: statuses that the
    board shows as others."""

    name: str
    cards: Sequence[Card]
    tells: bool = True
    alike: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Move:
    """A card that is to show another state."""

    board: str
    key: str
    card: Card
    state: str


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What follows from rows and cards. ``statuses``: by key, the status that a row takes over from its card;
    ``agreed``: by key and board, (the card's id, the state) to remember; ``before`` what was remembered; ``doubtful``
    are the keys of more than one row."""

    statuses: Mapping[str, str] = field(default_factory=dict)
    moves: tuple[Move, ...] = ()
    agreed: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)
    before: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()

    def without(self, failed: Collection[Move]) -> Exchanged:
        """The same, where some cards could not be moved: their rows remember what they did before."""
        agreed = {key: dict(boards) for key, boards in self.agreed.items()}
        for move in failed:
            known = self.before.get(move.key, {}).get(move.board)
            agreed[move.key][move.board] = (move.card.id, known[1] if known else OPEN)
        return replace(self, moves=tuple(move for move in self.moves if move not in failed), agreed=agreed)

    @property
    def memory(self) -> Iterator[tuple[str, str]]:
        """What each row remembers: (key, text)."""
        for key, boards in self.agreed.items():
            yield key, "; ".join(f"{board}:{card}:{state}" for board, (card, state) in boards.items())

    def lacking(self, actions: Sequence[Action], board: str) -> list[Action]:
        """The open actions that have no card on that board yet. One that a person removed is not made again."""
        known = {key for key, boards in self.agreed.items() if board in boards} | self.doubtful
        return [one for one in actions if one.key and one.key not in known]


def exchange(table: Table, read: Callable[[str], str | None], boards: Sequence[Shown]) -> Exchanged:
    """Compare the rows with the cards; ``read`` gives the canonical status that a word means.

    A workbook whose table has no column to remember in says and hears only of closing.
    """
    keys = Counter(text_of(table.value(row, "key")) for row in range(len(table)))
    remembers = table.has("cards")
    by_id = {board.name: {card.id: card for card in board.cards} for board in boards}
    by_key = {board.name: {card.key: card for card in reversed(board.cards) if card.key} for board in boards}
    statuses: dict[str, str] = {}
    moves: list[Move] = []
    agreed: dict[str, dict[str, tuple[str, str]]] = {}
    before: dict[str, dict[str, tuple[str, str]]] = {}
    for row in range(len(table)):
        key, word = text_of(table.value(row, "key")), text_of(table.value(row, "status"))
        own = read(word) if word else OPEN
        if not key or keys[key] > 1:
            continue
        before[key] = known = dict(_remembered(text_of(table.value(row, "cards"))))
        agreed[key] = now = dict(known)
        status = own
        for board in boards:
            identity, base = known.get(board.name, ("", OPEN))
            card = by_id[board.name].get(identity) or (None if identity else by_key[board.name].get(key))
            if card is None:
                continue
            if status is None:  # a word of a person's own: it says nothing to a board, and hears nothing from one
                now[board.name] = (card.id, base)
                continue
            told = card.state if board.tells else base
            status, moved = _settled(status, base if remembers else None, told, board.alike)
            if moved and (board.tells or remembers):
                moves.append(Move(board.name, key, card, status))
            now[board.name] = (card.id, status)
        if status is not None and status != own:
            statuses[key] = status
    doubtful = frozenset(key for key, times in keys.items() if times > 1)
    return Exchanged(statuses, tuple(moves), agreed, before, doubtful)


def _settled(row: str, base: str | None, card: str | None, alike: Mapping[str, str]) -> tuple[str, bool]:
    """The status of a row and its card from here on, and whether the card has to follow."""
    if card is None or card == alike.get(row, row):
        return row, False
    if base is None:
        if card in CLOSED and row not in CLOSED:
            return card, False
        return row, row in CLOSED
    return (card, False) if row == base else (row, True)


def _remembered(text: str) -> Iterator[tuple[str, tuple[str, str]]]:
    for found in _MEMORY.finditer(text):
        yield found[1], (found[2], found[3])
