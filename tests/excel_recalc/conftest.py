"""Workbooks whose stored values an independent program computed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.datetime import to_excel

from tests.libreoffice import recalculated

pytest.importorskip("formualizer", reason="the engine of the extra `recalc`; pip install formualizer")

Known = Mapping[str, Mapping[str, Any]]
Builder = Callable[[Any, Callable[[str, str], Any]], None]
"""Fills an XlsxWriter workbook; its second argument gives the stored value of a formula by sheet and cell."""


@pytest.fixture
def stored(soffice: str, tmp_path: Path) -> Callable[..., Path]:
    """Makes a workbook with the values that LibreOffice computes for its formulas, stored by XlsxWriter."""

    def make(builder: Builder, overrides: Known | None = None, name: str = "book.xlsx") -> Path:
        raw, path = tmp_path / "raw" / name, tmp_path / name
        raw.parent.mkdir(exist_ok=True)
        build(raw, builder, {})
        known = recalculated(soffice, raw, tmp_path / "computed")
        changed = {sheet: {**cells, **(overrides or {}).get(sheet, {})} for sheet, cells in known.items()}
        build(path, builder, changed)
        return path

    return make


def build(path: Path, builder: Builder, known: Known) -> None:
    """The workbook, its formulas stored with the ``known`` values."""
    with xlsxwriter.Workbook(path) as book:
        builder(book, lambda sheet, cell: serial(known.get(sheet, {}).get(cell, 0)))


def serial(value: Any) -> Any:
    """A value as a formula's result is stored."""
    if isinstance(value, dt.datetime):
        return to_excel(value)
    return "" if value is None else value


def shown(path: Path) -> dict[str, dict[str, Any]]:
    """Every stored value, as openpyxl reads it."""
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        sheet.title: {cell.coordinate: serial(cell.value) for row in sheet.iter_rows() for cell in row}
        for sheet in book.worksheets
    }


def agree(ours: Any, theirs: Any) -> bool:
    """The same value: numbers to the last digits but one or two, everything else exactly."""
    ours, theirs = serial(ours), serial(theirs)
    if isinstance(ours, bool) or isinstance(theirs, bool) or isinstance(ours, str) or isinstance(theirs, str):
        return type(ours) is type(theirs) and ours == theirs
    return abs(ours - theirs) <= 1e-12 * max(abs(ours), abs(theirs))
