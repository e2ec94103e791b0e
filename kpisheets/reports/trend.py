"""Where the points of a trend stand: what every picture of it draws, and block characters for plain text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from kpisheets.core.kpi import Number
from kpisheets.core.summary import Point

Place = tuple[float, float]
"""Across from the left and up from the bottom, each from 0 to 1."""

_BLOCKS = "▁▂▃▄▅▆▇█"
_GAP = "·"


def places(trend: Sequence[Point]) -> tuple[list[Place | None], list[Place | None]]:
    """Where the actuals and the targets stand, ``None`` where there is no number. They share one scale, on which all
    of them are visible; the last period stands at the right edge."""
    actuals, targets = ([finite(value) for value in values] for values in _columns(trend))
    found = [value for value in (*actuals, *targets) if value is not None]
    low, high = (min(found), max(found)) if found else (0.0, 0.0)
    steps = max(len(trend) - 1, 1)

    def place(index: int, value: float | None) -> Place | None:
        if value is None:
            return None
        # Halves keep the difference finite for numbers near the limits of a float.
        share = (value / 2 - low / 2) / (high / 2 - low / 2) if high / 2 > low / 2 else 0.5
        return 1 - (len(trend) - 1 - index) / steps, share

    return [place(*each) for each in enumerate(actuals)], [place(*each) for each in enumerate(targets)]


def runs(found: Sequence[Place | None]) -> Iterator[list[Place]]:
    """The points that a line joins: those without a gap between them."""
    run: list[Place] = []
    for place in (*found, None):
        if place is not None:
            run.append(place)
        elif run:
            yield run
            run = []


def blocks(trend: Sequence[Point]) -> str:
    """One block character per period, a middle dot where there is no data."""
    values = [finite(point.actual) for point in trend]
    found = [value for value in values if value is not None]
    if not found:
        return ""
    low, span = min(found), max(found) - min(found)
    top = len(_BLOCKS) - 1
    return "".join(
        _GAP if value is None else _BLOCKS[round((value - low) / span * top) if span else top // 2] for value in values
    )


def finite(value: Number | None) -> float | None:
    """The number as a float; ``None`` for what no picture can show."""
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _columns(trend: Sequence[Point]) -> tuple[list[Number | None], list[Number | None]]:
    return [point.actual for point in trend], [point.target for point in trend]
