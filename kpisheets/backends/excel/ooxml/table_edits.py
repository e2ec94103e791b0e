"""Tables resized, renamed and made by an edit, and what would break them refused."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from kpisheets.errors import BadData

from .notation.cells import CellWrite, Write
from .notation.refs import MAX_ROW, Area, Range, cell_name, parse_area
from .parts import relations
from .parts.tables import TableInfo, TablePart, check_columns, new_table

if TYPE_CHECKING:
    from .book import Book

_TABLE_NAME = re.compile(r"[^\W\d][\w.]{0,254}")


class TableEdits:
    """The tables of a workbook as an edit will leave them.

    ``parts`` are the parts that change or are new, ``new`` the names of new tables' parts, ``links`` for each sheet the
    ids of its links to these.

    Raises:
        BadData: from its methods: Excel would repair or refuse what they are asked for.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._tables = dict(book.table_parts)
        self.parts: dict[str, bytes] = {}
        self.new: list[str] = []
        self.links: dict[str, list[str]] = {}

    @property
    def infos(self) -> dict[str, TableInfo]:
        """The tables as they will be."""
        return {name: table.info for name, (_, table) in self._tables.items()}

    def resize(self, name: str, bottom_row: int, adopted: int) -> None:
        """See ``Edit.resize_table``."""
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
        shell = self._book.sheet(sheet).shell
        for merged in shell.merged():
            if merged.meets(area):
                raise BadData(f"the merged cells {merged.a1} are in its way", where=where, mend="unmerge them")
        filtered = shell.filtered()
        if filtered and filtered.meets(area):
            raise BadData(f"the filter on {filtered.a1} is in its way", where=where, mend="remove that filter")

    def rename(self, name: str, columns: tuple[str, ...]) -> None:
        """See ``Edit.rename_table_columns``."""
        part, table = self._table(name)
        check_columns(name, columns, len(table.info.columns), self._book.where)
        if columns != table.info.columns:
            self._keep_table(part, table.renamed(columns), table.info.range.sheet)

    def add(self, name: str, where: Range, columns: tuple[str, ...], names: Iterable[str]) -> None:
        """See ``Edit.add_table``; ``names`` are the defined names."""
        place = f"{self._book.where}, table {name}"
        if not _TABLE_NAME.fullmatch(name) or parse_area(name):
            raise BadData(f"{name} cannot be a table's name", where=place, mend="use letters, digits and _")
        taken = {known.lower() for known in (*self._tables, *names)}
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
        while self._book.package.find(part := f"{folder}/tables/table{count}.xml") or part in self.parts:
            count += 1
        self._keep_table(part, new_table(number, name, area, columns), where.sheet)
        self.new.append(part)
        self.links.setdefault(where.sheet, []).append(self._linked(where.sheet, part))

    def _linked(self, sheet: str, part: str) -> str:
        """Links a new part from a sheet; returns the id of the link."""
        book = self._book
        owner = book.sheet_part(sheet)
        path = relations.relations_part(owner)
        path = book.package.find(path) or path
        old = self.parts.get(path) or (book.package.read(path) if path in book.package.entries else None)
        target = posixpath.relpath("/" + part, "/" + posixpath.dirname(owner))
        self.parts[path], new_id = relations.with_relation(old, "table", target, book.where, book.grid(sheet).linked)
        return new_id

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
        self.parts[part] = data
        self._tables[table.info.name] = (part, table)

    def check_headers(self, cells: Mapping[str, Mapping[int, Mapping[int, Write]]]) -> None:
        """A table whose column names differ from its header cells makes Excel repair the file."""
        for name, (part, table) in self._tables.items():
            info = table.info
            sheet, top, left = info.range.sheet, info.range.top, info.range.left
            if not info.header_rows:
                continue
            written = cells.get(sheet, {}).get(top, {})
            if part not in self.parts and not any(left <= column <= info.range.right for column in written):
                continue
            original = self._book.tables.get(name)
            untouched = original is not None and original.columns == info.columns
            columns = range(left, info.range.right + 1)
            header = self._book.planner(sheet).look({top: columns})
            for column, expected in enumerate(info.columns, left):
                write = written.get(column)
                if write is None and untouched:
                    continue  # whatever is wrong there was so before
                value = write.value if isinstance(write, CellWrite) else header.value(top, column)
                if value != expected or (isinstance(write, CellWrite) and write.formula is not None):
                    raise BadData(
                        f"its column {expected!r} would differ from its header cell {value!r}",
                        where=f"{self._book.where}, table {name}, {cell_name(top, column)}",
                        mend="set the cell and the column's name together",
                    )
