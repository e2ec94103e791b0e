"""Exactly once, as far as physics allows: whatever befalls a run, nobody gets two copies and nothing is dropped.

A selection; `scripts/checks/schedule.py` takes hundreds.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.schedule import harness
from tests.schedule.harness import MONDAY, TO, Nursery, World


@pytest.fixture(scope="module")
def quiet(made: Path, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """How many lines of code and bytes an undisturbed run takes."""
    with harness.world(made, tmp_path_factory.mktemp("quiet") / "project", nursery) as world:
        world.ran(MONDAY, traced=True)
        return {"lines": world.lines, "bytes": world.wire.sent}


def test_a_quiet_run_sends_each_message_once(world: World) -> None:
    done = world.ran(MONDAY + timedelta(seconds=20))
    assert done["code"] == 0
    assert [one["state"] for one in done["deliveries"]] == ["sent"] * 3
    assert all(len(identity) <= 70 for _, identity in world.server.taken)
    for minutes in (15, 30, 105):
        assert world.ran(MONDAY + timedelta(minutes=minutes))["deliveries"] == []
    assert world.server.copies == dict.fromkeys(TO, 1)


@pytest.mark.parametrize("share", [0.1, 0.35, 0.45, 0.6, 0.75, 0.95])
def test_killed_at_a_line_of_code(world: World, quiet: dict[str, int], share: float) -> None:
    assert world.run(MONDAY, traced=True, kill_at=int(share * quiet["lines"])) is None
    world.judge(MONDAY)


@pytest.mark.parametrize(("share", "kill"), [(0.02, True), (0.3, False), (0.5, True), (0.9999, False)])
def test_struck_in_the_middle_of_a_message(world: World, quiet: dict[str, int], share: float, kill: bool) -> None:
    done = world.run_under(MONDAY, cut_at=int(share * quiet["bytes"]), kill=kill)
    assert (done is None) is kill
    world.judge(MONDAY)


@pytest.mark.parametrize(("number", "kill"), [(1, True), (3, True), (2, False)])
def test_the_answer_to_a_whole_message_never_arrives(world: World, number: int, kill: bool) -> None:
    """The one doubt that no protocol removes: the server has the message, and its yes is lost."""
    world.run_under(MONDAY, verdict_at=number, kill=kill)
    assert world.server.copies.total() == (number if kill else len(TO))
    world.settle(MONDAY)
    assert sorted(world.states().values()) == ["sent", "sent", "unknown"]
    world.judge(MONDAY)


def test_crowded_while_one_is_killed(world: World, quiet: dict[str, int]) -> None:
    orders = [{"traced": True, "kill_at": quiet["lines"] // 2}, {}, {}, {}, {}, {}, {}, {}]
    for pid in [world.start(MONDAY, **order) for order in orders]:
        world.wait(pid)
    world.judge(MONDAY)


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_in_a_folder_nothing_is_ever_in_doubt(world: World, quiet: dict[str, int], share: float) -> None:
    world.configure(f"smtp://127.0.0.1:{world.wire.port}", "outbox:out")
    assert world.run(MONDAY, traced=True, kill_at=int(share * 0.58 * quiet["lines"])) is None
    world.settle(MONDAY)
    assert world.states() == dict.fromkeys(TO, "sent")
    assert len(list((world.root / "out").glob("*.eml"))) == 3
