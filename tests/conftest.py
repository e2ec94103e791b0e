"""What tests share: Hypothesis profiles, the corpus of other programs' workbooks, LibreOffice."""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("kpisheets.testing")

ROOT = Path(__file__).resolve().parent.parent

# Two workers on a busy machine make a slow example; that says nothing about the code. `thorough` is for long hunts.
# A gate must say the same of the same code, so CI draws the same examples each time; every other run draws new ones.
settings.register_profile(
    "ci",
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.register_profile("thorough", parent=settings.get_profile("ci"), max_examples=2000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What mostly waits comes first: one worker waits while the others work, and nobody waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("waits") is None)


def pytest_collection_finish() -> None:
    """What is imported by now stays: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_corpus() -> Path:
    """A folder of workbooks and recordings that other programs made; ``KPISHEETS_CORPUS`` names another one."""
    folder = Path(os.environ.get("KPISHEETS_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip("the corpus is not here; KPISHEETS_CORPUS names its folder")
    return folder


@pytest.fixture(scope="session")
def soffice() -> str:
    """The path of LibreOffice's program."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-calc-nogui python3-uno")
    return found
