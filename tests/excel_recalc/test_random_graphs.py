"""Random formulas whose values one engine stored and another refreshed: the first must agree with every new value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpisheets.backends.excel.ooxml import Book
from kpisheets.backends.excel.recalc import refresh
from tests.excel_recalc import grammar
from tests.excel_recalc.conftest import agree, build, shown

ironcalc = pytest.importorskip("ironcalc", reason="IronCalc judges the values; pip install ironcalc")


def _computed(data: Mapping[tuple[int, int], Any], formulas: list[str]) -> dict[str, Any]:
    """The values of Calc!A1 and below, as IronCalc computes them."""
    model = ironcalc.create("judge", "en", "UTC")
    model.rename_sheet(0, "Data")
    model.add_sheet("Calc")
    for (row, column), value in data.items():
        if isinstance(value, bool):
            model.update_cell_with_bool(0, row, column, value)
        elif isinstance(value, str):
            model.update_cell_with_text(0, row, column, value)
        elif value is not None:
            model.update_cell_with_number(0, row, column, value)
    for row, formula in enumerate(formulas, 1):
        model.update_cell_with_formula(1, row, 1, formula)
    model.evaluate()
    return {f"A{row}": model.get_cell_value(1, row, 1) for row in range(1, len(formulas) + 1)}


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_another_engine_agrees_with_every_new_value(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path: Path = tmp_path_factory.mktemp("graphs") / "book.xlsx"
    rng = Random(seed)
    data, formulas = grammar.inputs(rng), grammar.formulas(rng, 60)

    def builder(book: Any, value: Callable[[str, str], Any]) -> None:
        sheet, calc = book.add_worksheet("Data"), book.add_worksheet("Calc")
        grammar.fill(sheet, data)
        for row, formula in enumerate(formulas, 1):
            calc.write_formula(row - 1, 0, formula, None, value("Calc", f"A{row}"))

    build(path, builder, {"Calc": _computed(data, formulas)})
    before = shown(path)["Calc"]
    book = Book.open(path)
    edit = book.edit()
    for place in rng.sample(sorted(data), 8):
        data[place] = grammar.value_for(rng, place[1])
        edit.set("Data", *place, data[place])
    refresh(book, edit)
    edit.write()
    after, judged = shown(path)["Calc"], _computed(data, formulas)
    for cell in (cell for cell in after if after[cell] != before[cell]):
        assert agree(after[cell], judged[cell]), (formulas[int(cell[1:]) - 1], after[cell], judged[cell])
