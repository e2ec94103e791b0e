"""The engines that compute: IronCalc, and Formualizer for books with many lookups. Neither knows this project.

IronCalc looks a value up by going through the column (7 ms in 72,000 rows); Formualizer keeps an index, but parses more
slowly. Where both can answer, tests hold them to the same answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import formualizer
import ironcalc

from .calc_types import Address

Plain = bool | float | str | None


class Failure(str):
    """An error as spreadsheets write it: ``#N/A``."""

    __slots__ = ()


class Engine(Protocol):
    """A workbook in an engine's memory. Addresses are places of tabs, rows and columns from 0."""

    def put(self, address: Address, value: Plain) -> None:
        """A value; ``None`` empties the cell."""

    def enter(self, address: Address, formula: str) -> None:
        """A formula, from its ``=`` on."""

    def evaluate(self) -> None:
        """Everything anew."""

    def value(self, address: Address) -> Plain | Failure:
        """What stands there after ``evaluate``. A blank that is handed on may be 0."""

    def unknown(self, address: Address) -> str | None:
        """The function that a formula with ``#NAME?`` names, as far as the engine tells."""

    def filled(self) -> Iterator[Address]:
        """The cells that hold something, those of arrays that spilled among them, as far as the engine tells."""


class IronCalc:
    def __init__(self, titles: Sequence[str], time_zone: str = "UTC") -> None:
        zone = time_zone if time_zone in ironcalc.get_all_timezones() else "UTC"
        self._model: Any = ironcalc.create("book", "en", zone, "en")
        for place, title in enumerate(titles):
            if place:
                self._model.new_sheet()
            self._model.rename_sheet(place, title)

    def put(self, address: Address, value: Plain) -> None:
        place, row, column = address[0], address[1] + 1, address[2] + 1
        if value is None:
            self._model.clear_cell_contents(place, row, column)
        elif isinstance(value, str):
            self._model.update_cell_with_text(place, row, column, value)
        elif isinstance(value, bool):
            self._model.update_cell_with_bool(place, row, column, value)
        else:
            self._model.update_cell_with_number(place, row, column, float(value))

    def enter(self, address: Address, formula: str) -> None:
        self._model.update_cell_with_formula(address[0], address[1] + 1, address[2] + 1, formula)

    def evaluate(self) -> None:
        self._model.evaluate()

    def value(self, address: Address) -> Plain | Failure:
        place, row, column = address[0], address[1] + 1, address[2] + 1
        found: Plain = self._model.get_cell_value(place, row, column)
        if isinstance(found, str) and found[:1] == "#":
            is_error = self._model.get_cell_type(place, row, column) == ironcalc.CellType.ErrorValue
            return Failure(found) if is_error else found
        return found

    def unknown(self, address: Address) -> str | None:
        # It writes the functions that it does not know in small letters.
        read = self._model.get_cell_formula(address[0], address[1] + 1, address[2] + 1)
        names = re.findall(r"\b([a-z][a-z0-9._]*)\(", re.sub(r'"[^"]*"', "", read))
        return names[0].upper() if names else None

    def filled(self) -> Iterator[Address]:
        for place, row, column in self._model.get_all_cells():
            yield place, row - 1, column - 1


_KINDS = {
    "Div": "#DIV/0!",
    "Na": "#N/A",
    "Value": "#VALUE!",
    "Ref": "#REF!",
    "Num": "#NUM!",
    "Null": "#NULL!",
    "Name": "#NAME?",
    "Spill": "#SPILL!",
    "Circ": "#CIRC!",
    "Calc": "#CALC!",
    "Error": "#ERROR!",
}


class Formualizer:
    """Takes values and formulas by columns, which is much quicker than cell by cell; they wait for ``evaluate``."""

    def __init__(self, titles: Sequence[str]) -> None:
        settings = formualizer.EvaluationConfig()
        settings.enable_parallel = False
        mode = formualizer.WorkbookMode.Ephemeral
        self._book: Any = formualizer.Workbook(config=formualizer.WorkbookConfig(mode=mode, eval_config=settings))
        self._book.set_temporal_egress("serial")
        for title in titles:
            self._book.add_sheet(title)
        self._titles = list(titles)
        self._sheets = [self._book.sheet(title) for title in titles]
        self._values: dict[tuple[int, int], dict[int, Any]] = {}
        self._formulas: dict[tuple[int, int], dict[int, Any]] = {}
        self._refused: dict[Address, Failure] = {}

    def put(self, address: Address, value: Plain) -> None:
        place, row, column = address
        literal = formualizer.LiteralValue.text(value) if isinstance(value, str) else value
        self._values.setdefault((place, column), {})[row] = literal

    def enter(self, address: Address, formula: str) -> None:
        place, row, column = address
        self._formulas.setdefault((place, column), {})[row] = formula

    def evaluate(self) -> None:
        for (place, column), cells in self._values.items():
            for top, run in _runs(cells):
                self._sheets[place].set_values_batch(top + 1, column + 1, len(run), 1, [[value] for value in run])
        for (place, column), cells in self._formulas.items():
            for top, run in _runs(cells):
                try:
                    texts = [[formula] for formula in run]
                    self._sheets[place].set_formulas_batch(top + 1, column + 1, len(run), 1, texts)
                except RuntimeError:  # one of them is refused
                    for row, formula in enumerate(run, top):
                        self._enter_alone((place, row, column), formula)
        self._values.clear()
        self._formulas.clear()
        self._book.evaluate_all()

    def _enter_alone(self, address: Address, formula: str) -> None:
        place, row, column = address
        try:
            self._sheets[place].set_formula(row + 1, column + 1, formula)
        except RuntimeError as error:
            self._sheets[place].set_formula(row + 1, column + 1, "=#VALUE!")  # other cells must see an error
            self._refused[address] = Failure("#CIRC!" if "#CIRC!" in str(error) else "#ERROR!")

    def value(self, address: Address) -> Plain | Failure:
        if address in self._refused:
            return self._refused[address]
        found = self._book.get_value(self._titles[address[0]], address[1] + 1, address[2] + 1)
        if isinstance(found, dict):
            return Failure(_KINDS.get(found.get("kind", ""), f"#{found}"))
        plain: Plain = found
        return plain

    def unknown(self, address: Address) -> str | None:
        return None

    def filled(self) -> Iterator[Address]:
        return iter(())


def _runs(cells: dict[int, Any]) -> Iterator[tuple[int, list[Any]]]:
    """Cells of a column in unbroken runs, each with its first row."""
    run: list[Any] = []
    last = -2
    for row in sorted(cells):
        if row != last + 1 and run:
            yield last - len(run) + 1, run
            run = []
        run.append(cells[row])
        last = row
    if run:
        yield last - len(run) + 1, run
