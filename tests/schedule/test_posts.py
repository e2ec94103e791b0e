"""Posts of scheduled runs: one for each slot and target, whatever happens to the run or to the service."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator

import pytest

from tests.google_access.scripted import Reply, Scripted, wait_for
from tests.schedule.harness import MONDAY, QUARTER, TO, World

OK = Reply(raw=b"ok")


@pytest.fixture
def web() -> Iterator[Scripted]:
    with Scripted().running() as server:
        yield server


@pytest.fixture
def posting(world: World, web: Scripted) -> World:
    """The report goes to three people, to Slack and to Teams."""
    targets = f'slack = "{web.root}/hook/s3cret"\nteams = "{web.root}/flow/s3cret"\n'
    world.configure('schedule = "0 7 * * MON"', f'{targets}schedule = "0 7 * * MON"')
    return world


def posts(web: Scripted) -> list[str]:
    return [seen.path.split("/")[1] for seen in web.seen]


def of(world: World) -> dict[str, str]:
    """The states of the posts by channel."""
    return dict(world.ledger("SELECT channel, state FROM kpi_delivery WHERE channel IN ('slack', 'teams')"))


def test_each_target_gets_one_post_however_often_runs_come(posting: World, web: Scripted) -> None:
    web.script = [OK, OK]
    done = posting.ran(MONDAY)
    posting.ran(MONDAY + QUARTER)
    assert sorted(posts(web)) == ["flow", "hook"]
    assert posting.server.copies.total() == len(TO)
    assert of(posting) == {"slack": "sent", "teams": "sent"}
    (slack,) = [json.loads(seen.body) for seen in web.seen if seen.path.startswith("/hook")]
    assert "Acme" in slack["blocks"][0]["text"]["text"]
    assert "s3cret" not in json.dumps(done)
    assert not posting.ledger("SELECT * FROM kpi_delivery WHERE recipient LIKE '%s3cret%' OR note LIKE '%s3cret%'")


def test_a_doubt_is_held_and_reported_and_resent_when_a_person_says_so(posting: World, web: Scripted) -> None:
    web.script = [Reply(502, raw=b"oops"), OK]
    posting.ran(MONDAY)
    posting.ran(MONDAY + QUARTER)
    assert sorted(posts(web)) == ["flow", "hook"]
    assert sorted(of(posting).values()) == ["sent", "unknown"]
    assert any("may have arrived" in line for line in posting.told)
    assert not any("s3cret" in line for line in posting.told)
    web.script = [OK]
    posting.ran(MONDAY + 2 * QUARTER, resend=True)
    assert set(of(posting).values()) == {"sent"}
    assert len(posts(web)) == 3
    assert posting.server.copies.total() == len(TO)


def test_a_run_that_is_killed_with_a_post_on_its_way_leaves_it_held(posting: World, web: Scripted) -> None:
    web.script = [Reply(fault="hang")]
    running = posting.start(MONDAY)
    wait_for(lambda: not web.script, 20)
    os.kill(running, signal.SIGKILL)
    assert posting.wait(running) is None
    web.held.set()
    posting.ran(MONDAY + QUARTER)
    assert sorted(of(posting).values()) == ["sent", "unknown"]
    posting.ran(MONDAY + 2 * QUARTER)
    assert len(posts(web)) == 2
    assert posting.server.copies.total() == len(TO)


def test_what_counts_requests_is_left_alone_for_as_long_as_it_asks(posting: World, web: Scripted) -> None:
    web.script = [Reply(429, raw=b"", headers={"Retry-After": "0.2"}), OK, OK]
    posting.ran(MONDAY)
    assert len(posts(web)) == 3
    assert set(of(posting).values()) == {"sent"}


def test_a_service_that_asks_for_hours_gets_them_and_mails_go_out(posting: World, web: Scripted) -> None:
    web.script = [Reply(429, raw=b"", headers={"Retry-After": "3600"}), OK]
    posting.ran(MONDAY)
    posting.ran(MONDAY + QUARTER)
    assert len(posts(web)) == 2
    assert sorted(of(posting).values()) == ["retry", "sent"]
    assert posting.server.copies.total() == len(TO)
    web.script = [OK]
    posting.ran(MONDAY + 5 * QUARTER)
    assert set(of(posting).values()) == {"sent"}


def test_a_target_that_is_taken_out_of_the_file_is_not_posted_to_any_more(posting: World, web: Scripted) -> None:
    web.script = [Reply(503, raw=b""), OK]
    posting.ran(MONDAY)
    waiting = next(channel for channel, state in of(posting).items() if state == "retry")
    path = {"slack": "hook", "teams": "flow"}[waiting]
    posting.configure(f'{waiting} = "{web.root}/{path}/s3cret"\n', "")
    posting.ran(MONDAY + QUARTER)
    assert of(posting)[waiting] == "failed"
    assert any("no target of this report any more" in line for line in posting.told)
    assert len(posts(web)) == 2
