"""Tables: each by itself, among the others, and against the cells of its sheet."""

from __future__ import annotations

from dataclasses import dataclass

from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.backends.excel.ooxml.notation.refs import Area, cell_name, parse_area

from . import formula
from .cells import HeaderCell
from .finding import Report
from .frame import check_filter
from .sections import check_order, overlapping
from .strings import inline
from .styles import StyleCounts
from .workbook import WorkbookFacts, is_name

_ORDER = ("autoFilter", "sortState", "tableColumns", "tableStyleInfo", "extLst")
_STYLES = ("headerRowDxfId", "dataDxfId", "totalsRowDxfId", "headerRowBorderDxfId", "tableBorderDxfId",
           "totalsRowBorderDxfId")  # fmt: skip
_LONGEST_COLUMN = 255


@dataclass(frozen=True, slots=True)
class Table:
    """What other parts see of a table: ``area`` is None where its range is none; ``header``: it shows a header."""

    part: str
    id: str
    name: str
    area: Area | None
    columns: tuple[str, ...]
    header: bool

    @property
    def wanted(self) -> set[int]:
        """The columns of its header's cells."""
        return set(range(self.area.left, self.area.right + 1)) if self.area and self.header else set()


def read(root: markup.Node, part: str) -> Table:
    """The table of a table part."""
    named = root.attributes
    columns = root.child("tableColumns")
    return Table(
        part,
        named.get("id", ""),
        named.get("displayName") or named.get("name", ""),
        parse_area(named.get("ref", "")),
        tuple(markup.from_xstring(node.attributes.get("name", "")) for node in (columns.children if columns else [])
              if node.name == "tableColumn"),
        named.get("headerRowCount", "1") != "0",
    )  # fmt: skip


def check(root: markup.Node, table: Table, styles: StyleCounts, report: Report) -> None:
    """A table part by itself."""
    part, name = table.part, table.name
    check_order(root, _ORDER, frozenset(), part, "table", report)
    if not is_name(name):
        report.add("table-name-illegal", part, name, f"a table cannot be called “{name}”")
    totals = root.attributes.get("totalsRowCount", "0")
    rows = 1 + table.header + (totals not in ("0", ""))
    if table.area is None:
        report.add("table-range", part, name, f"{root.attributes.get('ref')!r} is no range")
    elif table.area.bottom - table.area.top + 1 < rows:
        report.add("table-range", part, name, f"{table.area.a1} has no room for a row")
    _check_columns(root, table, styles, report)
    for attribute in _STYLES:
        text = root.attributes.get(attribute)
        if text is not None and not styles.has_differential(text):
            report.add("dxf-out-of-range", part, name, f"{attribute} is {text} of {styles.differential}")
    for node in root.all("autoFilter"):
        area = check_filter(node, part, name, styles, report)
        if table.area and area and not _fits(area, table.area):
            report.add("table-filter", part, name, f"its filter is {area.a1}, the table {table.area.a1}")


def _fits(inner: Area, outer: Area) -> bool:
    same = inner.top == outer.top and inner.left >= outer.left and inner.right <= outer.right
    return same and inner.bottom <= outer.bottom


def _check_columns(root: markup.Node, table: Table, styles: StyleCounts, report: Report) -> None:
    part, columns = table.part, root.child("tableColumns")
    count = columns.attributes.get("count") if columns else None
    if count is not None and count != str(len(table.columns)):
        report.add("table-count", part, table.name, f"it counts {count} columns and has {len(table.columns)}")
    if table.area and len(table.columns) != table.area.right - table.area.left + 1:
        report.add("table-width", part, table.name, f"{table.area.a1} has not {len(table.columns)} columns")
    names: set[str] = set()
    numbers: set[str] = set()
    for node, name in zip(columns.all("tableColumn") if columns else [], table.columns, strict=True):
        if name.lower() in names:
            report.add("table-column-duplicate", part, name, f"two columns are called “{name}”")
        number = node.attributes.get("id", "")
        if not 0 < len(name) <= _LONGEST_COLUMN or number in numbers or not number.isdigit() or int(number) == 0:
            report.add("table-column-illegal", part, name, f"the column “{name}” has the id {number!r}")
        names.add(name.lower())
        numbers.add(number)
        for attribute in _STYLES:
            text = node.attributes.get(attribute)
            if text is not None and not styles.has_differential(text):
                report.add("dxf-out-of-range", part, name, f"{attribute} is {text} of {styles.differential}")
        for inner in node.children:
            if inner.name in ("calculatedColumnFormula", "totalsRowFormula"):
                _, fault = formula.fault_of(inner.text)
                if fault:
                    report.add("table-formula", part, name, fault)


def check_all(tables: list[Table], book: WorkbookFacts, report: Report) -> None:
    """The tables of a workbook among each other."""
    numbers: set[str] = set()
    names = set(book.names)
    for table in tables:
        if table.id in numbers or not table.id.isdigit() or int(table.id) == 0:
            report.add("table-duplicate-id", table.part, table.name, f"its id {table.id} is taken or none")
        if table.name.lower() in names:
            report.add("table-duplicate-name", table.part, table.name, f"the name {table.name} is taken")
        numbers.add(table.id)
        names.add(table.name.lower())


def check_sheet(sheet: str, tables: list[Table], merges: list[tuple[Area, str]], report: Report) -> None:
    """The tables of one sheet: none meets another, nor merged cells."""
    placed = [(table.area, table.name) for table in tables if table.area]
    for first, second in overlapping(placed):
        report.add("table-overlap", sheet, second, f"it meets the table {first}")
    for area, name in placed:
        for merged, ref in merges:
            if area.meets(merged):
                report.add("table-merge", sheet, ref, f"the merged cells reach into the table {name}")


def check_headers(
    table: Table, sheet: str, cells: dict[tuple[int, int], HeaderCell], strings: dict[int, str], report: Report
) -> None:
    """A table's columns against the cells of its header; ``strings``: the shared ones that these cells name."""
    if not table.area or not table.header or len(table.columns) != table.area.right - table.area.left + 1:
        return
    for column, name in enumerate(table.columns, table.area.left):
        where = cell_name(table.area.top, column)
        cell = cells.get((table.area.top, column))
        if cell is None or cell.formula or cell.type not in (b"s", b"str", b"inlineStr"):
            what = "is empty" if cell is None else "holds a formula" if cell.formula else "holds no text"
            report.add("table-header-not-text", sheet, where, f"the header of {table.name} {what}")
            continue
        if cell.type == b"s":
            text = strings.get(markup.whole(cell.value))
            if text is None:
                continue  # told of as a string out of range
        else:
            text = inline(cell.value)
        if _plain(text) != _plain(name):
            report.add("table-header-differs", sheet, where, f"the cell says “{text}”, {table.name} says “{name}”")


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", " ").strip()
