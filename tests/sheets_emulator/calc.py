"""The values of a book's formulas, computed by IronCalc, an engine that has nothing to do with this project.

A layer stands before it (``translation``) and one behind: errors get the API's names, and a formula that passes a blank
cell on is blank, as in Google Sheets, where other programs make it 0.

Beyond it: iterative calculation, functions that fetch something, and the implicit intersection of ``=A1:A9``.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import ironcalc

from .calc_types import Address, CalcBook, CalcError, CalcValue, Formula
from .translation import Translator

_ERRORS = {
    "#DIV/0!": CalcError("DIVIDE_BY_ZERO", "Function DIVIDE parameter 2 cannot be zero."),
    "#N/A": CalcError("N_A", "Did not find a value."),
    "#REF!": CalcError("REF", "Reference does not exist."),
    "#NAME?": CalcError("NAME", "Unknown function."),
    "#VALUE!": CalcError("VALUE", "A function's parameter cannot be read as the kind of value that it expects."),
    "#NUM!": CalcError("NUM", "A function's parameter is out of range."),
    "#NULL!": CalcError("NULL_VALUE", "The ranges do not intersect."),
    "#ERROR!": CalcError("ERROR", "Formula parse error."),
    "#CIRC!": CalcError(
        "REF", "Circular dependency detected. To resolve with iterative calculation, see File > Settings."
    ),
    "#SPILL!": CalcError("REF", "Array result was not expanded because it would overwrite data."),
    "#CALC!": CalcError("N_A", "No matches are found."),
}
_SAFE_TITLE = re.compile(r"\w(?:[\w \-.]{0,29}\w)?")
# Only a formula that can hand on a cell as it is can be blank.
_HANDS_ON = re.compile(r"=\+?(?:(?:IF|IFS|IFERROR|IFNA|INDEX|VLOOKUP|HLOOKUP|XLOOKUP|LOOKUP)\(|[^(]*$)")
_PROBES = 12_000  # the first column of cells that ask whether another is blank; a tab has at most 18,278 columns
_UNPARSED = "=1+"
_STACK = 512 << 20  # the engine follows a chain of cells by recursion

Cells = dict[Address, CalcValue]


def compute(book: CalcBook) -> Cells:
    """The value of each formula's cell, and of cells into which an array spills."""
    values: Cells = {}
    _deeply(lambda: values.update(_Model(book).values()))
    return values


