"""The workbook part: sheets, views, names; and the calculation chain."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.backends.excel.ooxml.notation.refs import MAX_COLUMN, column_number, parse_cell

from . import formula
from .archive import Archive
from .finding import Report
from .links import Links, check_kind, relation_ids
from .sections import check_order

_ORDER = (
    "fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups",
    "externalReferences", "definedNames", "calcPr", "oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr",
    "smartTagTypes", "webPublishing", "fileRecoveryPr", "webPublishObjects", "extLst",
)  # fmt: skip
_MANY = frozenset({"fileRecoveryPr"})
_NAME = re.compile(r"[^\W\d][\w.\\?]*|\\[\w.\\?]*|_[\w.\\?]*")
_R1C1 = re.compile(r"[Rr]\d*(?:[Cc]\d*)?|[Cc]\d*")
_A1 = re.compile(r"([A-Za-z]{1,3})(\d+)")
_SHEET_KINDS = ("worksheet", "chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A tab: its part is ``""`` where it has none that can be read."""

    name: str
    id: str
    part: str
    kind: str


@dataclass(frozen=True, slots=True)
class WorkbookFacts:
    """What other parts refer to. ``names`` are in lower case: those of the whole workbook."""

    part: str = ""
    sheets: tuple[Sheet, ...] = ()
    names: frozenset[str] = frozenset()
    files: int = 0
    windows: int = 0
    caches: frozenset[str] = field(default_factory=frozenset)

    def has_sheet(self, name: str) -> bool:
        """Whether there is a tab of that name; case doesn't count."""
        return any(sheet.name.lower() == name.lower() for sheet in self.sheets)


def is_name(text: str) -> bool:
    """Whether a defined name or a table may be called that."""
    cell = _A1.fullmatch(text)
    if cell and column_number(cell[1]) <= MAX_COLUMN and parse_cell(text):
        return False
    return len(text) <= 255 and bool(_NAME.fullmatch(text)) and not _R1C1.fullmatch(text)


def facts(root: markup.Node, part: str, links: Links, archive: Archive) -> WorkbookFacts:
    """Reads the workbook part."""
    sheets = []
    for node in _items(root, "sheets", "sheet"):
        link = check_kind(node, _SHEET_KINDS, part, links, archive)
        named = node.attributes
        sheets.append(
            Sheet(
                named.get("name", ""), named.get("sheetId", ""), link.target if link else "", link.kind if link else ""
            )
        )
    names = _items(root, "definedNames", "definedName")
    return WorkbookFacts(
        part,
        tuple(sheets),
        frozenset(node.attributes.get("name", "").lower() for node in names if "localSheetId" not in node.attributes),
        len(_items(root, "externalReferences", "externalReference")),
        len(_items(root, "bookViews", "workbookView")),
        frozenset(node.attributes.get("cacheId", "") for node in _items(root, "pivotCaches", "pivotCache")),
    )


def check(root: markup.Node, book: WorkbookFacts, report: Report) -> None:
    """The workbook part by itself."""
    part = book.part
    check_order(root, _ORDER, _MANY, part, "workbook", report)
    nodes = _items(root, "sheets", "sheet")
    if not any(node.attributes.get("state", "visible") == "visible" for node in nodes):
        report.add("sheet-missing", part, "sheets", "no sheet can be seen" if nodes else "there is no sheet")
    _check_sheets(nodes, part, report)
    for view in _items(root, "bookViews", "workbookView"):
        for name in ("activeTab", "firstSheet"):
            text = view.attributes.get(name, "0")
            if not text.isdigit() or int(text) >= len(nodes):
                report.add("active-tab-out-of-range", part, "workbookView", f"{name} is {text} of {len(nodes)}")
    _check_names(_items(root, "definedNames", "definedName"), book, report)


