"""What we ask of Trello and Miro, beside clients that are made from what the vendors publish."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kpisheets.boards import NewCard, open_board
from kpisheets.config.boards import MIRO, TRELLO, BoardSettings
from kpisheets.core.summary import DONE, DROPPED
from tests.boards.doubles import KEY, MIRO_BOARD, MIRO_TOKEN, TOKEN, TRELLO_BOARD, Miro, Trello
from tests.rest.service import Asked, Server, running

CARD = NewCard("revenue|2026-02 · Acme", "Revenue, February 2026", "Gap: worse by €210 (12 %)", date(2026, 4, 2))
ZONE = ZoneInfo("Europe/Paris")


def run(command: list[str], job: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def asked(server: Server) -> list[Asked]:
    found = list(server.asked)
    server.asked.clear()
    return found


def test_trello(systems: Path, tmp_path: Path) -> None:
    node, modules = shutil.which("node"), systems / "boards" / "node_modules"
    if node is None or not modules.is_dir():
        pytest.skip("Trello's client is not installed: scripts/systems boards")
    with running() as server:
        double = Trello(server)
        settings = BoardSettings("team", TRELLO, TRELLO_BOARD, TOKEN, KEY, api_root=server.url)
        ours = open_board(settings, tmp_path, ZONE)
        ours.cards()
        ours.add(CARD)
        [card] = ours.cards()
        assert card.key == CARD.key
        ours.move(card, DONE)
        ours.move(card, DROPPED)
        mine = asked(server)
        body = next(one.json for one in mine if one.method == "POST")
        job = {
            **{"modules": str(modules), "url": server.url, "key": KEY, "token": TOKEN, "board": TRELLO_BOARD},
            **{"list": double.list_of("To do"), "done": double.list_of("Done")},
            "card": {name: body[name] for name in ("name", "desc", "due")},
        }
        theirs = run([node, str(Path(__file__).with_name("trello.mjs"))], job)
        others = asked(server)
    assert theirs["lists"] == list(double.names)
    assert theirs["cards"] == [card.id]
    assert [theirs[step]["closed"] for step in ("made", "moved", "archived")] == [False, False, True]
    known: dict[tuple[str, str], set[str]] = {}
    for one in others:
        known.setdefault((one.method, path(one)), {"fields", "limit"}).update(names(one))
    for one in mine:
        assert names(one) <= known[one.method, path(one)], one


def path(one: Asked) -> str:
    """Without the id of a card, which differs."""
    return "/1/cards/ID" if one.path.startswith("/1/cards/") else one.path


def names(one: Asked) -> set[str]:
    """What a request says: Trello takes it in the query or as JSON."""
    return {*one.query, *(one.json if one.text else ())} - {"key", "token"}


def test_miro(systems: Path, tmp_path: Path) -> None:
    python = systems / "boards-miro" / "bin" / "python"
    if not python.is_file():
        pytest.skip("Miro's client is not installed: scripts/systems boards")
    with running() as server:
        double = Miro(server)
        ours = open_board(BoardSettings("wall", MIRO, MIRO_BOARD, MIRO_TOKEN, api_root=server.url), tmp_path, ZONE)
        ours.cards()
        ours.add(CARD)
        [card] = ours.cards()
        assert card.key == CARD.key
        ours.move(card, DONE)
        mine = asked(server)
        made, changed = (next(one.json for one in mine if one.method == method) for method in ("POST", "PATCH"))
        job = {"url": server.url, "token": MIRO_TOKEN, "board": MIRO_BOARD, "made": made, "changed": changed}
        theirs = run([str(python), str(Path(__file__).with_name("miro.py"))], job)
        others = asked(server)
    assert theirs["changed"] == changed
    assert theirs["made"]["data"].pop("dueDate") == "2026-04-02 15:00:00+00:00"
    due = made["data"].pop("dueDate")
    assert (theirs["made"], due) == (made, "2026-04-02T15:00:00.000Z")
    assert theirs["cards"] == [[identity, "card"] for identity in double.cards]
    assert [(one.method, bare(one)) for one in mine if one.method != "GET"] == [
        (one.method, bare(one)) for one in others if one.method != "GET"
    ]
    assert {bare(one) for one in mine} == {bare(one) for one in others}


def bare(one: Asked) -> str:
    """The path without the id of a card, however the board's id is written."""
    return one.path.replace("%3D", "=").rstrip("0123456789")
