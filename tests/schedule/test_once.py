"""Exactly once, as far as physics allows: whatever befalls a run, nobody gets two copies and nothing is dropped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.schedule.harness import MONDAY, TO, World


def test_a_quiet_run_sends_each_message_once(world: World) -> None:
    done = world.ran(MONDAY + timedelta(seconds=20))
    assert done["code"] == 0
    assert [one["state"] for one in done["deliveries"]] == ["sent"] * 3
    assert all(len(identity) <= 70 for _, identity in world.server.taken)
    for minutes in range(15, 120, 15):
        assert world.ran(MONDAY + timedelta(minutes=minutes))["deliveries"] == []
    assert world.server.copies == dict.fromkeys(TO, 1)


@pytest.mark.parametrize("share", [0.08, 0.3, 0.42, 0.5, 0.58, 0.66, 0.74, 0.82, 0.9, 0.97])
def test_killed_at_a_line_of_code(world: World, share: float) -> None:
    counted = 2900  # about as many lines as a run of three messages takes
    if world.run(MONDAY, traced=True, kill_at=int(share * counted)) is not None:
        pytest.fail("the run ended before it was killed")
    world.judge(MONDAY)
