"""Snowflake through its own client and SQLAlchemy dialect, against an emulator that lives in the client's process.

The emulator wants an older client than the one of today, so a program asks and compares in an environment of its own.
It is lenient about types, and knows neither the bound of a statement's time nor users: these stay untried.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("emulated_snowflake.py")


def test_snowflake_gives_the_numbers_of_duckdb(systems: Path) -> None:
    python = systems / "snowflake" / "bin" / "python"
    if not python.exists():
        pytest.skip("the emulator of Snowflake is not installed: scripts/systems warehouses")
    environment = os.environ | {"PYTHONPATH": str(PROGRAM.parents[3])}
    done = subprocess.run(
        [python, "-W", "ignore", PROGRAM], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(" numbers are the same\n")
    assert int(done.stdout.split()[0].replace(",", "")) > 10_000
