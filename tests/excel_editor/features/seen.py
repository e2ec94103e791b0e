"""What openpyxl sees of a workbook besides its cells."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl import Workbook


def opened(path: Path) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path, keep_vba=path.suffix == ".xlsm")


def seen(book: Workbook) -> dict[str, Any]:
    """Charts, pictures, notes, rules, links, tables, names and more, so far as openpyxl knows them."""
    found: dict[str, Any] = {
        "tabs": [(sheet.title, sheet.sheet_state) for sheet in book._sheets],
        "names": {name: (one.attr_text, one.hidden) for name, one in book.defined_names.items()},
        "epoch": str(book.epoch),
        "guarded": book.security.lockStructure if book.security else None,
        "links": [str(link.file_link.Target) for link in book._external_links],
        "macros": book.vba_archive is not None,
    }
    for sheet in book.worksheets:
        rows = [cell for row in sheet.iter_rows() for cell in row]
        found[sheet.title] = {
            "charts": [repr(chart.series) for chart in sheet._charts],
            "pictures": len(sheet._images),
            "notes": {cell.coordinate: cell.comment.text for cell in rows if cell.comment},
            "links": {cell.coordinate: repr(cell.hyperlink) for cell in rows if cell.hyperlink},
            "formats": [(str(area.sqref), [rule.type for rule in area.rules]) for area in sheet.conditional_formatting],
            "validations": [(str(one.sqref), one.type, one.formula1) for one in sheet.data_validations.dataValidation],
            "merged": sorted(str(area) for area in sheet.merged_cells.ranges),
            "filter": (sheet.auto_filter.ref, len(sheet.auto_filter.filterColumn)),
            "panes": sheet.freeze_panes,
            "guarded": (sheet.protection.sheet, sheet.protection.hashValue),
            "pivots": [(pivot.name, len(pivot.cache.records.r)) for pivot in sheet._pivots],
            "names": {name: one.attr_text for name, one in sheet.defined_names.items()},
            "columns": {key: (one.width, one.hidden, one.outlineLevel) for key, one in sheet.column_dimensions.items()},
            "rows": {key: (one.height, one.hidden, one.outlineLevel) for key, one in sheet.row_dimensions.items()
                     if one.height or one.hidden or one.outlineLevel},
            "page": (sheet.page_setup.orientation, str(sheet.oddHeader.center.text), len(sheet.row_breaks.brk)),
            "tables": sorted(sheet.tables),
            "colour": repr(sheet.sheet_properties.tabColor),
        }  # fmt: skip
    return found
