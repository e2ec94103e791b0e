"""The values of a book's formulas, computed by engines that have nothing to do with this project.

A layer stands before them (``translation``) and one behind: errors get the API's names, and a formula that passes a
blank cell on is blank, as in Google Sheets, where other programs make it 0.

Beyond it: iterative calculation, functions that fetch something, and the implicit intersection of ``=A1:A9``.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

from .calc_types import Address, CalcBook, CalcError, CalcValue, Formula
from .engines import Engine, Failure, Formualizer, IronCalc
from .translation import Translated, Translator

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
_PROBES = 12_000  # the first column of the cells that ask whether another is blank
_MAX_COLUMNS = 16_384
_UNPARSED = "=1+"
_STACK = 512 << 20  # an engine follows a chain of cells by recursion
_LOOKUPS = re.compile(r"\b(?:MATCH|VLOOKUP|XLOOKUP|COUNTIFS?|SUMIFS?|AVERAGEIFS?)\(")
_BOTTOM = re.compile(r":\$?[A-Z]+\$?(\d+)")
_MANY = 800  # cells that a formula's lookups go through: as dear to one engine as parsing the formula is to the other

Cells = dict[Address, CalcValue]


def compute(book: CalcBook) -> Cells:
    """The value of each formula's cell, and of cells into which an array spills."""
    titles = _titles(book)
    formulas = _translated(book, titles)
    many = _looked_through(formulas) > _MANY * len(formulas)
    return _computed(Formualizer(titles) if many else IronCalc(titles, book.time_zone), book, formulas)


def compute_by(engine: Callable[[Sequence[str]], Engine], book: CalcBook) -> Cells:
    """The same by an engine of one's choice, made of the titles of its tabs."""
    titles = _titles(book)
    return _computed(engine(titles), book, _translated(book, titles))


def _titles(book: CalcBook) -> list[str]:
    """The tabs' titles, and others where an engine does not take them."""
    return [sheet.title if _SAFE_TITLE.fullmatch(sheet.title) else f"tab {sheet.id}" for sheet in book.sheets]


def _translated(book: CalcBook, titles: Sequence[str]) -> dict[Address, Translated]:
    translator = Translator(book, {sheet.id: title for sheet, title in zip(book.sheets, titles, strict=True)})
    return {
        (sheet.id, row, column): translator.translate(content.text, sheet.id, row)
        for sheet in book.sheets
        for (row, column), content in sheet.cells.items()
        if isinstance(content, Formula)
    }


def _looked_through(formulas: Mapping[Address, Translated]) -> int:
    """How many cells an engine without an index goes through."""
    texts = (formula.text for formula in formulas.values() if formula.text)
    return sum(
        len(_LOOKUPS.findall(text)) * max((int(row) for row in _BOTTOM.findall(text)), default=0) for text in texts
    )


def _computed(engine: Engine, book: CalcBook, formulas: Mapping[Address, Translated]) -> Cells:
    values: Cells = {}
    _deeply(lambda: values.update(_Model(engine, book, formulas).values()))
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
    """A book in an engine. Addresses are the book's; ``_at`` gives the engine's."""

    def __init__(self, engine: Engine, book: CalcBook, formulas: Mapping[Address, Translated]) -> None:
        self._engine, self._book = engine, book
        self._places = {sheet.id: place for place, sheet in enumerate(book.sheets)}
        self._formulas: dict[Address, str] = {}
        self._notes: dict[Address, CalcError] = {}
        self._known: Cells = {}
        for sheet in book.sheets:
            place = self._places[sheet.id]
            for (row, column), content in sheet.cells.items():
                if content is not None and not isinstance(content, Formula):
                    engine.put((place, row, column), content)
        for address, formula in formulas.items():
            self._enter(address, *formula)

    def _enter(self, address: Address, text: str | None, error: CalcError | None) -> None:
        if text is None:
            self._known[address] = error
            if error is not None:
                self._engine.enter(self._at(address), _UNPARSED)  # other cells must see it
            return
        self._formulas[address] = text
        if error is not None:
            self._notes[address] = error
        self._engine.enter(self._at(address), text)

    def values(self) -> Cells:
        """All that was computed."""
        self._engine.evaluate()
        while blank := set(self._blank()):
            for address in blank:
                self._known[address] = None
                del self._formulas[address]
                self._engine.put(self._at(address), None)
            self._engine.evaluate()
        computed = {address: self._value(address) for address in self._formulas}
        return {**self._spilled(), **computed, **self._known}

    def _blank(self) -> Iterator[Address]:
        """The formulas that hand a blank cell on: the engine says 0 of them, and so is asked once more."""
        asked = [address for address, formula in self._formulas.items() if _HANDS_ON.match(formula)]
        probes = {}
        for address in asked:
            found = self._engine.value(self._at(address))
            if found is None or (found == 0 and not isinstance(found, bool)):
                place, row, column = self._at(address)
                probes[address] = (place, row, _PROBES + column % (_MAX_COLUMNS - _PROBES))
                self._engine.enter(probes[address], f"=ISBLANK({self._formulas[address][1:]})")
        if not probes:
            return
        self._engine.evaluate()
        yield from [address for address, probe in probes.items() if self._engine.value(probe) is True]
        for probe in probes.values():
            self._engine.put(probe, None)

    def _at(self, address: Address) -> Address:
        return self._places[address[0]], address[1], address[2]

    def _value(self, address: Address) -> CalcValue:
        found = self._engine.value(self._at(address))
        if isinstance(found, Failure):
            return self._error(address, found)
        return float(found) if isinstance(found, int) and not isinstance(found, bool) else found

    def _error(self, address: Address, found: str) -> CalcError:
        if found not in _ERRORS:
            raise NotImplementedError(f"the engine says {found} of {self._formulas[address]}")
        known, note = _ERRORS[found], self._notes.get(address)
        if note is not None and note.type == known.type:
            return note
        if known.type == "NAME" and (name := self._engine.unknown(self._at(address))):
            return CalcError("NAME", f"Unknown function: '{name}'.")
        return known

    def _spilled(self) -> Cells:
        ids = [sheet.id for sheet in self._book.sheets]
        filled = {(sheet.id, *cell) for sheet in self._book.sheets for cell in sheet.cells}
        found: Cells = {}
        for place, row, column in self._engine.filled():
            address = ids[place], row, column
            if address not in filled and (value := self._engine.value((place, row, column))) is not None:
                found[address] = value
        return found
