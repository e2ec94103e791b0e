"""The pace of a fleet against independent models of Google's quota: used, and never overdrawn."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpisheets.google_access.pacing import READ, WRITE, Ledger, Quota
from tests.google_access.service import ASSUMPTIONS, Service, fleet

MINUTES = 10
EPOCH = 1_700_000_000.0  # moments are as large as those of real clocks, and as coarse
NAMES = [assume.__name__ for assume in ASSUMPTIONS]


def run(assume, users: int, agents: int, seed: int, *, way: float, work: float, margin: float = 2.0) -> Service:
    rng, ledger, quota = random.Random(seed), Ledger(), Quota(margin=margin)
    service = Service(assume, rng.random() * 60)
    people = [f"user {number % users}" for number in range(agents)]
    fleet(
        lambda user, now: ledger.promise(user, READ, quota, now),
        service,
        people,
        MINUTES * 60,
        rng,
        way=way,
        work=work,
    )
    return service


def share_used(service: Service, limit: int) -> float:
    """Of the quota, once it is short: a first burst of a whole minute's requests would flatter a short run."""
    later = [moment for moment in service.admitted if moment > service.admitted[0] + 30]
    return len(later) / (service.admitted[-1] - service.admitted[0]) / (limit / 60)


@pytest.mark.parametrize("assume", ASSUMPTIONS, ids=NAMES)
def test_one_account_with_many_spreadsheets_uses_its_minute(assume) -> None:
    service = run(assume, users=1, agents=40, seed=1, way=0.4, work=1.5)
    assert service.refused == 0
    assert share_used(service, 60) >= 0.95


@pytest.mark.parametrize("assume", ASSUMPTIONS, ids=NAMES)
def test_many_accounts_use_the_project_s_minute(assume) -> None:
    service = run(assume, users=9, agents=90, seed=2, way=0.4, work=1.5)
    assert service.refused == 0
    assert share_used(service, 300) >= 0.95


def test_the_models_refuse_who_does_not_pace() -> None:
    """The judge can condemn: the same fleet without a pace is refused by each model."""
    for assume in ASSUMPTIONS:
        service, rng = Service(assume, 20.0), random.Random(3)
        fleet(lambda _, now: now, service, ["user"] * 5, 120, rng, way=0.4, work=1.5)
        assert service.refused > 0


def test_a_small_margin_is_too_little_for_a_slow_way() -> None:
    """Requests that travel for up to two seconds are what the margin is for."""
    slow = {"users": 1, "agents": 40, "way": 1.99, "work": 1.5}
    assert run(ASSUMPTIONS[0], seed=4, **slow).refused == 0
    assert run(ASSUMPTIONS[0], seed=4, **slow, margin=0.2).refused > 0


@settings(max_examples=25, deadline=None)
@given(
    assume=st.sampled_from(ASSUMPTIONS),
    users=st.integers(1, 8),
    agents=st.integers(1, 60),
    seed=st.integers(0, 2**32),
    way=st.floats(0, 1.9),
    work=st.floats(0, 20),
)
def test_no_fleet_overdraws(assume, users: int, agents: int, seed: int, way: float, work: float) -> None:
    quota = Quota(user=6, project=15)
    rng, ledger = random.Random(seed), Ledger()
    service = Service(assume, rng.random() * 60, user_limit=6, project_limit=15)
    people = [f"user {number % users}" for number in range(agents)]

    def promise(user: str, now: float) -> float:
        return ledger.promise(user, WRITE, quota, now + EPOCH) - EPOCH

    fleet(promise, service, people, 600, rng, way=way, work=work)
    assert service.refused == 0


def test_reads_and_writes_have_a_quota_each() -> None:
    ledger, quota = Ledger(), Quota(user=3)
    assert [ledger.promise("a", READ, quota, 0.0) for _ in range(3)] == [0.0] * 3
    assert [ledger.promise("a", WRITE, quota, 0.0) for _ in range(3)] == [0.0] * 3
    assert ledger.promise("a", READ, quota, 1.0) == 62.0


def test_who_has_spent_their_own_holds_up_nobody() -> None:
    ledger, quota = Ledger(), Quota(user=2, project=4)
    assert [ledger.promise("a", READ, quota, 0.0) for _ in range(4)] == [0.0, 0.0, 62.0, 62.0]
    assert ledger.promise("b", READ, quota, 1.0) == 1.0


def test_each_is_served_in_the_order_of_asking() -> None:
    ledger, quota = Ledger(), Quota(user=5, project=7)
    moments = [ledger.promise("a", READ, quota, now / 10) for now in range(60)]
    assert moments == sorted(moments)


def test_a_clock_that_was_set_back_makes_nobody_wait_for_it() -> None:
    ledger, quota = Ledger(), Quota(user=2)
    ledger.promise("a", READ, quota, 10_000.0)
    ledger.promise("a", READ, quota, 10_000.0)
    assert ledger.promise("a", READ, quota, 5_000.0) == 5_062.0


def test_clocks_that_differ_a_little_forget_nothing() -> None:
    """Two machines share a home folder, and one is 20 seconds ahead."""
    ledger, quota = Ledger(), Quota(user=4)
    moments = [ledger.promise("a", READ, quota, 10_000.0 + 20 * (number % 2)) for number in range(4)]
    assert moments == [10_000.0, 10_020.0, 10_020.0, 10_020.0]
    assert ledger.promise("a", READ, quota, 10_001.0) == 10_062.0


def test_what_is_over_is_forgotten() -> None:
    ledger, quota = Ledger(), Quota()
    for number in range(500):
        ledger.promise(f"user {number}", READ, quota, number * 10.0)
    assert sum(len(held) for kinds in ledger.moments.values() for held in kinds.values()) <= 7
