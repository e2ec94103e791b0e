"""Rows and cards over many syncs, as a model: people change either side, boards fail, answers are lost."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from kpisheets.core.cards import Card, Exchanged, Shown, exchange
from kpisheets.core.summary import DONE, DROPPED, IN_PROGRESS, OPEN, Action
from kpisheets.core.workbook import ACTIONS, Table
from tests.boards.plain import table

STATES = (OPEN, IN_PROGRESS, DONE, DROPPED)


class Sides(RuleBasedStateMachine):
    """``rows``: key → (status, memory); ``cards``: board's id → (key in its text, state)."""

    keys = Bundle("keys")

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[str]] = {}
        self.cards: dict[str, list[str]] = {}
        self.number = 0
        self.person: dict[str, str] = {}
        self.removed: set[str] = set()

    def _key_of(self, identity: str) -> str:
        return next((key for key, (_, memory) in self.rows.items() if identity in memory), self.cards[identity][0])

    def _sync(self, *, move_fails: bool = False, add_fails: bool = False) -> Exchanged:
        shown = Shown("team", [Card(identity, key, state) for identity, (key, state) in self.cards.items()])
        found = exchange(table([(key, *cells) for key, cells in self.rows.items()]), lambda text: text, [shown])
        found = found.without(found.moves if move_fails else ())
        for move in found.moves:
            self.cards[move.card.id][1] = move.state
        for key, status in found.statuses.items():
            self.rows[key][0] = status
        for key, text in found.memory:
            self.rows[key][1] = text
        actions = [
            Action("", key, "", "", key=key) for key, (status, _) in self.rows.items() if status not in (DONE, DROPPED)
        ]
        for one in found.lacking(actions, "team"):
            if not add_fails:
                self.number += 1
                self.cards[f"c{self.number}"] = [one.key, OPEN]
        return found

    @rule(target=keys)
    def opened(self) -> str:
        key = f"kpi|{len(self.rows)}"
        self.rows[key] = [OPEN, ""]
        return key

    @rule(key=keys, status=st.sampled_from(STATES))
    def typed(self, key: str, status: str) -> None:
        self.rows[key][0] = status
        self.person[key] = status

    @rule(data=st.data(), state=st.sampled_from(STATES))
    def dragged(self, data: st.DataObject, state: str) -> None:
        if self.cards:
            identity = data.draw(st.sampled_from(sorted(self.cards)))
            key = self._key_of(identity)
            self.cards[identity][1] = state
            self.person.setdefault(key, state)  # what the workbook's person says wins

    @rule(data=st.data())
    def text_changed(self, data: st.DataObject) -> None:
        """A card is known by its id once a sync has seen it."""
        known = [one for one in sorted(self.cards) if any(f":{one}:" in memory for _, memory in self.rows.values())]
        if known:
            self.cards[data.draw(st.sampled_from(known))][0] = ""

    @rule(key=consumes(keys))
    def card_removed(self, key: str) -> None:
        """Once a sync has seen it."""
        for identity in list(self.cards):
            if f":{identity}:" in self.rows[key][1]:
                del self.cards[identity]
                self.removed.add(key)

    @rule()
    def failing(self) -> None:
        self._sync(move_fails=True, add_fails=True)

    @rule()
    def synced(self) -> None:
        before = {key: status for key, (status, _) in self.rows.items()}
        typed = dict(self.person)
        self._sync()
        self.person.clear()
        for key, (status, memory) in self.rows.items():
            cards = [card for identity, card in self.cards.items() if f":{identity}:" in memory]
            assert len(cards) <= 1
            if cards:
                assert cards[0][1] == status, "both sides agree"
            if key not in typed:
                assert status == before[key], "nobody changed it"
        self._sync()  # new cards begin as open, and follow their rows
        again = self._sync()
        assert not again.moves
        assert not again.statuses

    @invariant()
    def one_card_for_a_row(self) -> None:
        for key, (_, memory) in self.rows.items():
            assert sum(card[0] == key or f":{identity}:" in memory for identity, card in self.cards.items()) <= 1
            assert key not in self.removed or not any(card[0] == key for card in self.cards.values())


TestSides = Sides.TestCase


def said(rows: list[tuple[str, str, str]], *cards: Card, **board: Any) -> Exchanged:
    return exchange(table(rows), lambda text: text if text in STATES else None, [Shown("team", cards, **board)])


def test_where_both_changed_the_workbook_wins() -> None:
    found = said([("a|1", DONE, "team:c1:Open")], Card("c1", "a|1", IN_PROGRESS))
    assert not found.statuses
    assert [(move.card.id, move.state) for move in found.moves] == [("c1", DONE)]
    assert dict(found.memory) == {"a|1": "team:c1:Done"}


def test_a_board_without_a_list_for_a_status_leaves_it() -> None:
    row = [("a|1", IN_PROGRESS, "team:c1:In progress")]
    assert said(row, Card("c1", "", OPEN), alike={IN_PROGRESS: OPEN}).statuses == {}
    assert said(row, Card("c1", "", DONE), alike={IN_PROGRESS: OPEN}).statuses == {"a|1": DONE}


def test_a_word_of_a_persons_own_is_left_and_makes_no_second_card() -> None:
    found = said([("a|1", "later", "")], Card("c1", "a|1", DONE))
    assert (found.statuses, found.moves) == ({}, ())
    assert found.lacking([Action("", "A", "", "", key="a|1")], "team") == []


def test_two_rows_with_one_key_say_nothing() -> None:
    found = said([("a|1", DONE, ""), ("a|1", OPEN, "")], Card("c1", "a|1", OPEN))
    assert (found.statuses, found.moves, dict(found.memory)) == ({}, (), {})
    assert found.lacking([Action("", "A", "", "", key="a|1")], "team") == []


def test_without_a_column_to_remember_in_only_closing_travels() -> None:
    bare = Table(
        ACTIONS, "Actions", {"key": ["a|1", "b|1", "c|1"], "status": [OPEN, DONE, IN_PROGRESS]}, {}, (4, 5, 6), 7, {}
    )
    cards = [Card("c1", "a|1", DROPPED), Card("c2", "b|1", OPEN), Card("c3", "c|1", OPEN)]
    found = exchange(bare, lambda text: text, [Shown("team", cards)])
    assert found.statuses == {"a|1": DROPPED}
    assert [(move.card.id, move.state) for move in found.moves] == [("c2", DONE)]
