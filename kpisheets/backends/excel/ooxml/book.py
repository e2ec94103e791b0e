"""A workbook file: read once, its cells looked up, a set of edits written in place."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from kpisheets.errors import BadData

from .container.package import Package
from .edit import Edit
from .editing.plan import Planner
from .notation import markup
from .notation.refs import Range, parse_range
from .parts.relations import Relation, read_relations, relations_part
from .parts.sheet import SheetPart
from .parts.strings import SharedStrings
from .parts.styles import Styles
from .parts.tables import TableInfo, TablePart
from .parts.workbook_part import WorkbookPart
from .reading.grid import Grid
from .reading.rows import Unusual
from .reading.scan import Scanner

_CONTENT_TYPES = "[Content_Types].xml"
_PLAIN_STYLES = b'<styleSheet xmlns="%b"/>' % markup.MAIN.encode()


class Book:
    """A workbook as it was when it was opened; nothing is written but by ``edit().write()``.

    Raises:
        BadData: from ``open`` and from every lookup that meets a part which cannot be trusted.
    """

    def __init__(self, path: Path, package: Package) -> None:
        self.path = path
        self.where = path.name
        self.package = package
        if self.package.find(_CONTENT_TYPES) is None:
            raise BadData(
                "it is a zip file, but not an Excel workbook",
                where=self.where,
                mend="open it in its own program and save it as .xlsx",
            )
        self.part_name = self._main_part()
        self.workbook = WorkbookPart(self.read(self.part_name), self.where)
        self.relations = self.relations_of(self.part_name)
        targets = {relation.id: relation for relation in self.relations}
        self._sheets = {sheet.name: targets.get(sheet.relation) for sheet in self.workbook.sheets}
        self._states = {sheet.name: sheet.state for sheet in self.workbook.sheets}
        self._parts: dict[str, SheetPart] = {}
        self._grids: dict[str, Grid] = {}
        self._styles: Styles | None = None
        self._strings: SharedStrings | None = None
        self._tables: dict[str, tuple[str, TablePart]] | None = None

    @classmethod
    def open(cls, path: str | Path) -> Book:
        """Reads a workbook.

        Raises:
            BadData: there is none, or it is of a kind that must not be edited in place.
        """
        path = Path(path)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise BadData(
                "there is no such file", where=str(path), mend="check the path, or make the workbook"
            ) from None
        except OSError as error:
            raise BadData(
                f"it cannot be read ({error.strerror})", where=str(path), mend="check its permissions"
            ) from error
        return cls(path, Package(data, path.name))

    @property
    def data(self) -> bytes:
        """The whole file as it was when it was opened."""
        return self.package.data[:]

    def _main_part(self) -> str:
        root = self.package.find("_rels/.rels")
        links = read_relations(self.package.read(root), "", self.where) if root else []
        target = next((link.target for link in links if link.kind == "officeDocument"), "xl/workbook.xml")
        name = self.package.find(target)
        if (name and name.lower().endswith(".bin")) or self.package.find("xl/workbook.bin"):
            raise BadData(
                "it is a binary workbook (.xlsb)", where=self.where, mend="save it in Excel as .xlsx or .xlsm"
            )
        if name is None:
            raise BadData("it is not an Excel workbook", where=self.where, mend="open it in Excel and save it as .xlsx")
        return name

    def entry(self, name: str) -> str:
        """The zip's own spelling of the name of a part that must be there."""
        found = self.package.find(name)
        if found is None:
            raise BadData(f"its part {name} is missing", where=self.where, mend="open it in Excel and save it again")
        return found

    def read(self, name: str) -> bytes:
        """The bytes of a part that must be there."""
        return self.package.read(self.entry(name))

    def relations_of(self, part: str) -> list[Relation]:
        """The links of a part; none when it has no relationships part."""
        found = self.package.find(relations_part(part))
        return read_relations(self.package.read(found), part, self.where) if found else []

    @property
    def sheets(self) -> tuple[str, ...]:
        """The names of all tabs, chart sheets too, in tab order."""
        return tuple(self._sheets)

    def sheet_state(self, name: str) -> str:
        """``visible``, ``hidden`` or ``veryHidden``."""
        if name not in self._states:
            raise self._no_sheet(name)
        return self._states[name]

    def has_cells(self, name: str) -> bool:
        """Whether a tab is a worksheet: chart sheets and dialogs have no cells."""
        if name not in self._sheets:
            raise self._no_sheet(name)
        relation = self._sheets[name]
        return relation is not None and relation.kind == "worksheet"

    def sheet_part(self, name: str) -> str:
        """The name of the part that holds a tab's cells."""
        if name not in self._sheets:
            raise self._no_sheet(name)
        relation = self._sheets[name]
        found = self.package.find(relation.target) if relation else None
        if relation is None or found is None:
            raise BadData(f"the part of the tab {name} is missing", where=self.where, mend="save it again with Excel")
        if relation.kind != "worksheet":
            raise BadData(f"the tab {name} has no cells ({relation.kind})", where=self.where, mend="name another tab")
        return found

    def _no_sheet(self, name: str) -> BadData:
        return BadData(f"there is no tab {name}", where=self.where, mend=f"its tabs are {', '.join(self._sheets)}")

    def sheet(self, name: str) -> SheetPart:
        """A tab's part, to be read row by row."""
        if name not in self._parts:
            part = self.sheet_part(name)
            self._parts[name] = SheetPart(lambda: self.package.stream(part), f"{self.where}, {name}")
        return self._parts[name]

    def grid(self, sheet: str) -> Grid:
        """The cells of a tab (read once, then kept)."""
        if sheet not in self._grids:
            self._grids[sheet] = self._read(self.sheet(sheet))
        return self._grids[sheet]

    def _read(self, part: SheetPart) -> Grid:
        scanner = self._scanner(part)
        try:
            for run in part.runs():
                scanner.read(run)
        except Unusual:
            part.normalise()
            return self._read(part)
        return Grid(scanner, part.shell)

    def _scanner(self, part: SheetPart) -> Scanner:
        return Scanner(part.prefix, lambda: self.strings, self._dates, self.date1904, part.where)

    @cached_property
    def _dates(self) -> list[bool]:
        return self.styles.dates()

    def planner(self, sheet: str) -> Planner:
        """What finds out how a tab's part changes."""
        part = self.sheet(sheet)
        known = self._grids.get(sheet)
        return Planner(sheet, part, lambda: self._scanner(part), lambda: self.grid(sheet), self.date1904, known)

    @property
    def date1904(self) -> bool:
        """Whether dates count from 1904 instead of 1900."""
        return self.workbook.date1904

    @property
    def strings(self) -> SharedStrings:
        """The shared texts."""
        if self._strings is None:
            name = self.linked("sharedStrings")
            data = markup.to_utf8(self.read(name), self.where) if name else b""
            self._strings = SharedStrings(markup.without_other(data))
        return self._strings

    @property
    def styles(self) -> Styles:
        """The cell styles."""
        if self._styles is None:
            name = self.linked("styles")
            self._styles = Styles(self.read(name) if name else _PLAIN_STYLES, self.where)
        return self._styles

    def linked(self, kind: str) -> str | None:
        """The part that the workbook links as ``kind``, if it is there."""
        return next(
            (found for link in self.relations if link.kind == kind and (found := self.package.find(link.target))), None
        )

    @property
    def names(self) -> dict[str, str]:
        """The workbook-wide defined names and their formulas."""
        return dict(self.workbook.names)

    def range_of(self, name: str) -> Range | None:
        """The cells of a defined name; None when there is no such name, or it is not one plain range."""
        text = next((text for known, text in self.workbook.names.items() if known.lower() == name.lower()), None)
        found = parse_range(text) if text else None
        if found is None:
            return None
        sheet = next((sheet for sheet in self._sheets if sheet.lower() == found.sheet.lower()), None)
        return found._replace(sheet=sheet) if sheet is not None else None

    @property
    def table_parts(self) -> dict[str, tuple[str, TablePart]]:
        """The tables by name: the part's name and the part."""
        if self._tables is None:
            self._tables = {}
            for sheet, relation in self._sheets.items():
                if relation is None or relation.kind != "worksheet":
                    continue
                for link in self.relations_of(relation.target):
                    part = self.package.find(link.target) if link.kind == "table" else None
                    if part:
                        table = TablePart(self.package.read(part), sheet, self.where)
                        self._tables[table.info.name] = (part, table)
        return self._tables

    @property
    def tables(self) -> dict[str, TableInfo]:
        """The tables by the name that formulas use."""
        return {name: table.info for name, (_, table) in self.table_parts.items()}

    def print_area(self, sheet: str) -> Range | None:
        """The one area that a tab prints; ``None`` where none was set, or several."""
        return parse_range(self.workbook.print_area(sheet) or "")

    @property
    def custom_properties(self) -> dict[str, str]:
        """The document's custom properties as text."""
        name = self.package.find("docProps/custom.xml")
        if name is None:
            return {}
        root = markup.parse(markup.to_utf8(self.package.read(name), self.where), self.where)
        return {
            node.attributes.get("name", ""): "".join(inner.text for inner in node.children)
            for node in root.all("property")
        }

    @property
    def last_saved_by(self) -> str:
        """Who saved the file last, as their program says; blank where it says nothing that can be read."""
        name = self.package.find("docProps/core.xml")
        try:
            root = (
                None if name is None else markup.parse(markup.to_utf8(self.package.read(name), self.where), self.where)
            )
        except BadData:
            return ""
        found = root.child("lastModifiedBy") if root else None
        return " ".join(found.text.split()) if found else ""

    def edit(self) -> Edit:
        """A new, empty set of edits."""
        return Edit(self)
