"""Servers that are down, refuse or put off; outages, clocks that jump, data that is not fresh: nothing twice, nothing
lost, everything told."""

from __future__ import annotations

import email
import re
from datetime import UTC, datetime, timedelta
from email import policy

import pytest

from tests.schedule.harness import MONDAY, QUARTER, TO, Server, World, serving

ANN, BOB, EVE = TO


def test_a_server_that_is_down(world: World) -> None:
    with serving(Server()) as dead:
        port = dead.port
    world.configure(f":{world.wire.port}", f":{port}")
    for step in range(3):
        done = world.ran(MONDAY + step * QUARTER)
        assert done["code"] == 69
        assert len(done["deliveries"]) == 2, "after two tries in vain, a run leaves it at that"
        assert any("nothing answers" in line for line in world.told)
    frozen = world.ledger("SELECT recipient, message_id FROM kpi_delivery ORDER BY recipient")
    world.configure(f":{port}", f":{world.wire.port}")
    assert world.ran(MONDAY + 3 * QUARTER)["code"] == 0
    assert sorted(world.server.taken) == frozen
    assert world.server.copies == dict.fromkeys(TO, 1)


def test_greylisting_is_waited_for_in_silence(world: World) -> None:
    world.server.greylists = True
    done = world.ran(MONDAY)
    assert (done["code"], done["problems"]) == (0, [])
    assert [one["state"] for one in done["deliveries"]] == ["retry"] * 3
    assert world.ran(MONDAY + timedelta(minutes=1))["deliveries"] == [], "too early"
    assert [one["state"] for one in world.ran(MONDAY + QUARTER)["deliveries"]] == ["sent"] * 3
    assert world.server.copies == dict.fromkeys(TO, 1)


def test_one_refused_one_put_off_for_ever_and_one_glad(world: World) -> None:
    world.server.refused, world.server.put_off = {ANN}, {BOB}
    done = world.ran(MONDAY)
    assert done["code"] == 65
    assert ANN in done["problems"][0]["what"]
    assert world.states() == {ANN: "failed", BOB: "retry", EVE: "sent"}
    now = MONDAY
    for _ in range(4):
        now += timedelta(hours=1)
        done = world.ran(now)
    assert any(BOB in line for line in world.told), "put off again and again, and nobody said so"
    done = world.ran(MONDAY + timedelta(days=7))
    assert {one["to"]: one["state"] for one in done["deliveries"] if one["slot"].startswith("2026-11-23")} == {
        BOB: "failed"
    }
    assert any("a newer report took its place" in problem["what"] for problem in done["problems"])
    assert world.server.copies == {EVE: 2}


def test_late_beyond_all_use(world: World) -> None:
    world.configure("[schedule]", '[schedule]\nmax_late = "2h"')
    world.server.put_off = {BOB}
    world.ran(MONDAY)
    done = world.ran(MONDAY + timedelta(hours=3))
    assert world.states()[BOB] == "failed"
    assert any("too late" in problem["what"] for problem in done["problems"])
    world.server.put_off = set()
    assert world.ran(MONDAY + timedelta(hours=4), resend=True)["code"] == 0
    assert world.server.copies == dict.fromkeys(TO, 1)


def test_an_outage_of_three_weeks(world: World) -> None:
    assert world.ran(MONDAY)["code"] == 0
    done = world.ran(MONDAY + timedelta(days=23))
    assert done["code"] == 1
    assert sorted(slot["state"] for slot in done["slots"]) == ["done", "missed", "missed"]
    assert "no run took place" in done["problems"][0]["what"]
    assert world.server.copies == dict.fromkeys(TO, 2)
    assert world.ran(MONDAY + timedelta(days=23) + QUARTER)["code"] == 0


def test_a_clock_that_jumps(world: World) -> None:
    """Back to the day the machine was built, forward by a year, back again: no second copies, and none too few."""
    assert world.ran(MONDAY)["code"] == 0
    for then in ("1970-01-05T06:30", "1970-01-05T07:30"):
        done = world.ran(datetime.fromisoformat(then).replace(tzinfo=UTC))
        assert done["deliveries"] == []
    assert sum("the clock was put back" in line for line in world.told) == 1
    assert world.ran(MONDAY + QUARTER)["deliveries"] == []
    ahead = world.ran(MONDAY + timedelta(days=365))
    assert len(ahead["deliveries"]) == 3, "what is due by that clock is sent"
    assert world.ran(MONDAY + 2 * QUARTER)["deliveries"] == []
    assert len(world.ran(MONDAY + timedelta(days=7))["deliveries"]) == 3
    assert world.server.copies == dict.fromkeys(TO, 3)
    assert len({identity for _, identity in world.server.taken}) == 9
    # A year later, the slot that the wrong clock had done is told, and not sent again.
    before = MONDAY + timedelta(days=364)
    world.ran(before - QUARTER)
    done = world.ran(before)
    assert (done["code"], done["deliveries"]) == (1, [])
    assert "done before its time" in done["problems"][0]["what"]


