"""Runs that are killed, that meet each other, or that meet a dead server: the workbook is the old or the new one."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time

import pytest

from kpisheets.cli import main
from tests.cli.conftest import MONTHS, Folder

KILLS = 20


def _orders(amount: int) -> str:
    return f"day,amount\n2025-01-03,{amount}\n2025-02-03,20.25\n2025-03-31,7\n"


def _sync(root: str) -> None:
    main(["--project", root, "sync", "--quiet"])


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is of Unix")
def test_kill_at_any_moment(folder: Folder) -> None:
    """Each run has something to write and is killed at a random instant; whatever it leaves, the next run goes on."""
    with folder.edited() as tab:  # an Actual that is handed back to the source at each run
        tab["revenue|2025-01", "Actual"] = None
    # Forked from a process that has everything imported: the kills meet the work and not the start.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["kpisheets.project", "kpisheets.backends.excel.workbook", "duckdb", "sqlglot"])
    for _ in range(2):  # the first one waits for the imports
        started = time.monotonic()
        first = context.Process(target=_sync, args=(str(folder.root),))
        first.start()
        first.join(60)
        usual = time.monotonic() - started
    assert first.exitcode == 0
    mark = f".{folder.book.name[:40]}.*.kpisheets-tmp"
    chance = random.Random(9)
    killed = replaced = 0
    for run in range(KILLS):
        folder.write("data/orders.csv", _orders(100 + run))
        before = folder.book.read_bytes()
        process = context.Process(target=_sync, args=(str(folder.root),))
        process.start()
        if run % 2:  # half of the kills come while the new file is being written, swapped or cleaned up after
            while process.is_alive() and not any(folder.root.glob(mark)):
                time.sleep(0.001)
            if run % 4 == 1:
                time.sleep(chance.uniform(0, 0.03))
            while run % 4 == 3 and process.is_alive() and any(folder.root.glob(mark)):
                time.sleep(0.001)
        else:
            time.sleep(usual * chance.random())
        process.kill()
        process.join(60)
        killed += process.exitcode == -signal.SIGKILL
        for left in folder.root.glob(mark):
            left.unlink()  # the next run would: this loop waits for that one's own
        after = folder.book.read_bytes()
        replaced += after != before
        if after != before:
            tab = folder.tab("Tracking")  # another program opens it
            assert [tab[f"leads|{month}", "Actual"] for month in MONTHS] == [3, 4, 5]
            assert tab["revenue|2025-01", "Source value"] == 100 + run
    assert killed >= KILLS // 3
    assert 0 < replaced < KILLS  # both happened
    done = folder.run("sync", "--json")
    assert done.code == 0
    assert folder.run("sync", "--json").json["written"] == 0
    assert folder.tab("Tracking")["revenue|2025-01", "Source value"] == 100 + KILLS - 1


def test_what_a_killed_run_left_is_swept(folder: Folder) -> None:
    left = folder.root / f".{folder.book.name}.abc.kpisheets-tmp"
    left.write_bytes(b"half")
    long_ago = time.time() - 2 * 86400
    os.utime(left, (long_ago, long_ago))
    assert folder.run("sync").code == 0
    assert not left.exists()


def test_two_syncs_at_once(fresh: Folder) -> None:
    both = [fresh.spawn("sync") for _ in range(2)]
    done = [(*process.communicate(timeout=60), process.returncode) for process in both]
    codes = sorted(code for _, _, code in done)
    assert codes in ([0, 0], [0, 73]), done
    for _, err, code in done:
        assert len(err.decode().splitlines()) == (code != 0)
    again = fresh.run("sync", "--json")
    assert (again.code, again.json["written"], again.json["unchanged"]) == (0, 0, 9)
    tab = fresh.tab("Tracking")
    keys = [tab.sheet.cell(row, tab.columns["Key"]).value for row in range(4, tab.sheet.max_row + 1)]
    assert len([key for key in keys if key]) == len({key for key in keys if key}) == 12


def test_two_provisions_at_once(fresh: Folder) -> None:
    fresh.book.unlink()
    both = [fresh.spawn("provision") for _ in range(2)]
    done = [(*process.communicate(timeout=60), process.returncode) for process in both]
    codes = sorted(code for _, _, code in done)
    assert codes in ([0, 0], [0, 73]), done
    assert all(b"Traceback" not in err for _, err, _ in done)
    assert sorted(path.name for path in fresh.root.glob("*.xlsx")) == [fresh.book.name]
    assert not list(fresh.root.glob(".kpisheets-*"))
    assert fresh.run("sync").code == 0


@pytest.mark.skipif(os.name == "nt", reason="signals are of Unix")
def test_interrupted_from_the_keyboard(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kpisheets.project.Project.sync", interrupted)
    done = folder.run("sync")
    assert (done.code, done.out) == (130, "")
    assert done.err.strip().splitlines() == ["kpisheets: interrupted; run it again when you like"]


def test_kpisheets_toml_says_how_many_backups(folder: Folder) -> None:
    folder.configure('path = "Acme KPIs.xlsx"', 'path = "Acme KPIs.xlsx"\nbackups = 2')
    backups = folder.root / ".kpisheets" / "backups"
    for amount in range(4):
        folder.write("data/orders.csv", _orders(100 + amount))
        with folder.edited() as tab:
            tab["revenue|2025-01", "Actual"] = None
        before = folder.book.read_bytes()
        assert folder.run("sync").code == 0
    kept = sorted(backups.iterdir())
    assert len(kept) == 2
    assert kept[-1].read_bytes() == before
    folder.configure("backups = 2", "backups_mb = 1")
    (backups / kept[0].name).write_bytes(b"x" * 1_000_000)
    with folder.edited() as tab:
        tab["revenue|2025-01", "Actual"] = None
    assert folder.run("sync").code == 0
    assert [path for path in backups.iterdir() if path.stat().st_size >= 1_000_000] == []
    folder.configure("backups_mb = 1", "backups = 0")
    before = sorted(backups.iterdir())
    with folder.edited() as tab:
        tab["revenue|2025-01", "Actual"] = None
    assert folder.run("sync").code == 0
    assert sorted(backups.iterdir()) == before
