"""Excel files edited in place: a cell changes, everything else stays byte for byte.

``Book.open(path)`` reads, ``book.edit()`` collects changes, ``edit.write()`` replaces the file or leaves it as it was.
"""

from __future__ import annotations

from .block import Filled
from .book import Book
from .edit import Edit
from .grid import Grid
from .plan import Change
from .refs import Range
from .tables import TableInfo
from .values import Cell, CellError, Value

__all__ = ["Book", "Cell", "CellError", "Change", "Edit", "Filled", "Grid", "Range", "TableInfo", "Value"]
