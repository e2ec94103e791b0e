"""A set of edits to a workbook: collected and checked one by one, written all at once or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kpisheets.errors import BadData

from .container.ahead import together
from .editing.block import Block, Filled
from .editing.plan import Change, SheetPlan
from .editing.rewrite import Judge, Rewrite
from .notation.cells import CachedValue, CellWrite, Write
from .notation.refs import MAX_COLUMN, MAX_ROW, Area, Range, cell_name, parse_range
from .notation.values import Value, check, to_serial
from .parts import relations
from .parts.styles import Styles
from .parts.tables import CONTENT_TYPE, TableInfo
from .parts.workbook_part import WorkbookPart
from .saving import save
from .saving.backups import MAX_BYTES
from .table_edits import TableEdits

if TYPE_CHECKING:
    from .book import Book

_TYPES = "[Content_Types].xml"


class Edit:
    """Changes to one workbook. Nothing touches the disk before ``write``; what would break the file is refused.

    Every method raises BadData, with one line, for what it refuses.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._cells: dict[str, dict[int, dict[int, Write]]] = {}
        self._blocks: dict[str, Block] = {}
        self._workbook = book.workbook
        self._styles: Styles | None = None
        self._tables = TableEdits(book)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for. What was may still be so in the file already: see ``plan``."""
        return not (any(self._cells.values()) or self._blocks or self._has_more)

    @property
    def _has_more(self) -> bool:
        """Whether other things than cells change."""
        grown = self._styles is not None and self._styles.data != self._book.styles.data
        renamed = self._workbook.data != self._book.workbook.data
        return grown or renamed or bool(self._tables.parts)

    @property
    def names(self) -> dict[str, str]:
        """The workbook-wide defined names as they will be."""
        return dict(self._workbook.names)

    @property
    def tables(self) -> dict[str, TableInfo]:
        """The tables as they will be."""
        return self._tables.infos

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
        if formula is not None:
            formula = formula.removeprefix("=")
        try:
            check(value, formula)
            if isinstance(value, dt.date):
                to_serial(value, self._book.date1904)
            if style is not None and not 0 <= style < (self._styles or self._book.styles).count:
                raise BadData(f"there is no cell style {style}", mend="use a style of the file")
        except BadData as error:
            raise BadData(error.what, where=self._where(sheet, row, column), mend=error.mend) from None
        self._rows(sheet, row, column)[column] = CellWrite(value, formula, style)

    def append(self, sheet: str, top: int, columns: Mapping[int, Filled]) -> None:
        """Fill the rows from ``top`` on by columns, as many as these are long: thousands in the time of a few hundred.

        It is as if each cell were set, which is done where not all lie below the sheet's last row. Cells that are set,
        before or after, come on top.
        """
        self._book.sheet_part(sheet)
        block = Block(top, max(map(len, (filled.values for filled in columns.values())), default=0), columns)
        if not block.count:
            return
        block.check((self._styles or self._book.styles).count, self._book.date1904, f"{self._book.where}, {sheet}")
        if sheet in self._blocks or self._book.grid(sheet).reaches(top) or self._has_header(sheet, block.area):
            self._cells[sheet] = block.among(self._cells.get(sheet, {}))
        else:
            self._blocks[sheet] = block

    def _has_header(self, sheet: str, area: Area) -> bool:
        return any(
            info.range.sheet == sheet and area.top <= info.range.top <= area.bottom for info in self.tables.values()
        )

    def refresh(self, sheet: str, row: int, column: int, value: Value) -> None:
        """Set the stored result of a formula; the formula itself and the style stay byte for byte."""
        try:
            check(value, None)
        except BadData as error:
            raise BadData(error.what, where=self._where(sheet, row, column), mend=error.mend) from None
        self._rows(sheet, row, column)[column] = CachedValue(value)

    def _rows(self, sheet: str, row: int, column: int) -> dict[int, Write]:
        if not (1 <= row <= MAX_ROW and 1 <= column <= MAX_COLUMN):
            where = self._where(sheet, row, column)
            raise BadData("there is no such cell on a sheet", where=where, mend="stay within 1,048,576 × 16,384")
        rows = self._cells.get(sheet)
        if rows is None:
            self._book.sheet_part(sheet)
            rows = self._cells[sheet] = {}
        return rows.setdefault(row, {})

    def _where(self, sheet: str, row: int, column: int) -> str:
        place = cell_name(row, column) if row > 0 and column > 0 else (row, column)
        return f"{self._book.where}, {sheet}!{place}"

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
        if any(name.lower() == table.lower() for table in self._tables.infos):
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
        self._tables.resize(name, bottom_row, adopted)

    def rename_table_columns(self, name: str, columns: tuple[str, ...] | list[str]) -> None:
        """Gives the table's columns these names, in order, so that they agree with its header cells."""
        self._tables.rename(name, tuple(columns))

    def add_table(self, name: str, where: Range, columns: tuple[str, ...] | list[str]) -> None:
        """Makes a table of cells whose first row is (or will be, by ``set``) its header."""
        self._tables.add(name, where, tuple(columns), self._workbook.names)
        if where.sheet in self._blocks:  # the header is looked for among single cells
            self._cells[where.sheet] = self._blocks.pop(where.sheet).among(self._cells.get(where.sheet, {}))

    def plan(self) -> tuple[Change, ...]:
        """The cells that ``write`` would change, each as it is and as it will be. Nothing is written."""
        return tuple(change for plan in self._plans().values() for change in plan.changes)

    def _plans(self) -> dict[str, SheetPlan]:
        """By sheet; one reading of each that is edited."""
        plans = {
            sheet: self._book.planner(sheet).plan(
                self._cells.get(sheet, {}), self._tables.links.get(sheet, ()), self._blocks.get(sheet)
            )
            for sheet in dict.fromkeys([*self._cells, *self._tables.links, *self._blocks])
        }
        return {sheet: plan for sheet, plan in plans.items() if plan.splices}

    def write(
        self,
        backups: Path | str | None = None,
        keep: int = 5,
        wait: float = 0,
        max_bytes: int = MAX_BYTES,
        judge: Judge | None = None,
    ) -> int:
        """Replaces the file by the edited one, all or nothing; where nothing differs the file is not touched.

        Args:
            backups: the folder for a copy of the file as it was; ``keep`` copies of this workbook stay there,
                ``max_bytes`` in all, and the newest always.
            wait: seconds to wait for somebody to close the workbook.
            judge: is shown the new file, and told what differs, before it takes the old one's place; raises to stop it.

        Returns:
            How many cells differ.

        Raises:
            BadData: a cell cannot be written alone, or the edits would make a file that Excel has to repair.
            CannotWrite: locked, changed since it was read, read-only, no room; the previous file is intact.
        """
        plans = self._plans()
        if not plans and not self._has_more:
            return 0
        new = self._rewritten(plans)

        def verify(path: Path) -> None:
            if judge:
                together(partial(new.verify, path), partial(judge, path, new.changed))
            else:
                new.verify(path)

        save.replace_file(
            self._book.path,
            self._book.data,
            new.write,
            verify,
            backups=None if backups is None else Path(backups),
            keep=keep,
            wait=wait,
            max_bytes=max_bytes,
        )
        return sum(plan.count for plan in plans.values())

    def _rewritten(self, plans: Mapping[str, SheetPlan]) -> Rewrite:
        """The parts of the new file that differ from the old one's."""
        book = self._book
        if any(name.lower().startswith("_xmlsignatures/") for name in book.package.entries):
            raise BadData(
                "it is digitally signed, and an edit would break the signature",
                where=book.where,
                mend="remove the signature in Excel",
            )
        self._tables.check_headers(self._cells)
        new = Rewrite(book.package, self._tables.parts)
        workbook, types = self._workbook, book.read(_TYPES)
        if any(plan.count for plan in plans.values()):
            workbook = WorkbookPart(workbook.with_recalculation(), book.where)
            chain = book.linked("calcChain")
            if chain and any(plan.moved for plan in plans.values()):
                types = relations.without_content_type(types, chain, book.where)
                name = book.entry(relations.relations_part(book.part_name))
                nodes = [link.node for link in book.relations if link.kind == "calcChain"]
                new.drop(chain)
                new.put(name, relations.without(book.package.read(name), nodes))
        for part in self._tables.new:
            types = relations.with_content_type(types, part, CONTENT_TYPE, book.where)
        for sheet, plan in plans.items():
            new.splice(book.sheet_part(sheet), book.sheet(sheet).pieces, plan)
        if self._styles is not None:
            new.put(book.linked("styles") or "", self._styles.data, was=book.styles.data)
        new.put(book.part_name, workbook.data, was=book.workbook.data)
        new.put(book.entry(_TYPES), types, was=book.read(_TYPES))
        return new
