"""What other programs read: openpyxl (cells, styles, names) or calamine (values). One JSON line of stdin at a time.

Usage: readers.py openpyxl|calamine. Request ``{"book": path}``; answer ``{"tabs": {tab: {cell: what}}}`` in brief: a
digest for each row, so that two answers can be compared; ``{"error": …}`` where the program cannot read the book.
calamine may abort the process: whoever asks must live with that.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterable
from typing import Any


def main() -> None:
    warnings.simplefilter("ignore")
    read: Callable[[str], dict[str, Any]] = {"openpyxl": by_openpyxl, "calamine": by_calamine}[sys.argv[1]]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print(json.dumps({"ready": []}), file=answers, flush=True)
    for line in sys.stdin:
        try:
            answer = {"tabs": read(json.loads(line)["book"])}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(answer), file=answers, flush=True)


def by_openpyxl(path: str) -> dict[str, Any]:
    """Every tab's cells with formulas and styles, names, rules; under "" what is the workbook's."""
    import openpyxl

    with zipfile.ZipFile(path) as archive:
        # Where a workbook has no styles, each program shows it in its own.
        styled = any(b"cellXfs" in archive.read(name) for name in archive.namelist() if "styles" in name)
    book = openpyxl.load_workbook(path)
    looks: dict[Any, str] = {}
    found: dict[str, Any] = {"": _names(book.defined_names) | {"links": str(len(book._external_links))}}
    for sheet in book.worksheets:
        rows: dict[str, list[str]] = {}
        for (row, column), cell in sorted(sheet._cells.items()):
            style = cell._style
            key = tuple(style)
            if key not in looks:
                shown = (cell.font, cell.fill, cell.border, cell.alignment, cell.protection, cell.number_format)
                looks[key] = repr(shown)
            value = getattr(cell.value, "__dict__", cell.value)
            rows.setdefault(str(row), []).append(f"{column} {cell.data_type} {value!r} {cell.comment}")
            if styled:
                rows.setdefault(f"look of {row}", []).append(f"{column} {looks[key]}")
        rules = [(str(area.sqref), [rule.type for rule in area.rules]) for area in sheet.conditional_formatting]
        checks = [(str(one.sqref), one.type, one.formula1) for one in sheet.data_validations.dataValidation]
        drawn = (len(sheet._charts), len(sheet._images), len(sheet._pivots), sorted(sheet.tables), sheet.sheet_state)
        own = _names(sheet.defined_names) | {"print": f"{sheet.print_area} {sheet.print_titles}"}
        found[sheet.title] = digests(rows.items()) | own | {"rules": repr((rules, checks)), "drawn": repr(drawn)}
    return found


def _names(names: Any) -> dict[str, str]:
    return {f"name {name}": str(one.attr_text) for name, one in names.items()}


def by_calamine(path: str) -> dict[str, Any]:
    """Every tab's values."""
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(path)
    found = {}
    for name in book.sheet_names:
        try:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except Exception as error:  # a chart sheet has no cells
            found[name] = {"error": str(error)}
            continue
        found[name] = digests((str(number), [repr(row)]) for number, row in enumerate(rows, 1) if any(row))
    return found


def digests(rows: Iterable[tuple[str, list[str]]]) -> dict[str, str]:
    return {name: hashlib.sha1("\n".join(cells).encode("utf-8", "replace")).hexdigest()[:12] for name, cells in rows}  # noqa: S324


if __name__ == "__main__":
    main()
