"""Sheets of Excel and OpenDocument files as text tables: one becomes a CSV file that is read like any other.

The reader is native code, which ends its whole process where a sheet claims to be huge. So it runs in one of its own:
``python -m kpisheets.connectors.files.sheets WORKBOOK SHEET CSV``.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from kpisheets.connectors.base import Refused

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_MEND = "save it again in its spreadsheet program, without a password"


def names(path: Path) -> list[str]:
    """The names of a workbook's sheets, hidden ones too; none where it can't be opened."""
    try:
        from python_calamine import CalamineWorkbook

        with CalamineWorkbook.from_path(path) as book:
            return list(book.sheet_names)
    except Exception:  # the reader raises its own kinds; reading the table will say what is wrong
        return []


def as_csv(path: Path, sheet: str, target: Path, timeout: float) -> None:
    """Write a sheet (the first one, where blank) as CSV in UTF-8: its first row that is not blank is the header.

    Refused when the reader is missing or fails.
    """
    try:
        import python_calamine  # noqa: F401 — the process that is started needs it
    except ImportError:
        raise Refused(f"the file {path.name} needs python-calamine", "pip install 'kpisheets[sheets]'") from None
    command = [sys.executable, "-m", "kpisheets.connectors.files.sheets", str(path), sheet, str(target)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout)  # noqa: S603 — ourselves
    except subprocess.TimeoutExpired:
        raise Refused(f"the file {path.name} took longer than {timeout:g} seconds to read", _MEND) from None
    if done.returncode == 0:
        return
    said = done.stderr.strip().splitlines()[-1:] if done.returncode == 1 else []
    raise Refused(f"the file {path.name} can't be read: {said[0] if said else 'its reader broke down'}", _MEND)


def _written(rows: Iterable[list[Any]], target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        found = (row for row in rows if any(value not in ("", None) for value in row))
        header = next(found, [])
        columns = [place for place, value in enumerate(header) if str(value).strip()]
        if not columns:
            raise ValueError("the sheet is empty")
        writer.writerow(distinct(str(header[place]).strip() for place in columns))
        for row in found:
            texts = [_text(row[place]) if place < len(row) else "" for place in columns]
            # A row that is blank in every column would end the file for some readers.
            if any(texts):
                writer.writerow(texts)


def distinct(headers: Iterable[str]) -> Iterator[str]:
    """The headers; of several with one name, the later ones are numbered."""
    seen: dict[str, int] = {}
    for header in headers:
        count = seen[header.casefold()] = seen.get(header.casefold(), 0) + 1
        yield header if count == 1 else f"{header}_{count}"


def _text(value: Any) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
        case datetime():
            midnight = value.time() == time()
            return value.date().isoformat() if midnight else value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return repr(value.total_seconds() / 86_400)
    return str(value)


def main(path: str, sheet: str, target: str) -> None:
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(path) as book:
        found = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
        _written(found.iter_rows(), Path(target))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:  # whoever started this process shows the line
        sys.exit(f"{error}")
