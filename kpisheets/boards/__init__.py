"""Boards on which open actions are cards: Trello, whose lists say a status, and Miro."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from kpisheets.boards.base import Board, NewCard
from kpisheets.config.boards import TRELLO, BoardSettings
from kpisheets.secrets import resolve

__all__ = ["Board", "NewCard", "open_board"]


def open_board(settings: BoardSettings, root: Path, zone: ZoneInfo) -> Board:
    """The board of ``[boards.NAME]``; nothing is connected to yet. ``zone`` is in which a due day ends. NotAllowed
    where a secret is missing."""
    from kpisheets.boards import miro, trello
    from kpisheets.boards.service import Service
    from kpisheets.web.trust import trusted

    where = f"[boards.{settings.name}]"
    token = resolve(settings.token, root, where=f"kpisheets.toml, {where} token")
    if settings.kind == TRELLO:
        key = resolve(settings.key, root, where=f"kpisheets.toml, {where} key")
        # In a header: an address is written into logs.
        headers = {"Authorization": f'OAuth oauth_consumer_key="{key}", oauth_token="{token}"'}
        service = Service(settings.api_root or trello.ROOT, headers, trusted(), f"Trello, {where}")
        return trello.Trello(service, settings.board, settings.lists, zone, f"Trello, {where}")
    service = Service(settings.api_root or miro.ROOT, {"Authorization": f"Bearer {token}"}, trusted(), f"Miro, {where}")
    return miro.Miro(service, settings.board, zone, f"Miro, {where}")