def _deeply(work: Callable[[], None]) -> None:
    """Runs the work in a thread with room for deep recursion; what it raises is raised here."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    before = threading.stack_size(_STACK)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if raised:
        raise raised[0]


class _Model:
    def __init__(self, book: CalcBook) -> None:
        self._book = book
        self._places = {sheet.id: place for place, sheet in enumerate(book.sheets)}
        zone = book.time_zone if book.time_zone in ironcalc.get_all_timezones() else "UTC"
        self._engine: Any = ironcalc.create("book", "en", zone, "en")
        titles = {sheet.id: _title(sheet.title, sheet.id) for sheet in book.sheets}
        for place, sheet in enumerate(book.sheets):
            if place:
                self._engine.new_sheet()
            self._engine.rename_sheet(place, titles[sheet.id])
        self._translator = Translator(book, titles)
        self._formulas: dict[Address, str] = {}
        self._notes: dict[Address, CalcError] = {}
        self._known: Cells = {}
        for sheet in book.sheets:
            self._fill(sheet.id, sheet.cells)

    def _fill(self, sheet_id: int, cells: dict[tuple[int, int], Any]) -> None:
        engine, place = self._engine, self._places[sheet_id]
        for (row, column), content in cells.items():
            if isinstance(content, Formula):
                self._enter((sheet_id, row, column), content.text)
            elif isinstance(content, str):
                engine.update_cell_with_text(place, row + 1, column + 1, content)
            elif isinstance(content, bool):
                engine.update_cell_with_bool(place, row + 1, column + 1, content)
            elif content is not None:
                engine.update_cell_with_number(place, row + 1, column + 1, float(content))

    def _enter(self, address: Address, formula: str) -> None:
        text, error = self._translator.translate(formula, address[0], address[1])
        if text is None:
            self._known[address] = error
            if error is not None:
                self._set(address, _UNPARSED)  # other cells must see it
            return
        self._formulas[address] = text
        if error is not None:
            self._notes[address] = error
        self._set(address, text)

    def _set(self, address: Address, formula: str) -> None:
        self._engine.update_cell_with_formula(self._places[address[0]], address[1] + 1, address[2] + 1, formula)

    def values(self) -> Cells:
        """All that was computed."""
        self._engine.evaluate()
        while blank := set(self._blank()):
            for address in blank:
                self._known[address] = None
                del self._formulas[address]
                self._engine.clear_cell_contents(self._places[address[0]], address[1] + 1, address[2] + 1)
            self._engine.evaluate()
        computed = {address: self._value(address) for address in self._formulas}
        return {**self._spilled(), **computed, **self._known}

    def _blank(self) -> Iterator[Address]:
        """The formulas that hand a blank cell on: the engine says 0 of them, and so are asked again."""
        asked = [
            address
            for address, formula in self._formulas.items()
            if _HANDS_ON.match(formula) and self._raw(address) == 0.0 and self._raw(address) is not False
        ]
        if not asked:
            return
        probes = {}
        for address in asked:
            sheet, row, column = address
            probe = (sheet, row, column + _PROBES if column + _PROBES < 16_384 else column % 1000 + _PROBES)
            self._set(probe, f"=ISBLANK({self._formulas[address][1:]})")
            probes[address] = probe
        self._engine.evaluate()
        yield from [address for address, probe in probes.items() if self._raw(probe) is True]
        for sheet, row, column in probes.values():
            self._engine.clear_cell_contents(self._places[sheet], row + 1, column + 1)

    def _raw(self, address: Address) -> Any:
        return self._engine.get_cell_value(self._places[address[0]], address[1] + 1, address[2] + 1)

    def _value(self, address: Address) -> CalcValue:
        found = self._raw(address)
        if isinstance(found, str) and found[:1] == "#" and self._is_error(address):
            return self._error(address, found)
        if isinstance(found, int) and not isinstance(found, bool):
            return float(found)
        value: CalcValue = found
        return value

    def _is_error(self, address: Address) -> bool:
        kind = self._engine.get_cell_type(self._places[address[0]], address[1] + 1, address[2] + 1)
        return bool(kind == ironcalc.CellType.ErrorValue)

    def _error(self, address: Address, found: str) -> CalcError:
        if found not in _ERRORS:
            raise NotImplementedError(f"IronCalc says {found} of {self._formulas[address]}")
        known, note = _ERRORS[found], self._notes.get(address)
        if note is not None and note.type == known.type:
            return note
        if known.type != "NAME":
            return known
        # The engine writes the functions that it does not know in small letters.
        read = self._engine.get_cell_formula(self._places[address[0]], address[1] + 1, address[2] + 1)
        names = re.findall(r"\b([a-z][a-z0-9._]*)\(", re.sub(r'"[^"]*"', "", read))
        return CalcError("NAME", f"Unknown function: '{names[0].upper()}'.") if names else known

    def _spilled(self) -> Cells:
        ids = [sheet.id for sheet in self._book.sheets]
        filled = {(sheet.id, *cell) for sheet in self._book.sheets for cell in sheet.cells}
        places = ((ids[place], row - 1, column - 1) for place, row, column in self._engine.get_all_cells())
        spilled = {address: self._raw(address) for address in places if address not in filled}
        return {address: value for address, value in spilled.items() if value is not None}


def _title(title: str, sheet_id: int) -> str:
    """The tab's title, or another where the engine does not take it."""
    return title if _SAFE_TITLE.fullmatch(title) else f"tab {sheet_id}"
