"""Snowflake through its own client and SQLAlchemy dialect, against an emulator that lives in the client's process.

The emulator wants an older client than the one of today, so a program asks and compares in an environment of its own.
It is lenient about types, and knows neither the bound of a statement's time nor users: these stay untried.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from kpisheets.testing import ConnectorTests

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
    said = re.fullmatch(r"([\d,]+) numbers are the same, (\d+) tests passed\n", done.stdout)
    assert said, done.stdout
    assert int(said[1].replace(",", "")) > 10_000
    assert int(said[2]) == sum(name.startswith("test_") for name in dir(ConnectorTests))
