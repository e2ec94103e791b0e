"""Excel files edited in place: a cell changes, everything else stays byte for byte.

``Book.open(path)`` reads, ``book.edit()`` collects changes, ``edit.write()`` replaces the file or leaves it as it was.
"""

from __future__ import annotations

from .book import Book
from .edit import Edit
from .editing.block import Filled
from .editing.plan import Change
from .notation.refs import Range
from .notation.values import Cell, CellError, Value
from .parts.tables import TableInfo
from .reading.grid import Grid

__all__ = ["Book", "Cell", "CellError", "Change", "Edit", "Filled", "Grid", "Range", "TableInfo", "Value"]
