"""A KPI workbook in an Excel file: observed by its names, changed in place."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from kpisheets.backends.base import FORMULA_FIELDS, Dictionary, Early, Receipt, nobody
from kpisheets.backends.canonical import Canonical
from kpisheets.backends.excel.cell_values import observed, observed_column
from kpisheets.backends.excel.judged import refuse_repairs
from kpisheets.backends.excel.layout import Place, locate, locate_table
from kpisheets.backends.excel.ooxml import Book, Edit, Grid, Range
from kpisheets.backends.excel.ooxml.notation.refs import column_letters
from kpisheets.backends.excel.ooxml.saving.backups import MAX_BYTES
from kpisheets.backends.excel.recalc import refresh
from kpisheets.backends.excel.writing import Writer
from kpisheets.core.formula import canonical_text
from kpisheets.core.merge import is_blank
from kpisheets.core.plan import Plan
from kpisheets.core.workbook import CATALOGUE, GROWING, Observed, Table, Value
from kpisheets.errors import Problem


class ExcelWorkbook:
    """See ``backends.base.Workbook``. ``backups`` is the folder for copies of the file before each write: the newest
    ``keep``, ``max_bytes`` in all."""

    def __init__(
        self,
        path: Path,
        dictionary: Dictionary,
        *,
        backups: Path | None = None,
        keep: int = 5,
        max_bytes: int = MAX_BYTES,
        wait: float = 0,
    ) -> None:
        self.path, self.dictionary = path, dictionary
        self._saving = partial(
            Edit.write,
            backups=backups,
            keep=keep,
            max_bytes=max_bytes,
            wait=wait,
            judge=partial(refuse_repairs, before=path),
        )
        self._book: Book | None = None
        self._places: dict[str, Place] = {}
        self._cells: dict[str, Range] = {}
        self._tables: dict[str, Table] = {}

    def observe(self, early: Early = nobody) -> Observed:
        book = self._book = Book.open(self.path)
        known: dict[str, Table] = {}
        first = locate_table(book, CATALOGUE, self.dictionary)
        if first is not None:
            known[CATALOGUE] = self._table(book, first)
            early(known[CATALOGUE])
        self._places, self._cells = locate(book, self.dictionary)
        self._tables = {
            name: known[name] if name in known else self._table(book, place) for name, place in self._places.items()
        }
        named: dict[str, Value] = {}
        formulas: dict[str, str] = {}
        for name, span in self._cells.items():
            cell = book.grid(span.sheet).cell(span.top, span.left)
            named[name] = observed(cell.value)
            if cell.formula is not None:
                formulas[name] = canonical_text(cell.formula)
        return Observed(self._tables, named, formulas, self._strays(book), book.last_saved_by)

    def _strays(self, book: Book) -> tuple[Problem, ...]:
        """KPIs that stand below a gap under the catalogue: nobody would find out why they get no rows."""
        place = self._places[CATALOGUE]
        grid, column = book.grid(place.sheet), place.columns["id"]
        below = grid.column(column, place.bottom + 1, grid.bottom) if grid.bottom > place.bottom else []
        return tuple(
            Problem(
                f"{place.sheet}!{column_letters(column)}{row}",
                f"“{value}” stands below the end of the catalogue and is not read",
                "if it is a KPI, move it up to the first blank row",
            )
            for row, value in enumerate(below, place.bottom + 1)
            if not is_blank(observed(value))
        )

    def _table(self, book: Book, place: Place) -> Table:
        grid, top = book.grid(place.sheet), place.header + 1
        letters = {field: column_letters(column) for field, column in place.columns.items()}
        headers = {field: str(grid.value(place.header, column) or "") for field, column in place.columns.items()}
        bottom = self._last_filled(grid, place) if place.table in GROWING else place.bottom
        rows = range(top, bottom + 1)
        by_letter = {letter: field for field, letter in letters.items()}
        by_header = {header.casefold(): field for field, header in headers.items()}
        formulas = {}
        for field in FORMULA_FIELDS.get(place.table, frozenset()) & place.columns.keys():
            found = grid.patterns(place.columns[field], top, bottom)
            if any(found):
                formulas[field] = Canonical(by_letter, by_header).column(found, top)
        columns = {field: observed_column(grid.column(column, top, bottom)) for field, column in place.columns.items()}
        return Table(place.table, place.sheet, columns, formulas, rows, bottom + 1, letters, headers)

    @staticmethod
    def _last_filled(grid: Grid, place: Place) -> int:
        """The last row of the table in which anybody typed anything, in a column of their own too; else the header."""
        bottom = place.bottom
        while bottom > place.header:
            cells = [grid.cell(bottom, column) for column in range(place.left, place.right + 1)]
            if any(cell.formula is None and not is_blank(observed(cell.value)) for cell in cells):
                break
            bottom -= 1
        return bottom

    @property
    def is_whole(self) -> bool:
        return not any(place.stale for place in self._places.values())

    def apply(self, plan: Plan) -> Receipt:
        if self._book is None:
            raise RuntimeError("observe() comes before apply()")
        writer = Writer(self._book, self._places, self._cells, self._tables, self.dictionary)
        writer.write_all(plan.changes)
        if writer.edit.is_empty:
            return Receipt(str(self.path), 0, problems=tuple(writer.problems))
        theirs = refresh(self._book, writer.edit, writer.ours())
        self._saving(writer.edit)
        self._book = None
        problems = tuple(writer.problems)
        return Receipt(str(self.path), writer.cells, theirs.refreshed, theirs.left, theirs.why, problems)
