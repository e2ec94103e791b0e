"""Actions and cards on both backends: opened, dragged, closed, failing, through whole syncs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kpisheets.cli import main
from kpisheets.core.workbook import ACTIONS
from kpisheets.project import Synced
from tests.backends.twins import ExcelHands, GoogleHands, Hands
from tests.boards.doubles import KEY, MIRO_BOARD, MIRO_TOKEN, TOKEN, TRELLO_BOARD, Miro, Trello
from tests.google_people.sheet import SmallSheet
from tests.people.small import Small
from tests.rest.service import Server

pytestmark = pytest.mark.filterwarnings("ignore:Sparkline Group", "ignore:Print area", "ignore:Data Validation")
FEBRUARY = "revenue|2026-02"


@pytest.fixture(scope="module")
def began(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """February's revenue is far below its target: an action is open."""
    made = Small.begun(tmp_path_factory.mktemp("boards") / "small")
    ExcelHands(made).write(FEBRUARY, "target", 90_000)
    made.sync()
    return made


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TRELLO_KEY": KEY, "TRELLO_TOKEN": TOKEN, "MIRO_TOKEN": MIRO_TOKEN}.items():
        monkeypatch.setenv(name, value)


def configure(small: Small, service: Server, *kinds: str, more: str = "") -> None:
    config = small.folder / "kpisheets.toml"
    text = config.read_text(encoding="utf-8").partition("\n[boards")[0]
    sections = {
        "trello": f'\n[boards.team]\nurl = "trello:{TRELLO_BOARD}"\nkey = "${{env:TRELLO_KEY}}"\n'
        f'token = "${{env:TRELLO_TOKEN}}"\napi_root = "{service.url}"\n{more}',
        "miro": f'\n[boards.wall]\nurl = "miro:https://miro.com/app/board/{MIRO_BOARD}/"\n'
        f'token = "${{env:MIRO_TOKEN}}"\napi_root = "{service.url}"\n',
    }
    config.write_text(text + "".join(sections[kind] for kind in kinds), encoding="utf-8")


@pytest.fixture
def small(began: Small, tmp_path: Path, service: Server) -> Small:
    made = began.copied(tmp_path / "small")
    configure(made, service, "trello")
    return made


@pytest.fixture
def board(service: Server) -> Trello:
    return Trello(service)


def row(small: Any, key: str = FEBRUARY) -> dict[str, Any]:
    table = small.project()._desk.workbook().observe().tables[ACTIONS]
    [at] = [n for n in range(len(table)) if table.value(n, "key") == key]
    return {name: table.value(at, name) for name in table.columns}


def settled(small: Any) -> None:
    """Another sync changes nothing, and asks the boards for nothing but their cards."""
    done = small.sync()
    assert [one.key for one in done.plan.changes if getattr(one, "table", "") == ACTIONS] == []
    assert [(one.added, one.moved) for one in done.boards] == [((), ())] * len(done.boards)


@pytest.fixture
def twins(began: Small, sheet: SmallSheet, tmp_path: Path) -> Iterator[tuple[Hands, Hands]]:
    config = sheet.folder / "kpisheets.toml"
    text = config.read_text(encoding="utf-8")
    yield ExcelHands(began.copied(tmp_path / "twin")), GoogleHands(sheet)
    config.write_text(text, encoding="utf-8")


def test_a_state_goes_both_ways_whatever_the_workbook(twins: tuple[Hands, Hands], service: Server) -> None:
    for hands in twins:
        service.fresh()
        board, wall, small = Trello(service), Miro(service), hands.small
        hands.write(FEBRUARY, "target", 90_000)
        configure(small, service, "trello", "miro")
        first = small.sync()
        assert {one.board: one.added for one in first.boards} == {
            "team": tuple(keys_of(board)),
            "wall": tuple(keys_of(wall)),
        }
        assert FEBRUARY in keys_of(board)
        card = next(one for one in board.cards.values() if FEBRUARY in one["desc"])
        shown = next(one for one in wall.cards.values() if FEBRUARY in one["data"]["description"])
        assert board.place(card) == "To do"
        small.sync()
        settled(small)

        hands.act(FEBRUARY, status="In progress", owner="Ann Example")
        small.sync()
        assert (board.place(card), shown["style"]["cardTheme"]) == ("Doing", "#fac710")
        board.drag(card, "Blocked")  # still in progress
        small.sync()
        assert row(small)["status"] == "In progress"
        board.drag(card, "Done")
        done = small.sync()
        found = row(small)
        assert (found["status"], found["owner"], found["cause"]) == ("Done", "Ann Example", None)
        assert found["closed"] is not None
        assert "card_moved" in [change.why.name.lower() for change in done.plan.changes]
        small.sync()
        assert shown["style"]["cardTheme"] == "#0ca789"
        settled(small)


