"""The workbook part: sheets, defined names, calendar, and the wish for a full recalculation."""

from __future__ import annotations

import re
from typing import NamedTuple

from kpisheets.errors import BadData

from ..notation import markup
from ..notation.refs import parse_cell

_NAME = re.compile(r"[^\W\d][\w.]*|\\[\w.]*")
_R1C1 = re.compile(r"[Rr]\d*(?:[Cc]\d*)?|[Cc]\d*")
# What stands before these sections; they are put after the last of it that is there.
_BEFORE_NAMES = ("sheets", "functionGroups", "externalReferences")
_BEFORE_CALC = (*_BEFORE_NAMES, "definedNames")


class SheetEntry(NamedTuple):
    """A tab: its name, ``visible``, ``hidden`` or ``veryHidden``, and the id of its relationship."""

    name: str
    state: str
    relation: str


class WorkbookPart:
    """``data`` is the part; the changing methods return it changed.

    Raises:
        BadData: it is of another kind (strict Open XML), or broken.
    """

    def __init__(self, data: bytes, where: str) -> None:
        self.where = where
        self.data = markup.to_utf8(data, where)
        self.root = markup.parse(self.data, where)
        if self.root.namespace == markup.STRICT_MAIN:
            raise BadData(
                "it is a strict Open XML file", where=where, mend="save it in Excel as Excel Workbook (.xlsx)"
            )
        if self.root.namespace != markup.MAIN or self.root.name != "workbook":
            raise BadData("it is not an Excel workbook", where=where, mend="open it in Excel and save it as .xlsx")
        sheets = self.root.child("sheets")
        key = f"{{{markup.RELATIONSHIPS}}}id"
        self.sheets = [
            SheetEntry(
                node.attributes.get("name", ""), node.attributes.get("state", "visible"), node.attributes.get(key, "")
            )
            for node in (sheets.all("sheet") if sheets else [])
        ]
        if not self.sheets or len({sheet.name.lower() for sheet in self.sheets}) < len(self.sheets):
            raise BadData("it has no tabs, or two of the same name", where=where, mend="open it in Excel and save it")
        properties = self.root.child("workbookPr")
        self.date1904 = properties is not None and properties.attributes.get("date1904") in ("1", "true")
        names = self.root.child("definedNames")
        self._names = [node for node in (names.all("definedName") if names else []) if "name" in node.attributes]
        self.names = {
            node.attributes["name"]: node.text for node in self._names if "localSheetId" not in node.attributes
        }

    def with_name(self, name: str, text: str) -> bytes:
        """The part with a workbook-wide name defined as ``text`` (no leading ``=``)."""
        text = text.removeprefix("=")
        if len(name) > 255 or not _NAME.fullmatch(name) or parse_cell(name) or _R1C1.fullmatch(name):
            raise BadData(f"{name} cannot be a defined name", where=self.where, mend="use letters, digits, _ and .")
        if not text or len(text) > 8192 or "\n" in text:
            raise BadData(f"the name {name} has no usable definition", where=self.where, mend="give it a reference")
        for node in self._names:
            if node.attributes["name"].lower() == name.lower() and "localSheetId" not in node.attributes:
                return self._redefined(node, text)
        p = markup.prefix_of(self.data, self.root)
        new = b'<%bdefinedName name="%b">%b</%bdefinedName>' % (p, markup.attribute(name), markup.content(text), p)
        names = self.root.child("definedNames")
        if names:
            return markup.splice(self.data, [markup.inserted_at_end(self.data, names, new)])
        return self._placed(_BEFORE_NAMES, b"<%bdefinedNames>%b</%bdefinedNames>" % (p, new, p))

    def print_area(self, sheet: str) -> str | None:
        """What the tab prints, where that was set: ``Report!$A$1:$L$40``."""
        node = self._print_area(sheet)
        return None if node is None else node.text

    def with_print_area(self, sheet: str, text: str) -> bytes:
        """The part with another print area for a tab that has one."""
        node = self._print_area(sheet)
        return self.data if node is None else self._redefined(node, text)

    def _print_area(self, sheet: str) -> markup.Node | None:
        place = next((str(at) for at, entry in enumerate(self.sheets) if entry.name == sheet), None)
        for node in self._names:
            if node.attributes["name"] == "_xlnm.Print_Area" and node.attributes.get("localSheetId") == place:
                return node
        return None

    def _redefined(self, node: markup.Node, text: str) -> bytes:
        tag = self.data[node.start : node.open_end]
        if node.close == node.end:
            tag = tag[:-2].rstrip() + b">"
        new = tag + markup.content(text) + b"</" + markup.name_of(tag) + b">"
        return markup.splice(self.data, [(node.start, node.end, new)])

    def with_recalculation(self) -> bytes:
        """The part asking for a full calculation when it is opened."""
        node = self.root.child("calcPr")
        if node is None:
            return self._placed(
                _BEFORE_CALC, b'<%bcalcPr fullCalcOnLoad="1"/>' % markup.prefix_of(self.data, self.root)
            )
        tag = markup.tag_with(self.data[node.start : node.open_end], {"fullCalcOnLoad": "1"})
        if node.attributes.get("fullCalcOnLoad") in ("1", "true"):
            return self.data
        return markup.splice(self.data, [(node.start, node.open_end, tag)])

    def _placed(self, after: tuple[str, ...], new: bytes) -> bytes:
        place = max(node.end for node in self.root.children if node.name in after)
        return markup.splice(self.data, [(place, place, new)])
