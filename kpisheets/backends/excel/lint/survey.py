"""The whole workbook: what each check needs to know of other parts, and in which order they run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.backends.excel.ooxml.notation.refs import cell_name
from kpisheets.errors import BadData

from . import drawings, frame, strings, styles, tables, workbook
from .archive import Archive, key_of, tree_of
from .cell_formulas import CellFormulas
from .cells import Cells, HeaderCell
from .finding import Finding, Report
from .formats import Formats
from .links import Links, check_ids, check_package
from .rows import SheetStream

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKAGE = "[content_types].xml"

# The names of parts; those of sheets with the numbers of the rows that changed, or None: all of it.
Changed = Mapping[str, Collection[int] | None]
HeaderCells = dict[tuple[int, int], HeaderCell]


class Survey:
    """One look at a file. ``changed``: the parts that are to be looked at, and of sheets the rows; None: all.

    Raises:
        BadData: it is no .xlsx, .xlsm or their templates: encrypted, .xls or .xlsb.
        OSError: the file cannot be read.
    """

    def __init__(self, source: Path | bytes, changed: Changed | None = None) -> None:
        _refuse_other_formats(source)
        self._report = Report()
        self._archive = Archive(source, self._report)
        self._links = Links(self._archive)
        rows = {key_of(name): only for name, only in changed.items() if only is not None} if changed else {}
        self._rows: dict[str, Collection[int]] = rows
        self._scope = None if changed is None else {key_of(name) for name in changed}
        self._beside_tables: set[str] = set()  # sheets whose tables changed, though they did not
        self._kinds: dict[str, str] = {}
        self._book = workbook.WorkbookFacts()
        self._styles = styles.StyleCounts()
        self._tables: dict[str, list[tables.Table]] = {}
        self._strings: int | None = None
        self._chain: dict[str, set[int]] = {}

    def run(self) -> list[Finding]:
        """Everything that was found, package first, then part by part."""
        try:
            if self._archive.names:
                self._run()
            elif not self._report.findings:
                self._report.add("zip-broken", "", "", "the zip is empty")
            return [finding for finding in self._report.findings if self._concerns(finding)]
        finally:
            self._archive.close()

    def _concerns(self, finding: Finding) -> bool:
        key = key_of(finding.part)
        if self._scope is None or key in self._scope or key in ("", _PACKAGE) or key.endswith(".rels"):
            return True
        return key in self._beside_tables and finding.rule.startswith("table-")

    def _wants(self, part: str) -> bool:
        return self._scope is None or key_of(part) in self._scope

    def _run(self) -> None:
        self._kinds = check_package(self._archive, self._links)
        main = self._links.kind("", "officeDocument")
        root = self._archive.tree(main[0].target) if main and not main[0].target.endswith(".bin") else None
        if main and main[0].target.endswith(".bin"):
            raise BadData("it is a binary workbook (.xlsb)", mend="save it as .xlsx")
        if root is None:
            if not main:
                self._report.add("zip-broken", "", "", "there is no workbook in it")
            return
        self._book = workbook.facts(root, main[0].target, self._links, self._archive)
        if self._wants(self._book.part):
            workbook.check(root, self._book, self._report)
            check_ids(root, self._book.part, self._links, self._archive)
        self._read_styles()
        self._read_tables()
        self._check_sheets()
        for name in self._archive.names:
            if self._wants(name):
                self._other(name)

    def _linked(self, kind: str) -> str | None:
        found = self._links.kind(self._book.part, kind)
        return found[0].target if found else None

    def _read_styles(self) -> None:
        part = self._linked("styles")
        root = self._archive.tree(part) if part else None
        if part is None:
            self._styles = styles.StyleCounts(1, 0)
        elif root is not None:
            self._styles = styles.counts(root)
            if self._wants(part):
                styles.check(root, part, self._report)

    def _read_tables(self) -> None:
        for sheet in self._book.sheets:
            found = []
            for link in self._links.kind(sheet.part, "table") if sheet.part else []:
                root = self._archive.tree(link.target)
                if root is not None and root.name == "table":
                    found.append(tables.read(root, link.target))
                    if self._wants(link.target):
                        tables.check(root, found[-1], self._styles, self._report)
            if found:
                self._tables[sheet.part] = found
        tables.check_all([table for found in self._tables.values() for table in found], self._book, self._report)

    def _check_sheets(self) -> None:
        part, chain = self._linked("sharedStrings"), self._linked("calcChain")
        for owner, found in self._tables.items():
            if any(self._wants(table.part) for table in found):
                self._beside_tables.add(key_of(owner))
        scanned = [
            sheet
            for sheet in self._book.sheets
            if sheet.part
            and (
                self._wants(sheet.part)
                or key_of(sheet.part) in self._beside_tables
                or (chain is not None and self._wants(chain))
            )
        ]
        if part and (scanned or self._wants(part)):
            self._strings = (strings.check if self._wants(part) else strings.count)(self._archive, part)
        if chain and (any(key_of(sheet.part) not in self._rows for sheet in scanned) or self._wants(chain)):
            self._chain = workbook.chain(self._archive, chain, self._book)
        headers: dict[str, HeaderCells] = {}
        for sheet in scanned:
            cells = self._sheet(sheet)
            if cells is None:
                continue
            headers[sheet.part] = cells
            if key_of(sheet.part) in self._rows:
                continue
            for place in sorted(self._chain.get(sheet.id, ()))[:1]:
                where = f"{sheet.name}!{cell_name(place >> 14, place & 0x3FFF)}"
                self._report.add("calc-chain-no-formula", chain or "", where, f"{where} has no formula")
        self._check_headers(headers, part)

    def _sheet(self, sheet: workbook.Sheet) -> HeaderCells | None:
        """Looks at one sheet; None where its part is broken, and then that is all that is said of it."""
        report = Report()
        found = self._tables.get(sheet.part, [])
        wanted: dict[int, set[int]] = {}
        for table in found:
            if table.area and self._header_matters(table, sheet.part):
                wanted.setdefault(table.area.top, set()).update(table.wanted)
        formulas = CellFormulas(sheet.part, self._book, self._chain.get(sheet.id, set()), report)
        cells = Cells(sheet.part, self._styles, self._string_count(), formulas, report, wanted)
        only = self._rows.get(key_of(sheet.part))
        stream = SheetStream(self._archive.chunks(sheet.part), None if only is None else {*only, *wanted})
        for run in stream.runs():
            cells.take_all(run)
        formulas.finish(whole=only is None)
        root = None
        if stream.fault and not self._archive.is_broken(sheet.part):
            self._report.add("part-not-xml", sheet.part, "", stream.fault)
        elif not self._archive.is_broken(sheet.part):
            root = tree_of(stream.frame, sheet.part, self._report)
        if root is None:
            return None
        self._report.extend(report)
        merges = frame.check(root, sheet.part, self._styles, self._book, self._links, self._archive)
        tables.check_sheet(sheet.part, found, merges, self._report)
        Formats(root, sheet.part, self._styles, self._book, self._report)
        return cells.headers

    def _header_matters(self, table: tables.Table, sheet: str) -> bool:
        """Whether the header's cells are to be compared: not where neither they nor the table changed."""
        rows = self._rows.get(key_of(sheet))
        unchanged = rows is not None and table.area is not None and table.area.top not in rows
        return bool(table.wanted) and not (unchanged and not self._wants(table.part))

    def _string_count(self) -> int | None:
        return self._strings if self._linked("sharedStrings") else 0

    def _check_headers(self, headers: dict[str, HeaderCells], part: str | None) -> None:
        wanted = {
            markup.whole(cell.value) for cells in headers.values() for cell in cells.values() if cell.type == b"s"
        }
        texts = strings.texts(self._archive, part, wanted) if part and wanted else {}
        for sheet, cells in headers.items():
            for table in [found for found in self._tables.get(sheet, []) if self._header_matters(found, sheet)]:
                tables.check_headers(table, sheet, cells, texts, self._report)

    def _other(self, name: str) -> None:
        kind = self._kinds.get(key_of(name), "")
        if kind in ("drawing", "chart", "comments", "pivotTable", "table"):
            root = self._archive.tree(name)
            if root is None:
                return
            self._archive.forget(name)
            check_ids(root, name, self._links, self._archive)
            if kind == "drawing":
                drawings.check_drawing(root, name, self._report)
            elif kind == "chart":
                drawings.check_chart(root, name, self._book, self._report)
            elif kind == "comments":
                frame.check_comments(root, name, self._report)
            elif kind == "pivotTable" and root.attributes.get("cacheId", "") not in self._book.caches:
                what = f"there is no pivot cache {root.attributes.get('cacheId')}"
                self._report.add("pivot-cache-unknown", name, root.attributes.get("name", ""), what)
        elif name.lower().endswith(".xml") and kind and kind not in ("worksheet", "sharedStrings"):
            strings.check_xml(self._archive, name)


def _refuse_other_formats(source: Path | bytes) -> None:
    if isinstance(source, bytes):
        head = source[:8]
    else:
        with source.open("rb") as file:
            head = file.read(8)
    if head == _OLE:
        where = "" if isinstance(source, bytes) else str(source)
        raise BadData("it is encrypted, or an old Excel file (.xls)", where=where, mend="save it as a plain .xlsx")
