"""What must not be grafted into, each in one line."""

from __future__ import annotations

import re

from kpisheets.backends.excel.ooxml import Book
from kpisheets.errors import BadData

from .workbook import is_lost, names_of

_STYLE = re.compile(rb'<(?:\w+:)?(?:c|row)\s[^>]*?\bs="(\d+)"')
_YES = ("1", "true", "on")


def refuse(target: Book, donor: Book) -> None:
    """Raises BadData where the target must stay as it is, or has a name that the donor's tabs need."""
    where = target.where
    if any(name.lower().startswith("_xmlsignatures/") for name in target.package.entries):
        raise BadData(
            "it is digitally signed, and new tabs would break the signature",
            where=where,
            mend="remove the signature in Excel",
        )
    if any("\\" in name for name in target.package.entries):
        raise BadData("the names of its parts have backslashes", where=where, mend="open it in Excel and save it again")
    protection = target.workbook.root.child("workbookProtection")
    if protection is not None and protection.attributes.get("lockStructure") in _YES:
        raise BadData(
            "its structure is protected, so it takes no new tabs",
            where=where,
            mend="switch that off in Excel: Review, Protect Workbook",
        )
    if any(link.kind == "revisionHeaders" for link in target.relations):
        raise BadData(
            "it is a shared workbook of the old kind, which takes no tables",
            where=where,
            mend="stop sharing it in Excel: Review, Unshare Workbook",
        )
    _refuse_taken(target, donor)


def refuse_lost_styles(target: Book) -> None:
    """Raises BadData where cells have a style that does not exist. They look plain, and would not once it does."""
    count = target.styles.count
    for sheet in target.sheets:
        if not target.has_cells(sheet):
            continue
        for run in target.sheet(sheet).runs():
            if any(int(style) >= count for style in set(_STYLE.findall(run))):
                raise BadData(
                    f"cells of its tab {sheet} have a style that it does not hold",
                    where=target.where,
                    mend="open it in Excel and save it again",
                )


def _refuse_taken(target: Book, donor: Book) -> None:
    tabs = {sheet.lower() for sheet in target.sheets}
    for sheet in donor.sheets:
        if sheet.lower() in tabs:
            raise BadData(f"it has a tab {sheet} already", where=target.where, mend="rename that tab")
    names = {
        node.attributes.get("name", "").lower()
        for node in names_of(target.workbook.data, target.where)
        if "localSheetId" not in node.attributes and not is_lost(node.text)
    }
    tables = {name.lower(): info.range.sheet for name, info in target.tables.items()}
    for name in (*donor.tables, *donor.names):
        if name.lower() in tables:
            raise BadData(
                f"its table {name} on the tab {tables[name.lower()]} has a name that the new tabs need",
                where=target.where,
                mend="rename it in Excel (Table Design, Table Name) and run again",
            )
        if name.lower() in names:
            raise BadData(
                f"its defined name {name} is one that the new tabs need",
                where=target.where,
                mend="rename or delete it in Excel (Formulas, Name Manager) and run again",
            )
