"""[boards.NAME]: what is wrong is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpisheets.config import load
from kpisheets.errors import BadConfig

TRELLO = '[project]\nname = "Acme"\n[boards.team]\nkey = "k"\ntoken = "t"\n'
MIRO = '[project]\nname = "Acme"\n[boards.wall]\ntoken = "t"\n'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (TRELLO, 3, "“url” is missing"),
        (TRELLO + 'url = "trelo:AbCd1234"', 6, "no kind of board"),
        (TRELLO + 'url = "trello:https://trello.com/c/AbCd1234"', 6, "not the id of a board"),
        (TRELLO + 'url = "trello:AbCd1234"\nlists = { open = "A", done = "a" }', 7, "cannot mean two"),
        (TRELLO + 'url = "trello:AbCd1234"\nlists = { opened = "A" }', 7, "opened"),
        (TRELLO.replace('key = "k"\n', "") + 'url = "trello:AbCd1234"', 3, "wants a key"),
        (MIRO.replace('token = "t"', 'key = "k"') + 'url = "miro:uXjVO0aBcDe="', 3, "“token” is missing"),
        (MIRO + 'url = "miro:uXjVO0aBcDe="\nlists = { open = "A" }', 6, "is for Trello"),
        (MIRO.replace("[boards.wall]", '[boards."my wall"]') + 'url = "miro:uXjVO0aBcDe="', 5, "other than letters"),
        (MIRO + 'url = "miro:uXjVO0aBcDe="\napi_root = "http://miro.example"', 6, "not encrypted"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, said: str, tmp_path: Path) -> None:
    path = tmp_path / "kpisheets.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadConfig) as found:
        load(path)
    problems = [problem for problem in found.value.problems if said in problem.what]
    assert [problem.mend != "" for problem in problems] == [True], found.value.problems
    assert problems[0].where == f"kpisheets.toml:{line}"


@pytest.mark.parametrize(
    ("url", "board"),
    [
        ("trello:AbCd1234", "AbCd1234"),
        ("trello:https://trello.com/b/AbCd1234/the-team", "AbCd1234"),
        ("trello:5abbe4b7ddc1b351ef961414", "5abbe4b7ddc1b351ef961414"),
        ("miro:https://miro.com/app/board/uXjVO0aBcDe=/?share_link_id=1", "uXjVO0aBcDe="),
    ],
)
def test_a_board_by_id_or_address(url: str, board: str, tmp_path: Path) -> None:
    path = tmp_path / "kpisheets.toml"
    base = TRELLO if url.startswith("trello") else MIRO
    path.write_text(f'{base}url = "{url}"\n', encoding="utf-8")
    [found] = load(path).boards.values()
    assert found.board == board
