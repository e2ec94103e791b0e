"""A KPI workbook in an Excel file: observed by its names, changed in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import cast

from kpisheets.backends.base import FORMULA_FIELDS, Dictionary, Receipt
from kpisheets.backends.canonical import Canonical
from kpisheets.backends.excel.judged import refuse_repairs
from kpisheets.backends.excel.layout import Place, locate
from kpisheets.backends.excel.ooxml import Book, CellError, Edit, Grid, Range, TableInfo
from kpisheets.backends.excel.ooxml.backups import MAX_BYTES
from kpisheets.backends.excel.ooxml.refs import column_letters
from kpisheets.backends.excel.recalc import refresh
from kpisheets.backends.tabs.units import number_format
from kpisheets.core.evaluate import Formula
from kpisheets.core.formula import canonical_text, text
from kpisheets.core.merge import is_blank
from kpisheets.core.plan import AddRow, Content, Plan, SetCell, SetNamed, is_signed
from kpisheets.core.workbook import CATALOGUE, GROWING, ErrorValue, Observed, Table, Value, handle
from kpisheets.errors import BadData, Problem

_BLANK = Content()


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

    def observe(self) -> Observed:
        book = self._book = Book.open(self.path)
        self._places, self._cells = locate(book, self.dictionary)
        self._tables = {name: self._table(book, place) for name, place in self._places.items()}
        named: dict[str, Value] = {}
        formulas: dict[str, str] = {}
        for name, span in self._cells.items():
            cell = book.grid(span.sheet).cell(span.top, span.left)
            named[name] = _observed(cell.value)
            if cell.formula is not None:
                formulas[name] = canonical_text(cell.formula)
        return Observed(self._tables, named, formulas, self._strays(book))

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
            if not is_blank(_observed(value))
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
        columns = {field: _column(grid.column(column, top, bottom)) for field, column in place.columns.items()}
        return Table(place.table, place.sheet, columns, formulas, rows, bottom + 1, letters, headers)

    @staticmethod
    def _last_filled(grid: Grid, place: Place) -> int:
        """The last row of the table in which anybody typed anything, in a column of their own too; else the header."""
        bottom = place.bottom
        while bottom > place.header:
            cells = [grid.cell(bottom, column) for column in range(place.left, place.right + 1)]
            if any(cell.formula is None and not is_blank(_observed(cell.value)) for cell in cells):
                break
            bottom -= 1
        return bottom

    @property
    def is_whole(self) -> bool:
        return not any(place.stale for place in self._places.values())

    def apply(self, plan: Plan) -> Receipt:
        if self._book is None:
            raise RuntimeError("observe() comes before apply()")
        writer = _Writer(self._book, self._places, self._cells, self._tables, self.dictionary)
        for change in plan.changes:
            writer.write(change)
        writer.mend()
        if writer.edit.is_empty:
            return Receipt(str(self.path), 0)
        theirs = refresh(self._book, writer.edit, writer.ours())
        self._saving(writer.edit)
        self._book = None
        return Receipt(str(self.path), writer.cells, theirs.refreshed, theirs.left, theirs.why)


class _Writer:
    """Turns changes of tables and named cells into edits of sheets."""

    def __init__(
        self,
        book: Book,
        places: Mapping[str, Place],
        cells: Mapping[str, Range],
        tables: Mapping[str, Table],
        dictionary: Dictionary,
    ) -> None:
        self.book, self.places, self.named, self.tables, self.dictionary = book, dict(places), cells, tables, dictionary
        self.edit: Edit = book.edit()
        self.cells = 0
        self._ends = {name: place.bottom for name, place in places.items()}
        self._next = {name: table.below for name, table in tables.items()}
        # Rows by the thousand share few formulas, styles and units.
        self._pieces: dict[tuple[str, int], tuple[str, ...]] = {}
        self._last_styles: dict[str, dict[str, int]] = {}
        self._formats: dict[tuple[int, str], int] = {}

    def write(self, change: SetCell | AddRow | SetNamed) -> None:
        match change:
            case SetCell():
                place = self.places[change.table]
                row = self.tables[change.table].places[change.row]
                self._set(place, row, change.field, change.after, self._style(place, row, change.field))
            case AddRow():
                self._add(change)
            case SetNamed():
                span = self.named[change.name]
                style = self.book.grid(span.sheet).cell(span.top, span.left).style
                value, formula, unit = change.after
                written = None if formula is None else text(formula.expression, str)
                style = style if unit is None else self._in_unit(style, unit)
                self._put(span.sheet, span.top, span.left, value, written, style)

    def ours(self) -> list[Range]:
        """The blocks of which the plan knows every formula's value."""
        blocks = list(self.named.values())
        for name, place in self.places.items():
            bottom = max(place.bottom, self._ends[name])
            for field in FORMULA_FIELDS.get(name, frozenset()) & place.columns.keys():
                blocks.append(replace(place, bottom=bottom).span(field))
        return blocks

    def mend(self) -> None:
        """Let the file's tables and names follow what was written, and restore those that were lost."""
        for name, place in self.places.items():
            bottom = max(place.bottom, self._ends[name])
            grown = replace(place, bottom=bottom)
            info = self.book.tables.get(name)
            if info is not None:
                if bottom > place.bottom:
                    self._print_further(place, bottom)
                if info.range.bottom != bottom:
                    self.edit.resize_table(name, bottom, adopted=place.bottom)
                headers = self._headers(place, info)
                if headers != info.columns:
                    self.edit.rename_table_columns(name, headers)
            elif name in GROWING:
                self._restore_table(grown)
            for field in place.columns:
                if (
                    field in place.stale
                    or bottom != place.bottom
                    or self.book.range_of(handle(name, field)) != grown.span(field)
                ):
                    self.edit.define_name(handle(name, field), grown.span(field).a1)

    def _headers(self, place: Place, info: TableInfo) -> tuple[str, ...]:
        """The table's header texts. A header that a program left blank gets the name that the table gives its column:
        Excel repairs a table whose header cells and columns differ."""
        grid = self.book.grid(place.sheet)
        columns = range(info.range.left, info.range.right + 1)
        headers = [_header(grid.value(place.header, column)) for column in columns]
        taken = {header.casefold() for header in headers}
        for at, column in enumerate(columns):
            if not headers[at]:
                name, number = info.columns[at], column
                while name.casefold() in taken:
                    name, number = f"Column{number}", number + 1
                headers[at] = name
                taken.add(name.casefold())
                self.edit.set(place.sheet, place.header, column, name)
        return tuple(headers)

    def _print_further(self, place: Place, bottom: int) -> None:
        """A tab that prints down to the table's end goes on doing so."""
        area = self.book.print_area(place.sheet)
        if area is not None and area.bottom == place.bottom:
            self.edit.stretch_print_area(place.sheet, bottom)

    def _restore_table(self, place: Place) -> None:
        grid = self.book.grid(place.sheet)
        left = right = min(place.columns.values())
        while _header(grid.value(place.header, right + 1)):
            right += 1
        headers = [_header(grid.value(place.header, column)) for column in range(left, right + 1)]
        if len({header.casefold() for header in headers}) == len(headers):
            span = Range(place.sheet, place.header, left, place.bottom, right)
            self.edit.add_table(place.table, span, headers)

    def _add(self, change: AddRow) -> None:
        place = self.places[change.table]
        row = self._next[change.table]
        self._next[change.table] = row + 1
        self._ends[change.table] = max(self._ends[change.table], row)
        if place.bottom < row <= self.book.grid(place.sheet).bottom:
            self._refuse_filled(place, row)
        cells = change.cells
        for field, style in self._styles(place, row).items():
            content = cells.get(field, _BLANK)
            if content.value is not None or content.formula is not None or (style and row > place.bottom):
                self._set(place, row, field, content, style)

    def _refuse_filled(self, place: Place, row: int) -> None:
        """Below the table, cells are people's. Its own columns may stand outside the spreadsheet table."""
        grid = self.book.grid(place.sheet)
        for column in place.columns.values():
            cell = grid.cell(row, column)
            if cell.formula is not None or not is_blank(_observed(cell.value)):
                raise BadData(
                    f"{place.table} needs a row more, and the cell {column_letters(column)}{row} is not empty",
                    where=f"{self.book.path.name}, tab {place.sheet}",
                    mend="move what stands below the table elsewhere",
                )

    def _styles(self, place: Place, row: int) -> Mapping[str, int]:
        """The styles of a new row: its own where it waits blank, else those of the table's last row."""
        if row <= place.bottom:
            return {field: self._style(place, row, field) for field in place.columns}
        if place.table not in self._last_styles:
            self._last_styles[place.table] = {field: self._style(place, place.bottom, field) for field in place.columns}
        return self._last_styles[place.table]

    def _style(self, place: Place, row: int, field: str) -> int:
        return self.book.grid(place.sheet).cell(row, place.columns[field]).style

    def _set(self, place: Place, row: int, field: str, content: Content, style: int) -> None:
        value, formula, unit = content
        written = None if formula is None else str(row).join(self._formula_pieces(place, formula))
        self._put(
            place.sheet,
            row,
            place.columns[field],
            value,
            written,
            style if unit is None else self._in_unit(style, unit),
        )

    def _formula_pieces(self, place: Place, formula: Formula) -> tuple[str, ...]:
        """The formula's text, cut where the number of its row goes."""
        known = self._pieces.get((place.table, id(formula)))
        if known is None:
            letters = {field: column_letters(column) for field, column in place.columns.items()}
            written = text(formula.expression, lambda field: f"{letters[field]}\0")
            known = self._pieces[place.table, id(formula)] = tuple(written.split("\0"))
        return known

    def _put(self, sheet: str, row: int, column: int, value: Value, formula: str | None, style: int) -> None:
        self.edit.set(sheet, row, column, _stored(value), formula=formula, style=style)
        self.cells += 1

    def _in_unit(self, style: int, unit: str) -> int:
        if (style, unit) not in self._formats:
            signed, plain = is_signed(unit)
            wanted = number_format(plain, self.dictionary.currency, signed=signed, language=self.dictionary.language)
            self._formats[style, unit] = self.edit.style_like(style, wanted)
        return self._formats[style, unit]


def _header(value: object) -> str:
    return "" if value is None else str(value)


_PLAIN = frozenset({type(None), bool, int, float, str, datetime})


def _column(values: Sequence[object]) -> Sequence[Value]:
    """The column as the core sees it; nearly every column holds nothing that has to be made anew."""
    if _PLAIN.issuperset(map(type, values)):
        return cast(Sequence[Value], values)
    return [_observed(value) for value in values]


def _observed(value: object) -> Value:
    if isinstance(value, CellError):
        return ErrorValue(value)
    if value is None or isinstance(value, (bool, int, float, str, datetime, date)):
        return value
    raise BadData(f"a cell holds a {type(value).__name__}, which is not understood")


def _stored(value: Value) -> bool | int | float | str | datetime | CellError | None:
    if value is None or type(value) is str or type(value) is float:
        return value
    if isinstance(value, ErrorValue):
        return CellError(value)
    if isinstance(value, Decimal):
        number = float(value)
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value
