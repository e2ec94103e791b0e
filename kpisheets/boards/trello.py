"""Trello: the lists of a board are statuses, from the first (open) to the last (done).

By Trello's REST API as Atlassian publishes it (OpenAPI, servers https://api.trello.com/1): ``get-boards-id-lists``,
``get-boards-id-cards-filter``, ``post-cards``, ``put-cards-id``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from kpisheets.boards.base import NewCard, due_at, key_of, marked
from kpisheets.boards.service import Service
from kpisheets.core.cards import Card
from kpisheets.core.summary import DONE, DROPPED, IN_PROGRESS, OPEN
from kpisheets.errors import BadConfig, BadData

ROOT = "https://api.trello.com"
_PAGE = 1000
"""The most cards that Trello gives at once."""
_PAGES = 50
_TITLE, _TEXT = 16_384, 16_384
"""The longest name and description, in characters."""


@dataclass(frozen=True, slots=True)
class _List:
    id: str
    name: str


class Trello:
    """The board of that id. ``lists``: by canonical status, the name of its list, where it is not told by position: the
    first is open, the last done, any between in progress. ``zone`` is in which a due day ends."""

    tells = True

    def __init__(self, service: Service, board: str, lists: Mapping[str, str], zone: ZoneInfo, where: str) -> None:
        self._service, self._board, self._named, self._zone, self._where = service, board, lists, zone, where

    @property
    def alike(self) -> Mapping[str, str]:
        places = self._places
        return {IN_PROGRESS: OPEN} if places[IN_PROGRESS] == places[OPEN] else {}

    def cards(self) -> Sequence[Card]:
        found: dict[str, Card] = {}
        query: dict[str, object] = {"fields": "desc,idList,closed,dueComplete", "limit": _PAGE}
        for _ in range(_PAGES):
            page = self._asked(f"/boards/{self._board}/cards/all", query)
            new = [card for card in page if card["id"] not in found]
            found |= {card["id"]: self._read(card) for card in new}
            if len(page) < _PAGE or not new:
                break
            query["before"] = min(card["id"] for card in new)  # an id begins with the moment of its making
        return tuple(found.values())

    def add(self, card: NewCard) -> None:
        text = marked(card.text[: _TEXT - len(card.key) - 20], card.key)
        body: dict[str, Any] = {
            "idList": self._places[OPEN],
            "name": card.title[:_TITLE],
            "desc": text,
            "pos": "bottom",
        }
        if card.due is not None:
            body["due"] = due_at(card.due, self._zone).isoformat()
        self._service.ask("POST", "/1/cards", body=body)

    def move(self, card: Card, state: str) -> None:
        body: dict[str, Any] = {"closed": state == DROPPED}
        if state != DROPPED:
            body |= {"idList": self._places[state], "dueComplete": state == DONE}
        self._service.ask("PUT", f"/1/cards/{card.id}", body=body)

    @cached_property
    def _places(self) -> Mapping[str, str]:
        """By canonical status, the list that new cards of it go to. BadConfig where one that is named is missing."""
        lists = [_List(one["id"], str(one.get("name", ""))) for one in self._lists]
        by_name = {one.name.casefold(): one.id for one in reversed(lists)}
        missing = [name for name in self._named.values() if name.casefold() not in by_name]
        if missing:
            there = ", ".join(one.name for one in lists)
            mend = f"correct lists in kpisheets.toml; the board has: {there}"
            raise BadConfig(f"the board has no list “{missing[0]}”", where=self._where, mend=mend)
        if len(lists) < 2:
            mend = "add lists on the board: the first for open actions, the last for those that are done"
            raise BadConfig("the board has fewer than two lists", where=self._where, mend=mend)
        named = {status: by_name[name.casefold()] for status, name in self._named.items()}
        between = [one.id for one in lists[1:-1] if one.id not in named.values()]
        first, last = lists[0].id, lists[-1].id
        return {OPEN: first, DONE: last, IN_PROGRESS: between[0] if between else named.get(OPEN, first), **named}

    def _read(self, card: Mapping[str, Any]) -> Card:
        return Card(card["id"], key_of(str(card.get("desc") or "")), self._state(card))

    def _state(self, card: Mapping[str, Any]) -> str:
        if card.get("dueComplete") or card.get("idList") == self._places[DONE]:
            return DONE
        if card.get("closed"):
            return DROPPED
        return OPEN if card.get("idList") == self._places[OPEN] else IN_PROGRESS

    @cached_property
    def _lists(self) -> Sequence[Mapping[str, Any]]:
        return self._asked(f"/boards/{self._board}/lists", {"filter": "open", "fields": "name"})

    def _asked(self, path: str, query: Mapping[str, object]) -> Sequence[Mapping[str, Any]]:
        found = self._service.ask("GET", f"/1{path}", query=query)
        if not isinstance(found, list) or not all(isinstance(one, dict) and one.get("id") for one in found):
            raise BadData("its answer is no list of what was asked", where=self._where, mend="the next sync asks again")
        return found