def _check_sheets(nodes: list[markup.Node], part: str, report: Report) -> None:
    names: set[str] = set()
    numbers: set[str] = set()
    relations: set[str] = set()
    for node in nodes:
        name, number = node.attributes.get("name", ""), node.attributes.get("sheetId", "")
        if name.lower() in names:
            report.add("sheet-name-duplicate", part, name, f"two sheets are called {name}")
        names.add(name.lower())
        if not 0 < len(name) <= 31 or re.search(r"[\[\]:*?/\\]", name) or name[0] == "'" or name[-1] == "'":
            report.add("sheet-name-illegal", part, name, f"a sheet cannot be called “{name}”")
        if number in numbers or not number.isdigit() or not 0 < int(number) <= 65_534:
            report.add("sheet-id-duplicate", part, name, f"the sheet's id {number} is taken or none")
        numbers.add(number)
        for relation in relation_ids(node)[:1]:
            if relation in relations:
                report.add("sheet-relation-duplicate", part, name, f"{relation} is another sheet's")
            relations.add(relation)


def _check_names(nodes: list[markup.Node], book: WorkbookFacts, report: Report) -> None:
    seen: set[tuple[str, str]] = set()
    for node in nodes:
        name, scope = node.attributes.get("name", ""), node.attributes.get("localSheetId", "")
        if (name.lower(), scope) in seen:
            report.add("name-duplicate", book.part, name, f"{name} is defined twice")
        seen.add((name.lower(), scope))
        if scope and (not scope.isdigit() or int(scope) >= len(book.sheets)):
            report.add("name-scope-out-of-range", book.part, name, f"its sheet is {scope} of {len(book.sheets)}")
        if not is_name(name.removeprefix("_xlnm.")):
            report.add("name-illegal", book.part, name, f"“{name}” cannot be a name")
        _check_meaning(node, name, book, report)


def _check_meaning(node: markup.Node, name: str, book: WorkbookFacts, report: Report) -> None:
    if node.attributes.get("vbProcedure") in ("1", "true") or node.attributes.get("xlm") in ("1", "true"):
        return
    text = node.text.strip()
    if text.startswith("="):
        report.add("equals-sign", book.part, name, f"it starts with an equals sign: {text}")
        text = text[1:]
    _, fault = formula.fault_of(text)
    if fault:
        report.add("name-formula", book.part, name, fault)
        return
    parsed = formula.parse(text)
    if parsed.bare:
        report.add("name-without-sheet", book.part, name, f"{node.text} does not say on which sheet")
    for sheet in sorted(parsed.sheets):
        if not book.has_sheet(sheet):
            report.add("name-unknown-sheet", book.part, name, f"there is no sheet {sheet}")
    if any(number > book.files for number in parsed.files):
        report.add("formula-external", book.part, name, f"there are {book.files} external workbooks: {node.text}")


def _items(root: markup.Node, section: str, name: str) -> list[markup.Node]:
    node = root.child(section)
    return node.all(name) if node else []


_CHAINED = re.compile(rb"<(?:[\w.-]+:)?c\s([^<>]*)>")
_REF = re.compile(rb"""(?:^|\s)r\s*=\s*["']([^"']*)["']""")
_SHEET = re.compile(rb"""(?:^|\s)i\s*=\s*["']([^"']*)["']""")


def chain(archive: Archive, part: str, book: WorkbookFacts) -> dict[str, set[int]]:
    """The cells of the calculation chain by sheet id, each as ``row << 14 | column``."""
    known = {sheet.id for sheet in book.sheets}
    cells: dict[str, set[int]] = defaultdict(set)
    sheet = ""
    rest = b""
    told: set[str] = set()
    for chunk in archive.chunks(part):
        rest += chunk
        end = rest.rfind(b">") + 1
        for match in _CHAINED.finditer(rest, 0, end):
            other = _SHEET.search(match[1])
            if other:
                sheet = other[1].decode("ascii", "replace")
            ref = _REF.search(match[1])
            place = parse_cell(ref[1].decode("ascii", "replace")) if ref else None
            if sheet not in known:
                if sheet not in told:
                    archive.report.add(
                        "calc-chain-unknown-sheet", part, sheet, f"there is no sheet with the id {sheet}"
                    )
                told.add(sheet)
            elif place is None:
                archive.report.add("range-illegal", part, "c", "it names no cell")
            else:
                cells[sheet].add(place[0] << 14 | place[1])
        rest = rest[end:]
    return cells
