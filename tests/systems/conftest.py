"""Tests on whole systems, which `scripts/systems` installs; without it none of them is collected."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

if not os.environ.get("KPISHEETS_SYSTEMS"):
    collect_ignore_glob = ["*"]


@pytest.fixture(scope="session")
def systems() -> Path:
    """The folder into which `scripts/systems` installs."""
    return ROOT / ".systems"
