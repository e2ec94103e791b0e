"""What became of a workbook: compared with what it was, byte by byte and by each judge's reading."""

from __future__ import annotations

import posixpath
import re
import zipfile
from pathlib import Path
from typing import Any

REFUSALS = (65, 73, 78)


def refusal(step: dict[str, Any], original: Path, book: Path) -> list[str]:
    """What is wrong with the way in which a workbook was refused."""
    found = []
    if step["code"] not in REFUSALS:
        found.append(f"refused with code {step['code']}")
    if len(step["error"].splitlines()) != 1 or "; " not in step["error"]:
        found.append(f"refused without one line that says what to do: {step['error']}")
    if book.read_bytes() != original.read_bytes():
        found.append("refused, but the file has changed")
    return found


def reason(error: str, name: str) -> str:
    """A refusal without what is this workbook's alone, to be counted."""
    text = re.sub(re.escape(name) + r"[^:]*: ", "", error).rpartition("; ")[0] or error
    text = re.sub(r"“[^”]*”|'[^']*'|\"[^\"]*\"", "…", text)
    text = re.sub(r"\b[\w.-]*/[\w./-]*|\$?[A-Z]{1,3}\$?\d+(:\$?[A-Z]{1,3}\$?\d+)?", "…", text)
    return re.sub(r"\d+", "n", text)[:110]


def moved(original: Path, book: Path) -> tuple[set[str], set[str]]:
    """The original's entries that differ in their compressed bytes or are gone, and those that may."""
    before, after = _entries(original), _entries(book)
    changed = {name.replace("\\", "/").lstrip("/") for name, raw in before.items() if after.get(name) != raw}
    with zipfile.ZipFile(original) as archive:
        names = {name.replace("\\", "/").lstrip("/") for name in archive.namelist()}
    main = next((name for name in names if re.search(r"(^|/)workbook\d*\.xml$", name.lower())), "xl/workbook.xml")
    folder, file = posixpath.split(main)
    may = {posixpath.join(folder, one) for one in (file, f"_rels/{file}.rels", "styles.xml", "calcChain.xml")}
    return changed, may | {"[Content_Types].xml", "docProps/app.xml"}


def _entries(path: Path) -> dict[str, tuple[int, bytes]]:
    found = {}
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        for info in archive.infolist():
            file.seek(info.header_offset)
            header = file.read(30)
            file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
            found[info.orig_filename] = (info.compress_type, file.read(info.compress_size))
    return found


def readings(judge: str, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What a judge reads otherwise than before; what it could not read before is no fault of ours."""
    if "tabs" not in before:
        return []
    if "tabs" not in after:
        return [f"{judge} cannot read it any more: {after.get('error') or after.get('crash')}"]
    if judge == "LibreOffice":
        gone = [tab for tab in before["tabs"] if tab not in after["tabs"]]
        return [f"LibreOffice misses the tabs {gone}"] if gone else []
    found = []
    for tab, rows in before["tabs"].items():
        now = after["tabs"].get(tab)
        if now is None:
            found.append(f"{judge}: the tab {tab} is gone")
            continue
        other = [row for row in rows if rows[row] != now.get(row)]
        styled = any(row.startswith("look of ") for row in rows)
        other += [row for row in now if tab and row not in rows and (styled or not row.startswith("look of "))]
        if other:
            found.append(f"{judge}: {tab or 'the workbook'} differs at {', '.join(other[:4])} ({len(other)})")
    return found


def new_errors(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The validator's errors that the original did not have."""
    if "errors" not in before:
        return []
    if "errors" not in after:
        return [f"SDK cannot open it any more: {after.get('error') or after.get('crash')}"]
    return [f"SDK: {what}" for what, count in after["errors"].items() if count > before["errors"].get(what, 0)]


def repairs(original: Path, book: Path) -> list[str]:
    """What our own linter finds that the original did not have; nothing where there is no linter."""
    try:
        from kpisheets.backends.excel.lint import findings_in
    except ImportError:
        return []
    return [f"linter: {finding}" for finding in findings_in(book, None, original)]
