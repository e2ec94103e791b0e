"""Trello and Miro on loopback, as their published OpenAPI says: what is not there is refused as they refuse it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.rest.service import Asked, Server, Told

KEY, TOKEN, MIRO_TOKEN = "0471642aefef5fa1fa76530ce1ba4c85", "trello-token-of-a-test", "miro-token-of-a-test"
TRELLO_BOARD, MIRO_BOARD = "5abbe4b7ddc1b351ef961414", "uXjVO0aBcDe="
_CARD = frozenset({"name", "desc", "pos", "due", "start", "dueComplete", "idList", "idMembers", "idLabels", "closed"})


@dataclass
class Trello:
    """A board with these lists. ``failing``: statuses that the next writes are answered with; 0 loses the answer after
    the work is done."""

    server: Server
    names: tuple[str, ...] = ("To do", "Doing", "Blocked", "Done")
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    failing: list[int] = field(default_factory=list)
    page: int = 1000

    def __post_init__(self) -> None:
        self._count = itertools.count(1)
        self.lists = [{"id": f"5abbe4b7ddc1b351ef96{n:04x}", "name": name} for n, name in enumerate(self.names)]
        self._at(f"/1/boards/{TRELLO_BOARD}/lists", self._all_lists)
        self._at(f"/1/boards/{TRELLO_BOARD}/cards/all", self._all_cards)
        self._at("/1/cards", self._new)

    def list_of(self, name: str) -> str:
        return next(one["id"] for one in self.lists if one["name"] == name)

    def place(self, card: dict[str, Any]) -> str:
        """Where a person sees it."""
        name = next(one["name"] for one in self.lists if one["id"] == card["idList"])
        return f"{name}, archived" if card["closed"] else name

    @property
    def only(self) -> dict[str, Any]:
        [card] = self.cards.values()
        return card

    def drag(self, card: dict[str, Any], name: str) -> None:
        card["idList"] = self.list_of(name)

    def _at(self, path: str, route: Any) -> None:
        def entered(asked: Asked) -> Any:
            # In the header, as its guide to authorization says, or in the query, as its OpenAPI does.
            header = f'OAuth oauth_consumer_key="{KEY}", oauth_token="{TOKEN}"'
            if asked.headers.get("Authorization") != header and asked.query.get("token") != TOKEN:
                return Told(b"invalid token", 401, {"Content-Type": "text/plain"})
            if asked.method == "GET" or not self.failing:
                return route(asked)
            status = self.failing.pop(0)
            if status:
                return Told(b"wait", status, {"Content-Type": "text/plain", "Retry-After": "0.01"})
            route(asked)
            raise ConnectionAbortedError

        self.server.routes[path] = entered

    def _all_lists(self, asked: Asked) -> Any:
        assert asked.query["filter"] in ("all", "open", "closed", "none")
        return [{**one, "idBoard": TRELLO_BOARD, "closed": False, "pos": n} for n, one in enumerate(self.lists)]

    def _all_cards(self, asked: Asked) -> Any:
        limit = min(self.page, int(asked.query.get("limit", 1000)))
        there = sorted(
            (c for c in self.cards.values() if c["id"] < asked.query.get("before", "~")), key=lambda c: c["id"]
        )
        wanted = asked.query.get("fields", "all")
        names = None if wanted == "all" else {"id", *wanted.split(",")}
        return [{k: v for k, v in c.items() if names is None or k in names} for c in there[-limit:]]

    def _new(self, asked: Asked) -> Any:
        sent = _sent(asked)
        if sent.keys() - _CARD or sent.get("idList") not in [one["id"] for one in self.lists]:
            return Told(b"invalid value for idList", 400, {"Content-Type": "text/plain"})
        identity = f"65f0{next(self._count):020x}"
        base = {"id": identity, "idBoard": TRELLO_BOARD, "closed": False, "dueComplete": False, "due": None, "desc": ""}
        self.cards[identity] = {**base, **{k: v for k, v in sent.items() if k != "pos"}}
        self._at(f"/1/cards/{identity}", lambda one: self._one(identity, one))
        return self.cards[identity]

    def _one(self, identity: str, asked: Asked) -> Any:
        if identity not in self.cards:
            return Told(b"The requested resource was not found.", 404, {"Content-Type": "text/plain"})
        if asked.method == "PUT":
            sent = _sent(asked)
            if sent.keys() - _CARD:
                return Told(b"invalid value", 400, {"Content-Type": "text/plain"})
            self.cards[identity] |= sent
        return self.cards[identity]


def _sent(asked: Asked) -> dict[str, Any]:
    """Trello takes JSON, and the query just as well."""
    if asked.text:
        return dict(asked.json)
    words = {"true": True, "false": False}
    return {name: words.get(text, text) for name, text in asked.query.items() if name not in ("key", "token")}


@dataclass
class Miro:
    server: Server
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._count = itertools.count(3458764500000000001)
        self._path = f"/v2/boards/{MIRO_BOARD.replace('=', '%3D')}"
        self._at("items", self._items)
        self._at("cards", self._new)

    @property
    def only(self) -> dict[str, Any]:
        [card] = self.cards.values()
        return card

    def _at(self, rest: str, route: Any) -> None:
        def entered(asked: Asked) -> Any:
            if asked.headers.get("Authorization") != f"Bearer {MIRO_TOKEN}":
                return Told(
                    {"status": 401, "code": "tokenNotProvided", "message": "No authorization", "type": "error"}, 401
                )
            return route(asked)

        # Clients differ in whether they encode the = of a board's id.
        self.server.routes[f"{self._path}/{rest}"] = self.server.routes[f"/v2/boards/{MIRO_BOARD}/{rest}"] = entered

    def _items(self, asked: Asked) -> Any:
        limit, start = int(asked.query.get("limit", 10)), int(asked.query.get("cursor", 0))
        if not 10 <= limit <= 50:
            return Told({"status": 400, "code": "2.0703", "message": "limit", "type": "error"}, 400)
        there = [one for one in self.cards.values() if asked.query.get("type") in (None, one["type"])]
        page = there[start : start + limit]
        more = {"cursor": str(start + limit)} if start + limit < len(there) else {}
        return {"data": page, "total": len(there), "size": len(page), "limit": limit, **more}

    def _new(self, asked: Asked) -> Any:
        identity = str(next(self._count))
        sent = {"data": {}, "style": {}, "position": {"x": 0, "y": 0}, **asked.json}
        self.cards[identity] = {"id": identity, "type": "card", **sent}
        self._at(f"cards/{identity}", lambda one: self._one(identity, one))
        return Told(self.cards[identity], 201)

    def _one(self, identity: str, asked: Asked) -> Any:
        if asked.method == "PATCH":
            for part, values in asked.json.items():
                self.cards[identity][part] |= values
        return self.cards[identity]
