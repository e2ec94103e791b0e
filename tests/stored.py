"""What openpyxl sees of a workbook, formulas and stored values, in one reading: half of the time of two."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import IO, Any
from unittest import mock

import openpyxl
from openpyxl.worksheet import _reader


class _Parser(_reader.WorkSheetParser):
    """openpyxl gives a cell's formula or its stored value; this one gives both, from one reading."""

    def parse_cell(self, element: Any) -> Any:
        self.data_only, before = True, self.col_counter
        found = super().parse_cell(element)
        self.stored[found["row"], found["column"]] = found["value"]
        if element.find(_reader.FORMULA_TAG) is None:
            return found
        self.data_only, self.col_counter = False, before
        return super().parse_cell(element)


class _Reader(_reader.WorksheetReader):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.parser.__class__ = _Parser
        self.ws.stored = self.parser.stored = {}


def load_both(path: Path | IO[bytes]) -> tuple[openpyxl.Workbook, dict[str, dict[tuple[int, int], Any]]]:
    """The workbook with formulas as text, and its stored values: tab → (row, column) → value."""
    with mock.patch.object(openpyxl.reader.excel, "WorksheetReader", _Reader), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what openpyxl drops when it saves
        book = openpyxl.load_workbook(path)
    return book, {sheet.title: sheet.stored for sheet in book.worksheets}
