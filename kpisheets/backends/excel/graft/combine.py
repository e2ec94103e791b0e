"""The graft itself: which parts of the target change, and which come to it."""

from __future__ import annotations

import posixpath
import re

from kpisheets.backends.excel.ooxml import Book
from kpisheets.backends.excel.ooxml.notation import markup
from kpisheets.backends.excel.ooxml.parts.relations import mentioned, relations_part, with_relation
from kpisheets.backends.excel.ooxml.parts.workbook_part import WorkbookPart
from kpisheets.errors import BadData

from . import sheets as tabs
from .charts import explicit
from .parts import RELATIONS_TYPE, TYPES, Copy, Names, copies, relinked, type_of, with_types
from .refusals import refuse, refuse_lost_styles
from .styles import Merged, merge
from .workbook import names_of, with_names, with_sheets

_ID = re.compile(rb"<(?:\w+:)?table\s[^>]*?\bid\s*=\s*[\"'](\d{1,9})[\"']")
_KNOWN = frozenset({"worksheet", "styles", "sharedStrings", "theme", "calcChain"})
_NO_STYLES = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="%b"></styleSheet>' % (
    markup.MAIN.encode()
)


def combined(target: Book, donor: Book) -> dict[str, bytes]:
    """The new and changed parts of ``target`` with all tabs of ``donor`` at its end.

    The donor is a workbook of worksheets as XlsxWriter makes them, with dates of the target's calendar and tab names
    that are free there. What its workbook carries for its cells' sake comes along: styles, texts, tables, drawings,
    charts, defined names. The target's theme, active tab and document properties stay.

    Raises:
        BadData: the target must not be changed, is broken where it would be changed, or needs a name for itself.
    """
    if (odd := {link.kind for link in donor.relations} - _KNOWN) or donor.date1904 != target.date1904:
        raise ValueError(f"a donor with {', '.join(odd) or 'another calendar'} cannot be grafted")
    refuse(target, donor)
    where = target.where
    names = Names(target)
    parts: dict[str, bytes] = {}
    types: dict[str, str] = {}
    links_part = target.package.find(relations_part(target.part_name)) or relations_part(target.part_name)
    links = target.package.read(links_part) if target.package.find(links_part) else None
    links = None if links is None else markup.to_utf8(links, where)
    dangling = mentioned(target.workbook.data)

    styles_part = _styles_part(target)
    refuse_lost_styles(target)
    donor_styles = donor.read(donor.linked("styles") or "")
    styles = merge(target.read(styles_part) if styles_part else _NO_STYLES, donor_styles, where)
    donor_types = markup.parse(donor.read(TYPES), donor.where)
    folder = posixpath.dirname(target.part_name)
    if styles_part is None:
        old = donor.linked("styles") or ""
        styles_part = names.free(posixpath.dirname(donor.part_name), old)
        types[styles_part] = type_of(donor_types, old)
        links, _ = with_relation(links, "styles", posixpath.relpath(styles_part, folder or "."), where, dangling)
    parts[styles_part] = styles.data

    copied = copies(donor, donor.sheets, names)
    numbers = _table_numbers(target, copied)
    texts = _texts(donor)
    for copy in copied.values():
        parts[copy.new] = _moved(donor, copy, styles, texts, numbers)
        types[copy.new] = type_of(donor_types, copy.old)
        for part, data in relinked(donor, copy, copied).items():
            parts[part] = data
            types[part] = RELATIONS_TYPE

    ids: dict[str, str] = {}
    for sheet in donor.sheets:
        new = copied[donor.sheet_part(sheet)].new
        links, ids[sheet] = with_relation(links, "worksheet", posixpath.relpath(new, folder or "."), where, dangling)
    if links is not None:
        parts[links_part] = links
    first = len(target.workbook.sheets)
    workbook = with_sheets(target.workbook.data, ids, where)
    places = {place: first + place for place in range(len(donor.sheets))}
    workbook = with_names(workbook, names_of(donor.workbook.data, donor.where), places, where)
    parts[target.part_name] = WorkbookPart(workbook, where).with_recalculation()
    types_part = target.entry(TYPES)
    parts[types_part] = with_types(target.read(types_part), types, where)
    return parts


def _styles_part(target: Book) -> str | None:
    found = target.linked("styles")
    if found is None and any(link.kind == "styles" for link in target.relations):
        raise BadData("its styles part is missing", where=target.where, mend="open it in Excel and save it again")
    return found


def _table_numbers(target: Book, copied: dict[str, Copy]) -> dict[str, int]:
    """The ids that the donor's tables get: above all that the target has, those of tabs that got lost too."""
    found = (_ID.search(target.read(part)) for part in target.package.entries if "/tables/" in f"/{part}".lower())
    known = [table.id for _, table in target.table_parts.values()]
    first = max([*known, *(int(match[1]) for match in found if match)], default=0) + 1
    tables = [copy.old for copy in copied.values() if copy.kind == "table"]
    return {part: first + place for place, part in enumerate(tables)}


def _texts(donor: Book) -> list[bytes]:
    part = donor.linked("sharedStrings")
    if part is None:
        return []
    data = donor.read(part)
    return [data[node.open_end : node.close] for node in markup.parse(data, donor.where).all("si")]


def _moved(donor: Book, copy: Copy, styles: Merged, texts: list[bytes], numbers: dict[str, int]) -> bytes:
    data = donor.read(copy.old)
    if copy.kind == "worksheet":
        return tabs.rewritten(data, styles, texts, donor.where)
    if copy.kind == "table":
        return tabs.table(data, numbers[copy.old], styles, donor.where)
    return explicit(data, donor.where) if copy.kind == "chart" else data
