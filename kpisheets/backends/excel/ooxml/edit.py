"""A set of edits to a workbook: collected and checked one by one, written all at once or not at all."""

from __future__ import annotations

import datetime as dt
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from kpisheets.errors import BadData, CannotWrite

from . import relations, save
from .backups import MAX_BYTES
from .package import Package
from .refs import MAX_COLUMN, MAX_ROW, Area, Range, cell_name, parse_area, parse_range
from .sheet import CellWrite, FormulaText
from .styles import Styles
from .tables import CONTENT_TYPE, TablePart, check_columns, new_table
from .values import Cell, CellError, Value, check, to_serial
from .workbook_part import WorkbookPart

if TYPE_CHECKING:
    from .book import Book

_TABLE_NAME = re.compile(r"[^\W\d][\w.]{0,254}")
_TYPES = "[Content_Types].xml"


class Edit:
    """Changes to one workbook. Nothing touches the disk before ``write``; what would break the file is refused.

    Every method raises BadData, with one line, for what it refuses.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._cells: dict[str, dict[int, dict[int, CellWrite]]] = {}
        self._workbook = book.workbook
        self._styles: Styles | None = None
        self._tables = dict(book.table_parts)
        self._new: dict[str, tuple[str, str]] = {}  # a new table's name: its sheet and its part
        self._parts: dict[str, bytes] = {}

    @property
    def is_empty(self) -> bool:
        """Whether writing would change nothing."""
        grown = self._styles is not None and self._styles.data != self._book.styles.data
        renamed = self._workbook.data != self._book.workbook.data
        return not (any(self._cells.values()) or grown or renamed or self._parts)

    def set(
        self,
        sheet: str,
        row: int,
        column: int,
        value: Value | dt.date,
        formula: str | None = None,
        style: int | None = None,
    ) -> None:
        """Set a cell: its value, or its formula with ``value`` as the cached result.

        ``style`` None keeps the cell's style (a new cell takes its row's or column's). A value of None blanks the
        cell. Setting what is there already is no change.
        """
        where = f"{self._book.where}, {sheet}!{cell_name(row, column) if row > 0 and column > 0 else (row, column)}"
        if not (1 <= row <= MAX_ROW and 1 <= column <= MAX_COLUMN):
            raise BadData("there is no such cell on a sheet", where=where, mend="stay within 1,048,576 × 16,384")
        if formula is not None:
            formula = formula.removeprefix("=")
        check(value, formula, where)
        if isinstance(value, dt.date):
            to_serial(value, self._book.date1904)
        if style is not None and not 0 <= style < (self._styles or self._book.styles).count:
            raise BadData(f"there is no cell style {style}", where=where, mend="use a style of the file")
        grid = self._book.grid(sheet)
        if reason := grid.locked(row, column):
            raise BadData(f"the cell is {reason}, so it cannot be written alone", where=where, mend="clear it in Excel")
        rows = self._cells.setdefault(sheet, {})
        cells = rows.setdefault(row, {})
        cells.pop(column, None)
        now = grid.cell(row, column)
        same_style = style is None or (style == now.style and grid.has(row, column))
        if not (same_style and formula == now.formula and _same(value, now.value, self._book.date1904)):
            cells[column] = CellWrite(value, formula, style)
        if not cells:
            del rows[row]

    def style_like(self, style: int, number_format: str) -> int:
        """The id of a style that differs from ``style`` in its number format alone; made when there is none."""
        if self._styles is None:
            self._styles = Styles(self._book.styles.data, self._book.where)
        return self._styles.like(style, number_format)

    def define_name(self, name: str, text: str) -> None:
        """Adds a workbook-wide defined name, or changes what it refers to."""
        current = next((old for known, old in self._workbook.names.items() if known.lower() == name.lower()), None)
        if current == text.removeprefix("="):
            return
        if any(name.lower() == table.lower() for table in self._tables):
            raise BadData(f"{name} is a table's name already", where=self._book.where, mend="choose another name")
        self._workbook = WorkbookPart(self._workbook.with_name(name, text), self._book.where)

    def stretch_print_area(self, sheet: str, bottom: int) -> None:
        """Lets what the tab prints end in row ``bottom``; a tab that prints everything, or several areas, stays so."""
        area = parse_range(self._workbook.print_area(sheet) or "")
        if area is not None and area.sheet == sheet and area.bottom != bottom:
            self._workbook = WorkbookPart(
                self._workbook.with_print_area(sheet, area._replace(bottom=bottom).a1), self._book.where
            )

    def resize_table(self, name: str, bottom_row: int, *, adopted: int = 0) -> None:
        """Makes ``bottom_row`` the table's last row.

        Refuses tables with a totals row, and to swallow cells that are not the table's, merged areas or other tables.
        Cells down to the row ``adopted`` are the table's: rows that were typed right below it.
        """
        part, table = self._table(name)
        info = table.info
        old = info.range.area
        where = f"{self._book.where}, table {name}"
        if bottom_row == old.bottom:
            return
        if info.totals_rows:
            raise BadData("it has a totals row", where=where, mend="switch the totals row off in Excel")
        if not old.top + max(info.header_rows, 1) - (0 if info.header_rows else 1) <= bottom_row <= MAX_ROW:
            raise BadData(f"it cannot end in row {bottom_row}", where=where, mend="leave it at least one row")
        if bottom_row > old.bottom:
            sheet, below = info.range.sheet, max(old.bottom, adopted) + 1
            if below <= bottom_row:
                self._refuse_filled(sheet, Area(below, old.left, bottom_row, old.right), where)
            self._refuse_overlap(sheet, Area(old.bottom + 1, old.left, bottom_row, old.right), name, where)
        self._keep_table(part, table.resized(bottom_row), info.range.sheet)

    def _refuse_filled(self, sheet: str, area: Area, where: str) -> None:
        grid = self._book.grid(sheet)
        if found := grid.filled(area):
            raise BadData(
                f"the cell {cell_name(*found)} is in its way and is not empty",
                where=where,
                mend="move it away from below the table",
            )

    def _refuse_overlap(self, sheet: str, area: Area, name: str, where: str) -> None:
        for other, (_, table) in self._tables.items():
            if other != name and table.info.range.sheet == sheet and table.info.range.area.meets(area):
                raise BadData(f"it would overlap the table {other}", where=where, mend="move one of them")
        part = self._book.sheet(sheet)
        for merged in part.merged():
            if merged.meets(area):
                raise BadData(f"the merged cells {merged.a1} are in its way", where=where, mend="unmerge them")
        sheet_filter = part.shell.child("autoFilter")
        filtered = parse_area(sheet_filter.attributes.get("ref", "")) if sheet_filter else None
        if filtered and filtered.meets(area):
            raise BadData(f"the filter on {filtered.a1} is in its way", where=where, mend="remove that filter")

    def rename_table_columns(self, name: str, columns: tuple[str, ...] | list[str]) -> None:
        """Gives the table's columns these names, in order, so that they agree with its header cells."""
        part, table = self._table(name)
        columns = tuple(columns)
        check_columns(name, columns, len(table.info.columns), self._book.where)
        if columns != table.info.columns:
            self._keep_table(part, table.renamed(columns), table.info.range.sheet)

    def add_table(self, name: str, where: Range, columns: tuple[str, ...] | list[str]) -> None:
        """Makes a table of cells whose first row is (or will be, by ``set``) its header."""
        columns = tuple(columns)
        place = f"{self._book.where}, table {name}"
        if not _TABLE_NAME.fullmatch(name) or parse_area(name):
            raise BadData(f"{name} cannot be a table's name", where=place, mend="use letters, digits and _")
        taken = {known.lower() for known in (*self._tables, *self._workbook.names)}
        if name.lower() in taken:
            raise BadData("the name is taken by another table or a defined name", where=place, mend="choose another")
        area = where.area
        check_columns(name, columns, area.right - area.left + 1, place)
        if area.bottom <= area.top:
            raise BadData("a table needs a header and a row", where=place, mend="give it a row more")
        self._refuse_overlap(where.sheet, area, name, place)
        number = max((table.id for _, table in self._tables.values()), default=0) + 1
        folder = posixpath.dirname(self._book.part_name)
        count = number
        while self._book.package.find(part := f"{folder}/tables/table{count}.xml") or part in self._parts:
            count += 1
        self._keep_table(part, new_table(number, name, area, columns), where.sheet)
        self._new[name] = (where.sheet, part)

    def _table(self, name: str) -> tuple[str, TablePart]:
        if name not in self._tables:
            raise BadData(
                f"there is no table {name}",
                where=self._book.where,
                mend=f"its tables are {', '.join(self._tables) or 'none'}",
            )
        return self._tables[name]

    def _keep_table(self, part: str, data: bytes, sheet: str) -> None:
        table = TablePart(data, sheet, self._book.where)
        self._parts[part] = data
        self._tables[table.info.name] = (part, table)

    def write(self, backups: Path | None = None, keep: int = 5, wait: float = 0, max_bytes: int = MAX_BYTES) -> None:
        """Replaces the file by the edited one, all or nothing; with no edits the file is not touched.

        Args:
            backups: the folder for a copy of the file as it was; ``keep`` copies of this workbook stay there,
                ``max_bytes`` in all, and the newest always.
            wait: seconds to wait for somebody to close the workbook.

        Raises:
            BadData: the edits would make a file that Excel has to repair.
            CannotWrite: locked, changed since it was read, read-only, no room; the previous file is intact.
        """
        if self.is_empty:
            return
        parts, dropped = self._changed_parts()
        package = self._book.package
        save.replace_file(
            self._book.path,
            package.data,
            lambda target: package.write(target, parts, dropped),
            lambda path: self._verify(path, parts, dropped),
            backups=backups,
            keep=keep,
            wait=wait,
            max_bytes=max_bytes,
        )

    def _changed_parts(self) -> tuple[dict[str, bytes], frozenset[str]]:
        book = self._book
        if any(name.lower().startswith("_xmlsignatures/") for name in book.package.entries):
            raise BadData(
                "it is digitally signed, and an edit would break the signature",
                where=book.where,
                mend="remove the signature in Excel",
            )
        self._check_headers()
        parts = dict(self._parts)
        dropped: frozenset[str] = frozenset()
        workbook = self._workbook
        types = types_before = book.read(_TYPES)
        if any(self._cells.values()):
            workbook = WorkbookPart(workbook.with_recalculation(), book.where)
            chain = book.linked("calcChain")
            if chain and self._formulas_moved():
                dropped = frozenset({chain})
                types = relations.without_content_type(types, chain, book.where)
                name = book.entry(relations.relations_part(book.part_name))
                nodes = [link.node for link in book.relations if link.kind == "calcChain"]
                parts[name] = relations.without(book.package.read(name), nodes)
        links: dict[str, list[str]] = {}
        for sheet, part in self._new.values():
            links.setdefault(sheet, []).append(part)
            types = relations.with_content_type(types, part, CONTENT_TYPE, book.where)
        for sheet in dict.fromkeys([*self._cells, *links]):
            if self._cells.get(sheet) or sheet in links:
                self._patch_sheet(sheet, links.get(sheet, []), parts)
        if self._styles is not None and self._styles.data != book.styles.data:
            parts[book.linked("styles") or ""] = self._styles.data
        if workbook.data != book.workbook.data:
            parts[book.part_name] = workbook.data
        if types != types_before:
            parts[book.entry(_TYPES)] = types
        return parts, dropped

    def _patch_sheet(self, sheet: str, tables: list[str], parts: dict[str, bytes]) -> None:
        book = self._book
        name = book.sheet_part(sheet)
        ids = []
        for table in tables:
            path = relations.relations_part(name)
            found = book.package.find(path)
            path = found or path
            old = parts.get(path) or (book.package.read(found) if found else None)
            target = posixpath.relpath("/" + table, "/" + posixpath.dirname(name))
            parts[path], new_id = relations.with_relation(old, "table", target, book.where)
            ids.append(new_id)
        writes: dict[int, dict[int, CellWrite | FormulaText]] = {
            row: dict(cells) for row, cells in self._cells.get(sheet, {}).items()
        }
        self._spell_shared(sheet, writes)
        parts[name] = book.sheet(sheet).patched(writes, date1904=book.date1904, table_relations=ids)

    def _spell_shared(self, sheet: str, writes: dict[int, dict[int, CellWrite | FormulaText]]) -> None:
        """Formulas that live in a cell which is overwritten are spelled out in the cells that share them."""
        grid = self._book.grid(sheet)
        for row, cells in self._cells.get(sheet, {}).items():
            for column in cells:
                for other_row, other_column in grid.shared_with(row, column):
                    text = grid.cell(other_row, other_column).formula
                    if text is not None:
                        writes.setdefault(other_row, {}).setdefault(other_column, FormulaText(text))

    def _formulas_moved(self) -> bool:
        """Whether a cell gets a formula or loses one; changed formulas keep their place in the calculation chain."""
        return any(
            (write.formula is None) != (self._book.grid(sheet).cell(row, column).formula is None)
            for sheet, rows in self._cells.items()
            for row, cells in rows.items()
            for column, write in cells.items()
        )

    def _check_headers(self) -> None:
        """A table whose column names differ from its header cells makes Excel repair the file."""
        for name, (part, table) in self._tables.items():
            info = table.info
            sheet, top, left = info.range.sheet, info.range.top, info.range.left
            if not info.header_rows:
                continue
            written = self._cells.get(sheet, {}).get(top, {})
            if part not in self._parts and not any(left <= column <= info.range.right for column in written):
                continue
            original = self._book.tables.get(name)
            untouched = original is not None and original.columns == info.columns
            for column, expected in enumerate(info.columns, left):
                write = written.get(column)
                if write is None and untouched:
                    continue  # whatever is wrong there was so before
                value = write.value if write else self._book.grid(sheet).value(top, column)
                if value != expected or (write is not None and write.formula is not None):
                    raise BadData(
                        f"its column {expected!r} would differ from its header cell {value!r}",
                        where=f"{self._book.where}, table {name}, {cell_name(top, column)}",
                        mend="set the cell and the column's name together",
                    )

    def _verify(self, path: Path, parts: dict[str, bytes], dropped: frozenset[str]) -> None:
        """Reads the new file back: every entry, every edited cell."""
        try:
            self._compare(path, parts, dropped)
        except BadData as error:
            raise CannotWrite(
                f"the new file did not read back ({error.what}); the previous file is intact",
                where=self._book.where,
                mend="run again, and report it if it happens again",
            ) from error

    def _compare(self, path: Path, parts: dict[str, bytes], dropped: frozenset[str]) -> None:
        old, again = self._book.package, type(self._book).open(path)
        new: Package = again.package
        if set(new.entries) != (set(old.entries) | set(parts)) - dropped:
            raise BadData("its list of parts is wrong")
        for name in new.entries:
            if new.read(name) != parts[name] if name in parts else new.raw(name) != old.raw(name):
                raise BadData(f"{name} differs from what was written")
        date1904 = self._book.date1904
        for sheet, rows in self._cells.items():
            if not rows:
                continue
            grid = again.read_rows(sheet, set(rows))
            for row, cells in rows.items():
                for column, write in cells.items():
                    cell: Cell = grid.cell(row, column)
                    if (
                        not _same(write.value, cell.value, date1904)
                        or (write.style is not None and grid.has(row, column) and write.style != cell.style)
                        or write.formula != cell.formula
                    ):
                        raise BadData(f"{sheet}!{cell_name(row, column)} differs from what was written")


def _same(wanted: Value | dt.date, stored: Value, date1904: bool) -> bool:
    """Whether a stored value is what setting ``wanted`` would store."""
    if wanted is None or stored is None:
        return wanted is stored
    if isinstance(wanted, bool) or isinstance(stored, bool):
        return wanted is stored
    if isinstance(wanted, str) or isinstance(stored, str):
        return isinstance(wanted, CellError) == isinstance(stored, CellError) and wanted == stored
    if isinstance(wanted, dt.date) or isinstance(stored, dt.date):
        # The same cell is a number or a moment, as its style says; moments are read to the millisecond.
        return abs(_serial(wanted, date1904) - _serial(stored, date1904)) < 1 / 86_400_000
    return wanted == stored


def _serial(value: dt.date | float, date1904: bool) -> float:
    return to_serial(value, date1904) if isinstance(value, dt.date) else float(value)
