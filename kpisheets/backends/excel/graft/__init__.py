"""Tabs of one workbook added to another: styles and ids remapped, everything else of the other one left as it was.

``Graft(target, donor)`` computes the parts that change; ``save`` writes a copy, which may be worked on; ``replace``
lets it take the old file's place.
"""

from __future__ import annotations

from .grafting import Graft

__all__ = ["Graft"]