def keys_of(board: Trello | Miro) -> list[str]:
    texts = [one["desc"] if "desc" in one else one["data"]["description"] for one in board.cards.values()]
    return [text.rpartition("kpisheets: ")[2].partition(" · ")[0] for text in texts]


def test_a_card_says_what_is_to_be_done(small: Small, board: Trello) -> None:
    hands = ExcelHands(small)
    hands.act(FEBRUARY, cause="The fair fell out", action="Call the ten largest customers", due=date(2026, 4, 2))
    small.sync()
    card = board.only
    assert card["name"] == "Revenue, February 2026"
    assert card["due"].startswith("2026-04-02T17:00:00")
    for words in ("worse by", "The fair fell out", "Call the ten largest customers", "“Actions”", "Small"):
        assert words in card["desc"], words
    assert TOKEN not in json.dumps(card)


def test_rows_that_people_begin_get_a_card_of_their_own(small: Small, board: Trello) -> None:
    hands = ExcelHands(small)
    for action in ("Call them", "Call them", "Write to them"):
        hands._type("kpi_actions", hands._row("kpi_actions", "kpi", None), {"kpi": "Revenue", "action": action})
    small.sync()
    small.sync()
    assert sorted(card["name"] for card in board.cards.values()) == ["Revenue"] * 3 + ["Revenue, February 2026"]
    mine = next(card for card in board.cards.values() if "Write to them" in card["desc"])
    board.drag(mine, "Done")
    small.sync()
    table = small.project()._desk.workbook().observe().tables[ACTIONS]
    states = {table.value(n, "action"): table.value(n, "status") for n in range(len(table))}
    assert (states["Write to them"], states["Call them"]) == ("Done", None)
    settled(small)


@pytest.mark.parametrize(
    ("status", "place"), [("Done", "Done"), ("Dropped", "To do, archived"), ("In progress", "Doing"), ("Open", "To do")]
)
def test_the_card_follows_the_workbook_and_back(small: Small, board: Trello, status: str, place: str) -> None:
    small.sync()
    small.sync()
    ExcelHands(small).act(FEBRUARY, status=status)
    small.sync()
    assert board.place(board.only) == place
    settled(small)
    ExcelHands(small).act(FEBRUARY, status="Open")
    small.sync()
    assert board.place(board.only) == "To do"
    settled(small)


def test_what_people_do_with_a_card_is_kept(small: Small, board: Trello) -> None:
    small.sync()
    small.sync()
    board.only.update(name="Our own words", desc="no key any more")
    board.only["dueComplete"] = True
    small.sync()
    assert row(small)["status"] == "Done"
    assert board.only["name"] == "Our own words"
    ExcelHands(small).act(FEBRUARY, status="Open")
    small.sync()
    assert (len(board.cards), board.only["dueComplete"]) == (1, False)
    board.cards.clear()
    small.sync()
    assert board.cards == {}, "a card that a person removed does not come back"
    assert row(small)["status"] == "Open"


def test_an_answer_that_is_lost_makes_no_second_card(small: Small, board: Trello) -> None:
    board.failing = [0]
    done = small.sync()
    assert done.exit_code == 1
    assert "it may have arrived" in str(done.problems[-1])
    assert small.sync().exit_code == 0
    assert len(board.cards) == 1
    settled(small)


