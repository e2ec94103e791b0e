"""The editor of living Excel files, by itself: no word of KPIs, for any ``.xlsx`` or ``.xlsm``.

``Book.open`` reads a workbook, ``book.grid(tab)`` its cells with their formulas, ``book.edit()`` collects changes,
``edit.plan()`` tells what they would change, ``edit.write()`` replaces the file, whole or not at all; every byte that
need not change stays as it is. ``refuse_repairs`` as the ``judge`` of a write stops a file that Excel would repair.
"""

from __future__ import annotations

from kpisheets.backends.excel.judged import refuse_repairs
from kpisheets.backends.excel.lint import Finding, errors, findings_in, lint
from kpisheets.backends.excel.ooxml import Book, Cell, CellError, Change, Edit, Filled, Grid, Range, TableInfo, Value

__all__ = [
    "Book",
    "Cell",
    "CellError",
    "Change",
    "Edit",
    "Filled",
    "Finding",
    "Grid",
    "Range",
    "TableInfo",
    "Value",
    "errors",
    "findings_in",
    "lint",
    "refuse_repairs",
]
