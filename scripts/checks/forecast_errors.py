"""Measures what docs/insight.md says: errors of forecasts on real series, false alarms of signals by simulation.

Usage: python scripts/checks/forecast_errors.py

It needs statsmodels (the test extra), which has the series.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import fmean

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from kpisheets.core.insight import Past, read  # noqa: E402
from kpisheets.core.kpi import Kpi  # noqa: E402
from kpisheets.core.period import Calendar, Frequency  # noqa: E402
from tests.core.insight.series import NAMES, measured  # noqa: E402

TRIES = 2000


def errors() -> None:
    print(f"{'series':12} {'MASE':>6} {'naive':>6} {'seasonal naive':>15} {'within 80 %':>12}")
    found = {name: measured(name) for name in NAMES}
    for name, one in found.items():
        print(f"{name:12} {one.ours:6.2f} {one.naive:6.2f} {one.seasonal:15.2f} {one.inside:12.0%}")
    means = (fmean(getattr(one, key) for one in found.values()) for key in ("ours", "naive", "seasonal", "inside"))
    print("{:12} {:6.2f} {:6.2f} {:15.2f} {:12.0%}".format("mean", *means))


def alarms() -> None:
    """How often a month of a process that never changes is called a change."""
    draw = random.Random(20)
    waves = math.tau / 12

    def steady(_: int) -> float:
        return draw.gauss(50, 5)

    def seasonal(month: int) -> float:
        return 100 * (1 + 0.2 * math.sin(month * waves)) * (1 + draw.gauss(0, 0.03))

    print(f"\n{'months':12} {'steady':>8} {'seasonal':>9}")
    for months in (12, 18, 24, 36, 48, 60):
        print(f"{months:<12} {told(steady, months):8.1%} {told(seasonal, months):9.1%}")


def misses() -> None:
    """How often a level that moves after two years has been told by the 1st, 4th and 8th month after."""
    draw = random.Random(21)
    print(f"\n{'moved by':12} {'1 month':>8} {'4':>6} {'8':>6}")
    for size in (1, 2, 3):

        def moved(month: int, size: int = size) -> float:
            return draw.gauss(50, 5) + (5 * size if month >= 24 else 0)

        found = [told(moved, 24 + later) for later in (1, 4, 8)]
        print(f"{size} deviations  {found[0]:8.0%} {found[1]:6.0%} {found[2]:6.0%}")


def told(value: Callable[[int], float], months: int) -> float:
    """The share of series of so many months of which the last one is told to be a change."""
    kpi, calendar = Kpi("k", "K"), Calendar()
    first = calendar.period(Frequency.MONTHLY, date(2020, 1, 1))
    last = calendar.period(Frequency.MONTHLY, date(2020 + (months - 1) // 12, 1 + (months - 1) % 12, 1))
    periods = list(calendar.span(first, last))
    found = 0
    for _ in range(TRIES):
        insight = read(kpi, [Past(period, value(at)) for at, period in enumerate(periods)], {}, calendar)
        found += insight is not None and insight.change is not None
    return found / TRIES


if __name__ == "__main__":
    errors()
    alarms()
    misses()
