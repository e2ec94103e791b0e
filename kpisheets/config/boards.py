"""``[boards.NAME]``: boards on which open actions are shown as cards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kpisheets.config.texts import endpoint, with_references
from kpisheets.core.summary import DONE, IN_PROGRESS, OPEN
from kpisheets.toml.document import Document, Table, quoted, suggestion

KEYS = ("url", "key", "token", "lists", "api_root")
TRELLO, MIRO = "trello", "miro"
_LISTS = {"open": OPEN, "in_progress": IN_PROGRESS, "done": DONE}
_NAME = re.compile(r"[\w-]{1,40}")
_ADDRESS = {
    TRELLO: re.compile(r"(?:https://trello\.com/b/)?([0-9A-Za-z]{8}|[0-9a-f]{24})(?:/.*)?"),
    MIRO: re.compile(r"(?:https://miro\.com/app/board/)?([\w=-]{6,40})/?(?:\?.*)?"),
}
_MEND = 'write url = "trello:BOARD" or "miro:BOARD", with the address of the board'


@dataclass(frozen=True, slots=True)
class BoardSettings:
    """``[boards.NAME]``. ``kind`` is trello or miro, ``board`` the board's id; ``key`` and ``token`` are unresolved.
    ``lists``: by canonical status, the name of the list that means it. ``api_root`` is another endpoint than the
    vendor's."""

    name: str
    kind: str
    board: str
    token: str
    key: str = ""
    lists: Mapping[str, str] = field(default_factory=dict)
    api_root: str = ""


def boards(document: Document) -> dict[str, BoardSettings]:
    """The boards by their names."""
    return {table.name: _board(table) for table in document.sections("boards", KEYS)}


def _board(table: Table) -> BoardSettings:
    if not _NAME.fullmatch(table.name):
        table.refuse("url", f"the name {quoted(table.name)} holds other than letters, digits, _ and -", "rename it")
    url = table.text("url", required=True)
    kind, _, rest = url.partition(":")
    found = _ADDRESS[kind].fullmatch(rest.strip()) if kind in _ADDRESS else None
    if url and kind not in _ADDRESS:
        table.refuse("url", f"{quoted(kind[:20])} is no kind of board", suggestion(kind, (TRELLO, MIRO)))
    elif url and found is None:
        table.refuse("url", f"{quoted(rest[:40])} is not the id of a board, nor its address", _MEND)
    key, token = (with_references(table, name, table.text(name)) for name in ("key", "token"))
    if not token:
        table.refuse("token", f"{quoted('token')} is missing", 'add token = "${env:NAME}"')
    if kind == TRELLO and not key:
        table.refuse("key", "Trello wants a key besides the token", 'add key = "${env:TRELLO_KEY}"')
    if kind == MIRO:
        for name in ("key", "lists"):
            if table.has(name):
                table.refuse(name, f"{quoted(name)} is for Trello", "remove this line")
    return BoardSettings(
        name=table.name,
        kind=kind,
        board=found[1] if found else "",
        token=token,
        key=key,
        lists=MappingProxyType(_lists(table)),
        api_root=endpoint(table, "api_root"),
    )


def _lists(table: Table) -> dict[str, str]:
    section = table.section("lists", tuple(_LISTS))
    named = {status: section.text(key) for key, status in _LISTS.items()}
    found = {status: name for status, name in named.items() if name}
    if len({name.casefold() for name in found.values()}) < len(found):
        table.refuse("lists", "one list cannot mean two statuses", "name each list once")
    return found
