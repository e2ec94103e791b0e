"""Turns that processes of one machine take through a file: real processes, real kills, broken folders."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kpisheets.errors import TryLater
from kpisheets.google_access.pacing import READ, WRITE, Quota
from kpisheets.google_access.turns import Turns
from tests.docs.papers import ROOT
from tests.google_access.queueing import LIMIT, SPAN, asked

WORKER = """
import sys
from pathlib import Path
from tests.google_access.queueing import asked
for _ in range(int(sys.argv[2])):
    print(*asked(Path(sys.argv[1])), flush=True)
"""


def assert_right_and_frugal(turns: list[tuple[float, float]]) -> None:
    """No window holds too many, and who waited did so for a full window alone."""
    moments = sorted(moment for moment, _ in turns)
    for moment, waited in turns:
        before = sum(1 for other in moments if moment - SPAN - 1e-3 < other < moment + 1e-3) - 1
        within = sum(1 for other in moments if moment <= other < moment + SPAN - 1e-3)
        assert within <= LIMIT
        if waited:
            assert before >= LIMIT


def worker(folder: Path, count: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", WORKER, str(folder), str(count)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def turns(folder: Path, **more) -> Turns:
    return Turns(folder, "project", "user", Quota(user=2, project=10), **more)


class Simulated:
    """A clock that stands still but while somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 1_000_000.0, list[float]()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def handed(self) -> dict:
        return {"clock": lambda: self.now, "sleep": self.sleep}


def held(folder: Path) -> dict:
    """The moments in the file: of its one ledger, by user and kind."""
    [ledger] = json.loads(next(folder.glob("*.json")).read_text()).values()
    return ledger["moments"]


def test_processes_take_turns_and_waste_none(tmp_path: Path) -> None:
    running = [worker(tmp_path, 10) for _ in range(4)]
    lines = [line.split() for process in running for line in process.communicate(timeout=120)[0].splitlines()]
    turns = [(float(moment), float(waited)) for moment, waited in lines]
    assert len(turns) == 40
    assert_right_and_frugal(turns)


def test_a_killed_process_leaves_nothing_behind(tmp_path: Path) -> None:
    for delay in (0.02, 0.05, 0.1, 0.15):
        process = worker(tmp_path, 10_000)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        begin = time.monotonic()
        Turns(tmp_path, "project", f"user {delay}", Quota()).wait(READ)
        assert time.monotonic() - begin < 10
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".lock", ".new"}


def test_threads_take_turns(tmp_path: Path) -> None:
    turns: list[tuple[float, float]] = []
    threads = [threading.Thread(target=lambda: turns.extend(asked(tmp_path) for _ in range(6))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(turns) == 24
    assert any(waited for _, waited in turns)
    assert_right_and_frugal(turns)


def test_a_later_run_knows_of_the_earlier_one(tmp_path: Path) -> None:
    time_ = Simulated()
    for _ in range(2):
        assert turns(tmp_path, **time_.handed).wait(READ) == 0
    assert turns(tmp_path, **time_.handed).wait(WRITE) == 0
    assert turns(tmp_path, **time_.handed).wait(READ) == pytest.approx(62)


def test_a_long_wait_is_told(tmp_path: Path) -> None:
    time_, told = Simulated(), list[str]()
    for _ in range(3):
        turns(tmp_path, **time_.handed, tell=told.append).wait(READ)
    assert told == ["Waiting 62 s for Google's quota"]


def test_a_queue_of_hours_is_refused_and_left(tmp_path: Path) -> None:
    time_ = Simulated()
    stuck = turns(tmp_path, clock=lambda: time_.now, sleep=lambda _: None)
    for _ in range(118):
        stuck.wait(READ)
    for _ in range(2):
        with pytest.raises(TryLater, match="longer than an hour"):
            stuck.wait(READ)
    assert [len(kinds[READ]) for kinds in held(tmp_path).values()] == [118]


def test_who_is_interrupted_gives_the_turn_back(tmp_path: Path) -> None:
    time_ = Simulated()

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    for _ in range(2):
        turns(tmp_path, **time_.handed).wait(READ)
    with pytest.raises(KeyboardInterrupt):
        turns(tmp_path, clock=lambda: time_.now, sleep=interrupted).wait(READ)
    assert turns(tmp_path, **time_.handed).wait(READ) == pytest.approx(62)


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '{"a": {"written": "x", "moments": {}}}', '{"a":{"written":1,"moments":{"a":3}}}', "\x00"]
)
def test_a_file_that_makes_no_sense_is_begun_anew(tmp_path: Path, text: str) -> None:
    time_ = Simulated()
    turns(tmp_path, **time_.handed).wait(READ)
    [path] = tmp_path.glob("*.json")
    path.write_text(text)
    assert turns(tmp_path, **time_.handed).wait(READ) == 0
    assert held(tmp_path)


def test_without_a_folder_this_process_paces_itself(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    time_ = Simulated()
    waits = [turns(tmp_path / "file" / "cache", **time_.handed).wait(READ) for _ in range(3)]
    assert waits == [0, 0, pytest.approx(62)]


def test_without_room_for_the_file_this_process_paces_itself(tmp_path: Path) -> None:
    time_ = Simulated()
    turns(tmp_path, **time_.handed).wait(READ)
    [path] = tmp_path.glob("*.json")
    path.with_suffix(".new").mkdir()
    assert turns(tmp_path, **time_.handed).wait(READ) == 0
    assert turns(tmp_path, **time_.handed).wait(READ) == pytest.approx(62)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    time_ = Simulated()
    waits = [turns(tmp_path, **time_.handed).wait(READ) for _ in range(3)]
    tmp_path.chmod(0o700)
    assert waits == [0, 0, pytest.approx(62)]


def test_projects_and_endpoints_are_counted_apart_and_forgotten(tmp_path: Path) -> None:
    time_ = Simulated()
    for number in range(20):
        other = Turns(tmp_path, "project", "user", Quota(user=1), endpoint=f"http://127.0.0.1:{number}", **time_.handed)
        assert other.wait(READ) == 0
    assert Turns(tmp_path, "other", "user", Quota(user=1), **time_.handed).wait(READ) == 0
    [path] = tmp_path.glob("*.json")
    assert len(json.loads(path.read_text())) == 21
    time_.now += 2 * 86_400
    assert Turns(tmp_path, "other", "user", Quota(user=1), **time_.handed).wait(READ) == 0
    assert len(json.loads(path.read_text())) == 1


def test_nobody_learns_from_the_file_who_asked(tmp_path: Path) -> None:
    Turns(tmp_path, "acme-project", "kpi@example.org", Quota()).wait(READ)
    [path] = tmp_path.glob("*.json")
    assert "acme" not in path.name
    assert "example" not in path.read_text()