def test_the_night_in_which_the_clock_repeats_an_hour(world: World) -> None:
    world.configure('"0 7 * * MON"', '"30 2 * * *"')
    now = datetime(2026, 10, 24, 23, 50, tzinfo=UTC)  # 01:50 in Paris; 02:30 comes at 00:30 and again at 01:30 UTC
    sent = []
    world.ran(now - timedelta(hours=12))
    world.server.taken.clear()
    for _ in range(12):
        now += QUARTER
        sent += [now] * len(world.ran(now)["deliveries"])
    assert sent == [datetime(2026, 10, 25, 0, 35, tzinfo=UTC)] * 3


def test_eight_at_once(world: World) -> None:
    for pid in [world.start(MONDAY) for _ in range(8)]:
        done = world.wait(pid)
        assert done is not None
        assert done["code"] == 0
    assert world.server.copies == dict.fromkeys(TO, 1)


# --- data that is not fresh -------------------------------------------------------------------------------------------


def subjects(world: World) -> list[str]:
    return [str(email.message_from_bytes(one, policy=policy.default)["Subject"]) for one in world.server.bodies]


@pytest.fixture
def syncing(world: World) -> World:
    world.configure("sync = []", 'sync = ["before reports"]')
    return world


def test_a_report_waits_for_the_sync_and_is_labelled_then(syncing: World) -> None:
    (syncing.root / "data/orders.csv").unlink()
    (syncing.root / "data").rmdir()
    for now in (MONDAY, MONDAY + 3 * QUARTER):
        done = syncing.ran(now)
        assert (done["code"], done["synced"], done["deliveries"]) == (69, False, [])
        assert "waits for a sync" in done["slots"][0]["note"]
    assert len(syncing.ran(MONDAY + 4 * QUARTER)["deliveries"]) == 3
    assert all("not up to date" in subject for subject in subjects(syncing))


def test_a_report_that_is_fresh_is_not_labelled(syncing: World) -> None:
    assert syncing.ran(MONDAY)["synced"] is True
    assert not any("not up to date" in subject for subject in subjects(syncing))


def test_data_too_old_is_withheld_and_sent_once_it_is_fresh(syncing: World) -> None:
    syncing.configure("sync = [", 'max_age = "6h"\npatience = "0s"\nsync = [')
    data = syncing.root / "data/orders.csv"
    text = data.read_bytes()
    data.unlink()
    data.parent.rmdir()
    done = syncing.ran(MONDAY)
    assert done["deliveries"] == []
    assert any("withheld" in problem["what"] for problem in done["problems"])
    data.parent.mkdir()
    data.write_bytes(text)
    assert len(syncing.ran(MONDAY + QUARTER)["deliveries"]) == 3
    assert not any("not up to date" in subject for subject in subjects(syncing))


def test_what_is_frozen_says_the_same_whenever_it_is_sent(world: World) -> None:
    """A workbook that changes between two tries changes nothing for those who were put off."""
    world.server.put_off = {BOB}
    world.ran(MONDAY)
    (world.root / "Acme KPIs.xlsx").unlink()
    world.server.put_off = set()
    assert [one["state"] for one in world.ran(MONDAY + QUARTER)["deliveries"]] == ["sent"]
    texts = []
    for body in world.server.bodies:
        message = email.message_from_bytes(body, policy=policy.default)
        for name in ("To", "Message-ID", "References", "In-Reply-To", "X-Peer", "X-MailFrom", "X-RcptTo"):
            del message[name]
        part = message.get_body(("plain",))
        assert part is not None
        texts.append((message["Date"], message["Subject"], re.split(r"\r?\n-- \r?\n", part.get_content())[0]))
    assert len(texts) == 3
    assert len(set(texts)) == 1
