"""The policy of repeating, with a simulated clock."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.errors import NotAllowed, TryLater, Unreachable
from kpisheets.google_access.retry import Failed, Policy, Time, Unanswered, persist


class World:
    """A clock, and a service whose answers take ``work`` seconds each; ``answers`` are raised, or given."""

    def __init__(self, *answers: object, work: float = 0.1, dice: Callable[[], float] = lambda: 1.0) -> None:
        self.now, self.waits, self.lefts = 0.0, list[float](), list[float]()
        self.answers, self.work = list(answers), work
        self.time = Time(lambda: self.now, self.sleep, dice)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def attempt(self, left: float) -> object:
        self.lefts.append(left)
        self.now += self.work
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def persist(self, *, repeatable: bool = True, turn: Callable[[], float] = lambda: 0.0, **policy: float) -> object:
        return persist(self.attempt, Policy(**policy), repeatable=repeatable, turn=turn, passing=self.time)


def busy(after: float = 0.0) -> Failed:
    return Failed(TryLater("busy"), certain=True, after=after)


def silent() -> Failed:
    return Failed(TryLater("no answer"))


def test_what_succeeds_is_asked_once() -> None:
    world = World("done")
    assert world.persist() == "done"
    assert world.waits == []
    assert world.lefts == [180.0]


def test_waits_double_up_to_a_cap() -> None:
    world = World(*[busy()] * 8, "done")
    assert world.persist() == "done"
    assert world.waits == [1, 2, 4, 8, 16, 32, 32, 32]


def test_jitter_is_full() -> None:
    """Each wait is spread over the whole of its range: clients that failed together come back apart."""
    rng = random.Random(1)
    firsts, thirds = [], []
    for _ in range(500):
        world = World(*[busy()] * 3, "done", dice=rng.random)
        world.persist()
        firsts.append(world.waits[0])
        thirds.append(world.waits[2])
    assert min(firsts) < 0.02
    assert 0.98 < max(firsts) <= 1
    assert min(thirds) < 0.08
    assert 3.9 < max(thirds) <= 4
    assert 1.85 < sum(thirds) / 500 < 2.15


def test_a_service_that_names_a_time_is_left_alone_for_it() -> None:
    world = World(busy(after=40), "done", dice=lambda: 0.0)
    world.persist()
    assert world.waits == [40]


def test_who_is_to_wait_beyond_the_deadline_does_not_wait_at_all() -> None:
    world = World(busy(after=3600))
    with pytest.raises(TryLater, match="busy"):
        world.persist()
    assert world.waits == []


@given(deadline=st.floats(1, 500), work=st.floats(0, 50), seed=st.integers(0, 999), after=st.floats(0, 100))
def test_a_service_that_stays_busy_ends_within_the_deadline(
    deadline: float, work: float, seed: int, after: float
) -> None:
    rng = random.Random(seed)
    world = World(busy(after=after), work=work, dice=rng.random)
    with pytest.raises(TryLater) as caught:
        world.persist(deadline=deadline)
    assert caught.value.exit_code == 75
    assert not isinstance(caught.value, Unanswered)
    assert world.now <= deadline + work
    assert all(left <= deadline for left in world.lefts)
    assert len(world.lefts) < 60 + deadline / 2


def test_each_attempt_is_told_what_is_left() -> None:
    world = World(*[busy()] * 2, "done", work=10)
    world.persist(deadline=100)
    assert world.lefts == [100, 89, 77]


def test_what_must_not_be_done_twice_is_not_repeated_blindly() -> None:
    world = World(silent(), "done")
    with pytest.raises(Unanswered) as caught:
        world.persist(repeatable=False)
    assert len(world.lefts) == 1
    assert caught.value.exit_code == 75


def test_what_must_not_be_done_twice_is_repeated_when_it_was_not_done() -> None:
    world = World(busy(), Failed(Unreachable("gone"), unreachable=True), "done")
    assert world.persist(repeatable=False) == "done"


def test_what_may_be_done_twice_is_repeated_after_silence() -> None:
    assert World(silent(), silent(), "done").persist() == "done"


def test_a_service_out_of_reach_is_given_up_soon() -> None:
    world = World(Failed(Unreachable("gone"), unreachable=True))
    with pytest.raises(Unreachable):
        world.persist()
    assert world.now <= 20.1 + 0.1
    assert len(world.lefts) > 3


def test_a_refusal_is_final() -> None:
    world = World(NotAllowed("no"))
    with pytest.raises(NotAllowed):
        world.persist()
    assert len(world.lefts) == 1


def test_the_queue_is_no_failure_of_the_service() -> None:
    """Ten minutes in one's own queue leave the whole deadline to the request."""
    world = World(busy(), "done")

    def turn() -> float:
        world.now += 600
        return 600

    assert world.persist(turn=turn) == "done"
    assert world.lefts == [180.0, pytest.approx(178.9)]


def test_a_turn_that_fails_is_repeated_as_an_attempt_is() -> None:
    turns = iter([busy(), None])

    def turn() -> float:
        failed = next(turns)
        if failed:
            raise failed
        return 0.0

    world = World("done")
    assert world.persist(turn=turn) == "done"
    assert world.waits == [1]
