"""A plan's changes of tables and named cells, turned into edits of sheets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kpisheets.backends.base import FORMULA_FIELDS, RETOLD, Dictionary
from kpisheets.backends.excel.cell_values import observed, stored
from kpisheets.backends.excel.layout import Place
from kpisheets.backends.excel.ooxml import Book, Edit, Filled, Range, TableInfo
from kpisheets.backends.excel.ooxml.notation.refs import column_letters
from kpisheets.backends.tabs.units import number_format
from kpisheets.core.evaluate import Formula
from kpisheets.core.formula import text
from kpisheets.core.merge import is_blank
from kpisheets.core.plan import AddRow, Content, SetCell, SetNamed, is_signed
from kpisheets.core.workbook import GROWING, Table, Value, handle
from kpisheets.errors import BadData, Problem

_BLANK = Content()


class Writer:
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
        self._formats: dict[tuple[int, str], int] = {}
        self._below: dict[str, list[Mapping[str, Content]]] = {}
        self.problems: list[Problem] = []

    def write_all(self, changes: Iterable[SetCell | AddRow | SetNamed]) -> None:
        """All changes of a plan, and what must follow them."""
        for change in changes:
            self.write(change)
        for table, rows in self._below.items():
            self._append(self.places[table], self._ends[table] - len(rows) + 1, rows)
        self.mend()

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
        if place.bottom < row <= self.book.grid(place.sheet).bottom and (cell := self._filled(place, row)):
            self._refuse(change.table, f"{column_letters(cell)}{row}")
            return
        self._next[change.table] = row + 1
        self._ends[change.table] = max(self._ends[change.table], row)
        if row > place.bottom:
            self._below.setdefault(change.table, []).append(change.cells)
            return
        for field in place.columns:
            content = change.cells.get(field, _BLANK)
            if content.value is not None or content.formula is not None:
                self._set(place, row, field, content, self._style(place, row, field))

    def _append(self, place: Place, top: int, rows: Sequence[Mapping[str, Content]]) -> None:
        """Rows below the table's last one, in the styles of that."""
        columns = {}
        for field, column in place.columns.items():
            contents = [cells.get(field, _BLANK) for cells in rows]
            style = self._style(place, place.bottom, field)
            styles = {
                unit: style if unit is None else self._in_unit(style, unit) for unit in {c.unit for c in contents}
            }
            patterns = {
                formula: None if formula is None else "\0".join(self._formula_pieces(place, formula))
                for formula in {content.formula for content in contents}
            }
            filled = Filled(
                [stored(content.value) for content in contents],
                [patterns[content.formula] for content in contents],
                [styles[content.unit] for content in contents],
            )
            columns[column] = filled
            self.cells += len(rows) - sum(filled.blanks)
        self.edit.append(place.sheet, top, columns)

    def _filled(self, place: Place, row: int) -> int:
        """The first column of the table that holds something in a row below it, where cells are people's; 0 if none.
        Its own columns may stand outside the spreadsheet table."""
        grid = self.book.grid(place.sheet)
        for column in place.columns.values():
            cell = grid.cell(row, column)
            if cell.formula is not None or not is_blank(observed(cell.value)):
                return column
        return 0

    def _refuse(self, table: str, cell: str) -> None:
        """A row without a place: it is left out of a table that tells what stands elsewhere too, else all stops."""
        place = self.places[table]
        what, mend = (
            f"{table} needs a row more, and the cell {cell} is not empty",
            "move what stands below the table elsewhere",
        )
        if table not in RETOLD:
            raise BadData(what, where=f"{self.book.path.name}, tab {place.sheet}", mend=mend)
        problem = Problem(f"{place.sheet}!{cell}", what, mend)
        if problem not in self.problems:
            self.problems.append(problem)

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
        self.edit.set(sheet, row, column, stored(value), formula=formula, style=style)
        self.cells += 1

    def _in_unit(self, style: int, unit: str) -> int:
        if (style, unit) not in self._formats:
            signed, plain = is_signed(unit)
            wanted = number_format(plain, self.dictionary.currency, signed=signed, language=self.dictionary.language)
            self._formats[style, unit] = self.edit.style_like(style, wanted)
        return self._formats[style, unit]


def _header(value: object) -> str:
    return "" if value is None else str(value)