def test_a_busy_board_is_waited_for(small: Small, board: Trello) -> None:
    board.failing = [429, 429]
    assert small.sync().exit_code == 0
    assert len(board.cards) == 1


def test_a_move_that_fails_is_made_by_the_next_sync(small: Small, board: Trello) -> None:
    small.sync()
    small.sync()
    ExcelHands(small).act(FEBRUARY, status="Done")
    board.failing = [500]
    done = small.sync()
    assert (done.exit_code, board.place(board.only), row(small)["status"]) == (1, "To do", "Done")
    assert small.sync().exit_code == 0
    assert (board.place(board.only), row(small)["status"]) == ("Done", "Done")


def test_thousands_of_cards_are_read_page_by_page(small: Small, board: Trello, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpisheets.boards.trello._PAGE", 3)
    small.sync()
    first = board.only
    own = first["id"]
    for n in range(8):
        board.cards[f"7{n:023x}"] = {**first, "id": f"7{n:023x}", "desc": "somebody's own"}
    small.sync()
    assert len(board.cards) == 9
    ExcelHands(small).act(FEBRUARY, status="Done")
    small.sync()
    assert board.place(board.cards[own]) == "Done"


def _gone(service: Server, small: Small, config: Callable[[str, str], None]) -> None:
    service.routes.pop(f"/1/boards/{TRELLO_BOARD}/lists")


def _refused(service: Server, small: Small, config: Callable[[str, str], None]) -> None:
    config("${env:TRELLO_TOKEN}", "another")


def _no_secret(service: Server, small: Small, config: Callable[[str, str], None]) -> None:
    config("${env:TRELLO_TOKEN}", "${env:NO_SUCH_TOKEN}")


def _down(service: Server, small: Small, config: Callable[[str, str], None]) -> None:
    config(service.url, "http://127.0.0.1:9")


def _renamed(service: Server, small: Small, config: Callable[[str, str], None]) -> None:
    config("[boards.team]\n", '[boards.team]\nlists = { done = "Fertig" }\n')


def _junk(service: Server, small: Small, config: Callable[[str, str], None]) -> None:
    service.routes[f"/1/boards/{TRELLO_BOARD}/cards/all"] = lambda _: {"error": "no list"}


@pytest.mark.parametrize(
    ("fault", "says", "code"),
    [
        (_gone, "share the board", 78),
        (_refused, "key and token", 77),
        (_no_secret, "NO_SUCH_TOKEN", 77),
        (_down, "nothing answers there", 69),
        (_renamed, "To do, Doing, Blocked, Done", 78),
        (_junk, "no list", 65),
    ],
)
def test_a_board_that_fails_is_told_and_the_sync_goes_on(
    small: Small, board: Trello, service: Server, fault: Any, says: str, code: int
) -> None:
    def config(old: str, new: str) -> None:
        path = small.folder / "kpisheets.toml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    small.sales[date(2026, 3, 9)] = [777]
    small.write_source()
    fault(service, small, config)
    ran = CliRunner().invoke(main, ["--project", str(small.folder), "sync"])
    assert ran.exit_code == 1
    [line] = ran.stderr.strip().splitlines()
    assert says in line
    assert "[boards.team]" in line
    assert TOKEN not in ran.output
    assert "actual" in ran.stdout
    assert CliRunner().invoke(main, ["--project", str(small.folder), "check"]).exit_code == code


def test_a_dry_run_tells_and_touches_nothing(small: Small, board: Trello) -> None:
    before = small.path.read_bytes()
    done: Synced = small.project().sync(dry_run=True)
    assert [(one.board, one.added) for one in done.boards] == [("team", (FEBRUARY,))]
    ran = CliRunner().invoke(main, ["--project", str(small.folder), "sync", "--dry-run"])
    assert "Board team: would be 1 card added." in ran.stdout
    assert (board.cards, small.path.read_bytes()) == ({}, before)
    ran = CliRunner().invoke(main, ["--project", str(small.folder), "sync", "--json"])
    assert json.loads(ran.stdout)["boards"] == [{"board": "team", "added": [FEBRUARY], "moved": []}]
    assert len(board.cards) == 1
