"""New workbooks to look at: of some KPIs, of none, of many, and with names that attack."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpisheets.backends.excel.build import build
from kpisheets.backends.tabs import Content
from kpisheets.core.kpi import Direction, Kpi, RollUp
from kpisheets.core.period import Frequency
from kpisheets.templates import language
from tests.repairs import assert_no_repair

Builder = Callable[..., Path]

SAMPLE = (
    Kpi(
        "revenue",
        "Revenue",
        objective="Grow the shop",
        department="Sales",
        owner="Camille Martin",
        owner_email="camille@example.org",
        unit="currency",
        metric="revenue",
        target=Decimal(120000),
        tolerance=Decimal("0.05"),
        active_from=date(2026, 1, 1),
        definition="Paid orders of the period, without tax.",
        recommendation="Look at the three largest customers first.",
    ),
    Kpi(
        "delivery_time",
        "Delivery time",
        department="Operations",
        unit="days",
        direction=Direction.LOWER,
        frequency=Frequency.WEEKLY,
        target=Decimal("3.5"),
        roll_up=RollUp.AVERAGE,
    ),
    Kpi(
        "satisfaction",
        "Satisfaction",
        department="HR",
        unit="score",
        direction=Direction.RANGE,
        frequency=Frequency.QUARTERLY,
        low=Decimal(7),
        high=Decimal(9),
        roll_up=RollUp.AVERAGE,
        active_from=date(2026, 4, 1),
        active_to=date(2027, 3, 31),
    ),
)


def make(path: Path, *, code: str = "en", kpis: Sequence[Kpi] = SAMPLE, **changed: Any) -> Path:
    """A workbook built without a single warning of XlsxWriter."""
    wanted: dict[str, Any] = {
        "project": "Acme",
        "currency": "EUR",
        "timezone": "Europe/Paris",
        "today": date(2026, 11, 23),
        "packs": ("sales", "hr"),
        "metric_names": ("revenue", "orders"),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spoken = language(code)
        build(path, Content(kpis=kpis, language=spoken, **{**wanted, **changed}), spoken.tabs)  # the optional tabs too
    assert_no_repair(path)
    return path


@pytest.fixture(scope="session", params=["de", "es"])
def code(request: pytest.FixtureRequest) -> str:
    """Two languages; nearly all other tests build in English, and French goes the whole way in ``tests/e2e``."""
    return str(request.param)


@pytest.fixture(scope="session")
def sample(code: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of the sample KPIs, in two languages."""
    return make(tmp_path_factory.mktemp("built") / f"{code}.xlsx", code=code)


@pytest.fixture
def built(tmp_path: Path) -> Builder:
    """Builds a workbook with what a test changes."""
    return lambda **changed: make(tmp_path / "built.xlsx", **changed)
