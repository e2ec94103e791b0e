"""`CellData`: a cell as a message, and a message written into a cell."""

from __future__ import annotations

import json
from typing import Any

from . import discovery
from .book import Book, Tab
from .calc_types import CalcError
from .computed import effective, shown
from .conditional import Looks
from .errors import NotImplementedHere, invalid
from .grid import RUNS, Cell, valued
from .masks import Mask, below, selected, touches, writing, written
from .messages import Message, normalised, with_colours
from .typed import as_extended, extended

READ_ONLY = ("effectiveValue", "formattedValue", "effectiveFormat", "hyperlink")
NOT_HERE = ("pivotTable", "dataSourceTable", "dataSourceFormula")
_FORMATS: dict[str, Message] = {}


def message(book: Book, tab: Tab, row: int, column: int, cell: Cell, mask: Mask, looks: Looks | None) -> Message:
    """A cell as the fields of `CellData` that a mask of reading asks for; `looks` when its effective format is one."""
    result: Message = {}
    if cell.value is not None:
        if touches(mask, "userEnteredValue"):
            result["userEnteredValue"] = as_extended(cell.value)
        if touches(mask, "effectiveValue") or touches(mask, "formattedValue"):
            value = effective(book, tab, row, column, cell)
            if touches(mask, "effectiveValue"):
                result["effectiveValue"] = _effective_message(value)
            if touches(mask, "formattedValue"):
                result["formattedValue"] = shown(value, cell, book.locale)
    if cell.format is not None and touches(mask, "userEnteredFormat"):
        result["userEnteredFormat"] = cell.format
    if looks is not None and (cell.format is not None or cell.value is not None):
        result["effectiveFormat"] = looks.format(row, column)
    if cell.note is not None and touches(mask, "note"):
        result["note"] = cell.note
    if cell.validation is not None and touches(mask, "dataValidation"):
        result["dataValidation"] = cell.validation
    if cell.extra is not None:
        result |= {name: cell.extra[name] for name in RUNS if name in cell.extra and touches(mask, name)}
    for name in result:
        if name != "effectiveFormat" and (inner := below(mask, name)):
            result[name] = selected(result[name], inner)
    return result


def _effective_message(value: Any) -> Message:
    if isinstance(value, CalcError):
        return {"errorValue": {"type": value.type, "message": value.message}}
    return as_extended("" if value is None else value)


def cell_mask(text: str, root: str = "CellData") -> Mask:
    """The mask of `updateCells` and its like, whose root is a cell."""
    mask = with_colours(root, writing(discovery.sheets(), root, text))
    for name in mask:
        if name in READ_ONLY:
            raise invalid(f"Invalid field: {name} is read-only.")
        if name in NOT_HERE:
            raise NotImplementedHere(f"CellData.{name}")
    return mask


def prepared(given: Message) -> Message:
    """A `CellData` of a request, ready to be written into cells."""
    for name in NOT_HERE:
        if name in given:
            raise NotImplementedHere(f"CellData.{name}")
    result: Message = normalised("CellData", {name: item for name, item in given.items() if name not in READ_ONLY})
    return result


def _shared(form: Message) -> Message | None:
    """One message for all cells of that format: what shows and judges a format looks at it once."""
    return _FORMATS.setdefault(json.dumps(form), form) if form else None


def put(cell: Cell, given: Message, mask: Mask) -> Cell:
    """A cell after a prepared `CellData` was written into it through a mask of writing."""
    if touches(mask, "userEnteredValue"):
        cell = valued(cell, extended(given.get("userEnteredValue")))
    value, form, note, validation, extra = cell
    if touches(mask, "userEnteredFormat"):
        inner = mask.get("userEnteredFormat", {})
        form = _shared(written(form, given.get("userEnteredFormat"), inner))
    if touches(mask, "note"):
        note = given.get("note") or None
    if touches(mask, "dataValidation"):
        inner = mask.get("dataValidation", {})
        validation = written(validation, given.get("dataValidation"), inner) or None
    for name in RUNS:
        if touches(mask, name) and (name in given or (extra and name in extra)):
            rest = {key: item for key, item in (extra or {}).items() if key != name}
            extra = rest | ({name: given[name]} if given.get(name) else {}) or None
    return Cell(value, form, note, validation, extra)
