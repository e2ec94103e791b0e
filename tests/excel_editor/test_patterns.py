"""The formulas of a column as few texts: told by openpyxl, which writes what is no ASCII as references."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from kpisheets.backends.excel.ooxml import Book


@pytest.mark.parametrize("others", [(), ("=B9",)], ids=["alike", "one unlike"])
@pytest.mark.parametrize("word", ["plain", "– no data", "✔ 4"])
def test_formulas_of_a_column(word: str, others: tuple[str, ...], tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in range(4, 8):
        book.active.cell(row, 3).value = f'=IF(A{row}=1,"{word}",B{row})'
    for row, formula in enumerate(others, 8):
        book.active.cell(row, 3).value = formula
    book.save(tmp_path / "book.xlsx")
    grid = Book.open(tmp_path / "book.xlsx").grid("Sheet")
    found = grid.patterns(3, 4, 7 + len(others))
    written = [(pattern or "").replace("\0", str(row)) for row, pattern in enumerate(found, 4)]
    assert written == [f'IF(A{row}=1,"{word}",B{row})' for row in range(4, 8)] + [text[1:] for text in others]
