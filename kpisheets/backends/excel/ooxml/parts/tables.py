"""Table parts: read, resized, with other column names, made anew."""

from __future__ import annotations

from typing import NamedTuple

from kpisheets.errors import BadData

from ..notation import markup
from ..notation.refs import Area, Range, parse_area

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"


class TableInfo(NamedTuple):
    """A table: its name in formulas, all its cells (header and totals included), its columns' names in order."""

    name: str
    range: Range
    columns: tuple[str, ...]
    totals_rows: int
    header_rows: int


class TablePart:
    """The bytes of a table part and what they say.

    Raises:
        BadData: the part is broken.
    """

    def __init__(self, data: bytes, sheet: str, where: str) -> None:
        self.data = markup.to_utf8(data, where)
        self.root = markup.parse(self.data, where)
        named = self.root.attributes
        area = parse_area(named.get("ref", ""))
        columns = self.root.child("tableColumns")
        name = named.get("displayName") or named.get("name", "")
        if area is None or columns is None or not name:
            raise BadData("a table's description is broken", where=where, mend="open it in Excel and save it again")
        try:
            self.id = int(named.get("id", "0"))
            totals, header = int(named.get("totalsRowCount", "0")), int(named.get("headerRowCount", "1"))
        except ValueError as error:
            raise BadData(
                f"the table {name} has broken counts", where=where, mend="save it again with Excel"
            ) from error
        self._columns = columns.all("tableColumn")
        names = tuple(markup.from_xstring(node.attributes.get("name", "")) for node in self._columns)
        self.info = TableInfo(name, Range(sheet, *area), names, totals, header)

    def resized(self, bottom: int) -> bytes:
        """The part with another last row; its filter and sort follow."""
        old = self.info.range.area
        new = Area(old.top, old.left, bottom, old.right)
        changes = [self._with(self.root, {"ref": f"{new.a1 if ':' in new.a1 else f'{new.a1}:{new.a1}'}"})]
        for node in self.root.walk():
            area = parse_area(node.attributes.get("ref", ""))
            if (
                node.name in ("autoFilter", "sortState", "sortCondition")
                and area
                and (area.bottom == old.bottom or area.bottom > bottom)
            ):
                grown = Area(area.top, area.left, max(bottom, area.top), area.right)
                changes.append(self._with(node, {"ref": grown.a1}))
        return markup.splice(self.data, changes)

    def renamed(self, columns: tuple[str, ...]) -> bytes:
        """The part with other column names."""
        changes = [
            self._with(node, {"name": column_attribute(new)})
            for node, old, new in zip(self._columns, self.info.columns, columns, strict=True)
            if old != new
        ]
        return markup.splice(self.data, changes)

    def _with(self, node: markup.Node, values: dict[str, str | None]) -> tuple[int, int, bytes]:
        return node.start, node.open_end, markup.tag_with(self.data[node.start : node.open_end], values)


def column_attribute(name: str) -> str:
    """A column's name as the attribute spells it: line breaks are escaped."""
    return markup.to_xstring(name).replace("\n", "_x000a_")


def check_columns(name: str, columns: tuple[str, ...], width: int, where: str) -> None:
    """Refuses column names that Excel would repair."""
    if len(columns) != width:
        raise BadData(f"the table {name} has {width} columns, not {len(columns)}", where=where, mend="name each once")
    if any(not column or len(column) > 255 for column in columns):
        raise BadData(f"a column of the table {name} has no name or a very long one", where=where, mend="rename it")
    if len({column.lower() for column in columns}) < len(columns):
        raise BadData(f"two columns of the table {name} have the same name", where=where, mend="rename one")


def new_table(number: int, name: str, area: Area, columns: tuple[str, ...]) -> bytes:
    """A table part with a header, a filter and Excel's default style."""
    ref = area.a1.encode()
    named = b"".join(
        b'<tableColumn id="%d" name="%b"/>' % (index, markup.attribute(column_attribute(column)))
        for index, column in enumerate(columns, 1)
    )
    return (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        b'<table xmlns="%b" id="%d" name="%b" displayName="%b" ref="%b" totalsRowShown="0"><autoFilter ref="%b"/>'
        b'<tableColumns count="%d">%b</tableColumns><tableStyleInfo name="TableStyleMedium2" showFirstColumn="0"'
        b' showLastColumn="0" showRowStripes="1" showColumnStripes="0"/></table>'
        % (markup.MAIN.encode(), number, markup.attribute(name), markup.attribute(name), ref, ref, len(columns), named)
    )
