"""Named ranges, for formulas and people."""

from __future__ import annotations

from kpisheets.backends.google.build.geometry import grid_range
from kpisheets.backends.google.build.ids import identity
from kpisheets.backends.google.writing.requests import Request
from kpisheets.backends.tabs.canvas import Area


def named(name: str, sheet: int, area: Area) -> Request:
    """A name for cells. Where the area's bottom is open, the name holds whatever is added below."""
    found = {"namedRangeId": str(identity(name)), "name": name, "range": grid_range(sheet, area)}
    return {"addNamedRange": {"namedRange": found}}
