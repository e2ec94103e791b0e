"""Miro: a card on a board for each action, whose colour follows the status of the workbook.

By Miro's REST API as Miro publishes it (OpenAPI, servers https://api.miro.com/): ``get-items``, ``create-card-item``,
``update-card-item``. Its cards have no status of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from types import MappingProxyType
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from kpisheets.boards.base import NewCard, due_at, key_of, marked
from kpisheets.boards.service import Service
from kpisheets.core.cards import Card
from kpisheets.core.summary import DONE, DROPPED, IN_PROGRESS, OPEN
from kpisheets.errors import BadData

ROOT = "https://api.miro.com"
THEMES: Mapping[str, str] = {OPEN: "#2d9bf0", IN_PROGRESS: "#fac710", DONE: "#0ca789", DROPPED: "#9a9a9a"}
"""The colour of a card's border, by canonical status; the first is Miro's own."""
_PAGE = 50
"""The most items that Miro gives at once."""
_PAGES = 400
_TITLE, _TEXT = 200, 6_000
_COLUMNS, _WIDTH, _HEIGHT = 5, 360.0, 220.0
"""New cards stand in rows of five, to the right of and below each other, so that none hides another."""


class Miro:
    """The board of that id. ``zone`` is in which a due day ends."""

    tells = False
    alike: Mapping[str, str] = MappingProxyType({})

    def __init__(self, service: Service, board: str, zone: ZoneInfo, where: str) -> None:
        self._service, self._zone, self._where = service, zone, where
        self._path = f"/v2/boards/{quote(board, safe='')}"
        self._ours = 0

    def cards(self) -> Sequence[Card]:
        found: list[Card] = []
        query: dict[str, object] = {"type": "card", "limit": _PAGE}
        for _ in range(_PAGES):
            page = self._service.ask("GET", f"{self._path}/items", query=query)
            items = page.get("data") if isinstance(page, dict) else None
            if not isinstance(items, list) or not all(isinstance(one, dict) and one.get("id") for one in items):
                raise BadData("its answer is no list of cards", where=self._where, mend="the next sync asks again")
            found += (Card(str(one["id"]), key_of(_text(one)), None) for one in items)
            if not page.get("cursor") or not items:
                break
            query["cursor"] = page["cursor"]
        self._ours = sum(bool(card.key) for card in found)
        return tuple(found)

    def add(self, card: NewCard) -> None:
        data: dict[str, Any] = {
            "title": card.title[:_TITLE],
            "description": marked(card.text[:_TEXT], card.key),
        }
        if card.due is not None:
            due = due_at(card.due, self._zone).astimezone(UTC)
            data["dueDate"] = due.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        down, right = divmod(self._ours, _COLUMNS)
        place = {"x": right * _WIDTH, "y": down * _HEIGHT}
        self._service.ask(
            "POST",
            f"{self._path}/cards",
            body={"data": data, "style": {"cardTheme": THEMES[OPEN]}, "position": place},
        )
        self._ours += 1

    def move(self, card: Card, state: str) -> None:
        body = {"style": {"cardTheme": THEMES[state]}}
        self._service.ask("PATCH", f"{self._path}/cards/{quote(card.id, safe='')}", body=body)


def _text(item: Mapping[str, Any]) -> str:
    data = item.get("data")
    text = str(data.get("description") or "") if isinstance(data, dict) else ""
    # Its editor writes paragraphs as elements.
    return text.replace("</p>", "\n").replace("<br>", "\n").replace("<br/>", "\n").replace("<p>", "")
