"""Stored values of people's formulas, brought up to date by a calculation engine where it is proven right.

``refresh(book, edit, ours)`` adds the new stored values to the edit; whatever is in doubt stays as it was stored, and
the spreadsheet program computes it when it opens the file.
"""

from __future__ import annotations

from .calibration import Refreshed, refresh

__all__ = ["Refreshed", "refresh"]
