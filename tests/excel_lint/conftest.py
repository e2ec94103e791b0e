"""The base workbook, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.excel_lint.base import Parts, everything, read


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean workbook, made by XlsxWriter."""
    return everything(tmp_path_factory.mktemp("lint") / "base.xlsx")


@pytest.fixture(scope="session")
def parts(base: Path) -> Parts:
    """Its parts."""
    return read(base)
