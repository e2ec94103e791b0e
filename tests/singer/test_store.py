"""Whatever dies when: a state is never ahead of its records, and a run that goes on from it ends where it should."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpisheets.connectors.singer import store as storing
from kpisheets.connectors.singer.messages import Record
from kpisheets.connectors.singer.store import Store
from kpisheets.errors import TryLater

Step = tuple[str, str] | None
"""A record's key and value, or None for a state."""

steps = st.lists(st.none() | st.tuples(st.sampled_from("abcd"), st.sampled_from("1234")), max_size=14)


def played(path: Path, told: list[Step], first: int, stop: int, *, killed: bool, whole: bool = False) -> None:
    """Messages from ``first`` on come until ``stop``, where the tap fails, or everything is killed, or it has ended."""
    store = Store(path)
    try:
        store.begin(["key"], ["key", "value"], replace=whole)
        for place, step in enumerate(told[first:stop], first):
            if step is None:
                store.reached(str(place + 1))
            else:
                store.add(Record("s", {"key": step[0], "value": step[1]}))
        if stop >= len(told):
            store.end()
        elif not killed:
            store.stopped()
    finally:
        store.close()


def held(path: Path) -> tuple[dict[str, str], int]:
    with duckdb.connect(str(path)) as sql:
        there = sql.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'records'").fetchone()
        rows = sql.execute("SELECT key, value FROM records").fetchall() if there and there[0] else []
        state = sql.execute("SELECT state FROM kpisheets_state").fetchone()
    assert len(rows) == len(dict(rows))
    return dict(rows), int(state[0]) if state else 0


# Each example makes files.
some = settings(max_examples=max(10, settings.default.max_examples // 5))


@some
@given(steps, st.integers(0, 14), st.booleans(), st.sampled_from([0.0, 1000.0]), st.sampled_from([1, 3, 5000]))
def test_a_state_is_never_ahead(told: list[Step], stop: int, killed: bool, often: float, batch: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(storing, "_OFTEN", often)
        patch.setattr(storing, "_BATCH", batch)
        path = Path(folder) / "s.duckdb"
        played(path, told, 0, stop, killed=killed)
        rows, state = held(path)
        for key, value in {step[0]: step[1] for step in told[:state] if step}.items():
            later = {step[1] for step in told[state:stop] if step and step[0] == key}
            assert rows[key] in {value, *later}
        if not killed and stop < len(told):
            assert state == max((place + 1 for place, step in enumerate(told[:stop]) if step is None), default=0)
        # What a tap does with a state: it goes on there.
        played(path, told, state, len(told), killed=False)
        assert held(path)[0] == {step[0]: step[1] for step in told if step}


@some
@given(steps, steps, st.integers(0, 14))
def test_a_whole_stream_is_there_or_not(former: list[Step], told: list[Step], stop: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.duckdb"
        played(path, former, 0, len(former), killed=False, whole=True)
        before = held(path)
        played(path, told, 0, stop, killed=False, whole=True)
        if stop < len(told):
            assert held(path) == before
        else:
            assert held(path)[0] == {step[0]: step[1] for step in told if step}


def test_two_runs_at_once(tmp_path: Path) -> None:
    """The second of two processes is told to come later."""
    path = tmp_path / "s.duckdb"
    program = f"import duckdb, time; held = duckdb.connect({str(path)!r}); print('held', flush=True); time.sleep(30)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            with pytest.raises(TryLater, match="another run is reading this tap"):
                Store(path)
        finally:
            other.kill()
