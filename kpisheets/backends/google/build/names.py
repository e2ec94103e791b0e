"""The handles of a spreadsheet: named ranges, for formulas and people, and the metadata on columns that is read by."""

from __future__ import annotations

from kpisheets.backends.google.build.geometry import dimension, grid_range
from kpisheets.backends.google.build.ids import identity
from kpisheets.backends.google.requests import Request
from kpisheets.backends.google.snapshot import METADATA_KEY
from kpisheets.backends.tabs.canvas import Area


def named(name: str, sheet: int, area: Area) -> Request:
    """A name for cells. Where the area's bottom is open, the name holds whatever is added below."""
    found = {"namedRangeId": str(identity(name)), "name": name, "range": grid_range(sheet, area)}
    return {"addNamedRange": {"namedRange": found}}


def marked(name: str, sheet: int, column: int) -> Request:
    """A column's handle, which travels with it wherever it goes."""
    metadata = {
        "metadataKey": METADATA_KEY,
        "metadataValue": name,
        "visibility": "DOCUMENT",
        "location": {"dimensionRange": dimension(sheet, "COLUMNS", column, column)},
    }
    return {"createDeveloperMetadata": {"developerMetadata": metadata}}
